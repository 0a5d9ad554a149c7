// Runs before the page is painted: light, dark, or as the system says.
"use strict";
(function () {
  const orders = ["system", "light", "dark"];
  const words = { system: "as the system", light: "light", dark: "dark" };
  function stored() {
    try {
      const theme = localStorage.getItem("ceasewire-theme");
      return orders.includes(theme) ? theme : "system";
    } catch (refused) {
      return "system";
    }
  }
  function apply(theme) {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) button.setAttribute("aria-label", "Colours: " + words[theme]);
    if (button) button.title = "Colours: " + words[theme];
    document.dispatchEvent(new CustomEvent("ceasewire:theme"));
  }
  window.ceasewireNextTheme = function () {
    const next = orders[(orders.indexOf(stored()) + 1) % orders.length];
    try {
      localStorage.setItem("ceasewire-theme", next);
    } catch (refused) {
      // A browser that keeps nothing still changes this page.
    }
    apply(next);
    return words[next];
  };
  apply(stored());
  document.addEventListener("DOMContentLoaded", function () { apply(stored()); });
})();
