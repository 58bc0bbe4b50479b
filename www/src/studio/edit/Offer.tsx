/** An offer: what it is, for whom, how often, what it shows. */
import { scale } from "../state/bundle";
import { Audience } from "./Audience";
import { Schedule, slots } from "./Campaign";
import { at, put, table } from "./edits";
import { money } from "./facts";
import { Amount, Group, Line, Rest, Several, Time } from "./fields";
import { Message } from "./Message";
import { Texts } from "./Texts";
import { t } from "./words";

export function Offer({ place }: { place: number }) {
  const path = ["offers", place];
  const offer = table(at(path));
  const field = (key: string) => ({ path: [...path, key], value: offer[key], testid: `offer-${key}` });
  return (
    <>
      <Group title={t("basics")} path={path} testid="basics">
        <Texts label={t("label")} {...field("label")} variables={false} />
        <div class="row">
          <Line label={t("id")} {...field("id")} required />
          <Line label={t("category")} {...field("category")} />
          <Amount label={t("margin")} {...field("margin")} scale={0.01} unit="%" />
          <Line label={t("item")} {...field("item")} />
          <Amount label={t("price")} {...field("price")} scale={scale.value} unit={money()} />
        </div>
        <Several label={t("slots")} {...field("slots")} options={[["interruptive", t("interruptive")], ...slots().map((slot): [string, string] => [slot, slot])]} />
      </Group>
      <Audience path={[...path, "audience"]} value={offer.audience} />
      {offer.message === undefined ? (
        <Group title={t("message")} path={[...path, "message"]} hint={t("offerShownBy")}><div class="tools"><button type="button" class="small" data-testid="offer-message" onClick={() => put([...path, "message"], { blocks: [{ title: "{{ offer.label }}" }] }, true)}>{t("ownMessage")}</button></div></Group>
      ) : <Message path={[...path, "message"]} message={offer.message} over={false} title={t("message")} />}
      <Schedule path={[...path, "schedule"]} value={offer.schedule} />
      <Group title={t("caps")} path={[...path, "ceiling"]}>
        <div class="row">
          <Amount label={t("ceiling")} {...field("ceiling")} unit={t("times")} />
          <Time label={t("cooldown")} {...field("cooldown")} />
        </div>
        <Texts label={t("reason")} {...field("why")} optional />
      </Group>
      <Group title={t("expected")} path={[...path, "prior"]} hint={t("priorHint")}>
        <div class="row">
          <Amount label={t("p0")} path={[...path, "prior", "p0"]} value={table(offer.prior).p0} scale={0.01} unit="%" testid="offer-p0" />
          <Amount label={t("n0")} path={[...path, "prior", "n0"]} value={table(offer.prior).n0} testid="offer-n0" />
        </div>
      </Group>
      <Rest path={path} value={offer} known={["id", "label", "category", "margin", "item", "price", "slots", "audience", "message", "schedule", "ceiling", "cooldown", "why", "prior"]} />
    </>
  );
}
