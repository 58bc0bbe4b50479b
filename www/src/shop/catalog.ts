/** What the shop sells. Prices in won; `ko` is the name that goes into the data layer. */
import type { Text } from "./i18n";

export const categories = ["skincare", "makeup", "cleansing", "fashion"] as const;
export type Category = (typeof categories)[number];

export interface Product {
  id: string;
  name: Text;
  note: Text;
  about: Text;
  /** Rows of the product page's table. */
  facts: [Text, Text][];
  category: Category;
  /** What danbi learns of the shopper's taste by; clothes have none. */
  scent?: "none" | "floral" | "citrus";
  /** A line of what somebody wrote who bought it. */
  review: Text;
  price: number;
  stock: number;
  /** Backdrop of its picture, a colour in style/products.css. */
  tone: "celadon" | "rose" | "peach" | "mist" | "amber" | "oat";
}

const size: Text = { ko: "용량", en: "Size" };
const scent: Text = { ko: "향", en: "Scent" };
const suits: Text = { ko: "잘 맞는 피부", en: "Suits" };

export const products: Product[] = [
  {
    id: "cica-ampoule-c",
    name: { ko: "시카 앰플 C", en: "Cica Ampoule C" },
    note: { ko: "붉어진 날, 조용한 진정", en: "Quiet calm for flushed days" },
    about: {
      ko: "병풀 추출물과 순한 비타민 C를 한 병에 담았어요. 세안 뒤 서너 방울이면 충분하고, 끈적임 없이 스며들어요.",
      en: "Centella and a gentle vitamin C in one bottle. Three or four drops after cleansing are enough; it sinks in without stickiness.",
    },
    facts: [[size, { ko: "30 mL", en: "30 mL" }], [scent, { ko: "무향", en: "None" }], [suits, { ko: "민감성, 복합성", en: "Sensitive, combination" }]],
    review: { ko: "세안 뒤에 바르면 붉은 기가 금방 가라앉아요.", en: "It calms the redness within minutes of washing." },
    category: "skincare", scent: "none", price: 41000, stock: 38, tone: "celadon",
  },
  {
    id: "mood-tint-03",
    name: { ko: "무드 틴트 03", en: "Mood Tint 03" },
    note: { ko: "말린 장미에 물 한 방울", en: "Dried rose, one drop of water" },
    about: {
      ko: "입술 결을 살리는 맑은 물 틴트예요. 한 번은 옅게, 두 번은 또렷하게. 마른 뒤에도 당기지 않아요.",
      en: "A clear water tint that keeps the texture of your lips. Sheer in one pass, defined in two, and never tight once dry.",
    },
    facts: [[size, { ko: "4.5 g", en: "4.5 g" }], [scent, { ko: "은은한 장미", en: "Soft rose" }], [suits, { ko: "모든 피부", en: "Everyone" }]],
    review: { ko: "점심을 먹고도 색이 남아 있어요.", en: "The colour is still there after lunch." },
    category: "makeup", scent: "floral", price: 18000, stock: 120, tone: "rose",
  },
  {
    id: "glow-cushion-refill",
    name: { ko: "물광 쿠션(리필)", en: "Glow Cushion (refill)" },
    note: { ko: "케이스는 그대로, 속만 새로", en: "Keep the case, renew the inside" },
    about: {
      ko: "쓰던 케이스에 끼우는 리필이에요. 얇게 여러 번 두드려도 밀리지 않고, 오후까지 맑은 광이 남아요.",
      en: "A refill for the case you already own. Thin layers build without pilling, and the clear glow stays into the afternoon.",
    },
    facts: [[size, { ko: "14 g", en: "14 g" }], [scent, { ko: "무향", en: "None" }], [suits, { ko: "건성, 중성", en: "Dry, normal" }]],
    review: { ko: "얇게 두 번이면 하루가 가요.", en: "Two thin layers last the day." },
    category: "makeup", scent: "none", price: 24000, stock: 64, tone: "peach",
  },
  {
    id: "refresh-toner",
    name: { ko: "리프레시 토너", en: "Refresh Toner" },
    note: { ko: "첫 단계는 물처럼 가볍게", en: "A first step as light as water" },
    about: {
      ko: "세안 뒤의 당김을 풀어 주는 약산성 토너예요. 손바닥에 덜어 가볍게 누르거나, 화장솜에 적셔 닦아 내세요.",
      en: "A mildly acidic toner that eases the tightness after cleansing. Press it in with your palms or sweep it on with cotton.",
    },
    facts: [[size, { ko: "200 mL", en: "200 mL" }], [scent, { ko: "무향", en: "None" }], [suits, { ko: "지성, 복합성", en: "Oily, combination" }]],
    review: { ko: "손바닥으로 눌러도 끈적이지 않아요.", en: "No stickiness, even pressed in by hand." },
    category: "skincare", scent: "none", price: 22000, stock: 85, tone: "mist",
  },
  {
    id: "cleansing-oil",
    name: { ko: "클렌징 오일", en: "Cleansing Oil" },
    note: { ko: "하루를 천천히 지우는 시간", en: "Take the day off, slowly" },
    about: {
      ko: "동백씨 오일이 선크림과 화장을 부드럽게 녹여요. 물을 만나면 우유처럼 변해 남김없이 헹궈져요.",
      en: "Camellia seed oil melts sunscreen and make-up. With water it turns milky and rinses away completely.",
    },
    facts: [[size, { ko: "180 mL", en: "180 mL" }], [scent, { ko: "은은한 시트러스", en: "Soft citrus" }], [suits, { ko: "모든 피부", en: "Everyone" }]],
    review: { ko: "선크림까지 한 번에 지워져요.", en: "Takes sunscreen off in one go." },
    category: "cleansing", scent: "citrus", price: 26000, stock: 51, tone: "amber",
  },
  {
    id: "linen-dress-m",
    name: { ko: "린넨 원피스 M", en: "Linen Dress M" },
    note: { ko: "바람이 지나가는 여름 한 벌", en: "One summer dress the wind goes through" },
    about: {
      ko: "한 번 빨아 낸 린넨이라 처음부터 부드러워요. 허리끈을 묶거나 풀어 입을 수 있고, 주머니가 두 개 있어요.",
      en: "Washed linen, soft from the first day. Wear it belted or loose; it has two pockets.",
    },
    facts: [[{ ko: "치수", en: "Fit" }, { ko: "M, 총장 112 cm", en: "M, length 112 cm" }], [{ ko: "소재", en: "Fabric" }, { ko: "린넨 100%", en: "100% linen" }], [{ ko: "세탁", en: "Care" }, { ko: "찬물 손세탁", en: "Hand wash, cold" }]],
    review: { ko: "한여름에도 등이 시원해요.", en: "Cool on the back even in midsummer." },
    category: "fashion", price: 58000, stock: 12, tone: "oat",
  },
];

const byId = new Map(products.map((product) => [product.id, product]));
export const productOf = (id: string) => byId.get(id);
export const isCategory = (name: string): name is Category => (categories as readonly string[]).includes(name);

export const FREE_SHIPPING_FROM = 50000;
export const SHIPPING = 3000;
export const shippingFor = (total: number) => (total === 0 || total >= FREE_SHIPPING_FROM ? 0 : SHIPPING);
