/** Whom it is for: named audiences and conditions, all of which must hold, each with its reason in words. */
import { good } from "../state/bundle";
import { say } from "../words";
import { Condition } from "./Condition";
import { at, insert, put, table, type Path } from "./edits";
import { Group, Rows, Told, useField } from "./fields";
import { open } from "./opened";
import { Texts } from "./Texts";
import { t } from "./words";

/** What an audience is called: the Studio's word, or its name. */
const audienceNames = () => Object.keys(table(at(["audiences"])));
const isReasoned = (one: unknown) => "when" in table(one);

function Named({ path, name, testid }: { path: Path; name: string; testid: string }) {
  const { control, told } = useField(path);
  const names = audienceNames();
  const told_ = table(table(good.value?.audiences)[name]).why;
  return (
    <div class="named">
      <span class="with-unit">
        <select {...control} aria-label={t("namedAudience")} value={name} data-testid={`${testid}-named`} onChange={(event) => put(path, event.currentTarget.value, true)}>
          {names.map((one) => <option key={one} value={one}>{one}</option>)}
          {!names.includes(name) && <option value={name}>{name}</option>}
        </select>
        {names.includes(name) && <button type="button" class="plain small" onClick={() => open("audiences", name)}>{t("openIt")}</button>}
      </span>
      {told_ && <p class="hint">{t("elseSaid", { why: say(told_) })}</p>}
      {told}
    </div>
  );
}

function Requirement({ path, one, testid, reason }: { path: Path; one: unknown; testid: string; reason: string }) {
  if (typeof one === "string") return <Named path={path} name={one} testid={testid} />;
  const reasoned = isReasoned(one);
  const when = reasoned ? table(one).when : one;
  // A bare condition takes on `when` as soon as it is given a reason.
  return (
    <div class="requirement">
      {typeof when === "string" ? <Named path={[...path, "when"]} name={when} testid={testid} /> : <Condition path={reasoned ? [...path, "when"] : path} when={when} testid={`${testid}-when`} />}
      {reasoned ? <Texts label={reason} path={[...path, "why"]} value={table(one).why} optional testid={`${testid}-why`} />
        : <button type="button" class="plain small" onClick={() => put(path, { when: one }, true)}>{t("addReason")}</button>}
      {reasoned && <Told path={path} />}
    </div>
  );
}

/** The requirements at a path, which are one or a list. `except`: an audience that cannot ask for itself. */
export function Requirements({ path, value, testid, except, reason = t("reason") }: { path: Path; value: unknown; testid: string; except?: string; reason?: string }) {
  const names = audienceNames().filter((name) => name !== except);
  const several = Array.isArray(value);
  const items = value === undefined ? [] : several ? value : [value];
  const more = (one: unknown) => (value === undefined ? put(path, one, true) : several ? insert(path, one) : put(path, [value, one], true));
  const added = (event: { currentTarget: HTMLElement }, one: unknown) => {
    const holder = event.currentTarget.closest<HTMLElement>("[data-requirements]");
    more(one);
    requestAnimationFrame(() => [...(holder?.querySelectorAll<HTMLElement>(":scope .item-body") ?? [])].at(-1)?.querySelector("select")?.focus());
  };
  const condition = { when: { "meter.orders": { $gte: 1 } } };
  const tools = (
    <>
      <button type="button" class="small" data-testid={`${testid}-condition`} onClick={(event) => added(event, table(at(["meters"])).orders ? condition : { when: { "context.visits": { $gte: 2 } } })}>{t("addCondition")}</button>
      {names.length > 0 && <button type="button" class="small" data-testid={`${testid}-named`} onClick={(event) => added(event, names.find((name) => !items.includes(name)) ?? names[0])}>{t("addNamed")}</button>}
    </>
  );
  return (
    <div data-requirements>
      {items.length === 0 && <p class="hint">{t("everyone")}</p>}
      {items.length > 1 && <p class="hint">{t("allRequired")}</p>}
      {several ? <Rows path={path} items={items} name={t("condition")} testid={testid} item={(one, place) => <Requirement path={[...path, place]} one={one} testid={`${testid}-${place}`} reason={reason} />}>{tools}</Rows> : (
        <div class="rows">
          {items.map((one) => (
            <div class="item" key={0} data-testid={`${testid}-0`}>
              <div class="item-body"><Requirement path={path} one={one} testid={`${testid}-0`} reason={reason} /></div>
              <div class="item-tools"><button type="button" class="plain" aria-label={t("removeOne", { name: t("condition") })} data-testid={`${testid}-0-remove`} onClick={(event) => {
                const holder = event.currentTarget.closest<HTMLElement>("[data-requirements]");
                put(path, except === undefined ? undefined : {}, true);
                requestAnimationFrame(() => holder?.querySelector<HTMLElement>(".tools button")?.focus());
              }}>{t("remove")}</button></div>
            </div>
          ))}
          <div class="tools">{tools}</div>
        </div>
      )}
    </div>
  );
}

export const Audience = ({ path, value, testid = "audience", level = 3 }: { path: Path; value: unknown; testid?: string; level?: 3 | 4 }) => (
  <Group title={t("audience")} path={path} testid={testid} level={level}><Requirements path={path} value={value} testid={testid} /></Group>
);
/** A named audience as the part of its own. */
export function NamedAudience({ name }: { name: string }) {
  const path = ["audiences", name];
  const value = table(at(["audiences"]))[name];
  return <Group title={t("whoBelongs")} path={path} hint={t("allRequired")}><Requirements path={path} value={value ?? undefined} testid="group" except={name} /></Group>;
}
