/** The Studio's words, Korean first. The engine's own sentences come from `danbi/studio`. */
import { signal } from "@preact/signals";

export type Lang = "ko" | "en";
const kept = () => {
  try {
    return localStorage.getItem("danbi-studio-lang") as Lang | null;
  } catch {
    return null;
  }
};
/** The language of the Studio itself; what the shopper reads is chosen apart. */
export const lang = signal<Lang>(kept() ?? (/^ko\b/i.test(navigator.language) ? "ko" : "en"));
export const speak = (next: Lang) => {
  lang.value = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem("danbi-studio-lang", next);
  } catch {} // remembered for this visit alone
};

/** Words that several parts of the Studio use. */
export const shared = {
  studio: ["단비 스튜디오", "danbi Studio"],
  preview: ["미리보기", "Preview"],
  edit: ["편집", "Edit"],
  check: ["출시 전 점검", "Pre-launch check"],
  sheet: ["한눈에 보기", "Contact sheet"],
  when: ["시각", "Time"],
  remove: ["지우기", "Remove"],
  page: ["화면", "Page"],
  home: ["홈", "Home"],
  list: ["상품 목록", "Product list"],
  product: ["상품", "Product"],
  cart: ["장바구니", "Bag"],
  payment: ["결제", "Payment"],
  order_complete: ["주문 완료", "Order complete"],
  order_cancel: ["취소·반품", "Cancel and return"],
  my_page: ["마이페이지", "My page"],
  support: ["고객센터", "Support"],
  store: ["매장", "Store"],
  interruptive: ["화면 위로 뜨는 자리", "Over the page"],
  starting: ["엔진을 불러오는 중이에요…", "Loading the engine…"],
  partFailed: ["이 부분을 불러오지 못했어요. 연결을 보고 다시 눌러 주세요.", "This part could not be loaded. Check the connection and press again."],
  engineFailed: ["엔진을 불러오지 못했어요. 새로 고쳐 주세요.", "The engine could not be loaded. Please reload."],
  saveFile: ["내려받기", "Download"],
  notSaved: ["이 브라우저에 더 적을 자리가 없어요. 내려받아 두세요. 지금 고친 것은 이 창에 그대로 있어요.", "This browser has no room left. Download it; what you changed is still in this window."],
  notAllowed: ["이 브라우저가 기록을 막아 두었어요. 창을 닫으면 고친 것이 사라지니 내려받아 두세요. 지금 고친 것은 이 창에 그대로 있어요.", "This browser keeps nothing. What you changed is in this window alone: download it before you close it."],
  unread: ["전에 적어 둔 것을 읽을 수 없어서 처음 상태로 열었어요. 무엇이든 고치면 지워지니, 먼저 내려받아 두세요.", "What was kept here before could not be read, so the Studio opened as new. It goes when you change something: download it first."],
  lastGood: ["번들에 고칠 곳이 있어서, 마지막으로 온전했던 번들로 보여드려요.", "Something is wrong in the bundle: you see the last one in which nothing was."],
  engineRefused: ["엔진이 읽지 못하는 것이 있어요: {why}", "The engine cannot read something: {why}"],
  notJson: ["JSON이 아니에요: {why}", "Not JSON: {why}"],
  offers: ["추천과 학습", "Offers and learning"],
  calendar: ["30일 달력", "30-day calendar"],
  simulate: ["시뮬레이션", "Simulation"],
  share: ["링크로 나누기", "Share a link"],
  shared: ["링크를 복사했어요. 상태는 주소의 # 뒤에만 있고 어디에도 올라가지 않아요.", "The link is copied. The state stands after the # alone and is uploaded nowhere."],
  sharedLong: ["링크를 복사했지만 {n}자로 길어요. 메신저가 자를 수 있으니 번들은 파일로 보내세요.", "The link is copied but has {n} characters. Messengers may cut it: send the bundle as a file."],
  shareHere: ["이 주소를 복사하세요", "Copy this address"],
  otherLink: ["다른 판의 스튜디오에서 만든 링크라 열 수 없어요. 새로 고쳐 보거나 링크를 다시 받아 주세요. 지금 상태는 그대로예요.", "The link is of another version of the Studio. Reload, or ask for it again; nothing here was changed."],
  forcedGone: ["링크가 강제로 보여주던 캠페인이 이 번들에 없어서, 방문자로 보여드려요.", "The link forces a campaign that is not in this bundle, so you see the page as a visitor does."],
  brokenLink: ["링크가 잘렸거나 망가져서 열 수 없어요. 보낸 분께 다시 받아 주세요. 지금 상태는 그대로예요.", "The link is cut or broken. Ask for it again; nothing here was changed."],
  step: ["단계", "Step"],
  variant: ["시안", "Variant"],
  toShop: ["데모 매장", "Demo shop"],
  none: ["없음", "None"],
  skip: ["본문으로", "Skip to content"],
} satisfies Record<string, [string, string]>;
export type Word = keyof typeof shared;

