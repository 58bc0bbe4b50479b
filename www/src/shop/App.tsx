/** The frame: header, the page of the route, footer, consent bar, toast and danbi's panel. */
import { signal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Drawer } from "../drawer/Drawer";
import { drawerOpen } from "../drawer/state";
import { testids } from "../testids";
import { justAdded } from "./actions";
import { categories } from "./catalog";
import { answerConsent, speak } from "./danbi";
import { say, t } from "./i18n";
import { Cart } from "./pages/Cart";
import { Checkout } from "./pages/Checkout";
import { Home } from "./pages/Home";
import { List } from "./pages/List";
import { Login } from "./pages/Login";
import { MyPage } from "./pages/MyPage";
import { OrderCancel, OrderComplete } from "./pages/Order";
import { ProductPage } from "./pages/Product";
import { Support } from "./pages/Support";
import { route, to, type Route } from "./router";
import { cartCount, consent, lang } from "./store";
import { arrive, titleOf } from "./visit";

/** The bar is open until answered, and again when asked for from the footer. */
const asking = signal(consent.value === null);

function page(at: Route) {
  switch (at.page) {
    case "home": return <Home />;
    case "list": return <List />;
    case "product": return <ProductPage key={at.id} id={at.id} />;
    case "cart": return <Cart />;
    case "checkout": return <Checkout />;
    case "order": return <OrderComplete id={at.id} />;
    case "cancel": return <OrderCancel id={at.id} />;
    case "my": return <MyPage />;
    case "login": return <Login />;
    case "support": return <Support />;
  }
}

function Header() {
  const at = route.value;
  return (
    <header class="header">
      <div class="header-row">
        <a class="brand" href={to.home} data-testid={testids.navHome}>온새 <small>ONSAE</small></a>
        <nav class="categories" aria-label={t("categories")}>
          {categories.map((category) => (
            <a
              key={category} href={to.list(category)} data-testid={testids.navCategory(category)}
              aria-current={at.page === "list" && at.category === category ? "page" : undefined}
            >{t(category)}</a>
          ))}
        </nav>
        <div class="tools">
          <div class="langs" role="group" aria-label={t("language")}>
            <button type="button" lang="ko" aria-pressed={lang.value === "ko"} data-testid={testids.langKo} onClick={() => speak("ko")}>KO<span class="unseen"> 한국어</span></button>
            <button type="button" lang="en" aria-pressed={lang.value === "en"} data-testid={testids.langEn} onClick={() => speak("en")}>EN<span class="unseen"> English</span></button>
          </div>
          <a class="icon" href={to.my} aria-label={t("myPage")} data-testid={testids.navMypage}>
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" aria-hidden="true"><circle cx="12" cy="8.2" r="3.7" /><path d="M4.8 20c.7-3.7 3.6-5.6 7.2-5.6s6.5 1.9 7.2 5.6" /></svg>
          </a>
          <a class="icon" href={to.cart} data-testid={testids.goCart}>
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M5 8.2h14l-.9 11.3H5.9zM8.7 10.5V7.2a3.3 3.3 0 0 1 6.6 0v3.3" /></svg>
            <span class="unseen">{t("cartWith", { n: cartCount.value })}</span>
            {cartCount.value > 0 && <span class="count" aria-hidden="true">{cartCount.value}</span>}
          </a>
        </div>
      </div>
    </header>
  );
}

const Footer = () => (
  <footer class="footer">
    <div class="footer-row">
      <nav aria-label={t("help")}>
        <a href={to.support} data-testid={testids.navSupport}>{t("support")}</a>
        <button type="button" class="link" data-testid={testids.consentSettings} onClick={() => { asking.value = true; }}>{t("consentSettings")}</button>
      </nav>
      <p>{t("invented")}</p>
    </div>
  </footer>
);

function ConsentBar() {
  if (!asking.value) return null;
  const answer = (yes: boolean) => {
    answerConsent(yes);
    asking.value = false;
  };
  return (
    <section class="consent" aria-label={t("consentSettings")} data-testid={testids.consent}>
      <p class="consent-title">{t("consentAsk")}</p>
      <p class="small soft">{t("consentMore")}</p>
      <div class="actions">
        <button type="button" class="button grow" data-testid={testids.consentAllow} onClick={() => answer(true)}>{t("allow")}</button>
        <button type="button" class="button quiet grow" data-testid={testids.consentDeny} onClick={() => answer(false)}>{t("deny")}</button>
      </div>
    </section>
  );
}

const TOAST_MS = 6000;

/** Always in the page, so that screen readers hear what appears in it. */
function Toast() {
  useSignalEffect(() => {
    if (!justAdded.value) return;
    const timer = setTimeout(() => { justAdded.value = null; }, TOAST_MS);
    return () => clearTimeout(timer);
  });
  const product = justAdded.value;
  return (
    <div class="toast" role="status">
      {product && <><span>{t("added", { product: say(product.name) })}</span><a href={to.cart}>{t("seeCart")}</a></>}
    </div>
  );
}

export function App() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const at = route.value;

  useEffect(() => {
    document.documentElement.lang = lang.value;
    const title = titleOf(at);
    document.title = at.page === "home" ? `${title} ${lang.value === "ko" ? "ONSAE" : "온새"}` : `${title} · ${t("shop")}`;
  }, [at, lang.value]);

  // After the page is drawn, so that danbi finds its slots when it hears of the visit.
  useEffect(() => {
    arrive();
    if (!first.current) {
      scrollTo(0, 0);
      main.current?.querySelector("h1")?.focus({ preventScroll: true });
    }
    first.current = false;
    if (at.page !== "product") justAdded.value = null;
  }, [at]);

  useEffect(() => consent.subscribe((answer) => { if (answer === null) asking.value = true; }), []);

  return (
    <div class={drawerOpen.value ? "frame with-drawer" : "frame"}>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>{t("skip")}</a>
      <Header />
      <main class="main" id="main" tabIndex={-1} ref={main}>{page(at)}</main>
      <Footer />
      <Toast />
      <ConsentBar />
      <Drawer />
    </div>
  );
}
