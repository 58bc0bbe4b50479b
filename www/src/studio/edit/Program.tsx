/** The loyalty program: the numbers, texts and dates that a marketer changes. Rules of another shape stay as they are, named. */
import { scale } from "../state/bundle";
import type { ComponentChildren } from "preact";
import { say } from "../words";
import { at, list, table, type Path } from "./edits";
import { money } from "./facts";
import { Amount, Choice, Edge, Group, Line, options, Rest, Rows, Time } from "./fields";
import { Texts } from "./Texts";
import { t, type Word } from "./words";

/** How a member of a part of the program is edited: a text in all languages, money, a number, a duration, a line. */
type Shape = "texts" | "money" | "number" | "time" | "line";
const shapes: Record<string, Shape> = {
  label: "texts", unit: "line", min: "money", value: "money", minOrder: "money", minSpend: "number", ttl: "time", in: "time", hold: "time", times: "number", need: "number", atMost: "number", cash: "number", cancelExpired: "line", term: "time", grace: "time",
};
const words: Record<string, Word> = { label: "label", unit: "pointUnit", min: "threshold", value: "worth", minOrder: "minOrder", minSpend: "minSpend", ttl: "goodFor", in: "withinTime", hold: "hold", times: "needTimes", need: "needTimes", atMost: "atMostTimes", cash: "cash", cancelExpired: "cancelExpired", term: "term", grace: "grace" };

/** The members of a part that have a shape, those that are named first and those that are there. */
function Leaves({ path, value, offered, testid, known = [], children }: { path: Path; value: unknown; offered: readonly string[]; testid: string; known?: string[]; children?: ComponentChildren }) {
  const of = table(value);
  const keys = [...new Set([...offered, ...Object.keys(of).filter((key) => key in shapes)])];
  const texts = keys.filter((key) => shapes[key] === "texts");
  return (
    <>
      {texts.map((key) => <Texts key={key} label={t(words[key]!)} path={[...path, key]} value={of[key]} optional line testid={`${testid}-${key}`} />)}
      <div class="row">
        {keys.filter((key) => !texts.includes(key)).map((key) => {
          const common = { label: t(words[key]!), path: [...path, key], value: of[key], testid: `${testid}-${key}` };
          return shapes[key] === "money" ? <Amount key={key} {...common} scale={scale.value} unit={money()} /> : shapes[key] === "number" ? <Amount key={key} {...common} /> : shapes[key] === "time" ? <Time key={key} {...common} /> : <Line key={key} {...common} />;
        })}
        {children}
      </div>
      <Rest path={path} value={value} known={[...keys, "id", ...known]} />
    </>
  );
}

/** What is given: so many of a currency, or a share of an amount. */
function Grants({ path, value, testid }: { path: Path; value: unknown; testid: string }) {
  return (
    <>
      {Object.entries(table(value)).map(([currency, amount]) => {
        if (!Array.isArray(amount)) return typeof amount === "object" || currency === "badge" || currency === "reward" ? null : <Amount key={currency} label={t("gives", { what: nameOf(currency) })} path={[...path, currency]} value={amount} testid={`${testid}-${currency}`} />;
        const [field, , whole] = amount;
        return typeof whole === "number" ? <Amount key={currency} label={t("givesOf", { what: nameOf(currency), field: String(field), whole })} path={[...path, currency, 1]} value={amount[1]} testid={`${testid}-${currency}`} /> : null;
      })}
    </>
  );
}
/** Caps of a rule: one or several, of a currency in a time. */
function RuleCaps({ path, value, testid }: { path: Path; value: unknown; testid: string }) {
  const all: [any, Path][] = Array.isArray(value) ? value.map((one, place) => [one, [...path, place]]) : value ? [[value, path]] : [];
  return <>{all.map(([one, here], place) => Object.keys(table(one)).filter((key) => key !== "per" && key !== "group").map((key) => <Amount key={`${place}${key}`} label={t("capOf", { what: key === "n" ? "" : nameOf(key), per: perOf(one.per) })} path={[...here, key]} value={one[key]} testid={`${testid}-cap-${place}`} />))}</>;
}
const perOf = (per: unknown) => (({ day: t("aDay"), calendarMonth: t("aMonth"), event: t("anEvent"), calendarYear: t("aYear") }) as Record<string, string>)[String(per)] ?? String(per ?? "");
let program: any = {};
const nameOf = (currency: string) => say(table(table(program.currencies)[currency]).label ?? currency);
const titled = (one: any) => say(table(one).label ?? table(one).id ?? "");

