// The desk's only script: it asks for the page again when the folder has changed, and puts in what is new.
// Without it every link and form works, and nothing stays true by itself.
"use strict";
{
  const base = document.body.dataset.base;
  // What is exchanged when the page is asked for again; the frame is exchanged apart from it.
  const PARTS = ["outline", "inbox", "toolbar", "notice", "panel", "strip", "all"];
  // What comes behind the letter: frames of their own, which would be drawn in its time.
  const LATER = ["variants"];
  // So long after the letter, in milliseconds: whoever saves again at once waits for the letter alone.
  const REST = 300;
  const byId = id => document.getElementById(id);
  const state = byId("state");
  let shown = Number(document.body.dataset.version);
  let wanted = shown;
  let asked = null;

  const say = (words, mood = "") => {
    if (state && state.textContent !== words) state.textContent = words;
    if (state) state.dataset.state = mood;
  };

  // ── What is new ──────────────────────────────────────────────────────────────────────────────────────────

  // Asks for the page at the address bar's URL and puts its parts in. Of two at once, the later counts. Where
  // nothing but the version is new, the letter is asked for beside the page and not behind it.
  async function refresh(version) {
    asked?.abort();
    const mine = asked = new AbortController();
    if (version !== shown) say("Composing…", "busy");
    const ahead = version && loadAhead(version);
    let answer, text;
    try {
      answer = await fetch(location.href, { signal: mine.signal });
      text = await answer.text();
    } catch (error) {
      if (error.name === "AbortError") return;
      say("The preview does not answer", "lost");
      setTimeout(() => mine === asked && refresh(), 3000);
      return;
    }
    if (mine !== asked) return;
    // An issue that was renamed is found under its new name.
    if (answer.redirected) history.replaceState(null, "", answer.url);
    const page = new DOMParser().parseFromString(text, "text/html");
    // A page of another kind: the issue is there now, or is not any more.
    if (!byId("message") !== !page.getElementById("message")) return location.reload();
    put(page);
    await exchangeFrame(page, ahead);
    if (mine !== asked) return;
    shown = Number(page.body.dataset.version);
    document.body.dataset.version = shown;
    say("Up to date");
    document.dispatchEvent(new CustomEvent("shown", { detail: shown }));
    setTimeout(() => mine === asked && exchangeAll(LATER, page), version ? REST : 0);
  }

  function put(page) {
    document.title = page.title;
    const heading = page.querySelector("h1");
    if (heading) document.querySelector("h1").textContent = heading.textContent;
    const file = page.querySelector(".file");
    if (file && document.querySelector(".file")) document.querySelector(".file").textContent = file.textContent;
    exchangeAll(PARTS, page);
    furnish();
  }

  function exchangeAll(ids, page) {
    for (const id of ids) {
      const [old, fresh] = [byId(id), page.getElementById(id)];
      if (old && fresh && old.outerHTML !== fresh.outerHTML) exchange(old, fresh);
    }
  }

  // Exchanges a part, and leaves the focus and what was typed and scrolled where they were.
  function exchange(old, fresh) {
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

  // The frame of another version, which begins to load behind the one that is seen.
  function loadAhead(version) {
    const frame = byId("mail");
    if (!frame) return null;
    const next = frame.cloneNode(false);
    next.src = frame.getAttribute("src").replace(/\bversion=\d+/, `version=${version}`);
    return load(next);
  }

  function load(next) {
    const stage = byId("stage");
    next.classList.add("next");
    delete next.dataset.heard;
    const loaded = new Promise(done => next.addEventListener("load", done, { once: true }));
    removeLate(stage);
    stage.append(next);
    return { next, loaded };
  }

  const removeLate = stage => stage.querySelectorAll("iframe.next").forEach(late => late.remove());

  // Puts a new letter into the place of the old one when it is ready to be seen, at the place where the old
  // one was scrolled to.
  async function exchangeFrame(page, ahead) {
    const [stage, fresh] = [byId("stage"), page.getElementById("stage")];
    if (!stage || !fresh) return;
    const [frame, wished] = [byId("mail"), fresh.querySelector("iframe")];
    stage.className = fresh.className;
    if (!frame || !wished) {
      stage.replaceChildren(...fresh.childNodes);
      return furnish();
    }
    const sourceOf = frame => frame.getAttribute("src");
    if (sourceOf(frame) === sourceOf(wished)) return removeLate(stage);
    const isAhead = ahead && sourceOf(ahead.next) === sourceOf(wished);
    const { next, loaded } = isAhead ? ahead : load(wished);
    await loaded;
    if (!next.isConnected) return;
    next.title = wished.title;
    next.contentWindow.scrollTo(0, frame.contentWindow ? frame.contentWindow.scrollY : 0);
    next.classList.remove("next");
    frame.remove();
    furnish();
    // Painted, not only put in.
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  }

  // ── News ─────────────────────────────────────────────────────────────────────────────────────────────────

  // A page that nobody sees waits for nothing: a browser has six connections for all its tabs.
  let news = null;
  function listen() {
    news = new EventSource(`${base}/events`);
    news.addEventListener("version", event => {
      wanted = Number(event.data);
      if (wanted !== shown) refresh(wanted);
      else say("Up to date");
    });
    news.addEventListener("error", () => {
      say("The preview does not answer", "lost");
      // Turned away, and not only interrupted: the browser tries no more by itself.
      if (news.readyState === EventSource.CLOSED) setTimeout(() => document.hidden || listen(), 3000);
    });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) news?.close();
    else if (!news || news.readyState === EventSource.CLOSED) listen();
  });

  // What a send has done changes no file of the folder.
  let beat = 0;
  function follow() {
    clearTimeout(beat);
    if (!byId("all") || document.hidden) return;
    beat = setTimeout(() => refresh(shown), document.querySelector("[data-moving]") ? 1000 : 5000);
  }
  document.addEventListener("shown", follow);
  document.addEventListener("visibilitychange", follow);

  // ── Another view ─────────────────────────────────────────────────────────────────────────────────────────

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
    const mark = frame?.contentDocument?.querySelector(`template[data-section="${link.dataset.section}"]`);
    const section = mark?.nextElementSibling;
    // In the frame alone: the page around it stays where it is.
    if (section) frame.contentWindow.scrollBy(0, section.getBoundingClientRect().top);
    byId("outline").querySelectorAll("a[aria-current]").forEach(other => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    const place = link.parentElement.querySelector("code")?.textContent;
    const file = document.querySelector(".file")?.textContent;
    if (place) say(`${file}:${place}`);
  }

  // ── What the server cannot put in ────────────────────────────────────────────────────────────────────────

  function furnish() {
    const free = byId("free");
    if (free) free.hidden = false;
    const keys = byId("keys");
    if (keys) keys.hidden = false;
    const frame = byId("mail");
    if (frame && !frame.dataset.heard) {
      frame.dataset.heard = "true";
      const hear = () => frame.contentDocument?.addEventListener("click", leadNowhere);
      frame.addEventListener("load", hear);
      hear();
      frame.addEventListener("load", () => frame.contentDocument?.addEventListener("keydown", press));
      frame.contentDocument?.addEventListener("keydown", press);
    }
  }

  // A link of the letter is shown and not followed.
  function leadNowhere(event) {
    const link = event.target.closest?.("a");
    if (!link) return;
    event.preventDefault();
    say(`Leads to ${link.getAttribute("href")}`);
  }

  document.addEventListener("input", event => {
    if (event.target.id === "free") draw(event.target.value);
    if (event.target.id === "recipient") suggest(event.target.value);
  });
  document.addEventListener("change", event => {
    if (event.target.id !== "free") return;
    const url = new URL(location.href);
    url.searchParams.set("width", event.target.value);
    go(url.href);
  });
  function draw(width) {
    const frame = byId("mail");
    if (frame) frame.width = width;
  }

  let searched = 0;
  async function suggest(words) {
    const mine = ++searched;
    const answer = await fetch(`${base}/recipients?q=${encodeURIComponent(words)}`);
    const found = await answer.text();
    const list = byId("recipients");
    if (mine !== searched || !list) return;
    const odd = [...list.options].filter(option => option.value.startsWith("odd:"));
    const page = new DOMParser().parseFromString(`<datalist>${found}</datalist>`, "text/html");
    list.replaceChildren(...odd, ...page.querySelectorAll("option"));
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
    const wished = document.querySelector(`[data-key="${event.key}"]`);
    if (!wished) return;
    event.preventDefault();
    if (wished.matches("a")) wished.click();
    else wished.focus();
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

  furnish();
  listen();
  follow();
}