/** Of a pair, Korean first, the one in the Studio's language. */
export const word = ([ko, en]: [string, string]) => (lang.value === "ko" ? ko : en);
/** Looks a name up in a table; one that is not there stands for itself. */
export const oneOf = (table: Record<string, [string, string]>) => (name: string) => (Object.hasOwn(table, name) ? word(table[name]!) : name);
/** A purpose of consent; one of the shop's own by its name. */
export const purposeWord = oneOf({
  functional: ["필수 기능", "Functional"], analytics: ["분석", "Analytics"], personalization: ["맞춤 혜택", "Personalization"], advertising: ["광고", "Advertising"], birthday: ["생일 축하", "Birthday"],
  geo: ["위치", "Location"], survey: ["설문", "Surveys"], social: ["소셜", "Social"], agent: ["상담 도우미", "Agent"], night: ["야간 광고", "At night"],
});
/** Looks words up in a table of Korean and English; `{name}` is filled from `more`. Each part of the Studio has a table of its own, beside the shared one. */
export const speaker = <Name extends string>(table: Record<Name, [string, string]>) => (name: Name, more: Record<string, unknown> = {}) =>
  word(table[name]).replace(/\{(\w+)\}/g, (_, part: string) => String(more[part]));
export const t = speaker(shared);
/** A text of the bundle in the Studio's language. */
export const say = (text: unknown): string =>
  typeof text === "string" ? text : String((text as Record<string, string> | null)?.[lang.value] ?? Object.values((text as object) ?? {})[0] ?? "");
/** A word for a name of the bundle, where the Studio has one. */
export const named = (name: string, tag: string = lang.value) => (Object.hasOwn(shared, name) ? shared[name as Word][tag === "ko" ? 0 : 1] : name);

const fields = (ms: number, zone: string) => {
  // From the parts: the platform's own order and words for the half of the day differ from one to the next.
  const format = new Intl.DateTimeFormat(lang.value, { timeZone: zone, year: "numeric", month: lang.value === "ko" ? "numeric" : "short", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit", hourCycle: "h23" });
  return Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value])) as Record<"year" | "month" | "day" | "weekday" | "hour" | "minute", string>;
};
const half = (hour: number) => (lang.value === "ko" ? (hour < 12 ? "오전" : "오후") : hour < 12 ? "AM" : "PM");
/** `5월 12일 (화)`, `Tue, May 12`; with the year where it is asked for. */
export const date = (ms: number, zone: string, withYear = false) => {
  const { year, month, day, weekday } = fields(ms, zone);
  return lang.value === "ko" ? `${withYear ? `${year}년 ` : ""}${month}월 ${day}일 (${weekday})` : `${weekday}, ${month} ${day}${withYear ? `, ${year}` : ""}`;
};
/** `오전 10:00`, `10:00 AM`. */
export const clock = (ms: number, zone: string) => {
  const { hour, minute } = fields(ms, zone);
  // Midnight is 0 in Korean, as noon is 12.
  const twelve = `${+hour % 12 || (lang.value === "ko" && +hour === 0 ? 0 : 12)}:${minute}`;
  return lang.value === "ko" ? `${half(+hour)} ${twelve}` : `${twelve} ${half(+hour)}`;
};
/** `2026년 5월 12일 (화) 오전 10:00`, `Tue, May 12, 2026, 10:00 AM`. */
export const moment = (ms: number, zone: string) => `${date(ms, zone, true)}${lang.value === "ko" ? "" : ","} ${clock(ms, zone)}`;
/** The same without the year, where that is the year of another moment. */
export const near = (ms: number, from: number, zone: string) => (fields(ms, zone).year === fields(from, zone).year ? `${date(ms, zone)}${lang.value === "ko" ? "" : ","} ${clock(ms, zone)}` : moment(ms, zone));
