/** What holds for all campaigns: pages and their slots, how often, quiet hours, the label of advertising. */
import { named } from "../words";
import { Requirements } from "./Audience";
import { Clock } from "./Campaign";
import { at, put, table } from "./edits";
import { Amount, Check, Choice, Group, Line, Names, options, Rest, Time } from "./fields";
import { Texts } from "./Texts";
import { t } from "./words";

export function House() {
  const house = table(at(["house"]));
  const pacing = table(house.pacing), label = table(house.adLabel), quiet = table(pacing.quiet);
  const of = (...path: string[]) => ({ path: ["house", ...path], value: path.reduce<any>((value, key) => table(value)[key], house), testid: `house-${path.join("-")}` });
  return (
    <>
      <Group title={t("basics")} path={["house"]} testid="basics">
        <div class="row">
          <Line label={t("bundleId")} path={["bundle"]} value={at(["bundle"])} required testid="bundle-id" />
          <Amount label={t("version")} path={["version"]} value={at(["version"])} testid="bundle-version" />
          <Line label={t("zone")} {...of("zone")} required suggestions={["Asia/Seoul", "Asia/Tokyo", "UTC"]} />
          <Line label={t("currency")} {...of("currency")} required suggestions={["KRW", "USD", "JPY"]} />
          <Time label={t("session")} {...of("session")} within={["minutes", "hours"]} />
        </div>
      </Group>
      <Group title={t("caps")} path={["house", "pacing"]} hint={t("pacingHint")} testid="pacing">
        <div class="row">
          <Amount label={t("perVisit")} {...of("pacing", "session")} unit={t("times")} />
          <Amount label={t("perDay")} {...of("pacing", "day")} unit={t("times")} />
          <Amount label={t("inDays", { n: table(pacing.rolling).days ?? "N" })} {...of("pacing", "rolling", "count")} unit={t("times")} />
          <Amount label={t("rollingDays")} {...of("pacing", "rolling", "days")} unit={t("days")} />
          <Time label={t("pacingGap")} {...of("pacing", "gap")} />
        </div>
        <div class="row">
          <Check label={t("quiet")} path={["house", "pacing", "quiet"]} value={pacing.quiet} testid="house-quiet" set={(on) => put(["house", "pacing", "quiet"], on ? { from: "21:00", to: "08:00" } : undefined, true)} />
          {pacing.quiet !== undefined && <><Clock label={t("quietFrom")} path={["house", "pacing", "quiet", "from"]} value={quiet.from} testid="house-quiet-from" /><Clock label={t("quietTo")} path={["house", "pacing", "quiet", "to"]} value={quiet.to} testid="house-quiet-to" /></>}
        </div>
        <Rest path={["house", "pacing"]} value={pacing} known={["session", "day", "rolling", "gap", "quiet", "states"]} />
      </Group>
      <Group title={t("quietStates")} path={["house", "pacing", "states"]} hint={t("quietStatesHint")} testid="states"><Requirements path={["house", "pacing", "states"]} value={pacing.states} testid="state" reason={t("restReason")} /></Group>
      <Group title={t("pagesAndSlots")} path={["house", "pages"]} testid="pages">
        {Object.entries(table(house.pages)).map(([page, rule]) => (
          <fieldset class="row plain-set" key={page} aria-label={named(page)}>
            <strong class="page-name">{named(page)}</strong>
            <Choice label={t("mayShow")} path={["house", "pages", page, "allow"]} value={table(rule).allow ?? "all"} options={options(["all", "inline", "none"], "allow_")} testid={`page-${page}-allow`} />
            <Names label={t("slots")} path={["house", "pages", page, "slots"]} value={table(rule).slots} testid={`page-${page}-slots`} />
          </fieldset>
        ))}
      </Group>
      <Group title={t("adLabel")} path={["house", "adLabel"]} testid="ad-label">
        <div class="row">
          <Choice label={t("adMode")} {...of("adLabel", "mode")} options={options(["auto", "on", "off"], "ad_")} />
          <Check label={t("optOut")} {...of("adLabel", "optOut")} />
        </div>
        <Texts label={t("sender")} path={["house", "adLabel", "sender"]} value={label.sender} optional line testid="house-sender" />
      </Group>
      <Group title={t("holdout")} path={["house", "holdout"]} hint={t("holdoutHint")} testid="holdout">
        <div class="row"><Amount label={t("share")} {...of("holdout", "share")} scale={0.01} unit="%" /></div>
      </Group>
      <Rest path={["house"]} value={house} known={["zone", "currency", "session", "pacing", "pages", "adLabel", "holdout", "locales"]} />
    </>
  );
}
