// The only script of the preview: it requests the page again after a change, and replaces the parts that differ.
// Without it every link and form works, but the page does not update.
"use strict";
{
  const base = document.body.dataset.base;
  // The parts that are replaced; the frame is replaced separately.
  const PARTS = ["outline", "inbox", "toolbar", "notice", "panel", "strip", "all"];
  // Parts with frames of their own, which are replaced after the message so that they do not delay it.
  const LATER = ["variants"];
  // The delay of these parts in milliseconds: during quick saves only the message is replaced.
  const DELAY = 300;
  const byId = id => document.getElementById(id);
  const state = byId("state");
  let shown = Number(document.body.dataset.version);
  let wanted = shown;
  let pending = null;

  const say = (text, mood = "") => {
    if (state && state.textContent !== text) state.textContent = text;
    if (state) state.dataset.state = mood;
  };

  // The state of the page that is shown, as the server wrote it.
  const stateOf = page => {
    const element = page.getElementById("state");
    return element ? [element.textContent, element.dataset.state] : [""];
  };
  let settled = stateOf(document);
  const settle = page => say(...(settled = stateOf(page)));

  // ── Updates ──────────────────────────────────────────────────────────────────────────────────────────────

  // Requests the page at the URL of the address bar and replaces the parts that differ. A later call aborts an earlier
  // one. After a change of files, the message is requested at the same time as the page.
  async function refresh(version) {
    pending?.abort();
    const mine = pending = new AbortController();
    if (version !== shown) say("Compiling…", "busy");
    const preloaded = version && preload(version);
    let response, text;
    try {
      response = await fetch(location.href, { signal: mine.signal });
      text = await response.text();
    } catch (error) {
      if (error.name === "AbortError") return;
      say("The preview is not running", "lost");
      setTimeout(() => mine === pending && refresh(), 3000);
      return;
    }
    if (mine !== pending) return;
    // The server redirects a renamed issue to its new name.
    if (response.redirected) history.replaceState(null, "", response.url);
    const page = new DOMParser().parseFromString(text, "text/html");
    // Another kind of page: the issue was created or removed.
    if (!byId("message") !== !page.getElementById("message")) return location.reload();
    replaceParts(page);
    await replaceFrame(page, preloaded);
    if (mine !== pending) return;
    shown = Number(page.body.dataset.version);
    document.body.dataset.version = shown;
    settle(page);
    document.dispatchEvent(new CustomEvent("shown", { detail: shown }));
    setTimeout(() => mine === pending && replaceAll(LATER, page), version ? DELAY : 0);
  }

  function replaceParts(page) {
    document.title = page.title;
    const heading = page.querySelector("h1");
    if (heading) document.querySelector("h1").textContent = heading.textContent;
    const file = page.querySelector(".file");
    if (file && document.querySelector(".file")) document.querySelector(".file").textContent = file.textContent;
    replaceAll(PARTS, page);
    prepare();
  }

  function replaceAll(ids, page) {
    for (const id of ids) {
      const [old, fresh] = [byId(id), page.getElementById(id)];
      if (old && fresh && old.outerHTML !== fresh.outerHTML) replace(old, fresh);
    }
  }

  // Replaces a part, and keeps focus, typed text and scroll positions.
  function replace(old, fresh) {
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const key = active && (active.id ? `#${CSS.escape(active.id)}` : keyOf(active));
    const typed = [...old.querySelectorAll("input[id]")].filter(input => input.value !== input.defaultValue);
    const scrolled = [...old.querySelectorAll(".tab")].map(element => element.scrollTop);
    const isSameTab = labelOfTab(old) === labelOfTab(fresh);
    old.className = fresh.className;
    old.replaceChildren(...fresh.childNodes);
    for (const input of typed) {
      const again = byId(input.id);
      if (again && again.type !== "hidden") again.value = input.value;
    }
    if (isSameTab) old.querySelectorAll(".tab").forEach((element, at) => element.scrollTop = scrolled[at]);
    if (key) old.querySelector(key)?.focus({ preventScroll: true });
  }

  const labelOfTab = part => part.querySelector(".tab")?.getAttribute("aria-label");
  const keyOf = element => {
    if (element.dataset.key) return `[data-key="${element.dataset.key}"]`;
    return element.dataset.section ? `[data-section="${element.dataset.section}"]` : ":not(*)";
  };

  // A hidden frame that loads another version of the message.
  function preload(version) {
    const frame = byId("mail");
    if (!frame) return null;
    const next = frame.cloneNode(false);
    next.src = frame.getAttribute("src").replace(/\bversion=\d+/, `version=${version}`);
    return load(next);
  }

  function load(next) {
    const stage = byId("stage");
    next.classList.add("next");
    delete next.dataset.prepared;
    const loaded = new Promise(done => next.addEventListener("load", done, { once: true }));
    removeLate(stage);
    stage.append(next);
    return { next, loaded };
  }

  const removeLate = stage => stage.querySelectorAll("iframe.next").forEach(late => late.remove());

  // Replaces the message when the new one has loaded, and keeps the scroll position.
  async function replaceFrame(page, preloaded) {
    const [stage, fresh] = [byId("stage"), page.getElementById("stage")];
    if (!stage || !fresh) return;
    const [frame, target] = [byId("mail"), fresh.querySelector("iframe")];
    stage.className = fresh.className;
    if (!frame || !target) {
      stage.replaceChildren(...fresh.childNodes);
      return prepare();
    }
    const sourceOf = frame => frame.getAttribute("src");
    if (sourceOf(frame) === sourceOf(target)) return removeLate(stage);
    const isPreloaded = preloaded && sourceOf(preloaded.next) === sourceOf(target);
    const { next, loaded } = isPreloaded ? preloaded : load(target);
    await loaded;
    if (!next.isConnected) return;
    next.title = target.title;
    next.contentWindow.scrollTo(0, frame.contentWindow ? frame.contentWindow.scrollY : 0);
    next.classList.remove("next");
    frame.remove();
    prepare();
    // Wait until it is painted.
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  }

  // ── Events ───────────────────────────────────────────────────────────────────────────────────────────────

  // A hidden page closes its stream: a browser opens at most six connections for all tabs of a host.
  let events = null;
  function listen() {
    events = new EventSource(`${base}/events`);
    events.addEventListener("version", event => {
      wanted = Number(event.data);
      if (wanted !== shown) refresh(wanted);
      else say(...settled);
    });
    events.addEventListener("error", () => {
      say("The preview is not running", "lost");
      // After a refusal, unlike an interruption, the browser does not try again itself.
      if (events.readyState === EventSource.CLOSED) setTimeout(() => document.hidden || listen(), 3000);
    });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) events?.close();
    else if (!events || events.readyState === EventSource.CLOSED) listen();
  });

  // The progress of a send changes no file, so the page of all issues is requested regularly.
  let timer = 0;
  function follow() {
    clearTimeout(timer);
    if (!byId("all") || document.hidden) return;
    timer = setTimeout(() => refresh(shown), document.querySelector("[data-moving]") ? 1000 : 5000);
  }
  document.addEventListener("shown", follow);
  document.addEventListener("visibilitychange", follow);

  // ── Options ──────────────────────────────────────────────────────────────────────────────────────────────

  function go(url) {
    history.pushState(null, "", url);
    return refresh();
  }
  addEventListener("popstate", () => refresh());

  document.addEventListener("click", event => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link.dataset.section) {
      event.preventDefault();
      scrollTo(link);
    } else if (link.closest("#toolbar, #variants, .tabs")) {
      event.preventDefault();
      go(link.href);
    }
  });
  document.addEventListener("submit", event => {
    if (event.target.id !== "as") return;
    event.preventDefault();
    const query = new URLSearchParams(new FormData(event.target));
    if (!query.get("recipient")) query.delete("recipient");
    go(`${event.target.action.split("?")[0]}?${query}`);
  });

  function scrollTo(link) {
    const frame = byId("mail");
    const marker = frame?.contentDocument?.querySelector(`template[data-section="${link.dataset.section}"]`);
    const section = marker?.nextElementSibling;
    // Scrolls the frame, and not the page around it.
    if (section) frame.contentWindow.scrollBy(0, section.getBoundingClientRect().top);
    byId("outline").querySelectorAll("a[aria-current]").forEach(other => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    const place = link.parentElement.querySelector("code")?.textContent;
    const file = document.querySelector(".file")?.textContent;
    if (place) say(`${file}:${place}`);
  }

  // ── Controls that need the script ────────────────────────────────────────────────────────────────────────

  function prepare() {
    const free = byId("free");
    if (free) free.hidden = false;
    const keys = byId("keys");
    if (keys) keys.hidden = false;
    const frame = byId("mail");
    if (frame && !frame.dataset.prepared) {
      frame.dataset.prepared = "true";
      const listenToClicks = () => frame.contentDocument?.addEventListener("click", showTarget);
      frame.addEventListener("load", listenToClicks);
      listenToClicks();
      frame.addEventListener("load", () => frame.contentDocument?.addEventListener("keydown", press));
      frame.contentDocument?.addEventListener("keydown", press);
    }
  }

  // Shows the URL of a link in the message instead of following it.
  function showTarget(event) {
    const link = event.target.closest?.("a");
    if (!link) return;
    event.preventDefault();
    say(`Link to ${link.getAttribute("href")}`);
  }

  document.addEventListener("input", event => {
    if (event.target.id === "free") setWidth(event.target.value);
    if (event.target.id === "recipient") suggest(event.target.value);
  });
  document.addEventListener("change", event => {
    if (event.target.id !== "free") return;
    const url = new URL(location.href);
    url.searchParams.set("width", event.target.value);
    go(url.href);
  });
  function setWidth(width) {
    const frame = byId("mail");
    if (frame) frame.width = width;
  }

  let searched = 0;
  async function suggest(text) {
    const mine = ++searched;
    const response = await fetch(`${base}/recipients?q=${encodeURIComponent(text)}`);
    const found = await response.text();
    const list = byId("recipients");
    if (mine !== searched || !list) return;
    const specimens = [...list.options].filter(option => option.value.startsWith("odd:"));
    const page = new DOMParser().parseFromString(`<datalist>${found}</datalist>`, "text/html");
    list.replaceChildren(...specimens, ...page.querySelectorAll("option"));
  }

  // ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (isTyping && isTyping.type !== "range") {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "?") return void byId("help")?.showModal();
    if (event.key === "n") {
      event.preventDefault();
      return next();
    }
    if (!/^[a-z0-9]$/.test(event.key)) return;
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("a")) target.click();
    else target.focus();
  }
  document.addEventListener("keydown", press);
  document.addEventListener("click", event => {
    if (event.target.closest("#keys")) byId("help").showModal();
  });

  function next() {
    const sections = [...document.querySelectorAll("#outline a[data-section]")];
    const at = sections.findIndex(link => link.hasAttribute("aria-current"));
    const link = sections[(at + 1) % sections.length];
    link?.click();
    link?.focus({ preventScroll: true });
  }

  prepare();
  listen();
  follow();
}
