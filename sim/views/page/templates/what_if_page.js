"use strict";
// What-if, showing: sliders, a table of odds and one fan, drawn anew from one state whenever it changes.
addEventListener("DOMContentLoaded", () => {
  const { READINGS, computeOdds, computeFan, findBound, findPlausible, findPublished, findScenario } = window.sim;
  const FARTHEST = 3, MOST_SHOCKS = 6; // points that a target's number moves; shocks that a page joins

  let words = {};
  const findLanguage = () => (document.documentElement.dataset.lang === "zh" ? "zh" : "en");
  const say = (key, values = {}) => words[findLanguage()][key].replace(/{(\w+)}/g, (_, name) => values[name]);
  const sayLine = (key, number) => say("fan.label", { note: say(key), words: number });
  const sayPercent = (share, digits = 1) => say("odds.percent", { number: (100 * share).toFixed(digits) });
  const sayChange = (points) => {
    const text = Math.abs(points).toFixed(1);
    return text === "0.0" ? text : (points > 0 ? "+" : "\u2212") + text;
  };

  /** An element with attributes and children; texts stay texts. */
  function make(name, attributes = {}, ...children) {
    const drawn = ["svg", "path", "line", "circle", "text", "rect", "g", "title"].includes(name);
    const element = drawn ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  /** A labelled slider; `put` is called with its value as it moves, `tell` says a value in words. */
  function makeSlider(id, label, [least, most, step], value, tell, put) {
    const input = make("input", { type: "range", id, min: least, max: most, step, value });
    const output = make("output", { for: id });
    const show = () => {
      output.textContent = tell(Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => { show(); put(Number(input.value)); });
    show();
    return make("div", { class: "what-if-slider" }, make("label", { for: id }, label), output, input);
  }

  class Page {
    constructor(table, root) {
      words = table.words;
      Object.assign(this, { table, indicator: table.targets[0]?.indicator ?? 0, width: 0, open: new Set(), delivery: 0, band: 0 });
      this.part = (name) => root.querySelector(`.what-if-${name}`);
      this.choose(0);
      document.addEventListener("sim:language", () => this.label());
      new ResizeObserver(() => {
        if (Math.abs(this.part("fan").clientWidth - this.width) > 1) this.drawFan();
      }).observe(this.part("fan"));
    }

    /** Begin with a scenario as published, or with the shocks of others joined to it. */
    choose(scenario, added = []) {
      this.published = findPublished(this.table, scenario);
      this.settings = findPublished(this.table, scenario, added);
      this.before = computeOdds(this.table, this.published);
      this.pickIndicator(this.indicator);
      this.label();
    }

    /** Write everything that depends on the language or the scenario alone. */
    label() {
      this.makeControls();
      this.makeRows();
      this.update();
      this.makeDeliveries();
    }

    makeControls() {
      const { table, settings } = this, lang = findLanguage(), named = (rows) => rows.map((each) => each[lang]);
      const pick = (id, label, names, chosen, put) => {
        const select = make("select", { id }, ...names.map((name, n) => make("option", { value: n }, name)));
        select.value = chosen;
        select.addEventListener("change", () => { put(Number(select.value)); document.getElementById(id)?.focus(); });
        return make("div", { class: "what-if-choice" }, make("label", { for: id }, label), select);
      };
      const button = (label, put) => {
        const element = make("button", { type: "button" }, label);
        element.addEventListener("click", put);
        return element;
      };
      const { shocks } = findScenario(table, settings);
      const groups = shocks.map((shock, s) => this.makeGroup(shock, s));
      const widest = settings.tolerance ?? Math.max(0, ...table.targets.map((each) => each.tolerance));
      const tell = (value) => say("odds.points", { number: value.toFixed(2) });
      const tolerance = table.targets.some((each) => each.about)
        ? [makeSlider("what-if-about", say("what_if.about"), [0, 1, 0.05], widest, tell, (value) => this.change({ tolerance: value }))] : [];
      this.part("controls").replaceChildren(
        pick("what-if-scenario", say("scenario.heading"), named(table.scenarios), settings.scenario, (n) => this.choose(n)),
        ...this.makeAdded(), ...(groups.length ? groups : [make("p", {}, say("what_if.no_shocks"))]), ...this.makeFigure(), ...this.makeValues(), ...tolerance,
        make("div", { class: "what-if-buttons" },
          button(say("what_if.reset"), () => this.choose(settings.scenario)),
          ...(groups.length ? [button(say("what_if.calm"), () => this.calm())] : [])));
      this.part("indicator").replaceChildren(
        pick("what-if-series", say("what_if.indicator"), named(table.indicators), this.indicator, (n) => { this.pickIndicator(n); this.update(); }));
    }

    /** What is folded away, and stays open once it was opened. */
    fold(name, label, ...content) {
      const details = make("details", { class: `what-if-${name}` }, make("summary", {}, label), ...content);
      details.open = this.open.has(name);
      details.addEventListener("toggle", () => (details.open ? this.open.add(name) : this.open.delete(name)));
      return details;
    }

    /** Boxes for scenarios whose shocks are joined to those of the chosen one; none where figures are known. */
    makeAdded() {
      const { table, settings } = this, { scenario, added } = settings, lang = findLanguage();
      const own = (chosen) => findScenario(table, { scenario, added: chosen }).shocks.length;
      const boxes = table.scenarios.flatMap((each, n) => {
        const others = added.filter((other) => other !== n), ticked = added.includes(n);
        if (table.given || n === scenario || own([...others, n]) === own(others)) return [];
        const id = `what-if-add-${n}`, box = make("input", { type: "checkbox", id });
        box.checked = ticked;
        box.disabled = !ticked && own([...added, n]) > MOST_SHOCKS;
        box.addEventListener("change", () => {
          this.choose(scenario, box.checked ? [...added, n] : others);
          document.getElementById(id)?.focus();
        });
        return [make("label", { for: id }, box, each[lang])];
      });
      return boxes.length ? [this.fold("added", say("what_if.added"), ...boxes)] : [];
    }

    /** A choice of a figure to come, and a slider for what it says; none unless it is supposed. */
    makeFigure() {
      const { table, settings } = this, lang = findLanguage(), id = "what-if-figure";
      if (!table.figures?.length) return [];
      const names = table.figures.map(({ indicator, period }) => say("what_if.series", { name: table.indicators[indicator][lang], period: table.periods[period][lang] }));
      const select = make("select", { id }, ...[say("what_if.none"), ...names].map((name, n) => make("option", { value: n - 1 }, name)));
      select.value = settings.figure?.number ?? -1;
      select.addEventListener("change", () => this.suppose(Number(select.value)));
      const choice = make("div", { class: "what-if-choice" }, make("label", { for: id }, say("what_if.figure")), select);
      if (!settings.figure) return [choice];
      const { number, value } = settings.figure, tell = (each) => say("odds.percent", { number: each.toFixed(1).replace("-", "\u2212") });
      return [choice, makeSlider("what-if-printed", say("what_if.printed"), findPlausible(table, settings.scenario, number), value, tell,
        (moved) => this.change({ figure: { number, value: moved } }))];
    }

    /** Suppose that a figure says what is expected of it, or, by a number below zero, none. */
    suppose(number) {
      const { table, settings } = this, { indicator, period } = table.figures[number] ?? {}, middle = table.levels.indexOf(0.5);
      const expected = number < 0 ? 0 : table.scenarios[settings.scenario].published.fans[indicator][period][middle];
      settings.figure = number < 0 ? null : { number, value: Number(expected.toFixed(1)) };
      this.label();
      document.getElementById("what-if-figure").focus();
    }

    /** Sliders for the numbers that targets ask for. */
    makeValues() {
      const { table, settings } = this, lang = findLanguage();
      if (table.given || !table.targets.length) return [];
      const tell = (value) => `${value.toFixed(1)} %`.replace("-", "\u2212");
      return [this.fold("values", say("what_if.values"), ...table.targets.map((each) => makeSlider(
        `what-if-value-${each.id}`, each[lang], [each.value - FARTHEST, each.value + FARTHEST, 0.1],
        settings.values[each.id] ?? each.value, tell, (value) => this.raise(each, value))))];
    }

    /** Ask another number of a target; the plan's own again where it is that. */
    raise({ id, value }, asked) {
      const { [id]: _, ...others } = this.settings.values;
      this.change({ values: Math.abs(asked - value) < 1e-9 ? others : { ...others, [id]: asked } });
    }

    /** A choice of a delivery, a slider for what it has brought by the next period, and its odds then. */
    makeDeliveries() {
      const { deliveries } = this.table, lang = findLanguage(), id = "what-if-delivery";
      if (!deliveries?.length) return;
      const chosen = deliveries[this.delivery], { edges, chances, odds, published } = chosen, result = make("output", { class: "what-if-brought" });
      const select = make("select", { id }, ...deliveries.map((each, n) => make("option", { value: n }, each[lang])));
      select.value = this.delivery;
      select.addEventListener("change", () => {
        Object.assign(this, { delivery: Number(select.value), band: 0 });
        this.makeDeliveries();
        document.getElementById(id).focus();
      });
      const tell = () => {
        const n = this.band - 1, share = n < 0 ? published : odds[n];
        const told = { odds: sayPercent(share), change: sayChange(100 * (share - published)) };
        result.textContent = n < 0 ? say("what_if.untold", told) : say("what_if.then", { ...told, chance: sayPercent(chances[n], 0) });
      };
      const sayBand = (n) => {
        const low = edges[n - 2]?.[lang], high = edges[n - 1]?.[lang];
        if (n === 0) return say("what_if.none");
        return low === undefined ? say("what_if.less", { high }) : high === undefined ? say("what_if.more", { low }) : say("what_if.between", { low, high });
      };
      tell();
      this.part("deliveries").replaceChildren(
        make("div", { class: "what-if-choice" }, make("label", { for: id }, say("what_if.delivery", { scenario: chosen.scenario[lang] })), select),
        makeSlider("what-if-brought", say("what_if.brought", { period: chosen.period[lang] }), [0, odds.length, 1], this.band, sayBand, (n) => { this.band = n; tell(); }), result);
    }

    pickIndicator(indicator) {
      this.indicator = indicator;
      this.beforeFan = computeFan(this.table, this.published, indicator);
    }

    /** The sliders of a shock. */
    makeGroup({ shock, on, chances }, s) {
      const { table, settings } = this, lang = findLanguage(), title = (place) => table.shocks[place][lang];
      const parent = on === null ? "" : title(findScenario(table, settings).shocks[on].shock);
      const words = on === null ? [say("what_if.chance")] : [say("what_if.happened", { shock: parent }), say("what_if.otherwise")];
      const sliders = chances.map((_, n) => makeSlider(
        `what-if-chance-${s}-${n}`, words[n], [0, 1, 0.01], settings.chances[s][n],
        (value) => sayPercent(value, 0), (value) => { settings.chances[s][n] = value; this.update(); }));
      sliders.push(makeSlider(
        `what-if-size-${s}`, say("what_if.size"), [0, 3, table.given?.step ?? 0.05], settings.factors[s], (value) => say("what_if.factor", { number: value.toFixed(2) }),
        (value) => { settings.factors[s] = value; this.update(); }));
      if (!table.given) sliders.push(this.makeOnset(s));
      return make("fieldset", {}, make("legend", {}, title(shock)), ...sliders);
    }

    /** A choice of the quarter in which a shock begins. */
    makeOnset(s) {
      const { table, settings } = this, lang = findLanguage(), id = `what-if-onset-${s}`;
      const names = [say("what_if.as_drawn"), ...table.quarters.map((each) => each[lang])];
      const select = make("select", { id }, ...names.map((name, n) => make("option", { value: n ? n - 1 : "" }, name)));
      select.value = settings.onsets[s] ?? "";
      select.addEventListener("change", () => {
        settings.onsets[s] = select.value === "" ? null : Number(select.value);
        this.update();
      });
      return make("div", { class: "what-if-choice" }, make("label", { for: id }, say("what_if.onset")), select);
    }

    change(settings) {
      Object.assign(this.settings, settings);
      this.update();
    }

    /** No shock happens. */
    calm() {
      this.change({ chances: this.settings.chances.map((each) => each.map(() => 0)) });
      this.label();
    }

    /** Rows of the table, and where their numbers go. */
    makeRows() {
      const { targets } = this.table, lang = findLanguage();
      const cell = () => {
        const parts = { odds: make("b"), change: make("small"), bar: make("i"), mark: make("s") };
        const line = make("div", { class: "what-if-bar", "aria-hidden": "true" }, parts.bar, parts.mark);
        return { parts, element: make("td", {}, parts.odds, " ", parts.change, line) };
      };
      const none = () => ({ parts: null, element: make("td", {}, "\u2013") });
      const row = (name, aim, kind, wide) => {
        const cells = READINGS.map((reading) => (reading === "tolerance" && !wide ? none() : cell()));
        const head = make("th", { scope: "row" }, name, ...(aim ? [make("small", {}, aim), make("small", { class: "what-if-asked" })] : []));
        return { parts: cells.map((each) => each.parts), element: make("tr", { class: kind }, head, ...cells.map((each) => each.element)) };
      };
      const rows = targets.map((each) => row(each[lang], each.aim[lang], "what-if-target", each.about));
      if (targets.length > 1) rows.push(row(say("what_if.all", { number: targets.length }), "", "what-if-joint", true));
      this.cells = rows.map((each) => each.parts);
      this.part("odds").tBodies[0].replaceChildren(...rows.map((each) => each.element));
    }

    /** Compute anew, and show it; how long that took is in `sim.lastUpdate`, milliseconds. */
    update() {
      const start = performance.now();
      this.odds = computeOdds(this.table, this.settings);
      const now = [...this.odds.targets, this.odds.joint], before = [...this.before.targets, this.before.joint];
      this.cells.forEach((row, n) => row.forEach((parts, r) => {
        if (!parts) return;
        const { odds, change, bar, mark } = parts;
        const share = now[n][READINGS[r]], was = before[n][READINGS[r]];
        odds.textContent = sayPercent(share);
        change.textContent = sayChange(100 * (share - was));
        change.className = change.textContent === "0.0" ? "" : share > was ? "what-if-more" : "what-if-less";
        bar.style.width = `${100 * share}%`;
        mark.style.left = `${100 * was}%`;
      }));
      this.part("odds").querySelectorAll(".what-if-asked").forEach((each, n) => {
        const asked = this.settings.values[this.table.targets[n].id];
        each.textContent = asked === undefined ? "" : say("what_if.asked", { number: asked.toFixed(1) });
      });
      if (now.length > 2) this.part("summary").textContent = say("what_if.summary", { number: now.length - 1, odds: sayPercent(this.odds.joint[READINGS[0]]) });
      this.drawFan();
      window.sim.lastUpdate = performance.now() - start;
      window.sim.updates = (window.sim.updates ?? 0) + 1;
    }

    /** Draw the fan of the chosen indicator at the width there is. */
    drawFan() {
      const { table, indicator, settings, beforeFan: before } = this, box = this.part("fan"), lang = findLanguage();
      const fan = computeFan(table, settings, indicator);
      const aims = table.targets.filter((each) => each.indicator === indicator)
        .map((each) => ({ ...each, asked: settings.values[each.id] ?? each.value }));
      this.width = box.clientWidth;
      const area = makeArea(this.width || 640, [...before, ...fan], [table.indicators[indicator].before, ...aims.map((each) => each.asked)]);
      const { x, y } = area, name = table.indicators[indicator][lang];
      const edge = (levels, q) => levels.map((level, n) => `${x(n + 1)},${y(level[q])}`);
      const median = table.levels.indexOf(0.5), find = (share) => table.levels.indexOf(share / 100);
      const bands = table.shares.map((share) => [find(50 - share / 2), find(50 + share / 2), share]);
      const parts = bands.map(([low, high, share]) => make("path", {
        class: `what-if-band-${share}`, d: `M${[...edge(fan, low), ...edge(fan, high).reverse()].join("L")}Z`,
      }));
      for (const each of aims) {
        const [top, end] = [y(each.asked), y(findBound(each, "tolerance", settings))];
        parts.push(
          make("rect", { class: "what-if-room", x: x(0), width: x(fan.length) - x(0), y: Math.min(top, end), height: Math.abs(end - top) }),
          make("line", { class: "what-if-aim", x1: x(0), x2: x(fan.length), y1: top, y2: top }));
      }
      parts.push(
        make("path", { class: "what-if-was", d: `M${edge(before, median).join("L")}` }),
        make("path", { class: "what-if-median", d: `M${edge(fan, median).join("L")}` }),
        ...fan.map((level, n) => make("circle", { class: "what-if-dot", cx: x(n + 1), cy: y(level[median]), r: 4 })),
        make("circle", { class: "what-if-past", cx: x(0), cy: y(table.indicators[indicator].before), r: 4.5 }));
      const last = fan.at(-1), [middle, low, high] = [median, find(25), find(75)].map((q) => last[q].toFixed(1));
      const marks = [[last[median], sayLine("fan.median", middle), "what-if-name-median"]];
      for (const each of aims) marks.push([each.asked, sayLine("fan.target", Number(each.asked.toFixed(2))), "what-if-name-aim"]);
      const title = say("fan.described", { name, year: table.year, median: middle, low, high });
      box.replaceChildren(make("svg", { viewBox: `0 0 ${area.width} ${area.height}`, role: "img", "aria-label": title },
        ...makeAxes(area, table, lang), ...parts, ...placeLabels(marks, area)));
    }
  }

  /** Where figures and periods stand in a drawing; the axis holds both fans, so that it stays while a slider moves. */
  function makeArea(width, fans, others) {
    const height = Math.min(360, Math.max(250, 0.5 * width)), [left, right, top, bottom] = [34, 92, 10, 28];
    const figures = [...fans.flat(), ...others], span = Math.max(...figures) - Math.min(...figures);
    const step = [0.5, 1, 2, 5, 10, 20, 50].find((each) => span / each <= 8) ?? 100;
    const low = Math.floor(Math.min(...figures) / step) * step, high = Math.ceil(Math.max(...figures) / step) * step;
    const apart = (width - left - right) / (fans.length / 2);
    return {
      width, height, low, high, step, left, right,
      x: (n) => left + 12 + n * (apart - 12 / (fans.length / 2)),
      y: (figure) => top + ((high - figure) / (high - low)) * (height - top - bottom),
    };
  }

  function makeAxes({ width, height, low, high, step, left, right, x, y }, table, lang) {
    const parts = [];
    for (let figure = low; figure <= high + step / 2; figure += step) {
      parts.push(
        make("line", { class: figure === 0 ? "what-if-zero" : "what-if-grid", x1: left, x2: width - right, y1: y(figure), y2: y(figure) }),
        make("text", { x: left - 6, y: y(figure) + 4, "text-anchor": "end" }, String(figure).replace("-", "\u2212")));
    }
    [table.before, ...table.periods.map((each) => each[lang])].forEach((name, n) => {
      parts.push(make("text", { x: x(n), y: height - 8, "text-anchor": "middle" }, name));
    });
    return parts;
  }

  /** Labels right of the last period, pushed apart where they would overlap. */
  function placeLabels(marks, { width, right, y }) {
    const placed = marks.map(([figure, text, kind]) => ({ at: y(figure), text, kind })).sort((one, other) => one.at - other.at);
    for (let n = 1; n < placed.length; n++) {
      const overlap = 16 - (placed[n].at - placed[n - 1].at);
      if (overlap > 0) {
        placed[n - 1].at -= overlap / 2;
        placed[n].at += overlap / 2;
      }
    }
    return placed.map(({ at, text, kind }) => make("text", { class: kind, x: width - right + 10, y: at + 4 }, text));
  }

  const source = document.getElementById("what-if-table"), root = document.querySelector(".what-if-root");
  if (source && root) new Page(JSON.parse(source.textContent), root);
});
