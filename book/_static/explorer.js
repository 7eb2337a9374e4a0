/* The explorers of a page: sliders and read-outs here, drawing by Vega.
   A <figure class="explorer"> carries the tables of every setting (see src/llma/pages.py for the packing).
   Its picture and numbers stand for the first setting until this script takes over; whatever fails, they stay. */
(() => {
  "use strict";
  const here = document.currentScript.src;
  const MISSING = 65535;
  const SPEAK_AFTER = 400; // ms: a reader who holds an arrow key hears the last value only

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  let bundle;
  const vega = () => bundle ??= new Promise((resolve, reject) => {
    const script = element("script", { src: new URL("vega/vega.js", here).href });
    script.onload = resolve;
    script.onerror = () => reject(new Error("the drawing library could not be loaded"));
    document.head.append(script);
  });

  async function inflate(text) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const view = new DataView(await new Response(stream).arrayBuffer()); // words are little-endian everywhere
    return Uint16Array.from({ length: view.byteLength / 2 }, (_, k) => view.getUint16(2 * k, true));
  }

  function reader({ columns, fixed, sliders }, words) {
    const settings = sliders.reduce((product, slider) => product * slider.texts.length, 1);
    let begin = 0;
    const parts = columns.map((column) => {
      const at = begin;
      begin += settings * column.length;
      const value = column.texts
        ? (word) => column.texts[word]
        : (word) => (word === MISSING ? null : column.low + word * column.step);
      return { ...column, read: (setting) => {
        const from = at + setting * column.length;
        return Array.from(words.subarray(from, from + column.length), value);
      } };
    });
    const arrays = parts.filter((part) => part.name);
    const scalars = parts.filter((part) => part.label);
    return {
      rows(setting) {
        const all = Object.entries(fixed);
        for (const part of arrays) all.push([part.name, part.read(setting)]);
        return Array.from(all[0][1], (_, row) => {
          const made = {};
          for (const [name, column] of all) made[name] = column[row];
          return made;
        });
      },
      numbers: (setting) => scalars.map((part) => [part.label, part.read(setting)[0]]),
    };
  }

  async function start(figure) {
    const content = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const [words] = await Promise.all([inflate(content.words), vega()]);
    const { rows, numbers } = reader(content, words);
    const box = figure.querySelector(".explorer-chart");

    const controls = element("div", { class: "explorer-controls" });
    const inputs = content.sliders.map((slider) => {
      const id = `${figure.id}-${slider.name}`;
      const input = element("input", { type: "range", id, min: 0, max: slider.texts.length - 1, step: 1 });
      input.value = slider.index;
      // An output is a live region of its own: silenced, the slider speaks its value.
      input.shown = element("output", { for: id, "aria-live": "off" });
      // As wide as its longest text, or the slider would change its length under the hand.
      input.shown.style.minWidth = `${Math.min(18, Math.max(...slider.texts.map((text) => text.length)))}ch`;
      controls.append(element("div", { class: "explorer-row" },
        element("label", { for: id }, slider.label), input.shown, input));
      return input;
    });
    const reset = element("button", { type: "button", class: "explorer-reset" }, "Reset");
    controls.append(reset);
    const say = element("p", { class: "explorer-hidden explorer-say", "aria-live": "polite" });
    const now = () => inputs.reduce((k, input, j) => k * content.sliders[j].texts.length + Number(input.value), 0);

    // In a shadow root no observer of the page watches the marks, and the picture of the first setting gives way.
    const chart = content.chart;
    chart.datasets = { ...chart.datasets, now: rows(now()) };
    const width = () => Math.max(200, Math.floor(box.clientWidth || figure.clientWidth || 640));
    chart.width = width();
    const inner = element("div", { "aria-hidden": "true" }); // the box is the image, with its text
    const root = box.attachShadow({ mode: "open" });
    root.append(element("style", {}, ".mark-rect path { shape-rendering: crispEdges; }"), inner);
    const { view } = await vegaEmbed(inner, chart, { renderer: "svg", actions: false, defaultStyle: false, tooltip: false });
    new ResizeObserver(() => { if (box.clientWidth && width() !== view.width()) view.width(width()).runAsync(); }).observe(box);
    // A pinned chart must not cover the slider that a keyboard reaches: the style sheet keeps this much above it.
    new ResizeObserver(() => figure.style.setProperty("--explorer-chart", `${box.offsetHeight}px`)).observe(box);

    let drawing = null;
    let waiting = false;
    const values = [...figure.querySelectorAll(".explorer-numbers dd")];
    const shown = figure.querySelector(".explorer-setting");
    let timer;
    function label() {
      inputs.forEach((input, j) => {
        const text = content.sliders[j].texts[input.value];
        input.shown.textContent = text;
        input.setAttribute("aria-valuetext", text);
      });
      const pairs = numbers(now());
      pairs.forEach(([, text], k) => { values[k].textContent = text; });
      shown.textContent = `Shown for: ${content.sliders.map((s, j) => `${s.label} ${s.texts[inputs[j].value]}`).join("; ")}.`;
      return pairs;
    }
    async function paint() { // the latest setting wins when moves come faster than pictures
      do {
        waiting = false;
        await view.data("now", rows(now())).runAsync();
      } while (waiting);
      drawing = null;
    }
    function move() {
      const pairs = label();
      clearTimeout(timer);
      timer = setTimeout(() => { say.textContent = pairs.map(([name, text]) => `${name}: ${text}`).join("; "); }, SPEAK_AFTER);
      if (drawing) waiting = true; else drawing = paint();
      figure.drawn = drawing;
    }
    for (const input of inputs) input.addEventListener("input", move);
    reset.addEventListener("click", () => {
      inputs.forEach((input, j) => { input.value = content.sliders[j].index; });
      move();
    });
    label();
    box.before(controls);
    figure.append(say);
    figure.explorerRows = () => view.data("now");
    figure.explorerReady = true;
    figure.classList.add("explorer-live");
  }

  const boot = () => document.querySelectorAll("figure.explorer").forEach((figure) => {
    start(figure).catch((error) => {
      console.error("explorer:", error);
      figure.append(element("p", { role: "status" }, "The sliders could not start in this browser; the figure shows the first setting."));
    });
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", boot); else boot();
})();
