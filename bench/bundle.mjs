/** A bundle of many campaigns, always the same: triggers, audiences, slots, caps and steps mixed as marketers mix them. */
export function bundle(campaigns) {
  let seed = 7;
  const draw = (n) => ((seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) >>> 8) % n;
  const pick = (list) => list[draw(list.length)];

  const meters = {
    joined: { since: "sign_up" }, orders: { count: "purchase" }, views: { count: "view_item", window: "P30D" }, carts: { count: "add_to_cart", window: "P7D" },
    spent: { sum: "purchase.value", minus: "refund.value" }, year: { sum: "purchase.value", window: "P12M" }, seen: { last: "view_item" },
    categories: { count: "view_item", by: "currency" }, biggest: { max: "purchase.value" }, sessions: { count: "session_start" },
  };
  const facts = [
    () => ({ [`meter.${pick(["orders", "views", "carts", "biggest"])}`]: { [pick(["$gte", "$lt", "$gt", "$lte"])]: draw(20) } }),
    () => ({ [`meter.${pick(["spent", "year"])}`]: { $gte: 1000 * draw(500) } }),
    () => ({ "context.cart.quantity": { [pick(["$gt", "$lt"])]: draw(6) } }),
    () => ({ "context.cart.value": { $gte: 500 * draw(40) } }),
    () => ({ "context.visits": { $gte: 1 + draw(5) } }),
    () => ({ "context.page.kind": { $in: [pick(["home", "list", "product"]), pick(["cart", "store"])] } }),
    () => ({ "user.tier": { $in: ["leaf", "bloom", "fruit"].slice(draw(3)) } }),
    () => ({ "user.city": { $regex: pick(["^Seo", "bu", "an$"]) } }),
    () => ({ "loyalty.tiers.main.level": pick(["seed", "leaf", "bloom"]) }),
    () => ({ $or: [{ "user.newsletter": true }, { "meter.orders": { $gte: draw(9) } }] }),
    () => ({ $not: { "context.device": "tablet" } }),
  ];
  const condition = (n) => Object.assign({}, ...Array.from({ length: n }, () => pick(facts)()));
  const audiences = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`audience${n}`, { when: condition(2), why: { ko: "아직이에요", en: "Not yet" } }]));
  const triggers = [
    () => "always", () => "always",
    () => ({ event: { name: pick(["begin_checkout", "add_to_wishlist", "search", "view_cart"]) } }),
    () => ({ event: { name: "add_to_cart", where: { "event.value": { $gte: 500 } } } }),
    () => ({ since: { fact: "context.cart.changedAt", after: "PT24H" } }),
    () => ({ since: { fact: "meter.joined", within: "P30D" } }),
  ];
  const message = (n) => ({
    blocks: [
      { title: { ko: `안녕하세요 ${n}`, en: `Hello ${n}` } },
      { text: { ko: "{% if user.name %}{{ user.name }}님, {% endif %}담아 두신 상품이 있어요.", en: "{{ user.name | default: \"Hi\" }}, {{ context.cart.quantity }} items wait." } },
      { buttons: [{ label: { ko: "보기", en: "Show me" }, url: "#/cart", value: "show" }] },
    ],
  });
  const campaign = (n) => {
    const card = n % 3 > 0;
    const audience = [{ when: condition(3), why: { ko: "아직이에요", en: "Not yet" } }, ...(n % 4 === 0 ? [`audience${draw(12)}`] : [])];
    return {
      id: `campaign${n}`, label: { ko: `캠페인 ${n}`, en: `Campaign ${n}` }, class: n % 5 === 0 ? "service" : "marketing", priority: draw(100),
      slot: card ? pick(["hero", "list", "mypage", "cart"]) : "interruptive",
      // What interrupts waits for something that the run does not bring: a dialog's cost is the dialog's, not an event's.
      trigger: card ? pick(triggers)() : pick(triggers.slice(2))(),
      audience, caps: n % 2 === 0 ? [{ count: 1 + draw(3), per: "P14D" }] : [],
      ...(n % 7 === 0 && { schedule: { from: "2025-01-01T00:00:00Z", until: n % 2 ? "2026-01-01T00:00:00Z" : "2036-01-01T00:00:00Z" } }),
      ...(n % 6 === 0 ? { steps: [{ id: "one", message: message(n) }, { id: "two", message: message(n) }] } : { message: message(n) }),
    };
  };
  return {
    bundle: "bench", version: 1,
    house: {
      zone: "America/New_York", currency: "USD", locales: ["en", "ko"], pages: { payment: { allow: "none" } },
      pacing: { session: 2, day: 3, rolling: { count: 6, days: 7 } }, holdout: { share: 0.05, seed: "bench" },
    },
    meters, audiences,
    campaigns: Array.from({ length: campaigns }, (_, n) => campaign(n)),
    programs: [{
      program: "bench", version: 1, from: "2025-01-01",
      currencies: { point: { pending: { after: "P7D", from: "order_delivered" }, expiry: { after: "P365D", from: "active" }, round: { floor: 10 } } },
      rules: [{ id: "purchase", on: "purchase", grant: { point: ["value", 5, 100] } }],
      tiers: { main: { meter: "year", demote: "none", levels: ["seed", "leaf", "bloom"].map((id, n) => ({ id, min: n * 40000 })) } },
    }],
  };
}
