/** What a condition looks at, and what it wants of it, in a marketer's words; the path itself is shown beneath. */
import { currency, scale, zone } from "./state/bundle";
import { lang, moment, purposeWord, word } from "./words";

const words: Record<string, [string, string]> = {
  "user.name": ["이름", "Name"], "user.birthday": ["생일", "Birthday"], "user.answers.nps": ["추천 점수", "Recommendation score"], "user.answered.nps": ["추천 점수를 준 때", "When the score was given"],
  "user.declared.birthday": ["생일을 알려준 때", "When the birthday was given"],
  "context.page.kind": ["화면", "Page"], "context.page.path": ["화면 주소", "Page address"], "context.visits": ["방문 횟수", "Visits"], "context.device": ["기기", "Device"], "context.inApp": ["앱 안 브라우저", "In-app browser"],
  "context.language": ["언어", "Language"], "context.referrer": ["들어온 곳", "Referrer"], "context.timezone": ["쇼퍼의 시간대", "Time zone"],
  "context.cart.value": ["장바구니 금액", "Bag amount"], "context.cart.quantity": ["장바구니 개수", "Items in the bag"], "context.cart.changedAt": ["장바구니를 바꾼 때", "When the bag changed"],
  "context.cart.since": ["장바구니에 담기 시작한 때", "When the bag was begun"], "context.cart.lead.item_id": ["장바구니의 대표 상품 번호", "Id of the lead item in the bag"], "context.cart.lead.item_name": ["장바구니의 대표 상품", "Lead item in the bag"],
  "context.review.deliveredAt": ["후기를 기다리는 상품의 배송일", "Delivery of the item to review"], "context.review.item_name": ["후기를 기다리는 상품", "Item to review"], "context.delivery.at": ["마지막 배송이 온 때", "When the last delivery came"], "context.delivery.again": ["두 번째 이후 주문의 배송일", "Delivery of a second or later order"],
  "value.lapses_at": ["떠날 것으로 보이는 때", "When a lapse is likely"], "value.p_alive": ["다시 살 가능성", "Chance to buy again"], "value.stage": ["고객 단계", "Life stage"], "value.rfm": ["RFM 점수", "RFM score"],
  "value.expected_purchases": ["기대 주문 수", "Expected orders"], "value.expected_spend": ["기대 주문 금액", "Expected spend"],
  "meter.joined": ["가입한 때", "When they joined"], "meter.orders": ["주문 수", "Orders"], "meter.ordered": ["마지막 주문", "Last order"], "meter.net": ["1년 순 구매액", "Net spend in a year"],
  "meter.reviews": ["후기 수", "Reviews"], "meter.views": ["7일 동안 본 상품 수", "Product views in 7 days"], "meter.scented": ["그 가운데 향이 있는 상품", "Scented ones among them"], "meter.quiz": ["취향 질문에 답한 때", "When the taste quiz was answered"],
  "meter.complaints": ["해결 중인 문의", "Open complaints"], "meter.welcome_coupon": ["환영 쿠폰을 본 수", "Welcome coupons seen"], "meter.free_shipping": ["무료배송을 안내한 때", "Told of free shipping"], "meter.visit": ["방문 횟수", "Visits"], "derived.scented_share": ["향이 있는 상품의 비율", "Share of scented products"],
  event: ["이번 방문의 이벤트", "Event in this visit"],
};
const patterns: [RegExp, [string, string]][] = [
  [/^loyalty\.tiers\.\w+\.level$/, ["등급", "Tier"]], [/^loyalty\.tiers\.\w+\.next$/, ["다음 등급", "Next tier"]], [/^loyalty\.tiers\.\w+\.remaining$/, ["다음 등급까지 남은 금액", "Left to the next tier"]], [/^loyalty\.tiers\.\w+\.value$/, ["등급을 정하는 금액", "What counts for the tier"]],
  [/^loyalty\.tiers\.\w+\.promotedAt$/, ["등급이 오른 때", "When the tier rose"]], [/^loyalty\.tiers\.\w+\.notice/, ["등급 변경 예고", "Notice of a tier change"]],
  [/^loyalty\.currencies\.\w+\.active$/, ["쓸 수 있는 포인트", "Points to use"]], [/^loyalty\.currencies\.\w+\.pending$/, ["대기 중인 포인트", "Pending points"]], [/^loyalty\.currencies\.\w+\.nextExpiry\.at$/, ["포인트가 사라지는 날", "When points expire"]],
  [/^loyalty\.currencies\.\w+\.nextExpiry\.amount$/, ["곧 사라질 포인트", "Points that expire next"]], [/^loyalty\.choices\./, ["고를 수 있는 혜택", "Reward to choose"]],
  [/^interest\.(\w+)\.conflict$/, ["말과 행동의 차이: $1", "Said and done differ: $1"]], [/^interest\.(\w+)\.(\w+)/, ["관심: $1 $2", "Interest: $1 $2"]],
  [/^user\.declared\.(.+)$/, ["말한 때: $1", "When said: $1"]], [/^user\.answers\.(.+)$/, ["답: $1", "Answer: $1"]], [/^user\.answered\.(.+)$/, ["답한 때: $1", "When answered: $1"]],
];

