/**
 * The policy of danbi's offers as one would write it by hand in plain JavaScript: the same model, score, draws and propensities.
 * Names are resolved once; weights, features and sums are typed arrays.
 */
const logit = (share) => Math.log(share / (1 - share));
const logistic = (sum) => 1 / (1 + Math.exp(-sum));
const within = (number, least, most) => Math.min(Math.max(number, least), most);

const fnv = (text) => {
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  return hash >>> 0;
};
const mixed = (hash) => {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** `learnt`: `{ weights: { name: { m, q, at } }, offers: { id: { clicked } } }`, `document`: `{ interest, value }`. */
export function compile(bundle, learnt, slot, document) {
  const { policy } = bundle;
  const names = [], places = new Map(), means = [], precisions = [];
  const weight = (name, mean, precision) => {
    let place = places.get(name);
    if (place === undefined) {
      places.set(name, (place = names.push(name) - 1));
      means.push(mean), precisions.push(precision);
    }
    return place;
  };
  const shared = (name) => {
    const belief = policy.features[name] ?? policy.features[name.split(":")[0]];
    return weight(name, belief.m0, belief.q0);
  };
  const offers = bundle.offers.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const tastes = document.interest[policy.interest], usual = bundle.interests[policy.interest].shares;
  const each = offers.map(({ id, category, prior: { p0, n0 }, features }) => {
    const lift = within(Math.log(tastes[category].share / usual[category]), -2, 2);
    const terms = [[shared("intercept"), 1], [weight(`offer:${id}`, logit(p0), n0 * p0 * (1 - p0)), 1], [shared(`category:${category}`), 1], [shared("affinity"), lift], [shared(`slot:${slot}`), 1]];
    const clicked = learnt.offers[id]?.clicked;
    if (clicked) terms.push([shared("recency"), 0, clicked]);
    if (document.value?.stage) terms.push([shared(`stage:${document.value.stage}`), 1]);
    for (const name of Object.keys(features).toSorted()) terms.push([shared(`feature:${name}`), features[name]]);
    return terms;
  });
  const worth = Float64Array.from(offers, ({ margin }) => Math.log(margin));
  // Features one after another, each offer's from its beginning on.
  const begins = new Int32Array(offers.length + 1), which = [], x = [], recent = [];
  each.forEach((terms, n) => {
    for (const [place, value, clicked] of terms) {
      if (clicked) recent.push([x.length, clicked]);
      which.push(place), x.push(value);
    }
    begins[n + 1] = x.length;
  });
  const [at, values] = [Int32Array.from(which), Float64Array.from(x)];
  const known = Object.entries(learnt.weights).map(([name, { m, q, at }]) => [places.get(name), m, q, at]).filter(([place]) => place !== undefined);
  const [priorMeans, priorPrecisions] = [Float64Array.from(means), Float64Array.from(precisions)];
  const mean = new Float64Array(names.length), variance = new Float64Array(names.length);
  const week = 7 * 86_400_000, half = Number(/\d+/.exec(policy.halfLife)) * 86_400_000, { c, eps, seed } = policy;
  const count = offers.length;

  return {
    /** As danbi's: once a second, the place of each choice among all ids and its probability. */
    choose(now, from, times) {
      const answers = new Float64Array(2 * times);
      for (let number = from; number < from + times; number++) answers.set(once(now + 1000 * number, number), 2 * (number - from));
      return answers;
    },
  };

  function once(now, number) {
    mean.set(priorMeans);
    for (let n = 0; n < variance.length; n++) variance[n] = 1 / priorPrecisions[n];
    for (const [place, m, q, since] of known) {
      const left = 2 ** (-(now - since) / half), prior = priorPrecisions[place];
      mean[place] += (m - priorMeans[place]) * left;
      variance[place] = 1 / (prior + (q - prior) * left);
    }
    for (const [place, clicked] of recent) values[place] = 2 ** (-(now - clicked) / week);
    let best = -1, top = -Infinity;
    const id = `tab.${number}`;
    for (let n = 0; n < count; n++) {
      let sum = 0, spread = 0;
      for (let term = begins[n]; term < begins[n + 1]; term++) {
        const place = at[term], value = values[term];
        sum += mean[place] * value;
        spread += value * value * variance[place];
      }
      const chance = logistic(within(sum, -40, 40));
      const score = worth[n] + Math.log(chance) + c * (1 - chance) * Math.sqrt(spread);
      if (score > top || (score === top && mixed(fnv(`${seed}/${id}/${offers[n].id}`)) > mixed(fnv(`${seed}/${id}/${offers[best].id}`)))) [best, top] = [n, score];
    }
    let state = fnv(`${seed}/${id}`);
    const draw = () => mixed((state = (state + 0x9e3779b9) >>> 0)) / 2 ** 32;
    const explores = draw() < eps;
    draw();
    const drawn = Math.floor(draw() * count);
    const lucky = eps / count;
    const chosen = explores ? drawn : best;
    return [chosen, chosen === best ? 1 - eps + lucky : lucky];
  }
}
