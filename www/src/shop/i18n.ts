/** Words, money and dates in Korean and English. */
import { seoul } from "./clock";
import { lang } from "./store";

export interface Text { ko: string; en: string }
/** A text in the language of the moment. */
export const say = (text: Text) => text[lang.value];

export const texts = {
  skip: { ko: "본문으로 가기", en: "Skip to content" },
  shop: { ko: "온새", en: "ONSAE" },
  all: { ko: "전체", en: "All" },
  skincare: { ko: "스킨케어", en: "Skincare" },
  makeup: { ko: "메이크업", en: "Make-up" },
  cleansing: { ko: "클렌징", en: "Cleansing" },
  fashion: { ko: "옷", en: "Clothing" },
  categories: { ko: "상품 분류", en: "Categories" },
  language: { ko: "언어", en: "Language" },
  myPage: { ko: "마이페이지", en: "My page" },
  cart: { ko: "장바구니", en: "Bag" },
  cartWith: { ko: "장바구니, {n}개", en: "Bag, {n} items" },
  help: { ko: "도움말과 설정", en: "Help and settings" },
  support: { ko: "고객지원", en: "Support" },

  heroTitle: { ko: "천천히, 나에게 맞게", en: "Slowly, and made to suit you" },
  heroText: { ko: "꼭 필요한 만큼만 만드는 화장품과 옷. 온새는 서두르지 않아요.", en: "Skincare, colour and clothes, only as much as you need. ONSAE is in no hurry." },
  heroLink: { ko: "스킨케어 둘러보기", en: "Browse skincare" },
  today: { ko: "온새의 여섯 가지", en: "Six from ONSAE" },
  promiseShip: { ko: "50,000원부터 무료배송", en: "Free shipping from ₩50,000" },
  promiseShipText: { ko: "그 아래로는 3,000원이에요.", en: "Below that it is ₩3,000." },
  promiseRefill: { ko: "케이스는 오래, 속만 새로", en: "Keep the case, refill it" },
  promiseRefillText: { ko: "리필이 있는 상품은 리필부터 보여 드려요.", en: "Where there is a refill, we show it first." },
  promiseReturn: { ko: "받고 7일 안에 교환·반품", en: "Returns within 7 days" },
  promiseReturnText: { ko: "열지 않은 상품이면 이유를 묻지 않아요.", en: "Unopened? We won't ask why." },

  wish: { ko: "찜하기", en: "Save for later" },
  skin: { ko: "내 피부", en: "My skin" },
  scent: { ko: "좋아하는 향", en: "Scent I like" },
  unscented: { ko: "무향", en: "Fragrance-free" },
  floral: { ko: "꽃 향", en: "Floral" },
  citrus: { ko: "시트러스", en: "Citrus" },
  budget: { ko: "한 번에 쓰는 금액", en: "What I like to spend" },
  small: { ko: "3만원 이하", en: "Up to ₩30,000" },
  middle: { ko: "3~6만원", en: "₩30,000 to 60,000" },
  open: { ko: "상관없어요", en: "Any" },
  birthday: { ko: "내 생일", en: "My birthday" },
  birthdayWhy: { ko: "월·일만 받아요. 축하에만 쓰고, 언제든 지울 수 있어요.", en: "Month and day only. Used only to celebrate; delete any time." },
  stores: { ko: "매장", en: "Stores" },
  storesNearby: { ko: "가까운 매장", en: "Stores nearby" },
  storesWhy: { ko: "위치는 이 기기에서만 비교하고, 어디에도 남기지 않아요.", en: "Where you are is compared on this device alone, and kept nowhere." },
  storeCode: { ko: "매장 코드 네 자리 (데모: 0412)", en: "The store's four digits (demo: 0412)" },
  storeCodeSubmit: { ko: "매장에 왔어요", en: "I'm at the store" },
  storeNear: { ko: "가까이에 온새 매장이 있어요.", en: "An ONSAE store is close by." },
  storeFar: { ko: "가까운 매장이 없어요.", en: "No store nearby." },
  storeNoPlace: { ko: "위치를 알 수 없어요. 매장 문에 있는 코드를 적어 주세요.", en: "Your place cannot be told. Type the code at the store's door." },
  storeNoCode: { ko: "이 코드의 매장이 없어요.", en: "No store has this code." },
  birthdayDay: { ko: "월-일 (예: 05-15)", en: "Month-day, e.g. 05-15" },
  save: { ko: "저장", en: "Save" },
  erase: { ko: "지우기", en: "Delete" },
  writeReview: { ko: "{product} 후기 쓰기 (데모)", en: "Review {product} (demo)" },
  skinWhy: { ko: "고르신 답과 둘러본 흔적은 따로 적어 둬요. 다시 누르면 지워져요.", en: "What you say is kept apart from what you look at. Press again to take it back." },
  dry: { ko: "건성", en: "Dry" },
  oily: { ko: "지성", en: "Oily" },
  mixed: { ko: "복합성", en: "Combination" },
  sensitive: { ko: "민감성", en: "Sensitive" },
  addToCart: { ko: "장바구니에 담기", en: "Add to bag" },
  buyNow: { ko: "바로 구매", en: "Buy now" },
  added: { ko: "{product} 담았어요.", en: "{product} is in your bag." },
  seeCart: { ko: "장바구니 보기", en: "View bag" },
  quantity: { ko: "수량", en: "Quantity" },
  more: { ko: "{product} 하나 더", en: "One more {product}" },
  less: { ko: "{product} 하나 빼기", en: "One fewer {product}" },
  remove: { ko: "삭제", en: "Remove" },
  removeOf: { ko: "{product} 삭제", en: "Remove {product}" },
  fewLeft: { ko: "남은 수량 {n}개", en: "{n} left" },
  shippingFree: { ko: "무료배송", en: "Free shipping" },
  shippingNote: { ko: "배송비 3,000원 · 50,000원부터 무료", en: "Shipping ₩3,000 · free from ₩50,000" },
  alsoSee: { ko: "함께 보면 좋아요", en: "You may also like" },
  notFound: { ko: "찾는 상품이 없어요.", en: "We can't find that product." },

  cartEmpty: { ko: "아직 담은 상품이 없어요.", en: "Your bag is empty." },
  keepLooking: { ko: "상품 둘러보기", en: "Browse products" },
  subtotal: { ko: "상품 금액", en: "Subtotal" },
  shipping: { ko: "배송비", en: "Shipping" },
  free: { ko: "무료", en: "Free" },
  total: { ko: "결제할 금액", en: "Total" },
  toFree: { ko: "{gap} 더 담으면 무료배송이에요.", en: "{gap} more for free shipping." },
  isFree: { ko: "무료배송으로 보내 드려요.", en: "Your order ships free." },
  checkout: { ko: "주문하기", en: "Check out" },

  payment: { ko: "주문·결제", en: "Checkout" },
  deliverTo: { ko: "받는 곳", en: "Deliver to" },
  recipient: { ko: "받는 분", en: "Name" },
  phone: { ko: "연락처", en: "Phone" },
  address: { ko: "주소", en: "Address" },
  prefilled: { ko: "데모라서 미리 채워 두었어요. 이 정보는 어디에도 보내지 않아요.", en: "Filled in for the demo. It is sent nowhere." },
  guest: { ko: "온새 손님", en: "ONSAE guest" },
  demoAddress: { ko: "서울 성동구 온새길 12, 3층", en: "3F, 12 Onsae-gil, Seongdong-gu, Seoul" },
  payWith: { ko: "결제 수단", en: "Pay with" },
  card: { ko: "신용·체크카드", en: "Card" },
  easyPay: { ko: "간편결제", en: "Easy pay" },
  transfer: { ko: "계좌이체", en: "Bank transfer" },
  orderItems: { ko: "주문 상품", en: "Items" },
  pay: { ko: "{total} 결제하기", en: "Pay {total}" },
  payNote: { ko: "지어낸 가게라서 실제로 결제되지 않아요.", en: "This is an invented shop: nothing is charged." },

  orderDone: { ko: "주문해 주셔서 고마워요", en: "Thank you for your order" },
  orderDoneText: { ko: "정성껏 담아 {date}까지 보내 드릴게요.", en: "We'll pack it with care and ship it by {date}." },
  orderNo: { ko: "주문번호", en: "Order" },
  noOrder: { ko: "그런 주문이 없어요.", en: "There is no such order." },
  toMyPage: { ko: "주문 내역 보기", en: "See my orders" },

  hello: { ko: "{name}님, 안녕하세요", en: "Hello, {name}" },
  tier: { ko: "등급", en: "Tier" },
  points: { ko: "적립금", en: "Points" },
  projected: { ko: "예상", en: "Projected" },
  projectedNote: { ko: "이 기기에서 계산한 예상이에요. 주문이 확정되면 달라질 수 있어요.", en: "Projected on this device; it may change once orders are confirmed." },
  functional: { ko: "기본 기능", en: "Functional" },
  analytics: { ko: "이용 분석", en: "Analytics" },
  personalization: { ko: "맞춤 혜택", en: "Personalization" },
  advertising: { ko: "광고성 알림", en: "Advertising" },
  usable: { ko: "쓸 수 있는 적립금", en: "Available" },
  pending: { ko: "적립 예정", en: "Pending" },
  tierGap: { ko: "{tier} 등급까지 {gap}", en: "{gap} to {tier}" },
  tierTop: { ko: "가장 높은 등급이에요.", en: "You're at the top." },
  expires: { ko: "{points}가 {date}에 사라져요", en: "{points} expire on {date}" },
  noProgress: { ko: "첫 주문을 하시면 등급과 적립금이 여기 보여요.", en: "After your first order your tier and points appear here." },
  missions: { ko: "미션", en: "Missions" },
  badges: { ko: "배지", en: "Badges" },
  perks: { ko: "쿠폰과 선물", en: "Coupons and gifts" },
  orders: { ko: "주문 내역", en: "Orders" },
  noOrders: { ko: "아직 주문이 없어요.", en: "No orders yet." },
  paid: { ko: "배송 준비 중", en: "Preparing" },
  delivered: { ko: "배송 완료", en: "Delivered" },
  cancelled: { ko: "취소됨", en: "Cancelled" },
  markDelivered: { ko: "도착한 것으로 (데모)", en: "Mark as delivered (demo)" },
  cancel: { ko: "주문 취소", en: "Cancel order" },
  cancelAsk: { ko: "이 주문을 취소할까요?", en: "Cancel this order?" },
  cancelText: { ko: "결제한 금액은 모두 돌려드리고, 이 주문으로 받은 적립금과 등급 실적은 함께 되돌려요.", en: "You get everything back; points and tier progress from this order are taken back too." },
  cancelDo: { ko: "취소하기", en: "Cancel it" },
  back: { ko: "돌아가기", en: "Go back" },
  logout: { ko: "로그아웃", en: "Log out" },
  memberOnly: { ko: "로그인하면 주문과 적립금을 볼 수 있어요", en: "Log in to see your orders and points" },
  more_items: { ko: "외 {n}개", en: "and {n} more" },

  login: { ko: "로그인", en: "Log in" },
  signup: { ko: "회원가입", en: "Sign up" },
  signupText: { ko: "이름만 알려 주시면 돼요.", en: "A name is enough." },
  name: { ko: "이름", en: "Name" },
  email: { ko: "이메일 (선택)", en: "E-mail (optional)" },
  signupDo: { ko: "가입하기", en: "Create account" },
  taken: { ko: "이미 가입하셨어요. 로그인해 주세요.", en: "You already have an account. Please log in." },
  loginText: { ko: "가입할 때 쓴 이메일이나 이름을 적어 주세요.", en: "Your e-mail or name, as you signed up." },
  emailOrName: { ko: "이메일 또는 이름", en: "E-mail or name" },
  unknownMember: { ko: "이 기기에서 가입한 적이 없는 이름이에요.", en: "Nobody signed up on this device under that name." },
  loginDemo: { ko: "데모 회원 하늘로 들어가기", en: "Enter as demo member Haneul" },
  demoName: { ko: "하늘", en: "Haneul" },

  supportTitle: { ko: "무엇을 도와드릴까요?", en: "How can we help?" },
  supportText: { ko: "평일 10시부터 18시까지 사람이 답해요. 이 화면에는 광고나 혜택 안내를 띄우지 않아요.", en: "People answer on weekdays from 10 to 18. We show no offers on this page." },
  faqShip: { ko: "언제 도착하나요?", en: "When does it arrive?" },
  faqShipText: { ko: "평일 오후 2시까지 주문하시면 그날 보내고, 보통 하루 이틀이면 도착해요.", en: "Ordered by 2 pm on a weekday, it leaves the same day and usually arrives in a day or two." },
  faqReturn: { ko: "교환이나 반품은 어떻게 하나요?", en: "How do I return something?" },
  faqReturnText: { ko: "받은 날부터 7일 안에 마이페이지에서 신청해 주세요. 화장품은 열지 않은 것만 돼요.", en: "Ask on my page within 7 days. Cosmetics must be unopened." },
  faqPoints: { ko: "적립금은 언제 쓸 수 있나요?", en: "When can I use my points?" },
  faqPointsText: { ko: "배송이 끝나고 7일 뒤에 확정되고, 3,000P부터 쓸 수 있어요. 확정된 날부터 365일 동안 남아 있어요.", en: "They are confirmed 7 days after delivery, usable from 3,000P, and last 365 days." },
  faqData: { ko: "쇼핑 기록은 어디에 저장되나요?", en: "Where is my shopping history kept?" },
  faqDataText: { ko: "허용하신 경우에만 이 기기에 저장돼요. 단비 패널에서 내보내거나 모두 지울 수 있어요.", en: "Only if you allow it, and on this device. Export or erase it all in the danbi panel." },

  consentAsk: { ko: "맞춤 혜택을 위해 이 기기에 쇼핑 기록을 저장해도 될까요?", en: "May we keep your shopping history on this device to tailor offers to you?" },
  consentMore: { ko: "언제든 바꿀 수 있고, 허용하지 않아도 쇼핑은 그대로예요.", en: "Change it any time. Shopping works the same either way." },
  allow: { ko: "허용", en: "Allow" },
  deny: { ko: "허용 안 함", en: "Don't allow" },
  consentSettings: { ko: "맞춤 혜택 설정", en: "Personalization settings" },
  invented: { ko: "온새는 단비(danbi)를 보여 드리려고 지어낸 가게예요. 주문과 결제는 실제로 일어나지 않아요.", en: "ONSAE is a shop invented to show danbi. No order or payment is real." },

  panel: { ko: "단비 패널", en: "danbi panel" },
  panelText: { ko: "이 화면에서 단비가 무엇을, 왜 보여 주는지 들여다봐요.", en: "What danbi shows on this page, and why." },
  close: { ko: "닫기", en: "Close" },
  clock: { ko: "시계", en: "Clock" },
  seoulTime: { ko: "서울 시각", en: "Seoul time" },
  clockText: { ko: "시계를 옮기면 그때 다시 방문한 것으로 여겨요.", en: "Moving the clock counts as a new visit at that time." },
  hour1: { ko: "+1시간", en: "+1 hour" },
  hour24: { ko: "+24시간", en: "+24 hours" },
  day7: { ko: "+7일", en: "+7 days" },
  toNow: { ko: "지금으로", en: "Now" },
  setClock: { ko: "날짜와 시각 정하기", en: "Set date and time" },
  verdicts: { ko: "캠페인", en: "Campaigns" },
  verdictsText: { ko: "캠페인마다 지금 보이는지, 아니라면 왜인지.", en: "For every campaign: is it showing, and if not, why." },
  showing: { ko: "보여 줌", en: "Showing" },
  losing: { ko: "지는 중", en: "Outranked" },
  waiting: { ko: "대기", en: "Waiting" },
  codes: { ko: "코드 보기", en: "Codes" },
  noVerdicts: { ko: "아직 판단이 없어요. 엔진이 준비되면 여기 나와요.", en: "Nothing decided yet. It appears when the engine is ready." },
  noStudio: { ko: "설명을 불러오지 못했어요. 코드만 보여 드려요.", en: "The explanations could not be loaded; here are the codes." },
  facts: { ko: "이 손님", en: "This shopper" },
  who: { ko: "회원", en: "Member" },
  nobody: { ko: "손님 (로그인 전)", en: "Guest (not logged in)" },
  consentState: { ko: "동의", en: "Consent" },
  granted: { ko: "허용", en: "Granted" },
  denied: { ko: "거절", en: "Denied" },
  unknown: { ko: "모름", en: "Unknown" },
  audiences: { ko: "속한 그룹", en: "Audiences" },
  progress: { ko: "진행", en: "Progress" },
  meters: { ko: "집계", en: "Meters" },
  none: { ko: "없음", en: "None" },
  engine: { ko: "엔진", en: "Engine" },
  ready: { ko: "준비됨", en: "Ready" },
  starting: { ko: "준비 중", en: "Starting" },
  unavailable: { ko: "사용할 수 없음", en: "Unavailable" },
  storage: { ko: "저장", en: "Storage" },
  onDevice: { ko: "이 기기", en: "This device" },
  inMemory: { ko: "메모리 (창을 닫으면 사라짐)", en: "Memory (gone when the tab closes)" },
  sending: { ko: "전송", en: "Sending" },
  sendsNowhere: { ko: "아무 데도 보내지 않음", en: "Sends nowhere" },
  exportData: { ko: "내보내기", en: "Export" },
  eraseData: { ko: "모두 지우기", en: "Erase all" },
  eraseAsk: { ko: "이 기기의 단비 기록을 모두 지울까요? 되돌릴 수 없어요.", en: "Erase everything danbi keeps on this device? This cannot be undone." },
  eraseDo: { ko: "지우기", en: "Erase" },
  erased: { ko: "모두 지웠어요.", en: "Everything is erased." },
} satisfies { [key: string]: Text };

