// A report's form: saves what is typed, and keeps it on this device until it is saved.
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const byId = (id) => document.getElementById(id);
  const PAUSE = 1200, PATIENCE = 20000, LONGEST_WAIT = 60000, KEPT_DAYS = 60;
  const key = form.dataset.draft;
  let timer = 0, running = false, dirty = false, failures = 0, stopped = false, sending = false;

  const values = () =>
    Object.fromEntries([...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "edition", "page", "turn"].includes(name)));
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const read = () => {
    try {
      const draft = JSON.parse(localStorage.getItem(key));
      return draft && Date.now() - draft.at < KEPT_DAYS * 864e5 ? draft : null;
    } catch {
      return null;
    }
  };
  const keep = () => {
    try {
      localStorage.setItem(key, JSON.stringify({ values: values(), edition: form.elements.edition.value, at: Date.now() }));
      return true;
    } catch {
      return false;
    }
  };
  const drop = () => {
    try {
      localStorage.removeItem(key);
    } catch {
      // There is nothing to drop where nothing can be kept.
    }
  };
  const fill = (kept) => {
    for (const [name, value] of Object.entries(kept)) if (form.elements[name]) form.elements[name].value = value;
  };

  const say = (what, words) => {
    for (const shown of document.querySelectorAll("#saved [data-is]")) shown.hidden = shown.dataset.is !== what;
    byId("retry").hidden = what !== "failed" || stopped;
    const says = document.querySelector(`#saved [data-is=${what}] [data-says]`);
    if (says) says.textContent = words;
  };
  const notSaved = (why, again) => {
    stopped = !again;
    say("failed", `${why}${keep() ? " It is kept on this device." : ""}`);
    clearTimeout(timer);
    failures += 1;
    if (again) timer = setTimeout(save, Math.min(2000 * 2 ** failures, LONGEST_WAIT));
  };

  const answered = async (answer, sent) => {
    const said = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : null;
    if (answer.ok && said) {
      form.elements.edition.value = said.edition;
      failures = 0;
      dirty = !same(values(), sent);
      if (said.unread.length) {
        keep();
        say("failed", `${said.unread.join(", ")}: this cannot be read yet.`);
      } else {
        say("saved", said.saved);
        if (!dirty) drop();
      }
      if (dirty) later();
    } else if (answer.status >= 500) notSaved("the portal did not answer.", true);
    else notSaved(said?.reason ?? "you are signed out, or this page is old. Load it again.", false);
  };
  const save = async () => {
    clearTimeout(timer);
    if (running || stopped || sending || !dirty) return;
    running = true;
    const sent = values();
    form.elements.turn.value = Number(form.elements.turn.value) + 1;
    say("saving");
    try {
      await answered(
        await fetch(form.dataset.autosave, {
          method: "POST",
          body: new URLSearchParams(new FormData(form)),
          keepalive: true,
          redirect: "manual",
          signal: AbortSignal.timeout(PATIENCE),
        }),
        sent,
      );
    } catch {
      notSaved("no connection.", true);
    } finally {
      running = false;
    }
    if (dirty && !stopped && !failures) later();
  };
  const later = (pause = PAUSE) => {
    dirty = true;
    keep();
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(save, pause);
  };

  // What this device kept and the portal has not: put back where nobody wrote since, offered where somebody did.
  const draft = read(), box = byId("kept");
  if (draft && !same(draft.values, values())) {
    if (draft.edition === form.elements.edition.value && !document.querySelector("#main .field.bad")) {
      fill(draft.values);
      later(0);
    } else {
      box.hidden = false;
      byId("put-back").addEventListener("click", () => {
        fill(draft.values);
        box.hidden = true;
        later(0);
      });
    }
  } else drop();

  form.addEventListener("input", () => later());
  // A save that is on its way ends first: the page is sent with the edition that it gives.
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    const { submitter } = event;
    if (!running) {
      // The form itself takes everything along: no save goes after it when the page is hidden.
      sending = true;
      setTimeout(() => (sending = false), PATIENCE);
      return;
    }
    event.preventDefault();
    while (running) await new Promise((resolve) => setTimeout(resolve, 50));
    clearTimeout(timer);
    form.requestSubmit(submitter);
  });
  byId("retry").addEventListener("click", save);
  addEventListener("online", () => save());
  document.addEventListener("visibilitychange", () => document.hidden && save());
})();
