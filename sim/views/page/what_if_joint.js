"use strict";
// What-if, computing: odds that all targets are met, the mean over points that speak for the year.
(() => {
  const { READINGS, addUp, below, boundIndicators, open, weighPoints } = window.sim;

  /**
   * Odds that all targets are met, by reading: the mean over points, and those opposite, of a product of normal cdfs. What
   * they are off by in the odds of each indicator alone, which `laws` know better, is taken out by regression.
   */
  function findJoint(table, settings, cases, laws) {
    const { count, own, last } = open(table), sums = new Float64Array(count), products = new Float64Array(2 * count);
    const bounds = READINGS.map((reading) => [...boundIndicators(table, reading, settings)]);
    const series = bounds[0].map(([indicator]) => indicator), size = series.length;
    const found = READINGS.map(() => ({ mass: 0, hits: 0, sums: new Float64Array(size), squares: new Float64Array(size * size), cross: new Float64Array(size) }));
    for (const each of cases) {
      const shares = weighPoints(table, each, true), likely = laws.weigh(each, shares);
      const met = series.map((indicator, i) => {
        const centres = laws.place(each, indicator, addUp(table, each, last, indicator, sums)), known = new Map();
        return bounds.map((asked) => {
          const key = asked[i][1].join();
          if (!known.has(key)) known.set(key, judgePoints(centres, (laws.narrow?.get(indicator) ?? own[indicator]).subarray(each.start), asked[i][1]));
          return known.get(key);
        });
      });
      found.forEach((total, r) => gather(total, met.map((rows) => rows[r]), likely, products, r === 0));
    }
    const slopes = regress(found[0]); // those of the first reading are as good as each one's own
    return Object.fromEntries(READINGS.map((reading, r) => {
      const alone = bounds[r].map(([indicator, [low, high]]) => laws.below(indicator, high) - laws.below(indicator, low));
      const { mass, hits, sums } = found[r];
      return [reading, alone.reduce((sum, share, i) => sum + slopes[i] * (share - sums[i] / mass), hits / mass)];
    }));
  }

  /** How likely figures are to end up between two bounds, at points and those opposite. */
  function judgePoints(centres, narrow, [low, high]) {
    const met = new Float64Array(centres.length), points = centres.length / 2;
    for (let k = 0; k < centres.length; k++) {
      const scale = narrow[k < points ? k : k - points], under = low === -Infinity ? 0 : below((low - centres[k]) * scale);
      met[k] = high === Infinity ? 1 - under : Math.max(below((high - centres[k]) * scale) - under, 0);
    }
    return met;
  }

  /** Add to weighted sums of products and of their factors, and, if whole, of what these make with one another. */
  function gather(total, met, weights, products, whole) {
    const size = met.length, { sums, squares, cross } = total;
    for (let k = 0; k < weights.length; k++) {
      let product = 1;
      for (let i = 0; i < size; i++) product *= met[i][k];
      products[k] = product;
      total.mass += weights[k];
      total.hits += weights[k] * product;
    }
    for (let i = 0; i < size; i++) {
      const one = met[i];
      let sum = 0, crossed = 0;
      for (let k = 0; k < weights.length; k++) {
        const part = weights[k] * one[k];
        sum += part;
        crossed += part * products[k];
      }
      sums[i] += sum;
      cross[i] += crossed;
      for (let j = 0; whole && j <= i; j++) {
        const other = met[j];
        let square = 0;
        for (let k = 0; k < weights.length; k++) square += weights[k] * one[k] * other[k];
        squares[i * size + j] += square;
      }
    }
  }

  /** Slopes of products on their factors. */
  function regress({ mass, hits, sums, squares, cross }) {
    const size = sums.length, mean = sums.map((sum) => sum / mass), joint = hits / mass, root = new Float64Array(size * size);
    const slopes = cross.map((sum, i) => sum / mass - mean[i] * joint);
    for (let i = 0; i < size; i++) { // by Cholesky's factor of the covariance; what does not vary is left alone
      for (let j = 0; j <= i; j++) {
        let left = squares[i * size + j] / mass - mean[i] * mean[j];
        for (let n = 0; n < j; n++) left -= root[i * size + n] * root[j * size + n];
        if (i > j) root[i * size + j] = root[j * size + j] ? left / root[j * size + j] : 0;
        else root[i * size + i] = left > 1e-9 ? Math.sqrt(left) : 0;
      }
      for (let n = 0; n < i; n++) slopes[i] -= root[i * size + n] * slopes[n];
      slopes[i] = root[i * size + i] ? slopes[i] / root[i * size + i] : 0;
    }
    for (let i = size - 1; i >= 0; i--) {
      for (let n = i + 1; n < size; n++) slopes[i] -= root[n * size + i] * slopes[n];
      slopes[i] = root[i * size + i] ? slopes[i] / root[i * size + i] : 0;
    }
    return slopes;
  }

  Object.assign(window.sim, { findJoint });
})();
