// Items a day by issue, drawn with uPlot from the same JSON that anyone may read.
"use strict";
(function () {
  const place = document.getElementById("chart");
  if (!place || !window.uPlot) return;
  const light = ["#0b5d6e", "#c2410c", "#6d3fc0", "#2f7d32", "#b8860b", "#b0306a", "#33608f", "#7a5a3a"];
  const dark = ["#63c1d0", "#ff9f6b", "#b79cf5", "#86d189", "#e6c35c", "#f08ab8", "#8db8ec", "#cfae8b"];
  const most = 6;
  let plot = null, volume = null;

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const isDark = () => getComputedStyle(document.documentElement).colorScheme === "dark";
  const size = () => ({ width: place.clientWidth, height: window.innerWidth < 760 ? 230 : 290 });

  function draw() {
    if (!volume) return;
    const shown = plot ? plot.series.map((one) => one.show) : null;
    if (plot) plot.destroy();
    const issues = Object.keys(volume.issues).slice(0, 8);
    const colours = isDark() ? dark : light;
    const axis = { stroke: token("--ink-3"), grid: { stroke: token("--line"), width: 1 }, ticks: { stroke: token("--line"), width: 1 }, font: "12px " + token("--letters") };
    const series = [{ value: (_, moment) => (moment === null ? "" : new Date(moment * 1000).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" })), label: "Day" }];
    issues.forEach(function (issue, index) {
      series.push({ label: volume.names[issue], stroke: colours[index], width: 2, points: { size: 5 }, show: shown ? shown[index + 1] : index < most });
    });
    const data = [volume.days.map((day) => Date.parse(day + "T00:00:00Z") / 1000)].concat(issues.map((issue) => volume.issues[issue]));
    const newest = (drawn) => drawn.setLegend({ idx: volume.days.length - 1 });
    const options = Object.assign(size(), {
      series: series,
      tzDate: (moment) => window.uPlot.tzDate(new Date(moment * 1e3), "Etc/UTC"),
      scales: { y: { range: (_, low, high) => [0, Math.max(4, Math.ceil(high * 1.08))] } },
      axes: [
        Object.assign({ values: (_, splits) => splits.map((moment) => new Date(moment * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })), incrs: [86400, 2 * 86400, 5 * 86400, 7 * 86400, 14 * 86400, 30 * 86400], space: 62 }, axis),
        Object.assign({ size: 38, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] }, axis),
      ],
      hooks: { ready: [(drawn) => setTimeout(() => newest(drawn))] },
      cursor: { y: false, drag: { x: false, y: false } },
    });
    plot = new window.uPlot(options, data, place);
    plot.over.addEventListener("mouseleave", () => setTimeout(() => newest(plot)));
    const legend = place.querySelector(".u-legend");
    legend.setAttribute("role", "group");
    legend.setAttribute("aria-label", "Lines of the chart; a press hides or shows one");
    legend.querySelectorAll(".u-series:not(:first-child) th").forEach(function (head) {
      const pressed = () => head.setAttribute("aria-pressed", String(!head.parentElement.classList.contains("u-off")));
      head.tabIndex = 0;
      head.setAttribute("role", "button");
      head.addEventListener("click", () => setTimeout(pressed));
      pressed();
      head.addEventListener("keydown", function (press) {
        if (press.key === "Enter" || press.key === " ") { press.preventDefault(); head.click(); }
      });
    });
  }

  fetch(place.dataset.source).then((answer) => answer.json()).then(function (given) { volume = given; draw(); })
    .catch(function () { place.textContent = "The chart could not be drawn; the table below holds its numbers."; });
  new ResizeObserver(function () { if (plot && plot.width !== place.clientWidth) plot.setSize(size()); }).observe(place);
  document.addEventListener("ceasewire:theme", draw);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