export type TextKey = keyof typeof texts;

/** A text by key, with `{name}` filled in. */
export const t = (key: TextKey, values: { [name: string]: string | number } = {}) =>
  say(texts[key]).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));

const grouped = (amount: number) => String(Math.round(amount)).replace(/\B(?=(\d{3})+$)/g, ",");

/** `Intl` never writes 원, so the shop does. */
export const won = (amount: number) => (lang.value === "ko" ? `${grouped(amount)}원` : `₩${grouped(amount)}`);
export const points = (amount: number) => `${grouped(amount)}P`;

const weekdays = { ko: ["일", "월", "화", "수", "목", "금", "토"], en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 5월 12일(화) · Tue, 12 May, as read in Seoul; with the year where it could be another. */
export function day(ms: number, withYear = false) {
  const date = seoul(ms);
  const weekday = weekdays[lang.value][date.getUTCDay()];
  const year = date.getUTCFullYear();
  return lang.value === "ko"
    ? `${withYear ? `${year}년 ` : ""}${date.getUTCMonth() + 1}월 ${date.getUTCDate()}일(${weekday})`
    : `${weekday}, ${date.getUTCDate()} ${months[date.getUTCMonth()]}${withYear ? ` ${year}` : ""}`;
}

/** 오전 10:00 · 10:00 am. */
export function time(ms: number) {
  const date = seoul(ms);
  const hour = date.getUTCHours() % 12 || 12;
  const clock = `${hour}:${String(date.getUTCMinutes()).padStart(2, "0")}`;
  const morning = date.getUTCHours() < 12;
  return lang.value === "ko" ? `${morning ? "오전" : "오후"} ${clock}` : `${clock} ${morning ? "am" : "pm"}`;
}

/** Tier names of the loyalty program; a level the shop does not know is shown by its id. */
const tiers: { [level: string]: Text } = {
  seed: { ko: "씨앗", en: "Seed" },
  leaf: { ko: "잎", en: "Leaf" },
  bloom: { ko: "꽃", en: "Bloom" },
  fruit: { ko: "열매", en: "Fruit" },
  garden: { ko: "정원", en: "Garden" },
};
export const tierName = (level: string) => { const name = tiers[level]; return name ? say(name) : level; };
