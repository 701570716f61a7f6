// The reviewer's desk: saves what is typed, keeps it on this device until it is saved, and obeys keys.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const main = byId("main");
  const form = byId("score-form") ?? byId("submit-form");
  const handsIn = form?.id === "submit-form";
  const click = (id) => byId(id)?.click();
  const store = (() => {
    try {
      localStorage.setItem("desk", "1");
      return localStorage;
    } catch {
      return null;
    }
  })();

  // --- saving -----------------------------------------------------------------------------------------
  const PAUSE = 1200, PATIENCE = 20000, LONGEST_WAIT = 60000, KEPT_DAYS = 14;
  let timer = 0, running = null, dirty = false, theirs = null, last = null, failures = 0;

  const field = () => form.elements.justification ?? form.elements.advice;
  const values = () => ({
    score: form.querySelector("[name=score]:checked")?.value ?? "",
    justification: field().value,
  });
  const same = (one, other) => Boolean(one && other) && one.score === other.score && one.justification.trim() === other.justification.trim();
  const fill = (text) => {
    for (const radio of form.querySelectorAll("[name=score]")) radio.checked = radio.value === text.score;
    field().value = text.justification;
  };

  const say = (key, words) => {
    for (const shown of document.querySelectorAll("#saved [data-is]")) shown.hidden = shown.dataset.is !== key;
    byId("retry").hidden = key !== "failed";
    const says = document.querySelector(`#saved [data-is=${key}] [data-says]`);
    if (says) says.textContent = words;
  };

  // Each tab keeps its own copy; what another tab left is found when its criterion is opened again.
  const tab = (() => {
    try {
      return (sessionStorage.tab ??= Math.random().toString(36).slice(2));
    } catch {
      return "one";
    }
  })();
  const draftKey = () => `${form.dataset.draft}:${tab}`;
  const keep = () => {
    try {
      store.setItem(draftKey(), JSON.stringify({ ...values(), edition: form.elements.edition.value, last, at: Date.now() }));
      return true;
    } catch {
      return false;
    }
  };
  const drop = (key = draftKey()) => store?.removeItem(key);
  const drafts = () =>
    Object.keys(store ?? {})
      .filter((key) => key.startsWith("desk:"))
      .map((key) => ({ key, ...JSON.parse(store.getItem(key)) }))
      .filter((draft) => Date.now() - draft.at < KEPT_DAYS * 864e5 || drop(draft.key));

  const notSaved = (why, again) => {
    say("failed", `${why}${keep() ? " It is kept on this device." : ""}`);
    clearTimeout(timer);
    failures += 1;
    if (again) timer = setTimeout(save, Math.min(2000 * 2 ** failures, LONGEST_WAIT));
  };
  const differ = (other) => {
    theirs = other;
    const box = byId("conflict");
    for (const part of box.querySelectorAll("[data-theirs]")) part.textContent = other[part.dataset.theirs];
    box.hidden = false;
    say("failed", "it was saved in another window. Choose which of the two stays.");
    keep();
    box.scrollIntoView({ block: "nearest" });
  };
  const adopt = (edition) => {
    form.elements.edition.value = edition;
    theirs = null;
    failures = 0;
    byId("conflict").hidden = true;
  };

  const answered = async (answer, sent) => {
    const said = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : null;
    if (answer.ok && said) {
      last = sent;
      adopt(said.edition);
      say("saved", said.saved);
      if (!handsIn) {
        byId("done").textContent = said.done;
        byId("given").textContent = said.given === "na" ? "n/a" : said.given || "–";
      }
      dirty = !same(values(), sent);
      if (dirty) later();
      else drop();
      return true;
    }
    if (answer.status === 409 && said) {
      if (!same(said.theirs, values())) {
        differ(said.theirs);
        return false;
      }
      adopt(said.theirs.edition);
      say("saved", said.theirs.saved);
      dirty = false;
      drop();
      return true;
    }
    if (answer.status >= 500) notSaved("the portal did not answer.", true);
    else notSaved(said?.reason ?? "you are signed out, or this page is old. Load it again.", false);
    return false;
  };
  const send = async () => {
    const sent = values();
    say("saving");
    try {
      return await answered(
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
      return false;
    }
  };
  // Returns whether everything is saved. One save at a time: the next one needs the edition that this one gives.
  const save = async () => {
    clearTimeout(timer);
    while (running) await running;
    if (theirs) return false;
    if (!dirty) return true;
    running = send();
    try {
      return await running;
    } finally {
      running = null;
    }
  };
  const later = (pause = PAUSE) => {
    dirty = true;
    keep();
    clearTimeout(timer);
    if (!theirs) timer = setTimeout(save, pause);
  };

  const restore = () => {
    const shown = values();
    const draft = drafts()
      .filter((one) => one.key.startsWith(`${form.dataset.draft}:`))
      .sort((one, other) => other.at - one.at)[0];
    if (!draft) return;
    if (draft.key !== draftKey()) drop(draft.key);
    if (same(draft, shown)) {
      drop();
      return;
    }
    const box = byId("conflict");
    const saved = document.querySelector("#saved [data-is=saved] [data-says]").textContent;
    fill(draft);
    dirty = true;
    keep();
    if (draft.edition === form.elements.edition.value || same(draft.last, shown)) later(0);
    else differ({ ...shown, saved, edition: form.elements.edition.value, words: shown.score ? `score ${shown.score}` : "no score" });
    box.dataset.restored = "yes";
  };

  if (form) {
    const box = byId("conflict");
    if (box.hidden) restore();
    else {
      // A page that came back with both texts: the form holds ours, the box theirs.
      dirty = true;
      const told = (name) => box.querySelector(`[data-theirs=${name}]`).textContent;
      theirs = { score: box.dataset.score, justification: told("justification"), saved: told("saved"), edition: box.dataset.edition };
      keep();
    }
    form.addEventListener("input", (event) => event.target.name && later(event.target.name === "score" ? 0 : PAUSE));
    byId("retry").addEventListener("click", save);
    addEventListener("online", () => dirty && save());
    document.addEventListener("visibilitychange", () => document.hidden && dirty && save());
    byId("keep-mine").addEventListener("click", (event) => {
      event.preventDefault();
      adopt(theirs.edition);
      later(0);
      field().focus();
    });
    byId("take-theirs").addEventListener("click", (event) => {
      event.preventDefault();
      fill(theirs);
      last = values();
      say("saved", theirs.saved);
      adopt(theirs.edition);
      dirty = false;
      clearTimeout(timer);
      drop();
    });
    // Nothing leaves the page before it is saved; what cannot be saved stays, and says so.
    form.addEventListener("submit", async (event) => {
      const { submitter } = event, leads = submitter?.dataset.leads;
      if (handsIn && !dirty && !running) return;
      event.preventDefault();
      if (!(await save())) return;
      if (handsIn) form.requestSubmit(submitter);
      else if (leads) location.assign(leads);
    });
    document.addEventListener("click", async (event) => {
      const link = event.target.closest("#list a[href], #go-back");
      if (!link || !(dirty || running) || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (await save()) location.assign(link.href);
    });
  }

  // --- tabs on a narrow screen -----------------------------------------------------------------------
  const parts = [...document.querySelectorAll(".desk-tabs a")];
  const show = (name) => {
    main.dataset.tab = name;
    for (const link of parts) {
      if (link.hash === `#${name}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const follow = () => {
    const target = location.hash ? byId(location.hash.slice(1)) : null;
    show(target?.closest(".pane")?.id ?? (location.pathname.endsWith("/submit/") ? "score" : "evidence"));
    if (target && !target.matches(".pane")) target.focus();
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => event.target.closest("[data-opens]") && show("evidence"));
  follow();

  // --- passages ---------------------------------------------------------------------------------------
  // What is selected on the page, or in its text, is what the button cites.
  const take = (words) => {
    const passage = byId("passage"), label = document.querySelector("#cite [data-passage]");
    if (!passage || !label) return;
    label.dataset.page ??= label.textContent;
    passage.value = words.replace(/\s+/g, " ").trim().slice(0, passage.maxLength);
    label.textContent = passage.value ? label.dataset.passage : label.dataset.page;
  };
  document.addEventListener("selectionchange", () => {
    const chosen = getSelection(), text = byId("page-text");
    if (document.activeElement === text) {
      if (text.selectionStart !== text.selectionEnd) take(text.value.slice(text.selectionStart, text.selectionEnd));
    } else if (!chosen.isCollapsed && chosen.anchorNode?.parentElement?.closest(".text-layer")) take(`${chosen}`);
  });
  document.addEventListener("input", (event) => event.target.id === "passage" && take(event.target.value));
  document.addEventListener("change", (event) => event.target.id === "documents" && event.target.form.requestSubmit());

  // --- keys -------------------------------------------------------------------------------------------
  const dialog = byId("keys");
  const on = byId("keys-on");
  on.checked = store?.getItem("desk-keys") !== "off";
  on.addEventListener("change", () => store?.setItem("desk-keys", on.checked ? "on" : "off"));
  byId("show-keys").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });

  let opened = -1;
  const choose = (id) => {
    byId(id)?.click();
    byId(id)?.focus();
  };
  const paper = (step) => {
    const picker = byId("documents");
    if (!picker || picker.length < 2) return;
    picker.selectedIndex = (picker.selectedIndex + step + picker.length) % picker.length;
    picker.form.requestSubmit();
  };
  const citation = () => {
    const links = [...document.querySelectorAll("[data-opens]")];
    if (links.length) links[(opened = (opened + 1) % links.length)].click();
  };
  const focus = (selector) => {
    const field = document.querySelector(selector);
    if (field) show(field.closest(".pane").id);
    field?.focus();
    field?.select?.();
  };
  const obey = {
    x: () => choose("id_score_na"),
    w: () => focus("#id_justification, #id_advice"),
    m: () => byId("conflict")?.hidden === false && click("keep-mine"),
    j: () => click("go-on"),
    k: () => click("go-back"),
    s: () => (byId("submit-form") ? focus("#submit, .blocked .b-off") : document.querySelector('#list a[href$="/submit/"]')?.click()),
    t: () => paper(1),
    r: () => paper(-1),
    l: () => click("page-next"),
    h: () => click("page-previous"),
    g: () => focus("#page-number"),
    "+": () => click("zoom-in"),
    "=": () => click("zoom-in"),
    "-": () => click("zoom-out"),
    f: () => click("zoom-fit"),
    c: () => click("cite"),
    p: () => {
      const box = byId("passage-box");
      if (box) box.open = true;
      focus("#page-text, #passage");
    },
    o: citation,
    "?": () => dialog.showModal(),
  };
  for (const score of "01234") obey[score] = () => choose(`id_score_${score}`);

  const AT_ONCE = new Set([..."01234xw?"]);

  const isTyping = (field) => field.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") event.target.closest(".pane")?.focus();
      return;
    }
    const does = on.checked && obey[event.key];
    // What follows a key that opens a field is text for that field, also while both still wait.
    const isText = waiting.includes("g") && (event.key.length === 1 || event.key === "Enter");
    if (!does && !isText) return;
    event.preventDefault();
    if (isText || (busy && !AT_ONCE.has(event.key))) waiting.push(event.key);
    else does();
  });

  // While a part of the page is on its way, keys wait for it: none is lost, and none hits the old part. Those of the
  // score do not wait: that pane stays, and what is typed after them is text.
  let busy = false, waiting = [];
  document.addEventListener("htmx:beforeRequest", () => (busy = true));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) [busy, waiting] = [false, []];
  });
  const replay = () => {
    let typed = "";
    while (waiting.length && !busy) {
      const key = waiting.shift(), field = document.activeElement;
      if (!isTyping(field)) obey[key]?.();
      else if (key === "Enter") field.form?.requestSubmit();
      else field.value = typed += key;
    }
  };

  // What was pressed is gone with the old part of the page: go on from where it stood.
  document.addEventListener("htmx:afterSettle", () => {
    busy = false;
    if (document.activeElement === document.body) byId("evidence").focus({ preventScroll: true });
    replay();
  });
})();
