"use strict";
// What-if, computing: odds and fans under changed shocks, pure functions of the table that what_if.py makes.
(() => {
  const READINGS = ["printed", "stated", "tolerance"];
  const GRID = 16, MOST_CELLS = 800; // cells a standard deviation, and in all, of what shocks add to growth
  const WHOLE = 2; // with more shocks than this, a set of them is given fewer points
  const opened = new WeakMap();

  /** Standard normal cdf; off by less than 1e-7 (Abramowitz and Stegun, 1964, 7.1.26). */
  function below(x) {
    const z = Math.abs(x) * Math.SQRT1_2, t = 1 / (1 + 0.3275911 * z);
    const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    const tail = 0.5 * series * Math.exp(-z * z);
    return x < 0 ? tail : 1 - tail;
  }

  /** A tabulated cdf, symmetric around zero, by cubics through its cells. */
  function read(cdf, cells, x) {
    const at = Math.abs(x) * cells, last = cdf.length - 1, n = Math.floor(at);
    let value = cdf[last];
    if (n < last) {
      const t = at - n, a = n ? cdf[n - 1] : 1 - cdf[1], b = cdf[n], c = cdf[n + 1], d = n + 2 > last ? c : cdf[n + 2];
      value = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    }
    return x < 0 ? 1 - value : value;
  }

  /** A whole number written in digits to the base of 64. */
  function readWhole(digits, text, start, count) {
    let number = 0;
    for (let n = start; n < start + count; n++) number = number * 64 + digits.indexOf(text[n]);
    return number;
  }

  /** Odds written likewise. */
  const decode = (digits, text, start, count) => readWhole(digits, text, start, count) / (64 ** count - 1);

  /** Numbers packed into text. */
  function unpack(digits, packed) {
    if (packed === null) return null;
    const { low, step, text, digits: count } = packed, values = new Float64Array(text.length / count);
    values.forEach((_, n) => { values[n] = low + step * readWhole(digits, text, n * count, count); });
    return values;
  }

  /** Of figures that are known: the sets of shocks, each with its weight given them and what the table has of it. */
  function listGiven(table, settings) {
    const { step, nodes } = table.given, { shocks, cases } = findScenario(table, settings);
    const kept = cases.map((columns, set) => {
      let weight = 1;
      const name = [];
      shocks.forEach(({ shock }, s) => {
        const happens = (set >> s) & 1, chance = settings.chances[s][columns[s]], level = Math.round(settings.factors[s] / step);
        weight *= happens ? chance : 1 - chance;
        if (happens && level) name.push([shock, level]);
      });
      const node = nodes[name.sort(([a], [b]) => a - b).map((each) => each.join(":")).join(",")];
      return { weight: weight * node[0], node };
    }).filter(({ weight }) => weight > 0);
    const total = kept.reduce((sum, { weight }) => sum + weight, 0);
    return kept.map(({ weight, node }) => ({ weight: weight / total, node }));
  }

  /** Odds given figures: of each set of shocks as the table has them, averaged. */
  function integrateGiven(table, settings) {
    const { digits, tolerances } = table.given, sets = listGiven(table, settings);
    const average = (start, count) => sets.reduce((sum, { weight, node }) => sum + weight * decode(digits, node[1], start, count), 0);
    const moved = settings.tolerance === null ? -1 : tolerances.findIndex((each) => Math.abs(each - settings.tolerance) < 1e-6);
    const pick = (reading, r, about) => (reading === "tolerance" && about && moved >= 0 ? READINGS.length + moved : r);
    let start = 0;
    const targets = table.targets.map((target) => {
      const odds = READINGS.map((reading, r) => [reading, average(start + 2 * pick(reading, r, target.about), 2)]);
      start += 2 * (READINGS.length + (target.about ? tolerances.length : 0));
      return { id: target.id, ...Object.fromEntries(odds) };
    });
    const joint = READINGS.map((reading, r) => [reading, average(start + 3 * pick(reading, r, true), 3)]);
    return { targets, joint: Object.fromEntries(joint) };
  }

  /** Quantiles of what normal laws of all sets of shocks make together; nothing moves where the figure is known. */
  function findGivenFan(table, settings, indicator) {
    const sets = listGiven(table, settings);
    return table.periods.map((_, period) => {
      const parts = sets.map(({ weight, node }) => ({ weight, law: node[2][indicator][period] })).filter(({ law }) => law);
      if (parts.length === 0) return table.levels.map(() => 0);
      const find = (value) => parts.reduce((sum, { weight, law: [mean, sd] }) => sum + weight * below((value - mean) / sd), 0);
      const whole = parts.reduce((sum, { weight }) => sum + weight, 0);
      return table.levels.map((level) => {
        let low = Math.min(...parts.map(({ law: [mean, sd] }) => mean - 9 * sd));
        let high = Math.max(...parts.map(({ law: [mean, sd] }) => mean + 9 * sd));
        while (high - low > 0.002) {
          const middle = (low + high) / 2;
          if (find(middle) < level * whole) low = middle;
          else high = middle;
        }
        return (low + high) / 2;
      });
    });
  }

  /** The arrays of a table, made once. */
  function open(table) {
    if (!opened.has(table)) {
      const last = table.periods.length - 1;
      if (table.given) {
        opened.set(table, { rest: new Map(), joined: new Map() });
        return opened.get(table);
      }
      const scale = (rows) => rows.map((row, i) => unpack(table.digits, row).map((x) => x * table.indicators[i].sd[last]));
      const own = scale(table.points.own);
      opened.set(table, {
        last,
        count: own[0].length,
        common: scale(table.points.common),
        shares: unpack(table.digits, table.points.shares),
        own: own.map((row) => row.map((sd) => 1 / Math.max(sd, 1e-9))),
        shocks: table.shocks.map(({ sizes, loads, onsets, shares, spread, spreads }) => ({
          shares: unpack(table.digits, shares),
          spread: [...unpack(table.digits, spread)], spreads: spreads.map((each) => each && [...unpack(table.digits, each)]),
          sizes: unpack(table.digits, sizes), loads: loads.map((each) => unpack(table.digits, each)),
          onsets: Uint8Array.from(onsets, (digit) => table.digits.indexOf(digit)),
        })),
        figures: new Map(),
        cdf: table.indicators.map((each) => each.below.map((row) => unpack(table.digits, row))),
        effects: new Map(),
        rest: new Map(),
        joined: new Map(),
      });
    }
    return opened.get(table);
  }

  /** What a shock adds to an indicator's growth at each point, and the least and most of it; null: it begins as drawn. */
  function findEffect(table, shock, onset, period, indicator) {
    const { effects } = open(table), key = `${shock}/${onset}/${period}/${indicator}`;
    if (!effects.has(key)) {
      const { sizes, loads, onsets } = open(table).shocks[shock], { added } = table.shocks[shock], load = loads[indicator];
      const values = sizes.map((size, k) => size * added[onset ?? onsets[k]][period][indicator] * (load ? load[k] : 1));
      effects.set(key, { values, low: Math.min(...values), high: Math.max(...values) });
    }
    return effects.get(key);
  }

  /** The sets of shocks that may happen: the odds of each, the points it is averaged over, its shocks' factors. */
  function listCases(table, settings) {
    const { shocks, cases } = findScenario(table, settings), { count } = open(table);
    const some = Math.max(8, count >> Math.max(0, shocks.length - WHOLE));
    const happened = shocks.map((each, s) => ({ shock: each.shock, factor: settings.factors[s], onset: settings.onsets[s] }));
    return cases.map((columns, set) => { // bit s of its number: whether shock s happens; columns: which chance it has
      const odds = settings.chances.map((chances, s) => ((set >> s) & 1 ? chances[columns[s]] : 1 - chances[columns[s]]));
      const struck = happened.filter((_, s) => (set >> s) & 1);
      const points = set ? some : count; // without shocks all, whose weights are made for that
      return { set, weight: odds.reduce((product, one) => product * one, 1), struck, points, start: (set * points) % count };
    }).filter(({ weight }) => weight > 0);
  }

  /** The weights of a case's points, which make up its odds: those of its shocks, and of the year without them if whole. */
  function weighPoints(table, { weight, struck, start, points }, whole) {
    const { shares, shocks } = open(table), weights = new Float64Array(points).fill(1);
    if (whole) for (let k = 0; k < points; k++) weights[k] = shares[start + k];
    for (const { shock } of struck) for (let k = 0; k < points; k++) weights[k] *= shocks[shock].shares[start + k];
    const total = weights.reduce((sum, each) => sum + each, 0) / weight;
    return weights.map((each) => each / total);
  }

  /** What the shocks of a case add to an indicator at its points; the array is used again by the next call. */
  function addUp(table, { struck, start, points }, period, indicator, sums) {
    sums.fill(0, 0, points);
    for (const { shock, factor, onset } of struck) {
      const { values, low, high } = findEffect(table, shock, onset, period, indicator);
      if (low || high) for (let k = 0; k < points; k++) sums[k] += factor * values[start + k];
    }
    return sums;
  }

  /** What one shock adds to an indicator's growth: values and how likely each is, by onset and size. */
  function listValues(table, { shock, factor, onset }, period, indicator) {
    const { spread, spreads } = open(table).shocks[shock], { weights, added } = table.shocks[shock], parts = spreads[indicator] ?? spread;
    return (onset === null ? weights : weights.map((_, quarter) => Number(quarter === onset))).flatMap((weight, quarter) => {
      const one = factor * added[quarter][period][indicator];
      return weight && one ? parts.map((size) => [one * size, weight / parts.length]) : [[0, weight]];
    });
  }

  /** Values on an even grid that has zero on it; each is split between two cells. */
  function lay(values, step) {
    const places = values.map(([value]) => value / step), first = Math.floor(Math.min(0, ...places));
    const weights = new Float64Array(Math.ceil(Math.max(0, ...places)) - first + 2);
    values.forEach(([, weight], n) => {
      const at = places[n] - first, cell = Math.floor(at), part = weight * (at - cell);
      weights[cell] += weight - part;
      weights[cell + 1] += part;
    });
    return { first, weights };
  }

  /** The distribution of a sum. */
  function fold(one, other) {
    const weights = new Float64Array(one.weights.length + other.weights.length - 1);
    one.weights.forEach((x, n) => { if (x) for (let m = 0; m < other.weights.length; m++) weights[n + m] += x * other.weights[m]; });
    return { first: one.first + other.first, weights };
  }

  /** The distribution of what all shocks add, over the sets of them that may happen. */
  function spreadShocks(table, settings, cases, period, indicator) {
    const { shocks } = findScenario(table, settings);
    const values = shocks.map(({ shock }, s) => listValues(table, { shock, factor: settings.factors[s], onset: settings.onsets[s] }, period, indicator));
    const width = values.reduce((sum, each) => sum + Math.max(0, ...each.map(([x]) => x)) - Math.min(0, ...each.map(([x]) => x)), 0);
    const step = Math.max(table.indicators[indicator].sd[period] / GRID, width / MOST_CELLS);
    const each = values.map((one) => (one.some(([x]) => x) ? lay(one, step) : null)); // none: it adds nothing
    const folded = new Map([[0, { first: 0, weights: Float64Array.of(1) }]]);
    const find = (set) => {
      if (!folded.has(set)) {
        const rest = set & (set - 1), added = each[31 - Math.clz32(set ^ rest)];
        folded.set(set, added ? fold(find(rest), added) : find(rest));
      }
      return folded.get(set);
    };
    const found = cases.map(({ set, weight }) => ({ chance: weight, ...find(set) }));
    const first = Math.min(...found.map((one) => one.first)), last = Math.max(...found.map((one) => one.first + one.weights.length));
    const weights = new Float64Array(last - first);
    found.forEach((one) => one.weights.forEach((x, n) => { weights[one.first - first + n] += one.chance * x; }));
    return { low: first * step, step, weights };
  }

  /** Probability that an indicator's cumulative growth stays below a value. */
  function findBelow(table, shift, period, indicator, value) {
    const { mean, sd } = table.indicators[indicator], cdf = open(table).cdf[indicator][period];
    let total = 0;
    for (let n = 0; n < shift.weights.length; n++) {
      if (shift.weights[n] === 0) continue;
      const z = (value - mean[period] - shift.low - n * shift.step) / sd[period];
      total += shift.weights[n] * read(cdf, table.cells, z);
    }
    return total;
  }

  /** The figure that a target asks for at least (or at most) in a reading; the table's, unless its number or the tolerance moved. */
  function findBound(target, reading, { tolerance, values }) {
    const moved = reading === "tolerance" && target.about && tolerance !== null;
    const raised = (values[target.id] ?? target.value) - target.value;
    return raised + (moved ? target.bounds.printed - target.sign * tolerance : target.bounds[reading]);
  }

  /** Between which figures each indicator meets all its targets. */
  function boundIndicators(table, reading, settings) {
    const bounds = new Map();
    for (const target of table.targets) {
      const [low, high] = bounds.get(target.indicator) ?? [-Infinity, Infinity];
      const bound = findBound(target, reading, settings);
      const end = bound + target.sign * (target.widths?.[reading] ?? Infinity);
      bounds.set(target.indicator, [Math.max(low, Math.min(bound, end)), Math.min(high, Math.max(bound, end))]);
    }
    return bounds;
  }

  /** A scenario with the shocks of others beside its own; of one that several have, the last one's, as "+" joins files. */
  function findScenario(table, { scenario, added }) {
    if (!added.length) return table.scenarios[scenario];
    const { joined } = open(table), key = [scenario, ...added].join("+");
    if (!joined.has(key)) {
      const named = new Map();
      for (const each of [scenario, ...added]) {
        const { shocks } = table.scenarios[each];
        for (const shock of shocks) named.set(shock.name, { ...shock, on: shock.on === null ? null : shocks[shock.on].name });
      }
      const names = [...named.keys()];
      const shocks = [...named.values()].map((shock) => ({ ...shock, on: shock.on === null ? null : names.indexOf(shock.on) }));
      const cases = Array.from({ length: 1 << shocks.length }, (_, set) =>
        shocks.map(({ on }) => (on === null || (set >> on) & 1 ? 0 : 1)));
      joined.set(key, { shocks, cases });
    }
    return joined.get(key);
  }

  /** The settings that leave a scenario as it is, or join the shocks of others to it. */
  function findPublished(table, scenario, added = []) {
    const { shocks } = findScenario(table, { scenario, added });
    return {
      scenario, added, chances: shocks.map((each) => [...each.chances]), factors: shocks.map(() => 1),
      onsets: shocks.map(() => null), tolerance: null, values: {}, figure: null,
    };
  }

  /** What the table makes of a scenario as it stands, computed once. */
  function rest(table, scenario, key, compute) {
    const kept = open(table).rest, name = `${scenario}/${key}`;
    if (!kept.has(name)) kept.set(name, compute(table, findPublished(table, scenario)));
    return kept.get(name);
  }

  /** Odds as the run has found them, and the change since. */
  function move(found, now, before) {
    return Object.fromEntries(READINGS.map((reading) =>
      [reading, found ? Math.min(1, Math.max(0, found[reading] + now[reading] - before[reading])) : now[reading]]));
  }

  /**
   * Odds of the headline targets, each and all together: what the run has found for the scenario, and the change since.
   * Settings: the scenario's number, and those whose shocks are `added`; of each shock `chances` (one, or with and without
   * the shock it depends on), a factor on its size and the quarter in which it begins, or null; the tolerance of "about",
   * or null for that of each target; the numbers that targets ask for, where they are others than the plan's; the `figure`
   * that is supposed, its number in the table and its value, or null.
   */
  function computeOdds(table, settings) {
    const now = integrate(table, settings), before = rest(table, settings.scenario, "odds", integrate);
    const { targets, joint } = table.scenarios[settings.scenario].published;
    return {
      targets: now.targets.map((each, n) => ({ id: each.id, ...move(targets[n], each, before.targets[n]) })),
      joint: move(joint, now.joint, before.joint),
    };
  }

  function integrate(table, settings) {
    if (table.given) return integrateGiven(table, settings);
    const cases = listCases(table, settings), suppose = settings.figure ? window.sim.supposeFigure : takeAsDrawn;
    const laws = suppose(table, settings, cases), known = new Map();
    const findUnder = (indicator, value) => {
      if (!Number.isFinite(value)) return Number(value > 0);
      const key = `${indicator}/${value}`;
      if (!known.has(key)) known.set(key, laws.below(indicator, value));
      return known.get(key);
    };
    const targets = table.targets.map((target) => {
      const { id, indicator, sign } = target;
      const odds = READINGS.map((reading) => {
        const bound = findBound(target, reading, settings), end = bound + sign * (target.widths?.[reading] ?? Infinity);
        return [reading, sign * (findUnder(indicator, end) - findUnder(indicator, bound))];
      });
      return { id, ...Object.fromEntries(odds) };
    });
    return { targets, joint: window.sim.findJoint(table, settings, cases, { ...laws, below: findUnder }) };
  }

  /** Laws of the year with no figure supposed: how likely one stays below a value, and where it is centred at points. */
  function takeAsDrawn(table, settings, cases) {
    const { common, last } = open(table), shifts = new Map();
    return {
      weigh(_, shares) {
        const both = new Float64Array(2 * shares.length);
        both.set(shares);
        both.set(shares, shares.length);
        return both;
      },
      place({ points, start }, indicator, sums) {
        const mean = table.indicators[indicator].mean[last], shared = common[indicator];
        const centres = new Float64Array(2 * points);
        for (let k = 0; k < points; k++) {
          centres[k] = mean + sums[k] + shared[start + k];
          centres[points + k] = mean + sums[k] - shared[start + k];
        }
        return centres;
      },
      below(indicator, value) {
        if (!shifts.has(indicator)) shifts.set(indicator, spreadShocks(table, settings, cases, last, indicator));
        return findBelow(table, shifts.get(indicator), last, indicator, value);
      },
    };
  }

  /** Quantiles of an indicator's cumulative growth, by period and level. */
  function computeFan(table, settings, indicator) {
    const now = findFan(table, settings, indicator);
    const before = rest(table, settings.scenario, `fan/${indicator}`, (...given) => findFan(...given, indicator));
    const found = table.scenarios[settings.scenario].published.fans[indicator];
    return found.map((levels, period) => {
      let least = -Infinity;
      return levels.map((value, n) => (least = Math.max(least, value + now[period][n] - before[period][n])));
    });
  }

  function findFan(table, settings, indicator) {
    if (table.given) return findGivenFan(table, settings, indicator);
    if (settings.figure) return window.sim.findSupposedFan(table, settings, indicator);
    return table.periods.map((_, period) => findQuantiles(table, settings, period, indicator, table.levels));
  }

  /** Quantiles of one figure with no other one supposed, at rising levels. */
  function findQuantiles(table, settings, period, indicator, levels) {
    const shift = spreadShocks(table, settings, listCases(table, settings), period, indicator), { mean, sd } = table.indicators[indicator];
    let low = mean[period] + shift.low - 9 * sd[period];
    const high = mean[period] + shift.low + shift.step * shift.weights.length + 9 * sd[period];
    return levels.map((level) => (low = solve((value) => findBelow(table, shift, period, indicator, value) - level, low, high)));
  }

  /** Where a rising function is zero, by the rule of false position; the value at an end that stays is halved (Illinois). */
  function solve(find, low, high) {
    let [under, over, side] = [find(low), find(high), 0];
    if (under >= 0) return low;
    for (let n = 1; n < 60 && high - low > 0.0005; n++) {
      const middle = n % 4 ? (low * over - high * under) / (over - under) : (low + high) / 2, value = find(middle);
      if (Math.abs(value) < 2e-5) return middle;
      if (value < 0) {
        [low, under] = [middle, value];
        if (side < 0) over /= 2;
        side = -1;
      } else {
        [high, over] = [middle, value];
        if (side > 0) under /= 2;
        side = 1;
      }
    }
    return (low + high) / 2;
  }

  window.sim = Object.assign(window.sim ?? {}, {
    READINGS, addUp, below, boundIndicators, computeOdds, computeFan, findBound, findPublished, findQuantiles, findScenario, listCases,
    listValues, open, solve, unpack, weighPoints,
  });
})();
