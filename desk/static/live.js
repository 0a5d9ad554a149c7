// Listens to what is stored, asks how many items are new, and says so; the items stay where they are, the column beside
// them follows.
"use strict";
(function () {
  const pulse = document.getElementById("pulse");
  if (!pulse || !window.EventSource) return;
  const word = pulse.querySelector(".word");
  let asked = 0, waiting = null, announced = "", sided = 0, siding = null;

  function show(state, words) {
    pulse.classList.remove("on", "off");
    if (state) pulse.classList.add(state);
    word.textContent = words;
    pulse.title = words === "Live" ? "Live updates are on" : "Live updates: " + words.toLowerCase();
  }

  function ask() {
    const news = document.getElementById("news");
    waiting = null;
    if (!news || document.hidden) return;
    asked = Date.now();
    fetch(news.dataset.fresh, { headers: { Accept: "text/html" } })
      .then((answer) => (answer.status === 200 ? answer.text() : ""))
      .then(function (html) {
        // Our own page made this piece; it holds one button and no words of a feed.
        const piece = new DOMParser().parseFromString(html, "text/html").getElementById("fresh");
        if (!piece) return;
        news.replaceChildren(document.importNode(piece, true));
        if (piece.dataset.words !== announced) window.ceasewireSay(piece.dataset.words + ". Press n to show.");
        announced = piece.dataset.words;
      })
      .catch(() => show("off", "Not connected"));
  }

  // An empty desk has nothing to yank away: it follows by itself.
  function follow() {
    waiting = null;
    asked = Date.now();
    const empty = document.getElementById("empty");
    if (!empty) return;
    fetch(window.location.href).then((answer) => answer.text()).then(function (html) {
      const next = new DOMParser().parseFromString(html, "text/html").getElementById("empty");
      if (!next) { window.location.reload(); return; }
      // The button was pressed since: the answer to that comes first.
      const play = empty.querySelector("#play"), kept = next.querySelector("#play");
      if (empty !== document.getElementById("empty") || (play && (play.matches(".htmx-request") || (play.matches(".played") && kept && !kept.matches(".played"))))) { soon(); return; }
      if (empty.textContent === next.textContent) return;
      const opened = empty.querySelector("details[open]") !== null;
      empty.replaceWith(document.importNode(next, true));
      const now = document.getElementById("empty");
      if (opened && now.querySelector("details")) now.querySelector("details").open = true;
      if (window.htmx) window.htmx.process(now);
    }).catch(() => show("off", "Not connected"));
  }

  // The column beside the items is short and looked at, not read: it follows, and keeps the focus that stands in it.
  function refresh() {
    siding = null;
    const side = document.getElementById("side");
    if (!side || document.hidden) return;
    sided = Date.now();
    fetch(side.dataset.side).then((answer) => (answer.status === 200 ? answer.text() : "")).then(function (html) {
      const next = new DOMParser().parseFromString(html, "text/html").getElementById("side");
      if (!next || next.innerHTML === side.innerHTML) return;
      const here = side.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      side.replaceChildren(...Array.from(next.childNodes, (node) => document.importNode(node, true)));
      const again = here && Array.from(side.querySelectorAll("a")).find((link) => link.getAttribute("href") === here);
      if (again) again.focus({ preventScroll: true });
      window.ceasewireTick();
    }).catch(() => show("off", "Not connected"));
  }

  function soon() {
    pulse.classList.remove("beat");
    void pulse.offsetWidth;
    pulse.classList.add("beat");
    if (waiting === null) waiting = setTimeout(document.getElementById("empty") ? follow : ask, Math.max(300, 3000 - (Date.now() - asked)));
    if (siding === null) siding = setTimeout(refresh, Math.max(200, 2000 - (Date.now() - sided)));
  }

  document.addEventListener("click", function (click) {
    if (!click.target.closest("#fresh")) return;
    const here = new URL(window.location.href);
    here.searchParams.delete("after");
    window.scrollTo(0, 0);
    window.location.assign(here);
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) soon(); });

  const stream = new EventSource(pulse.dataset.live);
  stream.addEventListener("open", () => show("on", "Live"));
  stream.addEventListener("error", () => show("off", stream.readyState === 2 ? "Not live" : "Connecting"));
  stream.addEventListener("change", soon);
  window.addEventListener("pagehide", () => stream.close());
})();
