/**
 * One of everything a message may be: each form, each block, each widget, in Korean and English. Plain data that Node and
 * the page both read. `signals` is what a shopper did before, so that widgets have something to show.
 */
const both = (ko, en) => ({ ko, en });

const art = (name) => `/art/${name}.svg`;
const title = { title: both("담아둔 시카 앰플 C를 그대로 두었어요.", "Your Cica Ampoule C is still in your bag.") };
const text = { text: both("무료배송까지 9,000원 남았어요. 천천히 둘러보세요.", "₩9,000 to free shipping. No rush, look around.") };
const note = { note: both("별점과 상관없이 드려요. 적립금을 받은 후기로 표시돼요.", "Same for any rating. Shown as a rewarded review.") };
const image = { image: { src: art("cica-ampoule-c"), alt: both("시카 앰플 C", "Cica Ampoule C") } };
const buttons = {
  buttons: [
    { label: both("장바구니 보기", "See my bag"), url: "#/cart", value: "bag" },
    { label: both("나중에 볼게요", "Later"), value: "later" },
  ],
};
const choice = {
  choice: {
    question: "reward",
    options: [
      { label: both("지금 2,900원 쿠폰", "₩2,900 coupon now"), note: both("7일 안에 쓸 수 있어요", "Good for 7 days"), value: "now" },
      { label: both("30일 뒤 3,480P", "3,480P in 30 days"), note: both("기다리면 20% 더 드려요", "Wait and get 20% more"), value: "save" },
    ],
  },
};

/** What lies over the page: each form with what it usually holds. */
export const forms = {
  modal: { form: "modal", hide: ["today", "week"], blocks: [title, text, image, buttons] },
  sheet: { form: "sheet", blocks: [title, text, buttons] },
  fullscreen: { form: "fullscreen", blocks: [image, title, text, note, buttons] },
  banner: { form: "banner", position: "top", blocks: [text, { buttons: [buttons.buttons[0]] }] },
  toast: { form: "toast", hide: [], blocks: [{ text: both("500P를 받으셨어요.", "You got 500P.") }] },
};

/** What stands in the page: a card for each block. */
export const cards = {
  words: [title, text, note],
  image: [{ title: both("새로 나온 앰플이에요", "A new ampoule") }, image],
  progress: [{ title: both("등급 현황", "Your tier") }, { progress: { tier: "main", label: both("꽃 등급까지 28,000원 남았어요", "₩28,000 to Bloom") } }],
  buttons: [{ title: both("생일이 언제예요?", "When's your birthday?") }, buttons],
  choice: [{ title: both("이번 혜택, 어떻게 받을까요?", "How would you like your reward?") }, choice],
  survey: [{ survey: "stay" }],
  rating: [{ survey: "review" }],
  coupon: [{ coupon: { code: "DANBI-2900", label: both("지금 쓰는 2,900원 쿠폰", "₩2,900 off, now"), note: both("30,000원 이상 주문에 써요", "For orders of ₩30,000 or more"), until: both("5월 19일(화)까지", "Until May 19") } }],
  share: [{ title: both("친구에게 3,000원을 선물해 보세요.", "Give a friend ₩3,000.") }, { share: { title: both("온새", "ONSAE"), text: both("첫 주문에 3,000원을 드려요", "₩3,000 off your first order"), url: "/#/invite", channels: ["kakao", "system", "copy"] } }],
  store: [{ title: both("성수 매장이 가까워요.", "Our Seongsu store is close.") }, { store: { name: both("온새 성수", "ONSAE Seongsu"), address: both("서울 성동구 연무장길 1", "1 Yeonmujang-gil, Seongdong-gu, Seoul"), hours: both("매일 오전 11시부터 오후 8시까지", "Daily 11:00–20:00"), phone: "+82-2-000-0000", map: "https://map.example/seongsu" } }],
  html: [{ html: { title: both("오늘의 날씨", "Today's weather"), height: 80, source: "<p>Welcome rain, 18 °C</p>" } }],
  tier: [{ tier: { of: "main" } }],
  badges: [{ badges: {} }],
  missions: [{ missions: {} }],
  streak: [{ streak: {} }],
  collection: [{ collection: {} }],
  wallet: [{ wallet: {} }],
};

const surveys = {
  stay: {
    questions: [
      { id: "nps", kind: "nps", title: both("온새를 친구에게 추천하고 싶으세요?", "Would you recommend ONSAE?"), low: both("전혀 아니에요", "Not at all"), high: both("꼭 하고 싶어요", "Very much"), next: [{ max: 6, to: "wrong" }, { min: 9, to: "end" }] },
      { id: "fell", kind: "choice", title: both("무엇이 조금 아쉬웠나요?", "What fell short?"), options: [{ label: both("상품", "The product"), value: "product" }, { label: both("배송", "Delivery"), value: "delivery" }, { label: both("안내", "Service"), value: "service" }], next: [{ to: "end" }] },
      { id: "wrong", kind: "text", title: both("무엇이 불편하셨어요?", "What went wrong?"), placeholder: both("편하게 적어 주세요", "Tell us in your words"), optional: true },
    ],
    thanks: both("고마워요. 잘 읽어 볼게요.", "Thank you. We read every answer."),
  },
  review: {
    questions: [{ id: "stars", kind: "rating", title: both("무드 틴트 03은 잘 맞으셨어요?", "How is Mood Tint 03 working?"), low: both("아쉬워요", "Poor"), high: both("아주 좋아요", "Great") }],
    thanks: both("고마워요.", "Thank you."),
  },
};