/** A list whose items are edited in place, each under its name. */
function Items({ path, items, testid, item }: { path: Path; items: unknown; testid: string; item: (one: any, here: Path, testid: string) => ComponentChildren }) {
  return <>{list(items).map((one, place) => <Group key={place} level={4} title={titled(one) || `${place + 1}`} path={[...path, place]}>{item(table(one), [...path, place], `${testid}-${place}`)}</Group>)}</>;
}

export function Program({ place }: { place: number }) {
  const path = ["programs", place];
  program = table(at(path));
  return (
    <>
      <Group title={t("basics")} path={path} testid="basics">
        <div class="row">
          <Edge label={t("programFrom")} path={[...path, "from"]} value={program.from} testid="program-from" />
          <Amount label={t("version")} path={[...path, "version"]} value={program.version} testid="program-version" />
        </div>
        <p class="hint">{t("programHint")}</p>
      </Group>
      {Object.entries(table(program.tiers)).map(([id, tier]) => (
        <Group key={id} title={`${t("tiers")} · ${say(table(tier).label ?? id)}`} path={[...path, "tiers", id]} testid={`tier-${id}`}>
          <Rows path={[...path, "tiers", id, "levels"]} items={list(table(tier).levels)} name={t("level")} testid={`tier-${id}-level`} whole={false} sortable={false}
            add={() => ({ id: `level_${list(table(tier).levels).length + 1}`, min: (table(list(table(tier).levels).at(-1)).min ?? 0) + 100000, label: { ko: "", en: "" } })}
            item={(level, at) => <Leaves path={[...path, "tiers", id, "levels", at]} value={level} offered={["label", "min"]} testid={`level-${at}`}><Line label={t("id")} path={[...path, "tiers", id, "levels", at, "id"]} value={table(level).id} required testid={`level-${at}-id`} /></Leaves>} />
          <Leaves path={[...path, "tiers", id]} value={tier} offered={["label"]} known={["levels", "meter", "promote"]} testid={`tier-${id}`} />
        </Group>
      ))}
      {Object.entries(table(program.currencies)).map(([id, currency]) => {
        const here = [...path, "currencies", id], of = table(currency);
        const pending = typeof of.pending === "object" ? [...here, "pending", "after"] : [...here, "pending"];
        return (
          <Group key={id} title={say(of.label ?? id)} path={here} testid={`currency-${id}`}>
            <Leaves path={here} value={currency} offered={["label", "unit", "minSpend"]} known={["pending", "expiry", "refund"]} testid={`currency-${id}`}>
              <Time label={t("pending")} path={pending} value={typeof of.pending === "object" ? table(of.pending).after : of.pending} testid={`currency-${id}-pending`} />
              <Time label={t("expiry")} path={[...here, "expiry", "after"]} value={table(of.expiry).after} testid={`currency-${id}-expiry`} />
              <Choice label={t("onRefund")} path={[...here, "refund"]} value={of.refund} absent={t("none")} options={options(["debt", "withinBalance"], "refund_")} testid={`currency-${id}-refund`} />
            </Leaves>
          </Group>
        );
      })}
      {list(program.rules).length > 0 && (
        <Group title={t("rules")} path={[...path, "rules"]} testid="rules">
          <Items path={[...path, "rules"]} items={program.rules} testid="rule" item={(rule, here, testid) => (
            <>
              <div class="row"><Line label={t("onEvent")} path={[...here, "on"]} value={rule.on} required testid={`${testid}-on`} /><Grants path={[...here, "grant"]} value={rule.grant} testid={testid} /><RuleCaps path={[...here, "cap"]} value={rule.cap} testid={testid} /></div>
              <Rest path={here} value={rule} known={["id", "on", "grant", "cap"]} />
            </>
          )} />
        </Group>
      )}
      {list(program.badges).length > 0 && (
        <Group title={t("badges")} path={[...path, "badges"]} testid="badges">
          <Items path={[...path, "badges"]} items={program.badges} testid="badge" item={(badge, here, testid) => (
            <Leaves path={here} value={badge} offered={["label"]} known={["levels", "meter"]} testid={testid}>
              {list(badge.levels).map((level, at) => <Amount key={at} label={t("levelAt", { n: at + 1 })} path={[...here, "levels", at]} value={level} testid={`${testid}-level-${at}`} />)}
            </Leaves>
          )} />
        </Group>
      )}
      {list(program.missions).length > 0 && (
        <Group title={t("missions")} path={[...path, "missions"]} testid="missions">
          <Items path={[...path, "missions"]} items={program.missions} testid="mission" item={(mission, here, testid) => (
            <Leaves path={here} value={mission} offered={["label", "in"]} known={["reward", "cap"]} testid={testid}><Grants path={[...here, "reward"]} value={mission.reward} testid={`${testid}-reward`} /><RuleCaps path={[...here, "cap"]} value={mission.cap} testid={testid} /></Leaves>
          )} />
        </Group>
      )}
      {list(program.streaks).length > 0 && (
        <Group title={t("streaks")} path={[...path, "streaks"]} testid="streaks">
          <Items path={[...path, "streaks"]} items={program.streaks} testid="streak" item={(streak, here, testid) => (
            <Leaves path={here} value={streak} offered={["label"]} known={["marks", "unit"]} testid={testid}>
              <Choice label={t("streakUnit")} path={[...here, "unit"]} value={streak.unit ?? "day"} options={options(["day", "week", "month"], "streak_")} testid={`${testid}-unit`} />
              {Object.entries(table(streak.marks)).map(([mark, given]) => <Grants key={mark} path={[...here, "marks", mark]} value={given} testid={`${testid}-mark-${mark}`} />)}
            </Leaves>
          )} />
        </Group>
      )}
      {list(program.rewards).length > 0 && (
        <Group title={t("rewards")} path={[...path, "rewards"]} testid="rewards">
          <Items path={[...path, "rewards"]} items={program.rewards} testid="reward" item={(reward, here, testid) => (
            <Leaves path={here} value={reward} offered={["label", "value", "minOrder", "ttl"]} known={["kind", "cost"]} testid={testid}>
              <Choice label={t("rewardKind")} path={[...here, "kind"]} value={reward.kind} options={options(["perk", "wallet", "coupon", "product", "cash", "gift"], "reward_")} testid={`${testid}-kind`} />
              {Object.entries(table(reward.cost)).map(([currency, amount]) => <Amount key={currency} label={t("costs", { what: nameOf(currency) })} path={[...here, "cost", currency]} value={amount} testid={`${testid}-cost-${currency}`} />)}
            </Leaves>
          )} />
        </Group>
      )}
      {program.referral !== undefined && (
        <Group title={t("referral")} path={[...path, "referral"]} testid="referral">
          <div class="row">
            <Grants path={[...path, "referral", "give", "referrer"]} value={table(table(program.referral).give).referrer} testid="referral-referrer" />
            {table(program.referral).cap && <Amount label={t("friendsPer", { per: perOf(program.referral.cap.per) })} path={[...path, "referral", "cap", "n"]} value={program.referral.cap.n} testid="referral-cap" />}
          </div>
          <Rest path={[...path, "referral"]} value={program.referral} known={["give", "cap"]} />
        </Group>
      )}
      <Rest path={path} value={program} known={["program", "version", "from", "tiers", "currencies", "rules", "badges", "missions", "streaks", "rewards", "referral"]} />
    </>
  );
}
