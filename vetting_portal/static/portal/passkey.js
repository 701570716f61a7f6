// Passkeys: asks the browser for one, and hands its answer to the form around the button. Without it codes remain.
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  const asked = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.user && { excludeCredentials: known(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: known(options.allowCredentials) }),
  });

  const answered = (credential) => {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  // The challenge stands on the page, or is fetched at the touch: the one of a signature lasts two minutes only.
  const challenge = async (place, form) => {
    if (place.dataset.options) return JSON.parse(document.getElementById(place.dataset.options).textContent);
    const signs = place.dataset.does === "sign";
    const fields = ["csrfmiddlewaretoken", "document_sha256"];
    const body = new URLSearchParams(fields.map((name) => [name, form.elements[name]?.value ?? ""]));
    body.set("method", "passkey");
    const answer = await fetch(place.dataset.from, {
      headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
      ...(signs && { method: "POST", body }),
    });
    if (!answer.ok) throw new Error(`The portal said ${answer.status}.`);
    return answer.json();
  };

  const use = async (place, form) => {
    const given = await challenge(place, form);
    const options = asked((given.creation_options ?? given.request_options)?.publicKey ?? given.options);
    let credential;
    if (place.dataset.does === "create") {
      const strong = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
      options.authenticatorSelection = { ...options.authenticatorSelection, ...strong };
      credential = await navigator.credentials.create({ publicKey: options });
    } else {
      credential = await navigator.credentials.get({ publicKey: options });
    }
    if (given.nonce) form.elements.nonce.value = given.nonce;
    form.elements.credential.value = answered(credential);
    form.submit();
  };

  for (const place of document.querySelectorAll("[data-does]")) {
    const form = place.closest("form");
    const says = place.querySelector("[data-says]");
    place.hidden = false;
    place.querySelector("button").addEventListener("click", () => {
      const consent = form.elements.consent;
      says.hidden = true;
      if (consent && !consent.checked) {
        consent.focus();
        says.textContent = says.dataset.consent;
        says.hidden = false;
        return;
      }
      use(place, form).catch(() => {
        says.textContent = says.dataset.failed;
        says.hidden = false;
      });
    });
  }
})();
