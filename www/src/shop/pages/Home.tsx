import { products } from "../catalog";
import { t } from "../i18n";
import { Grid, Slot } from "../parts";
import { to } from "../router";

/** What stands on the hero's table, and where. */
const table = [["refresh-toner", "left"], ["cica-ampoule-c", "front"], ["cleansing-oil", "right"]] as const;

export const Home = () => (
  <>
    <section class="hero">
      <div class="hero-words">
        <h1 tabIndex={-1}>{t("heroTitle")}</h1>
        <p>{t("heroText")}</p>
        <a class="button" href={to.list("skincare")}>{t("heroLink")}</a>
      </div>
      <div class="hero-table">
        {table.map(([id, place]) => <img key={id} class={place} src={`art/${id}.svg`} alt="" width="400" height="500" />)}
      </div>
    </section>
    <Slot name="home" />
    <section>
      <h2 class="unseen">{t("today")}</h2>
      <Grid products={products} list="home" />
    </section>
    <section class="section promises">
      <h2 class="unseen">{t("shop")}</h2>
      <div><h3>{t("promiseShip")}</h3><p class="soft small">{t("promiseShipText")}</p></div>
      <div><h3>{t("promiseRefill")}</h3><p class="soft small">{t("promiseRefillText")}</p></div>
      <div><h3>{t("promiseReturn")}</h3><p class="soft small">{t("promiseReturnText")}</p></div>
    </section>
  </>
);
