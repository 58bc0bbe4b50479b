/**
 * In the page of `bench/rules.mjs`: campaigns and shoppers drawn from a seed, and the three that judge them. All must agree on who
 * is eligible before anything is timed.
 */
import { evalCondition } from "./growthbook.js";
import { compileConditions, ready } from "./danbi/testing/index.js";

/** mulberry32: the same numbers each time. */
const dice = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const words = (stem, count) => Array.from({ length: count }, (_, index) => stem + index);

/** The 40 attributes of a shopper. `maybe`: not every shopper has it. */
const attributes = [
  ...[12, 8, 3, 4, 4, 5, 15, 15, 3, 4].map((count, index) => ({ name: `word${index}`, values: words(`w${index}_`, count) })),
  ...words("count", 14).map((name) => ({ name, number: true })),
  ...words("flag", 6).map((name) => ({ name, flag: true })),
  ...[20, 15, 10].map((count, index) => ({ name: `list${index}`, list: words(`l${index}_`, count) })),
  ...words("rare", 4).map((name) => ({ name, number: true, maybe: true })),
  ...[12, 30, 10].map((count, index) => ({ name: `rareWord${index}`, values: words(`r${index}_`, count), maybe: true })),
];

function shoppers(count) {
  const draw = dice(7);
  const value = ({ values, number, flag, list }) =>
    values ? values[Math.floor(draw() * values.length)] : number ? Math.floor(draw() * 100) : flag ? draw() < 0.5 : list.filter(() => draw() < 0.3);
  return Array.from({ length: count }, () => Object.fromEntries(attributes.filter(({ maybe }) => !maybe || draw() < 0.6).map((attribute) => [attribute.name, value(attribute)])));
}

/** Campaigns of six predicates: three must hold, one of two more, and another must not. */
function campaigns(count) {
  const draw = dice(42);
  const pick = (list) => list[Math.floor(draw() * list.length)];
  const some = (list, share) => list.toSorted(() => draw() - 0.5).slice(0, Math.ceil(list.length * share));
  const predicate = (room) => {
    const { name, values, number, flag, maybe } = pick(attributes), way = draw();
    if (maybe && way < 0.2) return { name, maybe, way: "there" };
    if (flag) return { name, way: "is", value: draw() < 0.5 };
    if (number) {
      const least = Math.floor(draw() * room);
      return draw() < 0.5 ? { name, maybe, way: way < 0.6 ? "from" : "above", value: least } : { name, maybe, way: way < 0.6 ? "to" : "below", value: 100 - least };
    }
    if (!values) return { name, way: "has", value: pick(attributes.find((one) => one.name === name).list) };
    if (way < 0.5) return { name, maybe, way: "among", value: some(values, 0.6) };
    return way < 0.65 ? { name, maybe, way: "is", value: pick(values) } : way < 0.85 ? { name, maybe, way: "isNot", value: pick(values) } : { name, maybe, way: "notAmong", value: some(values, 0.3) };
  };
  return Array.from({ length: count }, (_, index) => ({
    id: `c${index}`, all: [predicate(40), predicate(40), predicate(40)], any: [predicate(70), predicate(70)], none: predicate(70),
  }));
}

/** As one writes it by hand: a closure for each predicate, sets for lists, and no more work than the answer takes. */
const byHand = {
  is: (name, value) => (it) => it[name] === value,
  isNot: (name, value) => (it) => { const found = it[name]; return found !== undefined && found !== value; },
  from: (name, value) => (it) => it[name] >= value,
  above: (name, value) => (it) => it[name] > value,
  to: (name, value) => (it) => it[name] <= value,
  below: (name, value) => (it) => it[name] < value,
  among: (name, value) => { const set = new Set(value); return (it) => set.has(it[name]); },
  notAmong: (name, value) => { const set = new Set(value); return (it) => { const found = it[name]; return found !== undefined && !set.has(found); }; },
  has: (name, value) => (it) => it[name].includes(value),
  there: (name) => (it) => it[name] !== undefined,
};
function closures(all) {
  const one = ({ way, name, value }) => byHand[way](name, value);
  const judged = all.map(({ id, all: [a, b, c], any: [d, e], none }) => {
    const [first, second, third, either, or, not] = [a, b, c, d, e, none].map(one);
    return { id, holds: (it) => first(it) && second(it) && third(it) && (either(it) || or(it)) && !not(it) };
  });
  const eligible = (it) => {
    const ids = [];
    for (const { id, holds } of judged) if (holds(it)) ids.push(id);
    return ids;
  };
  return { eligible, change: eligible };
}

const operators = { is: "$eq", isNot: "$ne", from: "$gte", above: "$gt", to: "$lte", below: "$lt", among: "$in", notAmong: "$nin" };
/** In GrowthBook's language, where what is missing counts as 0. */
const condition = ({ all, any, none }) => {
  const one = ({ name, way, value, maybe }) => ({
    [name]: way === "there" ? { $exists: true } : way === "has" ? { $elemMatch: { $eq: value } } : { [operators[way]]: value, ...(maybe && { $exists: true }) },
  });
  return { $and: [...all.map(one), { $or: any.map(one) }, { $not: one(none) }] };
};
function growthbook(all) {
  const rules = all.map((campaign) => ({ id: campaign.id, condition: condition(campaign) }));
  const eligible = (it) => rules.filter(({ condition }) => evalCondition(it, condition)).map(({ id }) => id);
  return { eligible, change: eligible };
}
const danbi = (all) => compileConditions(all.map((campaign) => ({ id: campaign.id, condition: condition(campaign) })));

const PEOPLE = shoppers(50);
/** The n-th change of one attribute. */
function turn(it, n) {
  const { name } = attributes[n % attributes.length], value = PEOPLE[(n * 7) % PEOPLE.length][name];
  if (value === undefined) delete it[name];
  else it[name] = value;
  return name;
}

const same = (one, other) => one.length === other.length && one.every((id, index) => id === other[index]);
let contenders;

/** Makes the contenders for so many campaigns; throws where they disagree. How many are eligible of all. */
globalThis.prepare = async (count) => {
  await ready;
  const all = campaigns(count);
  contenders = { closures: closures(all), growthbook: growthbook(all), danbi: danbi(all) };
  const check = (how, ask) => {
    const [wanted, ...others] = Object.values(contenders).map(ask);
    if (!others.every((other) => same(other, wanted))) throw Error(`${count} campaigns: they disagree ${how}`);
    return wanted.length;
  };
  let eligible = 0;
  for (const [index, person] of PEOPLE.entries()) eligible += check(`on shopper ${index}`, (one) => one.eligible(person));
  const it = { ...PEOPLE[0] };
  check("on the first", (one) => one.eligible(it));
  for (let n = 0; n < 400; n++) {
    const name = turn(it, n);
    check(`after ${n} changes`, (one) => one.change(it, name));
  }
  return eligible / count / PEOPLE.length;
};

/** Microseconds of a pass over all campaigns, and of one after a change; `times` of each. */
globalThis.sample = (name, times) => {
  const { eligible, change } = contenders[name];
  let begun = performance.now();
  for (let n = 0; n < times; n++) eligible(PEOPLE[n % PEOPLE.length]);
  const pass = performance.now() - begun;
  const it = { ...PEOPLE[0] };
  eligible(it);
  begun = performance.now();
  for (let n = 0; n < times; n++) change(it, turn(it, n));
  return { pass: (pass / times) * 1000, change: ((performance.now() - begun) / times) * 1000 };
};
globalThis.loaded = true;
