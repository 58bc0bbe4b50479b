/** The rates that synthetic shoppers live by, in a marketer's words. The engine holds them; its numbers stand here to be seen before a run. */
import type { Json } from "../state/bundle";
import { asked } from "./run";

/** A share is written as percent; what the unit of the others is, their words say. */
type Kind = "share" | "number";
export interface Rate {
  path: string;
  usual: number;
  kind: Kind;
  words: [string, string];
}
const share = (path: string, usual: number, ...words: [string, string]): Rate => ({ path, usual, kind: "share", words });
const number = (path: string, usual: number, ...words: [string, string]): Rate => ({ path, usual, kind: "number", words });

/** In groups, each under its name. Hours and products are lists: a file brings them. */
export const groups: { words: [string, string]; rates: Rate[] }[] = [
  {
    words: ["얼마나 자주 와요", "How often they come"],
    rates: [
      number("visits.perWeek", 1.2, "한 주 방문 수, 평균", "Visits a week, mean"),
      number("visits.shape", 0.9, "서로 비슷한 정도 (감마 모양)", "How alike they are (gamma shape)"),
      number("pages", 4, "한 번에 보는 화면 수, 평균", "Pages a visit, mean"),
      number("leave.a", 0.8, "주문 뒤 떠날 확률 (베타 a)", "Leaving after an order (beta a)"),
      number("leave.b", 12, "주문 뒤 떠날 확률 (베타 b)", "Leaving after an order (beta b)"),
    ],
  },
  {
    words: ["주문", "Orders"],
    rates: [
      share("order", 0.06, "주문으로 끝나는 회원 방문", "Members' visits with an order"),
      share("addToCart", 0.12, "상품을 보고 담음", "Views put into the bag"),
      number("basket.lines", 1.6, "주문의 상품 종류, 평균", "Products an order, mean"),
      number("basket.quantity", 1.1, "종류마다 개수, 평균", "Pieces of each, mean"),
      number("delivery", 2, "배송까지 일수", "Days to delivery"),
      share("refund", 0.05, "반품하는 주문", "Orders sent back"),
      number("refundAfter", 5, "배송 뒤 반품까지 일수, 평균", "Days from delivery to return, mean"),
      share("review", 0.1, "후기를 쓰는 주문", "Orders reviewed"),
      number("reviewAfter", 6, "배송 뒤 후기까지 일수, 평균", "Days from delivery to review, mean"),
      share("redeem", 0.3, "포인트를 다 쓰는 주문", "Orders that use all points"),
    ],
  },
  {
    words: ["누구인가요", "Who they are"],
    rates: [
      share("members", 0.8, "첫날 전에 가입한 사람", "Members before the first day"),
      number("history", 540, "가입이 흩어진 일수", "Days over which they joined"),
      share("signUp", 0.3, "가입하는 손님 방문", "Guests' visits with a sign-up"),
      share("birthday", 0.4, "생일을 알려 준 회원", "Members who told a birthday"),
      share("declare", 0.3, "취향을 알려 준 회원", "Members who told a taste"),
    ],
  },
  {
    words: ["어떤 화면을 봐요 (비중)", "Which pages they see (weights)"],
    rates: [
      number("mix.home", 0.22, "홈", "Home"),
      number("mix.list", 0.28, "상품 목록", "Product list"),
      number("mix.product", 0.36, "상품", "Product"),
      number("mix.cart", 0.03, "장바구니", "Bag"),
      number("mix.my_page", 0.09, "마이페이지", "My page"),
      number("mix.support", 0.02, "고객센터", "Support"),
    ],
  },
  {
    words: ["무엇에 동의해요", "What they agree to"],
    rates: [
      share("consent.functional", 0.98, "기능", "Functional"),
      share("consent.analytics", 0.85, "분석", "Analytics"),
      share("consent.personalization", 0.85, "맞춤", "Personalization"),
      share("consent.advertising", 0.75, "광고", "Advertising"),
      share("consent.other", 0.5, "번들이 더한 목적", "Purposes of the bundle"),
    ],
  },
  {
    words: ["메시지에 어떻게 답해요", "What they do with messages"],
    rates: [
      share("answers.interruptive.act", 0.12, "뜬 것을 누름", "Over the page: act"),
      share("answers.interruptive.dismiss", 0.6, "뜬 것을 닫음", "Over the page: close"),
      share("answers.interruptive.hide", 0.08, "뜬 것을 오늘 하루 숨김", "Over the page: hide today"),
      share("seen", 0.8, "화면 속 자리가 눈에 들어옴", "Slots that come into view"),
      share("answers.inline.act", 0.06, "화면 속 메시지를 누름", "In the page: act"),
      share("answers.inline.dismiss", 0.02, "화면 속 메시지를 닫음", "In the page: close"),
      share("answers.inline.hide", 0, "화면 속 메시지를 숨김", "In the page: hide today"),
      share("scores.high", 0.45, "높은 점수 (9~10)", "High scores (9–10)"),
      share("scores.low", 0.2, "낮은 점수 (0~6)", "Low scores (0–6)"),
      share("save", 0.5, "지금 대신 모으기를 고름", "Save rather than now"),
    ],
  },
];
export const all = groups.flatMap(({ rates }) => rates);

/** What a document of rates says of one; undefined where it leaves it as by default. */
export const told = (rates: Json, path: string) => path.split(".").reduce<any>((part, key) => part?.[key], rates) as number | undefined;
/** Changes one, or leaves it as by default again. */
export function change({ path, usual }: Rate, value: number) {
  const put = (part: Json, [key, ...rest]: string[]): Json => {
    const { [key!]: own, ...others } = part;
    const next = rest.length ? put(own ?? {}, rest) : value === usual ? undefined : value;
    return next === undefined || (rest.length && !Object.keys(next).length) ? others : { ...others, [key!]: next };
  };
  asked.rates.value = put(asked.rates.peek(), path.split("."));
}

/** 0.06 as 6, and 6 as 0.06: the decimal point moves, no digit is lost. */
const shift = (value: number, by: number) => {
  const [digits, power = "0"] = String(value).split("e");
  return Number(`${digits}e${+power + by}`);
};
export const written = ({ kind }: Rate, value: number) => (kind === "share" ? shift(value, 2) : value);
export const read = ({ kind }: Rate, value: number) => (kind === "share" ? shift(value, -2) : value);
