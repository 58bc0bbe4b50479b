import { t } from "../i18n";
import { Grid, Slot } from "../parts";
import { route } from "../router";
import { listed, titleOf } from "../visit";

export const List = () => (
  <div class="stack">
    <h1 tabIndex={-1}>{titleOf(route.value)}</h1>
    <Slot name="list" />
    <h2 class="unseen">{t("today")}</h2>
    <Grid products={listed(route.value)} list="list" />
  </div>
);
