/** What a new campaign begins with: complete, in both languages, with a cap, an end and its reasons in words; and the meters that it counts by. */
import { at as clock } from "../state/scene";
import { good, zone } from "../state/bundle";
import { DAY, local } from "../state/zone";
import { table } from "./edits";

interface Blank {
  name: { ko: string; en: string };
  about: { ko: string; en: string };
  campaign: Record<string, unknown> & { id: string };
  /** Defined where the bundle does not count them yet. */
  meters?: Record<string, unknown>;
}
const NAME = { ko: "{{ user.name | default: \"고객\" }}님", en: "{{ user.name | default: \"there\" }}" };
const joined = { since: "sign_up" }, ordered = { last: "purchase" }, orders = { count: "purchase" };

/** From the day that the clock shows, for so many days. */
const schedule = (days: number) => {
  const day = (ms: number) => local(ms, zone.peek()).slice(0, 10);
  return { from: day(clock.peek()), until: day(clock.peek() + days * DAY) };
};

export const blanks = (): Blank[] => {
  const [program] = Array.isArray(good.peek()?.programs) ? (good.peek()!.programs as any[]) : [];
  const [tier] = Object.keys(table(program?.tiers));
  return [
    {
      name: { ko: "가입 환영", en: "Welcome" },
      about: { ko: "가입한 뒤 일주일, 아직 주문이 없는 분께 한 번", en: "Once, to those who joined within a week and have not ordered" },
      meters: { joined, orders },
      campaign: {
        id: "hello", label: { ko: "첫인사", en: "First hello" }, priority: 35,
        trigger: { since: { fact: "meter.joined", within: "P7D", why: { ko: "가입한 지 일주일 안에만 떠요", en: "Only within a week of signing up" } } },
        audience: { when: { "meter.orders": { $lt: 1 } }, why: { ko: "이미 첫 주문을 하셨어요", en: "The first order is done" } },
        schedule: schedule(90), caps: [{ count: 1, why: { ko: "처음 한 번만 인사해요", en: "Said once" } }],
        message: { form: "sheet", blocks: [
          { title: { ko: `반가워요, ${NAME.ko}.`, en: `Welcome, ${NAME.en}.` } },
          { text: { ko: "처음이라면 이 세 가지부터 보세요.", en: "New here? Start with these three." } },
          { buttons: [{ label: { ko: "둘러보기", en: "Look around" }, url: "#/list", value: "look_around" }] },
        ] },
      },
    },
    {
      name: { ko: "장바구니 알림", en: "Bag reminder" },
      about: { ko: "담은 지 하루가 지난 분께, 일주일에 한 번", en: "Once a week, a day after the bag changed" },
      campaign: {
        id: "bag_note", label: { ko: "담아둔 상품 안내", en: "Note on the bag" }, priority: 50,
        trigger: { since: { fact: "context.cart.changedAt", after: "P1D", why: { ko: "{% if end %}담고 하루가 지나는 {{ end }}부터 떠요{% else %}장바구니가 비어 있어요{% endif %}", en: "{% if end %}Due a day after the bag changed, from {{ end }}{% else %}The bag is empty{% endif %}" } } },
        audience: { when: { "context.cart.quantity": { $gt: 0 } }, why: { ko: "장바구니가 비어 있어요", en: "The bag is empty" } },
        schedule: schedule(60), caps: [{ count: 1, per: "P7D", why: { ko: "일주일에 한 번만 알려드려요", en: "Told once in 7 days" } }],
        message: { form: "sheet", blocks: [
          { title: { ko: "{{ context.cart.lead.item_name | default: \"담아둔 상품\" | josa: \"이/가\" }} 기다리고 있어요.", en: "{{ context.cart.lead.item_name | default: \"Your pick\" }} is waiting." } },
          { text: { ko: "담아둔 그대로 두었어요.", en: "Everything is as you left it." } },
          { buttons: [{ label: { ko: "장바구니 보기", en: "See the bag" }, url: "#/cart", value: "cart" }] },
        ] },
      },
    },
    {
      name: { ko: "생일 축하", en: "Birthday" },
      about: { ko: "생일 사흘 전부터 일주일 뒤까지, 한 해에 한 번", en: "From three days before until a week after, once a year" },
      campaign: {
        id: "birthday_note", label: { ko: "생일 인사", en: "Birthday wishes" }, priority: 75,
        trigger: { date: { fact: "user.birthday", from: "-P3D", to: "P7D", why: { ko: "{% if end %}생일 사흘 전인 {{ end }}부터 떠요{% else %}생일을 몰라요{% endif %}", en: "{% if end %}Due three days before the birthday, from {{ end }}{% else %}The birthday is unknown{% endif %}" } } },
        schedule: schedule(365), caps: [{ count: 1, per: "P11M", why: { ko: "올해는 이미 축하했어요", en: "Wished already this year" } }],
        message: { form: "sheet", blocks: [
          { title: { ko: `${NAME.ko}, 생일 축하해요!`, en: `Happy birthday, ${NAME.en}!` } },
          { text: { ko: "좋은 하루 보내세요. 작은 선물을 준비했어요.", en: "Have a lovely day. A small gift is waiting." } },
          { buttons: [{ label: { ko: "선물 보기", en: "See the gift" }, url: "#/my", value: "gift" }] },
        ] },
      },
    },
    {
      name: { ko: "오랜만에 오신 분", en: "Win-back" },
      about: { ko: "60일 넘게 주문이 없다가 다시 온 분께", en: "To those back after 60 days without an order" },
      meters: { ordered },
      campaign: {
        id: "hello_again", label: { ko: "다시 인사", en: "Hello again" }, priority: 65,
        trigger: { since: { fact: "meter.ordered", after: "P60D", why: { ko: "{% if end %}마지막 주문에서 60일이 지나는 {{ end }}부터 떠요{% else %}아직 주문이 없어요{% endif %}", en: "{% if end %}Due 60 days after the last order, from {{ end }}{% else %}No order yet{% endif %}" } } },
        schedule: schedule(60), caps: [{ count: 1, per: "P60D", why: { ko: "60일에 한 번만 인사해요", en: "Said once in 60 days" } }],
        message: { form: "sheet", blocks: [
          { title: { ko: `오랜만이에요, ${NAME.ko}.`, en: `Good to see you, ${NAME.en}.` } },
          { text: { ko: "그동안 새로 들어온 것을 모아 두었어요.", en: "We kept what is new for you." } },
          { buttons: [{ label: { ko: "새로 나온 것 보기", en: "See what's new" }, url: "#/list", value: "new" }] },
        ] },
      },
    },
    {
      name: { ko: "후기 부탁", en: "Review request" },
      about: { ko: "상품이 온 지 일주일 뒤, 상품마다 한 번", en: "A week after delivery, once for each product" },
      campaign: {
        id: "review_ask", label: { ko: "후기 요청", en: "Review request" }, priority: 45,
        trigger: { since: { fact: "context.review.deliveredAt", after: "P7D", within: "P30D", why: { ko: "받으신 지 7일부터 30일까지 여쭤봐요", en: "Asked from 7 to 30 days after delivery" } } },
        schedule: schedule(90), caps: [{ count: 1, by: "context.review.line", why: { ko: "이 상품은 이미 여쭤봤어요", en: "Already asked about this item" } }],
        message: { form: "sheet", blocks: [
          { title: { ko: "{{ context.review.item_name | default: \"주문하신 상품\" | josa: \"은/는\" }} 어떠셨어요?", en: "How is {{ context.review.item_name | default: \"your order\" }}?" } },
          { text: { ko: "별점과 상관없이 솔직한 한마디를 기다려요.", en: "Whatever the rating, we would like to hear." } },
          { buttons: [{ label: { ko: "후기 쓰기", en: "Write a review" }, url: "#/my", value: "review" }] },
        ] },
      },
    },
    ...(tier ? [{
      name: { ko: "다음 등급까지", en: "Close to the next tier" },
      about: { ko: "다음 등급까지 5만 원이 안 남은 분께, 마이페이지 카드로", en: "A card on my page for those with less than ₩50,000 to go" },
      campaign: {
        id: "tier_close", label: { ko: "등급 안내 카드", en: "Tier card" }, priority: 33, slot: "mypage",
        audience: [{ when: { [`loyalty.tiers.${tier}.next`]: { $exists: true } }, why: { ko: "가장 높은 등급이에요", en: "Already at the highest tier" } }, { when: { [`loyalty.tiers.${tier}.remaining`]: { $lte: 50000 } }, why: { ko: "다음 등급까지 아직 멀어요", en: "The next tier is still far" } }],
        schedule: schedule(90), caps: [{ count: 1, per: "P30D", of: "dismiss", why: { ko: "닫으셔서 30일 동안 쉬어요", en: "Dismissed, resting for 30 days" } }],
        message: { hide: [], blocks: [
          { title: { ko: `{{ loyalty.tiers.${tier}.nextLabel | default: "다음 등급" | josa: "이/가" }} 가까워요.`, en: `{{ loyalty.tiers.${tier}.nextLabel | default: "The next tier" }} is near.` } },
          { tier: { of: tier, text: { ko: `{{ loyalty.tiers.${tier}.remaining | money }} 남았어요`, en: `{{ loyalty.tiers.${tier}.remaining | money }} to go` } } },
        ] },
      },
    }] : []),
    {
      name: { ko: "재입고 알림", en: "Back in stock" },
      about: { ko: "기다리던 상품이 다시 들어온 분께 (매장이 back_in_stock 이벤트를 보내요)", en: "When a product awaited is back (the shop sends back_in_stock)" },
      campaign: {
        id: "back_in_stock", label: { ko: "재입고 안내", en: "Back in stock" }, priority: 58,
        trigger: { event: { name: "back_in_stock", why: { ko: "기다리는 상품이 아직 들어오지 않았어요", en: "What they wait for is not back yet" } } },
        schedule: schedule(60), caps: [{ count: 1, per: "P1D", why: { ko: "하루에 한 번만 알려드려요", en: "Told once a day" } }],
        message: { form: "banner", blocks: [
          { title: { ko: "기다리시던 상품이 다시 들어왔어요.", en: "What you waited for is back." } },
          { buttons: [{ label: { ko: "보러 가기", en: "Take a look" }, url: "#/list", value: "open" }] },
        ] },
      },
    },
    {
      name: { ko: "빈 캠페인", en: "Blank" },
      about: { ko: "하나씩 채워 가요", en: "To be filled in" },
      campaign: {
        id: "campaign", label: { ko: "새 캠페인", en: "New campaign" }, priority: 10, schedule: schedule(30), caps: [{ count: 1, per: "P7D" }],
        message: { form: "sheet", blocks: [{ title: { ko: "제목을 적어 주세요", en: "Write a title" } }] },
      },
    },
  ];
};