/** A path in words; undefined where there are none for it. */
export const pathWord = (path: string): string | undefined => {
  if (words[path]) return word(words[path]);
  const [, purpose] = /^consent\.(.+)$/.exec(path) ?? [];
  if (purpose) return `${word(["동의", "Consent"])}: ${purposeWord(purpose)}`;
  for (const [pattern, said] of patterns) if (pattern.test(path)) return path.replace(new RegExp(`${pattern.source}.*`), word(said));
  return undefined;
};

const units: Record<string, [string, string, string]> = { Y: ["년", " year", " years"], M: ["달", " month", " months"], W: ["주", " week", " weeks"], D: ["일", " day", " days"], H: ["시간", " hour", " hours"], TM: ["분", " minute", " minutes"], S: ["초", " second", " seconds"] };
/** `P30D` as `30일`. */
const durationWord = (text: string) =>
  [...text.matchAll(/(\d+)([YMWDHS])|T/g)].reduce<{ said: string[]; time: boolean }>(({ said, time }, [whole, count, unit]) => {
    if (whole === "T") return { said, time: true };
    const [ko, one, many] = units[time && unit === "M" ? "TM" : unit!]!;
    return { said: [...said, lang.value === "ko" ? `${count}${ko}` : `${count}${count === "1" ? one : many}`], time };
  }, { said: [], time: false }).said.join(" ");

/** An amount in the house's minor units: `12,900원`, `₩12,900`, `$12.90`. */
export const money = (minor: number) => {
  if (currency.value === "KRW" && lang.value === "ko") return `${minor.toLocaleString("ko")}원`;
  return new Intl.NumberFormat(lang.value, { style: "currency", currency: currency.value, currencyDisplay: "narrowSymbol" }).format(minor / scale.value);
};
const amounts = /cart\.value|\.price$|tiers\.\w+\.(remaining|value|target)|meter\.net$|expected_spend/;
/** A value as a marketer reads it: an amount, a moment, yes or no. */
export const valueWord = (value: unknown, path = ""): string => {
  if (value === null || value === undefined) return lang.value === "ko" ? "없음" : "none";
  if (typeof value === "boolean") return lang.value === "ko" ? (value ? "있음" : "없음") : value ? "yes" : "no";
  // What is counted in milliseconds since 1970 is a moment.
  if (typeof value === "number" && value > 9e11) return moment(value, zone.value);
  if (typeof value === "number") return amounts.test(path) ? money(value) : value.toLocaleString(lang.value, { maximumFractionDigits: 3 });
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT.*Z$/.test(value) ? moment(Date.parse(value), zone.value) : value;
  if (Array.isArray(value)) return value.map((one) => valueWord(one, path)).join(", ");
  return Object.keys(value).length ? JSON.stringify(value) : valueWord(null);
};
const operators: Record<string, [string, string]> = {
  "=": ["{}", "{}"], $eq: ["{}", "{}"], $ne: ["{} 아님", "not {}"], $gt: ["{} 초과", "more than {}"], $gte: ["{} 이상", "{} or more"], $lt: ["{} 미만", "less than {}"], $lte: ["{} 이하", "{} or less"],
  $in: ["{} 가운데 하나", "one of {}"], $nin: ["{} 아닌 것", "none of {}"], $danbiBefore: ["{} 전", "before {}"], $danbiAfter: ["{} 뒤", "after {}"], $danbiWithin: ["{} 안", "within {}"],
};
/** Of a duration: what lies behind, then what lies ahead. */
const spans: Record<string, [[string, string], [string, string]]> = {
  $danbiWithin: [["지난 {} 안", "in the last {}"], ["앞으로 {} 안", "in the next {}"]],
  $danbiAfter: [["앞으로 {}보다 뒤", "more than {} ahead"], ["지난 {} 안", "in the last {}"]],
  $danbiBefore: [["앞으로 {} 안이나 지난 때", "at most {} ahead"], ["{}보다 오래됨", "more than {} ago"]],
};
/** What is wanted of a path: `10,000원 이상`. */
export const wantedWord = (op: string | null, expected: unknown, path = "") => {
  if (op === "$exists") return lang.value === "ko" ? (expected ? "있어야 함" : "없어야 함") : expected ? "known" : "not known";
  const span = typeof expected === "string" && /^-?P\w+$/.test(expected);
  const pattern = span ? spans[op ?? ""]?.[expected.startsWith("-") ? 1 : 0] : operators[op ?? "="];
  const said = span ? durationWord(expected) : valueWord(expected, path);
  return pattern ? word(pattern).replace("{}", said) : `${op} ${said}`;
};
