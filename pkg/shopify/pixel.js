// danbi's relay for Shopify, to be pasted whole into Settings → Customer events → Add custom pixel (permission: required,
// analytics). The pixel sees what happens in the shop but cannot reach its pages, so it hands the events over to danbi in
// the theme, which calls `receive(danbi)` of "danbi/shopify". Events reach only a page that has told its token. Those of a
// page without danbi, as Shopify's checkout is, wait in the shop's localStorage for the next page that has it.
// Whom an event is about stays out of it.
const PRIVATE = /^(customer|buyerIdentity|email|phone|smsMarketingPhone|firstName|lastName|.*[aA]ddress|attributes|note|transactions|token)$/;
const KEY = "danbi-relay";
const MOST = 20;

let token;
let waiting = [];
const post = (event) => parent.postMessage({ danbi: token, ...event }, init.context.document.location.origin);

analytics.subscribe("danbi_relay", ({ customData }) => {
  token = customData.token;
  browser.localStorage.removeItem(KEY);
  waiting.splice(0).forEach(post);
});
analytics.subscribe("all_standard_events", ({ name, data }) => {
  const event = { name, data: JSON.parse(JSON.stringify(data ?? {}, (key, value) => (PRIVATE.test(key) ? undefined : value))) };
  if (token) return post(event);
  waiting = [...waiting, event].slice(-MOST);
  if (name.startsWith("checkout_") || name === "payment_info_submitted") browser.localStorage.setItem(KEY, JSON.stringify(waiting));
});
