// Keyboard, help, tags that light up their words, times that stay right.
"use strict";
(function () {
  const say = function (words) {
    const said = document.getElementById("said");
    if (said) said.textContent = words;
  };
  window.ceasewireSay = say;

  function step(by) {
    const items = Array.from(document.querySelectorAll("[data-item]")).filter((one) => one.offsetParent !== null);
    if (!items.length) return;
    const here = items.findIndex((one) => one.contains(document.activeElement));
    let next = here + by;
    if (here < 0) {
      const below = items.findIndex((one) => one.getBoundingClientRect().bottom > 80);
      next = by > 0 ? Math.max(0, below) : Math.max(0, below - 1);
    }
    const target = items[Math.min(items.length - 1, Math.max(0, next))];
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  }

  function current() {
    const focused = document.activeElement;
    return focused ? focused.closest("[data-item]") : null;
  }

  const help = () => document.getElementById("help");
  const keys = {
    "/": () => { const box = document.getElementById("box"); box.focus(); box.select(); },
    j: () => step(1),
    k: () => step(-1),
    n: () => { const fresh = document.getElementById("fresh"); if (fresh) fresh.click(); },
    t: () => say("Colours: " + window.ceasewireNextTheme()),
    "?": () => { if (!help().open) help().showModal(); },
    o: () => {
      const item = current();
      const link = item && item.querySelector("a.out, .ways a[target]");
      if (link) link.click();
    },
  };

  document.addEventListener("keydown", function (press) {
    if (press.ctrlKey || press.metaKey || press.altKey) return;
    const target = press.target;
    const typing = target.matches("input, textarea, select, [contenteditable]");
    if (press.key === "Escape" && typing) { target.blur(); return; }
    if (typing || help().open) return;
    if (press.key === "Enter" && target.matches("[data-item]")) {
      window.location.assign(target.dataset.href);
      return;
    }
    const act = keys[press.key];
    if (act) { press.preventDefault(); act(); }
  });

  document.addEventListener("click", function (click) {
    const target = click.target.closest("button");
    if (!target) return;
    if (target.id === "theme") say("Colours: " + window.ceasewireNextTheme());
    if (target.id === "help-button") help().showModal();
    if (target.id === "help-close") help().close();
  });
  document.addEventListener("click", function (click) {
    if (click.target === help()) help().close();
  });

  // A tag under the pointer or with the focus lights up the words that gave it.
  function light(chip, on) {
    const around = chip.closest("article, [data-item], main") || document;
    around.querySelectorAll("mark[data-tags]").forEach(function (mark) {
      if (mark.dataset.tags.split(" ").includes(chip.dataset.tag)) mark.classList.toggle("lit", on);
    });
  }
  for (const [begin, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(begin, (move) => { const chip = move.target.closest && move.target.closest("[data-tag]"); if (chip) light(chip, true); });
    document.addEventListener(end, (move) => { const chip = move.target.closest && move.target.closest("[data-tag]"); if (chip) light(chip, false); });
  }

  // The same words as desk/times.py.
  function relative(seconds) {
    const size = Math.abs(seconds), ahead = seconds < 0;
    if (size < 45) return ahead && size > 5 ? "in a moment" : "just now";
    for (const [unit, length, limit] of [["min", 60, 3600], ["h", 3600, 129600], ["days", 86400, 5184000]]) {
      if (size < limit) {
        const words = Math.max(1, Math.round(size / length)) + " " + unit;
        return ahead ? "in " + words : words + " ago";
      }
    }
    return null;
  }
  function tick() {
    document.querySelectorAll("time[data-relative]").forEach(function (time) {
      const then = new Date(time.dateTime), words = relative((Date.now() - then) / 1000);
      const ago = time.querySelector(".ago");
      if (words && ago && ago.textContent !== words) ago.textContent = words;
      if (!time.dataset.zoned) {
        time.dataset.zoned = "1";
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        if (zone && zone !== "UTC") time.title += "\n" + then.toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) + " in " + zone;
      }
    });
  }
  function fold() {
    if (window.matchMedia("(max-width: 760px)").matches) document.querySelectorAll(".fold").forEach((one) => one.removeAttribute("open"));
  }
  window.ceasewireTick = tick;
  fold();
  tick();
  setInterval(tick, 30000);
  document.addEventListener("htmx:afterSettle", function (swap) {
    tick();
    if (swap.target && swap.target.id === "results") {
      fold();
      const title = document.getElementById("search-title");
      if (title) say(title.textContent.trim());
    }
  });
  // An answer with a fault in words is shown as well.
  document.addEventListener("htmx:beforeSwap", function (swap) {
    if (swap.detail.xhr.status === 400 && swap.detail.target.id === "results") swap.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:responseError", (event) => {
    const words = event.detail.xhr.responseText || "";
    say(words && words.length < 500 && !words.includes("<") ? words : "That did not work. Try again.");
  });
  document.addEventListener("htmx:sendError", () => say("The desk cannot be reached."));
})();
