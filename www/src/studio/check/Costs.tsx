/** What campaigns may cost at most, by the limits that the bundle states. */
import type { Exposure } from "danbi/studio";
import { good, label } from "../state/bundle";
import { money } from "../paths";
import { toField } from "../state/place";
import { lang, say } from "../words";
import { t, type Word } from "./words";

const spans: Record<string, Word> = { event: "perEvent", day: "perDay", week: "perWeek", calendarMonth: "perMonth", calendarYear: "perYear", life: "perLife" };
const per = (span: unknown) => {
  const days = /^P(\d+)D$/.exec(String(span))?.[1];
  return days ? t("perDays", { n: days }) : t(spans[String(span ?? "life")] ?? "perLife");
};
const worth = ({ currency, cash }: Exposure, amount: number) => {
  if (!currency) return money(amount);
  const program = (good.value?.programs as { currencies?: Record<string, { unit?: string }> }[] | undefined)?.find(({ currencies }) => currencies?.[currency]);
  const points = `${amount.toLocaleString(lang.value)}${program?.currencies?.[currency]?.unit ?? ` ${currency}`}`;
  return cash > 0 ? `${points} (${money(amount * cash)})` : points;
};
/** Its limits in a sentence. */
const limits = (one: Exposure) => {
  if (typeof one.cap === "string") return [t("costEvery", { per: per(one.cap) })];
  const caps = [one.cap ?? []].flat() as Record<string, unknown>[];
  return [
    ...(one.once ? [t("costOnce")] : []),
    ...caps.flatMap((cap) => [
      ...(one.currency && typeof cap[one.currency] === "number" && cap.per !== "event" ? [t("costCap", { per: per(cap.per), most: worth(one, cap[one.currency] as number) })] : []),
      ...(typeof cap.n === "number" ? [t("costTimes", { per: per(cap.per), n: cap.n })] : []),
    ]),
  ];
};

export function Costs({ exposures }: { exposures: Exposure[] }) {
  const given = exposures.filter(({ kind }) => kind !== "budget"), budgets = exposures.filter(({ kind }) => kind === "budget");
  const sum = given.reduce((all, { most, cash }) => all + (most ?? 0) * cash, 0);
  return (
    <section aria-labelledby="costs-title" data-testid="costs">
      <h3 id="costs-title">{t("costs")}</h3>
      {given.length === 0 ? <p class="hint">{t("costsNone")}</p> : (
        <>
          <p>{t("costsSum", { most: money(sum) })} {budgets.length ? budgets.map((one) => t("costBudget", { per: per(one.per), most: worth(one, one.most ?? 0) })).join(", ") : t("costBudgetNone")}</p>
          <p class="hint">{t("costsText")}</p>
          <ul class="costs">
            {given.map((one) => {
              const tied = one.campaigns ?? [];
              return (
                <li key={one.pointer + one.currency}>
                  <button type="button" class="plain small" onClick={() => toField(one.pointer)}>{one.label ? say(one.label) : t(one.kind as Word)} <code>{one.id}</code></button>
                  <p>{[one.most === null ? t("costOpen") : t("costEach", { most: worth(one, one.most) }), ...limits(one)].join(", ")}</p>
                  {tied.length > 0 && <p class="hint">{tied.map((id) => label(id)).join(", ")}</p>}
                </li>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}
