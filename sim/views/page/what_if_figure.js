"use strict";
// What-if, computing: odds and fans if a figure is published, from the pairs and points that figure_table.py describes.
(() => {
  const { addUp, below, findPublished, findQuantiles, listCases, listValues, open, solve, unpack, weighPoints } = window.sim;
  const STEP = 0.4, NODES = 9, FINE = 0.1, LEVELS = 21, LEVEL = 0.5; // of the grids of a figure, its density and the other
  const FAN_POINTS = 64, COARSE = 8, LEAST = 1e-7; // points of a fan, and values made one there; the weight below which a point is passed over

  /** A figure of the table, its numbers unpacked once. */
  function openFigure(table, number) {
    const { figures, own } = open(table);
    if (!figures.has(number)) {
      const given = table.figures[number], read = (packed) => unpack(table.digits, packed);
      const { mean, sd } = table.indicators[given.indicator], last = table.periods.length - 1;
      const inverse = own.map((each, i) => (i === given.indicator ? read(given.left).map((x) => 1 / (Math.exp(x) * sd[last])) : each));
      figures.set(number, {
        indicator: given.indicator, period: given.period, mean: mean[given.period], sd: sd[given.period],
        density: read(given.density), narrow: new Map(inverse.entries()),
        laws: Object.fromEntries(Object.entries(given.laws).map(([name, packed]) => [name, read(packed)])),
        drawn: read(given.drawn), expected: read(given.expected), wide: read(given.wide).map(Math.exp),
        slopes: given.slopes.map((packed, i) => read(packed).map((x) => x * table.indicators[i].sd[last])),
        year: read(given.year).map((x) => x * sd[last]),
      });
    }
    return figures.get(number);
  }

  /** Weights of the four nodes of a cubic around a place between `node` and the next, after Lagrange. */
  function weighNodes(t, weights, start) {
    weights[start] = (-t * (t - 1) * (t - 2)) / 6;
    weights[start + 1] = ((t + 1) * (t - 1) * (t - 2)) / 2;
    weights[start + 2] = (-(t + 1) * t * (t - 2)) / 2;
    weights[start + 3] = ((t + 1) * t * (t - 1)) / 6;
  }

  /** Log of how likely a figure is so many standard deviations from its mean, `at` being their inverse hyperbolic sine. */
  function readDensity(density, at) {
    const last = density.length - 1, place = Math.min(at / FINE, last - 1e-9), n = Math.floor(place), t = place - n;
    const a = density[n ? n - 1 : 1], b = density[n], c = density[n + 1], d = n + 2 > last ? c : density[n + 2];
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }

  /**
   * A case in parts. If one shock alone happens, its onsets are told apart: from the first one all points count; what
   * begins after the figure does nothing to it, so that what it does to others need not be paired with it.
   */
  function cutCase(table, figure, each, most) {
    const [only] = each.struck, points = only ? Math.min(each.struck.length > 1 ? each.points : open(table).count, most) : 1;
    if (each.struck.length !== 1) return [{ cut: { ...each, points }, shares: weighPoints(table, { ...each, points }, false) }];
    const { weights } = table.shocks[only.shock];
    return weights.flatMap((share, quarter) => {
      const weight = each.weight * (only.onset === null ? share : Number(quarter === only.onset));
      if (weight === 0) return [];
      const begun = { ...only, onset: quarter }, later = quarter > figure.period;
      const cut = later ? { ...each, struck: [], points: 1 } : { ...each, struck: [begun], points, start: 0 };
      return [{ cut, later: later ? begun : null, shares: new Float64Array(cut.points).fill(weight / cut.points) }];
    });
  }

  /** Where a figure lies without what shocks add, at each point of the cases: its weight, its place among the nodes. */
  function placeFigure(table, settings, cases, most = Infinity) {
    const { number, value } = settings.figure, figure = openFigure(table, number), sums = new Float64Array(open(table).count);
    const parts = cases.flatMap((each) => cutCase(table, figure, each, most)).map(({ cut, later, shares }) => {
      const { points } = cut, added = addUp(table, cut, figure.period, figure.indicator, sums);
      const part = { cut, later, weight: shares, off: new Float64Array(points), node: new Uint8Array(points), lean: new Float64Array(4 * points) };
      for (let k = 0; k < points; k++) {
        const off = (value - figure.mean - added[k]) / figure.sd, at = Math.asinh(Math.abs(off)), place = Math.min(at / STEP, NODES - 1);
        part.off[k] = off;
        part.weight[k] *= Math.exp(readDensity(figure.density, at));
        part.node[k] = Math.min(Math.max(Math.floor(place), 1), NODES - 3);
        weighNodes(place - part.node[k], part.lean, 4 * k);
      }
      return part;
    });
    const total = parts.reduce((sum, { weight }) => weight.reduce((one, other) => one + other, sum), 0);
    parts.forEach(({ weight }) => weight.forEach((each, k) => { weight[k] = each / total; }));
    return { figure, parts, coarse: Number.isFinite(most) };
  }

  /** Values and how likely each is, so many neighbours made one. */
  function gatherValues(values, count) {
    const likely = values.filter(([, share]) => share), gathered = [];
    for (let n = 0; n < likely.length; n += count) {
      const some = likely.slice(n, n + count), whole = some.reduce((sum, [, share]) => sum + share, 0);
      gathered.push([some.reduce((sum, [value, share]) => sum + value * share, 0) / whole, whole]);
    }
    return gathered;
  }

  /** The mixture that another figure's law is, given the one supposed: a part for each point of each case. */
  function mixOther(table, { figure, parts, coarse }, period, indicator) {
    const { mean, sd } = table.indicators[indicator], unit = sd[period], sums = new Float64Array(open(table).count);
    const first = (indicator * table.periods.length + period) * NODES, { laws } = figure, mixture = [];
    for (const { cut, later, weight, off, node, lean } of parts) {
      addUp(table, cut, period, indicator, sums);
      for (let k = 0; k < weight.length; k++) {
        if (weight[k] < LEAST) continue;
        let centre = 0, spread = 0;
        for (let n = 0; n < 4; n++) {
          const at = first + node[k] - 1 + n;
          centre += lean[4 * k + n] * laws.mean[at];
          spread += lean[4 * k + n] * laws.spread[at];
        }
        const law = {
          weight: weight[k], side: off[k] < 0 ? -1 : 1, centre: mean[period] + sums[k] + centre * off[k] * unit,
          spread: spread * unit, start: (first + node[k] - 1) * LEVELS, lean: lean.subarray(4 * k, 4 * k + 4),
        };
        if (!later) mixture.push(law);
        else for (const [value, share] of gatherValues(listValues(table, later, period, indicator), coarse ? COARSE : 1)) {
          mixture.push({ ...law, weight: law.weight * share, centre: law.centre + value });
        }
      }
    }
    return mixture;
  }

  /** How likely a mixture stays below a value. */
  function sumBelow({ laws: { shape } }, mixture, value) {
    const cubic = new Float64Array(4);
    let total = 0;
    for (const { weight, side, centre, spread, start, lean } of mixture) {
      const z = (side * (value - centre)) / spread, place = Math.min(Math.max(z / LEVEL + (LEVELS - 1) / 2, 0), LEVELS - 1);
      const level = Math.min(Math.max(Math.floor(place), 1), LEVELS - 3);
      weighNodes(place - level, cubic, 0);
      let score = z;
      for (let n = 0; n < 4; n++) {
        const at = start + n * LEVELS + level - 1;
        score += lean[n] * (cubic[0] * shape[at] + cubic[1] * shape[at + 1] + cubic[2] * shape[at + 2] + cubic[3] * shape[at + 3]);
      }
      total += weight * below(side * score);
    }
    return total;
  }

  /** Laws of the year if a figure is published: as `takeAsDrawn` gives them where none is. */
  function supposeFigure(table, settings, cases) {
    const placed = placeFigure(table, settings, cases), { figure } = placed, { common, last } = open(table), mixtures = new Map();
    const sums = new Float64Array(open(table).count), away = new Map(); // by case: what is between the figure supposed and the one drawn
    return {
      narrow: figure.narrow,
      weigh(each, shares) {
        const { set, points, start } = each, added = addUp(table, each, figure.period, figure.indicator, sums), gap = new Float64Array(2 * points), likely = new Float64Array(2 * points);
        for (let k = 0; k < points; k++) {
          const off = (settings.figure.value - figure.mean - added[k]) / figure.sd, n = start + k;
          const z = (off - figure.expected[n]) / figure.wide[n], opposite = (off + figure.expected[n]) / figure.wide[n];
          likely[k] = (shares[k] * Math.exp(-0.5 * z * z)) / figure.wide[n];
          likely[points + k] = (shares[k] * Math.exp(-0.5 * opposite * opposite)) / figure.wide[n];
          gap[k] = off - figure.drawn[n];
          gap[points + k] = off + figure.drawn[n];
        }
        away.set(set, gap);
        return likely;
      },
      place({ set, points, start }, indicator, sums) {
        const gap = away.get(set), slope = figure.slopes[indicator], mean = table.indicators[indicator].mean[last];
        const shared = indicator === figure.indicator ? figure.year : common[indicator];
        const centres = new Float64Array(2 * points);
        for (let k = 0; k < points; k++) {
          const n = start + k;
          centres[k] = mean + sums[k] + shared[n] + slope[n] * gap[k];
          centres[points + k] = mean + sums[k] - shared[n] + slope[n] * gap[points + k];
        }
        return centres;
      },
      below(indicator, value) {
        if (!mixtures.has(indicator)) mixtures.set(indicator, mixOther(table, placed, last, indicator));
        return sumBelow(figure, mixtures.get(indicator), value);
      },
    };
  }

  /** Quantiles of an indicator's growth by period and level, if a figure is published. */
  function findSupposedFan(table, settings, indicator) {
    const placed = placeFigure(table, settings, listCases(table, settings), FAN_POINTS);
    return table.periods.map((_, period) => {
      const mixture = mixOther(table, placed, period, indicator);
      let low = Infinity, high = -Infinity;
      for (const { centre, spread } of mixture) {
        low = Math.min(low, centre - 7 * spread);
        high = Math.max(high, centre + 7 * spread);
      }
      return table.levels.map((level) => {
        low = solve((value) => sumBelow(placed.figure, mixture, value) - level, low, high);
        return low;
      });
    });
  }

  /** Between which values a figure is plausible, by its printed step: 98 % of what a scenario leaves it, as it stands. */
  function findPlausible(table, scenario, number) {
    const { indicator, period, step } = table.figures[number], settings = findPublished(table, scenario);
    const [low, high] = findQuantiles(table, settings, period, indicator, [0.01, 0.99]);
    return [Math.floor(low / step) * step, Math.ceil(high / step) * step, step].map((each) => Number(each.toFixed(1)));
  }

  Object.assign(window.sim, { findPlausible, findSupposedFan, supposeFigure });
})();
