/** The shoppers that a campaign is tried on: twelve that stand for the kinds there are, a nobody, and the marketer's own. */
import type { Word } from "../words";

/** One event line in Segment's shape. */
export interface Line {
  type: string;
  event?: string;
  messageId: string;
  timestamp: string;
  userId?: string;
  anonymousId?: string;
  properties?: Record<string, unknown>;
  traits?: Record<string, unknown>;
  context?: Record<string, unknown>;
}
export interface Shopper {
  id: string;
  name: { ko: string; en: string };
  about: { ko: string; en: string };
  /** The page they are on, the moment they are looked at, and the language they read. */
  page: string;
  language: string;
  lines: Line[];
  /** Made or changed here. */
  own?: boolean;
}

export const START = Date.parse("2026-05-12T10:00:00+09:00");

const cast: [string, string, string, string, string, string?, string?][] = [
  ["guest", "손님", "Guest", "처음 온 손님, 카카오톡 안에서", "First visit, inside KakaoTalk", "home"],
  ["jiu", "지우", "Jiu", "방금 가입한 씨앗", "Just signed up, Seed"],
  ["seojun", "서준", "Seojun", "잎, 26시간 된 장바구니", "Leaf, a bag 26 hours old"],
  ["haeun", "하은", "Haeun", "꽃, 생일이 사흘 뒤", "Bloom, birthday in three days"],
  ["jane", "Jane", "Jane", "영어로 읽는 잎, 배송 8일째", "Reads English, Leaf, delivered 8 days ago", "my_page", "en"],
  ["minjae", "민재", "Minjae", "95일 만에 온 잎, 사라질 8,000P", "Leaf, back after 95 days, 8,000P to expire"],
  ["yuna", "유나", "Yuna", "정원, 오늘이 생일", "Garden, birthday today"],
  ["doyun", "도윤", "Doyun", "무향이라 했지만 향수를 봄", "Said fragrance-free, looks at perfume", "list"],
  ["sua", "수아", "Sua", "꽃, 성수 매장 가까이", "Bloom, near the Seongsu store"],
  ["taeo", "태오", "Taeo", "꽃, 어제 9점을 줌", "Bloom, gave 9 yesterday"],
  ["jia", "지아", "Jia", "잎, 3점을 주고 기다리는 중", "Leaf, gave 3 and waits for help"],
  ["hyunu", "현우", "Hyunu", "잎, 방금 58,000원을 결제", "Leaf, just paid ₩58,000", "order_complete"],
];

export const parseLines = (text: string): Line[] => text.split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line) as Line);

const NOBODY = "nobody";
/** Whether somebody came with the Studio: they can be put back as they were, not removed. */
export const came = (id: string) => id === NOBODY || cast.some(([known]) => known === id);

/** The twelve of the demo, and somebody of whom nothing is known and who has agreed to nothing. */
export const everybody = async (): Promise<Shopper[]> => {
  const { personas } = await import("./personas");
  const known = cast.map(([id, ko, en, aboutKo, aboutEn, page = "my_page", language = "ko"]): Shopper => ({
    id, page, language, name: { ko, en }, about: { ko: aboutKo, en: aboutEn },
    lines: parseLines(personas[`../../../../tests/cases/personas/${id}.ndjson`]!),
  }));
  const nobody: Shopper = {
    id: NOBODY, page: "home", language: "ko", name: { ko: "아무도 아닌 사람", en: "Nobody" },
    about: { ko: "이름도 동의도 없음", en: "No name, no consent" },
    lines: [{
      type: "consent", messageId: "nobody-1", anonymousId: "a-nobody", timestamp: "2026-05-12T09:59:00+09:00",
      properties: { functional: "denied", analytics: "denied", personalization: "denied", advertising: "denied" },
    }],
  };
  return [...known, nobody];
};

/** A line as a shop would keep it: of a birthday month and day alone. */
export const keepable = (line: Line): Line => {
  const bare = (given?: Record<string, unknown>) => (typeof given?.birthday === "string" ? { ...given, birthday: given.birthday.replace(/^\d{4}-/, "") } : given);
  return { ...line, ...(line.properties && { properties: bare(line.properties)! }), ...(line.traits && { traits: bare(line.traits)! }) };
};

export const fresh = () => crypto.randomUUID();
let told = 0;
/** An id for a new line. Of lines of one moment the engine takes the lower id first: a later one is higher, and higher than those of files. */
export const lineId = () => `z${Date.now().toString(36)}-${String(told++).padStart(6, "0")}-${fresh().slice(0, 4)}`;
/** Pages that a shop has. */
export const pages: Word[] = ["home", "list", "product", "cart", "payment", "order_complete", "order_cancel", "my_page", "support", "store"];