const programs = [{
  program: "gallery", version: 1, from: "2025-01-01",
  currencies: { point: { label: both("포인트", "points"), pending: { after: "P7D", from: "order_delivered" }, expiry: { after: "P14D", from: "active" } } },
  rules: [
    { id: "purchase", on: "purchase", grant: { point: ["value", 5, 100] } },
    { id: "gift", on: "gift_given", grant: { point: 8000 }, pending: "P0D" },
  ],
  tiers: { main: { label: both("등급", "Tier"), meter: "net", promote: "now", levels: [
    { id: "seed", min: 0, label: both("씨앗", "Seed") }, { id: "leaf", min: 100_000, label: both("잎", "Leaf") }, { id: "bloom", min: 400_000, label: both("꽃", "Bloom") },
    { id: "fruit", min: 700_000, label: both("열매", "Fruit") }, { id: "garden", min: 1_000_000, label: both("정원", "Garden") },
  ] } },
  badges: [
    { id: "reviewer", label: both("후기", "Reviewer"), meter: "reviews", levels: [1, 3, 10, 25, 50] },
    { id: "regular", label: both("단골", "Regular"), meter: "orders", levels: [1] },
    { id: "collector", label: both("수집가", "Collector"), meter: "toys", levels: [10] },
  ],
  missions: [
    { id: "reviews", label: both("후기 세 편 쓰기", "Write three reviews"), steps: ["review_approved"], times: 3, in: "P60D", reward: { point: 2000 } },
    { id: "start", label: both("첫걸음", "First steps"), steps: ["sign_up", "purchase"], reward: { point: 300 } },
  ],
  streaks: [{ id: "visit", label: both("매일 출석", "Daily visit"), on: "checked_in", unit: "day", freeze: { max: 2, initial: 1 } }],
  collections: [{ id: "toys", label: both("단비 인형", "Danbi toys"), items: ["rain", "cloud", "sun", "wind", "snow"], on: "toy_received", reward: { point: 40 } }],
  rewards: [
    { id: "shipping", label: both("무료배송", "Free shipping"), kind: "coupon", cost: { point: 3000 }, ttl: "P30D" },
    { id: "hand_cream", label: both("미니 핸드크림", "Mini hand cream"), kind: "product", cost: { point: 50_000 } },
  ],
}];

const meters = {
  net: { sum: "purchase.value", minus: "refund.value", window: "trailing:P12M" },
  orders: { count: "purchase" }, reviews: { count: "review_approved" }, toys: { count: "toy_received" },
};

/** A marketer's document in which `overlays` come when the page tracks `show {which}`, and `cards` stand in slots of their names. */
export const document_ = (overlays, cards, more = {}) => ({
  bundle: "gallery", version: 1,
  ...more,
  house: { zone: "Asia/Seoul", currency: "KRW", locales: ["ko", "en"], ...more.house },
  campaigns: [
    ...Object.entries(overlays).map(([id, message]) => ({
      id, label: both(id, id), class: "service", trigger: { event: { name: "show", where: { "event.which": id } } }, message,
    })),
    ...Object.entries(cards).map(([id, blocks]) => ({ id: `card_${id}`, label: both(id, id), class: "service", slot: id, message: { blocks } })),
  ],
});

export const bundle = document_(forms, cards, { surveys, programs, meters });

const day = (date, hour = 9) => `2026-${date}T${String(hour).padStart(2, "0")}:00:00+09:00`;
const order = { transaction_id: "G-1", currency: "KRW", value: 372_000, items: [{ item_id: "linen-dress-m", item_name: "린넨 원피스 M", price: 372_000, quantity: 1 }] };
/** When, event, properties. */
export const signals = [
  [day("04-22"), "sign_up", {}],
  [day("04-22", 10), "purchase", order],
  [day("05-01"), "gift_given", {}],
  [day("05-02"), "review_approved", { transaction_id: "G-1", item_id: "linen-dress-m" }],
  ...["05-03", "05-04", "05-05", "05-07", "05-08", "05-10", "05-11"].map((date) => [day(date, 8), "checked_in", {}]),
  [day("05-09"), "toy_received", { item: "rain" }],
  [day("05-10", 10), "toy_received", { item: "sun" }],
];
export const now = "2026-05-12T10:00:00+09:00";
