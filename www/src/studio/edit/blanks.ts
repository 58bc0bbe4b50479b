/** What a new campaign begins with. */
export const blanks = [
  {
    name: { ko: "장바구니에 담은 분께", en: "For those with something in the bag" },
    campaign: {
      id: "bag_note", label: { ko: "담아둔 상품 안내", en: "Note on the bag" }, priority: 50,
      audience: [{ when: { "context.cart.quantity": { $gt: 0 } }, why: { ko: "장바구니가 비어 있어요", en: "The bag is empty" } }],
      caps: [{ count: 1, per: "P7D" }],
      message: {
        form: "sheet",
        blocks: [
          { title: { ko: "{{ context.cart.lead.name | default: \"담아둔 상품\" | josa: \"이/가\" }} 기다리고 있어요.", en: "{{ context.cart.lead.name | default: \"Your pick\" }} is waiting." } },
          { buttons: [{ label: { ko: "장바구니 보기", en: "See the bag" }, url: "#/cart", value: "cart" }] },
        ],
      },
    },
  },
  {
    name: { ko: "오랜만에 오신 분께", en: "For those back after a while" },
    campaign: {
      id: "hello_again", label: { ko: "다시 인사", en: "Hello again" }, priority: 40,
      trigger: { since: { fact: "meter.ordered", after: "P60D" } },
      caps: [{ count: 1, per: "P60D" }],
      message: { form: "sheet", blocks: [{ title: { ko: "오랜만이에요, {{ user.name | default: \"고객\" }}님.", en: "Good to see you, {{ user.name | default: \"there\" }}." } }, { text: { ko: "그동안 새로 들어온 것을 모아 두었어요.", en: "We kept what is new for you." } }] },
    },
  },
  {
    name: { ko: "마이페이지 알림 카드", en: "A card on my page" },
    campaign: {
      id: "card", label: { ko: "알림 카드", en: "Card" }, priority: 10, slot: "mypage",
      caps: [{ count: 1, per: "P30D", of: "dismiss" }],
      message: { blocks: [{ title: { ko: "알려드려요", en: "For your information" } }, { text: { ko: "", en: "" } }] },
    },
  },
] as const satisfies { name: { ko: string; en: string }; campaign: Record<string, unknown> }[];
