"use strict";
// Draws the charts: figure.chart holds its data as JSON. Texts from the data go through textContent only.
(() => {
  const svgElement = (name, attributes, parent) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) e.setAttribute(key, attributes[key]);
    if (parent) parent.append(e);
    return e;
  };
  const element = (name, parent, text, className) => {
    const e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (className) e.className = className;
    if (parent) parent.append(e);
    return e;
  };
  const number = v => {
    if (v === 0) return "0";
    const size = Math.abs(v);
    const text = size >= 1e6 || size < 1e-4 ? v.toExponential(3) : String(Number(v.toPrecision(5)));
    return text.replace("-", "−");
  };
  // Round values between low and high, about `count` of them.
  const marks = (low, high, count, log) => {
    if (log && high - low >= 1) {
      const stride = Math.ceil((high - low) / count) || 1, list = [];
      for (let e = Math.ceil(low - 1e-9); e <= high + 1e-9; e += stride) {
        list.push(e);
        if (stride === 1 && high - low < 2.5) for (const k of [2, 5]) if (e + Math.log10(k) < high) list.push(e + Math.log10(k));
      }
      return list;
    }
    const from = log ? 10 ** low : low, to = log ? 10 ** high : high;
    const rough = (to - from) / count, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(k => k * power).find(s => s >= rough * 0.999), list = [];
    for (let i = Math.ceil(from / step - 1e-9); i <= to / step + 1e-9; i++) list.push(log ? Math.log10(i * step) : i * step);
    return list.filter(Number.isFinite);
  };

  class Chart {
    constructor(figure) {
      this.figure = figure;
      Object.assign(this, JSON.parse(figure.querySelector("script").textContent));
      this.range = null;
      this.series.forEach((s, i) => { s.shown = true; s.paint = s.color || `var(--c${i % 8})`; });
      const bar = element("div", figure, undefined, "bar");
      element("b", bar, this.title);
      this.reset = element("button", bar, "whole range", "reset");
      this.reset.hidden = true;
      this.reset.onclick = () => this.zoom(null);
      const positive = this.series.every(s => s.points.every(p => p[1] === null || p[1] > 0));
      if (this.kind === "lines" && positive) {
        const button = element("button", bar, "log", "log");
        button.title = "logarithmic scale";
        button.setAttribute("aria-pressed", this.log);
        button.onclick = () => { this.log = !this.log; button.setAttribute("aria-pressed", this.log); this.draw(); };
      }
      this.legend();
      this.svg = svgElement("svg", { tabindex: 0, role: "img", "aria-label": this.title }, figure);
      this.tip = element("div", figure, undefined, "tip");
      this.tip.hidden = true;
      this.listen();
      new ResizeObserver(() => this.draw()).observe(figure);
    }
    legend() {
      const legend = element("div", this.figure, undefined, "legend");
      for (const s of this.series) {
        if (!s.label) continue;
        const button = element("button", legend);
        const swatch = element("i", button, undefined, s.style);
        swatch.style.background = s.paint;
        button.append(s.label);
        button.setAttribute("aria-pressed", true);
        button.onclick = () => { s.shown = !s.shown; button.setAttribute("aria-pressed", s.shown); this.draw(); };
      }
    }
    scale(v) { return this.log ? Math.log10(v) : v; }
    visible() {
      const inside = p => p[1] !== null && (!this.range || (p[0] >= this.range[0] && p[0] <= this.range[1]));
      return this.series.filter(s => s.shown).map(s => ({ s, points: s.points.filter(inside) }));
    }
    limits(values, margin) {
      let low = Infinity, high = -Infinity;
      for (const v of values) { if (v < low) low = v; if (v > high) high = v; }
      if (low > high) return [0, 1];
      const gap = high > low ? (high - low) * margin : Math.abs(high) * 0.05 || 0.5;
      return [low - gap, high + gap];
    }
    draw() {
      const { svg } = this, width = svg.clientWidth, height = svg.clientHeight;
      if (!width) return;
      this.tip.hidden = true;
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      const shown = this.visible();
      const xs = this.limits(shown.flatMap(v => v.points.map(p => p[0])), this.kind === "dots" ? 0.04 : 0.015);
      const ys = this.limits(shown.flatMap(v => v.points.map(p => this.scale(p[1]))), 0.06);
      const rows = marks(ys[0], ys[1], Math.max(3, height / 55), this.log);
      const label = m => number(this.log ? Number((10 ** m).toPrecision(6)) : Number(m.toPrecision(12)));
      const left = 12 + 7 * Math.max(...rows.map(m => label(m).length), 2), top = 8, right = width - 8, bottom = height - 36;
      this.x = v => left + (v - xs[0]) / (xs[1] - xs[0]) * (right - left);
      this.y = v => bottom - (this.scale(v) - ys[0]) / (ys[1] - ys[0]) * (bottom - top);
      this.value = px => xs[0] + (px - left) / (right - left) * (xs[1] - xs[0]);
      this.area = { left, top, right, bottom };
      for (const m of rows) {
        const y = Math.round(bottom - (m - ys[0]) / (ys[1] - ys[0]) * (bottom - top)) + .5;
        svgElement("line", { x1: left, x2: right, y1: y, y2: y, class: "grid" }, svg);
        svgElement("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, svg).textContent = label(m);
      }
      for (const m of marks(xs[0], xs[1], Math.max(2, (right - left) / 80), false)) {
        if (this.kind === "lines" && m % 1) continue;
        const x = Math.round(this.x(m)) + .5;
        svgElement("line", { x1: x, x2: x, y1: top, y2: bottom, class: "grid" }, svg);
        svgElement("text", { x, y: bottom + 15, "text-anchor": "middle" }, svg).textContent = number(Number(m.toPrecision(12)));
      }
      svgElement("line", { x1: left, x2: right, y1: bottom + .5, y2: bottom + .5, class: "axis" }, svg);
      svgElement("text", { x: (left + right) / 2, y: height - 3, "text-anchor": "middle" }, svg).textContent = this.x_label;
      if (this.y_label) svgElement("text", { x: left + 6, y: top + 12 }, svg).textContent = this.y_label;
      this.series.forEach(s => s.shown && this.curve(s));
      this.over = svgElement("g", {}, svg);
    }
    curve(s) {
      const at = p => [this.x(p[0]), this.y(p[1])], inside = x => x >= this.area.left - .5 && x <= this.area.right + .5;
      if (s.style === "dots") {
        for (const p of s.points) {
          if (p[1] === null || !inside(this.x(p[0]))) continue;
          const [cx, cy] = at(p);
          svgElement("circle", { cx, cy, r: s.points.length > 60 ? 2.6 : 4, fill: s.paint, opacity: s.points.length > 60 ? .6 : 1 }, this.svg);
        }
        return;
      }
      let path = "", pen = "M", count = 0;
      for (const p of s.points) {
        if (p[1] === null || !inside(this.x(p[0])) || !Number.isFinite(this.y(p[1]))) { pen = "M"; continue; }
        const [x, y] = at(p);
        path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
        pen = "L";
        count++;
      }
      const faint = s.style === "guide" ? { "stroke-dasharray": "4 4", opacity: .7 } : {};
      svgElement("path", { d: path, fill: "none", stroke: s.paint, "stroke-width": 2, "stroke-linejoin": "round", ...faint }, this.svg);
      if (count <= 40 && s.style === "line") for (const p of s.points) {
        if (p[1] === null || !inside(this.x(p[0]))) continue;
        const [cx, cy] = at(p);
        svgElement("circle", { cx, cy, r: 2.8, fill: s.paint }, this.svg);
      }
    }
    listen() {
      const { svg } = this, place = e => { const box = svg.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
      let from = null;
      svg.onpointerdown = e => { if (this.kind === "lines" && e.pointerType === "mouse") { from = place(e)[0]; svg.setPointerCapture(e.pointerId); } };
      svg.onpointermove = e => { const [x, y] = place(e); this.point(x, y); if (from !== null) this.select(from, x); };
      svg.onpointerup = e => {
        const x = place(e)[0], start = from;
        from = null;
        if (start !== null && Math.abs(x - start) > 12) this.zoom([this.value(Math.min(start, x)), this.value(Math.max(start, x))]);
      };
      svg.onpointercancel = () => { from = null; };
      svg.onpointerleave = () => { if (from === null) this.leave(); };
      svg.ondblclick = () => this.zoom(null);
      svg.onblur = () => this.leave();
      svg.onkeydown = e => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
        if (!step || this.kind !== "lines") return;
        e.preventDefault();
        const all = this.stops();
        this.stop = Math.min(all.length - 1, Math.max(0, (this.stop ?? (step > 0 ? -1 : all.length)) + step));
        this.point(this.x(all[this.stop]), this.area.top + 20);
      };
    }
    leave() { this.tip.hidden = true; if (this.over) this.over.replaceChildren(); }
    zoom(range) {
      if (range && this.series.every(s => s.points.filter(p => p[0] >= range[0] && p[0] <= range[1]).length < 2)) return this.draw();
      this.range = range;
      this.reset.hidden = !range;
      this.draw();
    }
    select(a, b) {
      const { left, right, top, bottom } = this.area, [low, high] = [Math.max(left, Math.min(a, b)), Math.min(right, Math.max(a, b))];
      svgElement("rect", { x: low, y: top, width: Math.max(0, high - low), height: bottom - top, class: "zoom" }, this.over);
    }
    stops() {
      const all = new Set(this.visible().flatMap(v => v.points.map(p => p[0])));
      return [...all].sort((a, b) => a - b);
    }
    point(px, py) {
      if (!this.area) return;
      const rows = this.kind === "dots" ? this.nearest(px, py) : this.column(px);
      if (!rows.length) return this.leave();
      this.over.replaceChildren();
      const { top, bottom } = this.area, x = this.x(rows[0].p[0]);
      if (this.kind === "lines") svgElement("line", { x1: x, x2: x, y1: top, y2: bottom, class: "cursor" }, this.over);
      this.tip.replaceChildren();
      if (this.kind === "lines") element("b", this.tip, `${this.x_label} ${number(rows[0].p[0])}`);
      for (const { s, p } of rows) {
        svgElement("circle", { cx: this.x(p[0]), cy: this.y(p[1]), r: 4.5, fill: s.paint, stroke: "var(--card)", "stroke-width": 1.5 }, this.over);
        const line = element("div", this.tip);
        element("i", line).style.background = s.paint;
        line.append(this.kind === "dots" ? `${this.x_label} ${number(p[0])}, ${this.y_label} ${number(p[1])}` : `${s.label} ${number(p[1])}`);
      }
      this.tip.hidden = false;
      const width = this.tip.offsetWidth, full = this.figure.clientWidth;
      const side = x + 14 + width > full ? x - 14 - width : x + 14;
      const above = this.svg.getBoundingClientRect().top - this.figure.getBoundingClientRect().top;
      this.tip.style.left = `${Math.max(0, Math.min(full - width, side))}px`;
      this.tip.style.top = `${above + Math.max(0, Math.min(bottom - this.tip.offsetHeight, py - 20))}px`;
    }
    column(px) {
      let best = null;
      for (const x of this.stops()) if (best === null || Math.abs(this.x(x) - px) < Math.abs(this.x(best) - px)) best = x;
      return this.visible().flatMap(({ s, points }) => points.filter(p => p[0] === best).map(p => ({ s, p })));
    }
    nearest(px, py) {
      let best = null, least = 30;
      for (const { s, points } of this.visible()) {
        if (s.style !== "dots") continue;
        for (const p of points) {
          const d = Math.hypot(this.x(p[0]) - px, this.y(p[1]) - py);
          if (d < least) { least = d; best = { s, p }; }
        }
      }
      return best ? [best] : [];
    }
  }
  document.querySelectorAll(".chart").forEach(figure => new Chart(figure));
})();
