/**
 * Every `data-testid` of the shop, in one place. Tests and tours lean on these names: do not change one lightly.
 *
 * Everywhere   nav-home nav-mypage nav-support go-cart nav-category-<category> lang-ko lang-en
 * Consent      consent consent-allow consent-deny consent-settings
 * Products     product-<item_id> (card) · on the product page: product-title wish add-to-cart buy-now
 * Cart         cart-line-<item_id> cart-more-<item_id> cart-less-<item_id> cart-remove-<item_id> cart-total go-checkout
 * Payment      pay
 * Order        order-complete · on my page: order-<transaction_id> order-delivered-<id> order-review-<id>-<item_id> order-cancel-<id> · cancel page: cancel-confirm
 * Member       go-login signup-name signup-email signup-submit login-name login-submit login-demo logout member-name points tier missions badges perks skin-<answer> scent-<answer> budget-<answer>
 *              birthday-input birthday-save birthday-erase stores-nearby store-code store-code-submit
 * Drawer       drawer-open drawer drawer-close verdict-<campaign> verdict-state-<campaign>
 * Clock        clock-now clock-plus-1h clock-plus-24h clock-plus-7d clock-reset clock-input
 * Facts        facts-progress facts-meters facts-engine facts-storage facts-export facts-erase facts-erase-confirm
 */
export const testids = {
  navHome: "nav-home",
  navMypage: "nav-mypage",
  navSupport: "nav-support",
  goCart: "go-cart",
  navCategory: (category: string) => `nav-category-${category}`,
  langKo: "lang-ko",
  langEn: "lang-en",

  consent: "consent",
  consentAllow: "consent-allow",
  consentDeny: "consent-deny",
  consentSettings: "consent-settings",

  product: (id: string) => `product-${id}`,
  productTitle: "product-title",
  wish: "wish",
  addToCart: "add-to-cart",
  buyNow: "buy-now",

  cartLine: (id: string) => `cart-line-${id}`,
  cartMore: (id: string) => `cart-more-${id}`,
  cartLess: (id: string) => `cart-less-${id}`,
  cartRemove: (id: string) => `cart-remove-${id}`,
  cartTotal: "cart-total",
  goCheckout: "go-checkout",
  pay: "pay",

  orderComplete: "order-complete",
  order: (id: string) => `order-${id}`,
  orderDelivered: (id: string) => `order-delivered-${id}`,
  orderReview: (id: string, item: string) => `order-review-${id}-${item}`,
  orderCancel: (id: string) => `order-cancel-${id}`,
  cancelConfirm: "cancel-confirm",

  goLogin: "go-login",
  signupName: "signup-name",
  signupEmail: "signup-email",
  signupSubmit: "signup-submit",
  loginName: "login-name",
  loginSubmit: "login-submit",
  loginDemo: "login-demo",
  logout: "logout",
  memberName: "member-name",
  points: "points",
  missions: "missions",
  badges: "badges",
  perks: "perks",
  tier: "tier",
  taste: (taste: string, answer: string) => `${taste}-${answer}`,
  birthdayInput: "birthday-input",
  birthdaySave: "birthday-save",
  birthdayErase: "birthday-erase",
  storesNearby: "stores-nearby",
  storeCode: "store-code",
  storeCodeSubmit: "store-code-submit",

  drawerOpen: "drawer-open",
  drawer: "drawer",
  drawerClose: "drawer-close",
  verdict: (campaign: string) => `verdict-${campaign}`,
  verdictState: (campaign: string) => `verdict-state-${campaign}`,

  clockNow: "clock-now",
  clockPlus: (step: string) => `clock-plus-${step}`,
  clockReset: "clock-reset",
  clockInput: "clock-input",

  factsProgress: "facts-progress",
  factsMeters: "facts-meters",
  factsEngine: "facts-engine",
  factsStorage: "facts-storage",
  factsExport: "facts-export",
  factsErase: "facts-erase",
  factsEraseConfirm: "facts-erase-confirm",
};
