/** The bundle as a form: what there is at the left, the open item beside it. The same text as the JSON, changed in place. */
import { Component, type ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { findings, parsed, zone } from "../state/bundle";
import { toField } from "../state/place";
import { at as clock } from "../state/scene";
import { local } from "../state/zone";
import { say } from "../words";
import { NamedAudience } from "./Audience";
import { blanks } from "./blanks";
import { Campaign } from "./Campaign";
import { at, freshId, insert, list, move, pointer, put, putAll, remove, table, type Path } from "./edits";
import { InText, Menu, Told } from "./fields";
import { House } from "./House";
import { Offer } from "./Offer";
import { current, open, part, parts, type Part } from "./opened";
import { Program } from "./Program";
import { beginRendering } from "./rendered";
import { Survey } from "./Survey";
import { nameOf, uses } from "./uses";
import { t } from "./words";

/** What a form cannot show at all is left to the text. */
class Shown extends Component<{ path: Path; children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };
  override componentDidCatch() {
    this.setState({ failed: true });
  }
  /** What has become of it may be shown again. */
  override componentWillReceiveProps() {
    if (this.state.failed) this.setState({ failed: false });
  }
  override render() {
    return this.state.failed ? <p class="notice bad">{t("notShown")} <InText path={this.props.path} /></p> : this.props.children;
  }
}

interface Item {
  key: number | string;
  path: Path;
  id: string;
  name: string;
  more: string;
}
const items = (which: Part): Item[] => {
  const value = at([which]);
  if (parts[which] === "one") return [];
  if (parts[which] === "table") return Object.keys(table(value)).map((key) => ({ key, id: key, path: [which, key], name: which === "surveys" ? say(list(table(value)[key]?.questions)[0]?.title ?? key) : key, more: which === "surveys" ? key : whyOf(table(value)[key]) }));
  return list(value).map((one, key) => {
    const of = table(one);
    const id = String(of.id ?? of.program ?? key);
    return { key, id, path: [which, key], name: say(of.label ?? id) || id, more: which === "campaigns" ? `${id} · ${t("priorityOf", { n: of.priority ?? 0 })}` : which === "programs" ? `${of.version ?? ""} · ${of.from ?? ""}` : id };
  });
};
const whyOf = (audience: unknown) => (table(audience).why ? say(table(audience).why) : "");

/** How many findings stand in an item. */
const Marks = ({ path }: { path: Path }) => {
  const here = pointer(path);
  const all = findings.value.filter(({ pointer }) => pointer === here || pointer.startsWith(`${here}/`));
  const errors = all.filter(({ severity }) => severity === "error").length;
  return all.length ? <span class={`badge ${errors ? "bad" : "loser"}`} title={t(errors ? "errors" : "warnings", { n: errors || all.length })}>{errors || all.length}</span> : null;
};

const made: Partial<Record<Part, () => unknown>> = {
  audiences: () => ({ when: { "context.visits": { $gte: 2 } }, why: { ko: "두 번째 방문부터예요", en: "From the second visit on" } }),
  offers: () => ({ id: "", label: { ko: "새 혜택", en: "New offer" }, category: "new", margin: 0.3, slots: ["home"] }),
  surveys: () => ({ questions: [{ id: "question", kind: "choice", title: { ko: "무엇이 궁금하세요?", en: "What would you like to know?" }, options: [{ label: { ko: "좋아요", en: "Good" }, value: "good" }, { label: { ko: "아쉬워요", en: "Not so good" }, value: "bad" }] }] }),
};
const add = (which: Part) => {
  const value = made[which]!();
  const taken = items(which).map(({ id }) => id);
  if (parts[which] === "list") {
    insert([which], { ...table(value), id: freshId("", taken, which.slice(0, -1)) });
    return open(which, list(at([which])).length - 1);
  }
  const id = freshId("", taken, which === "audiences" ? "audience" : "survey");
  put([which, id], value, true);
  open(which, id);
};
const copy = (which: Part, { key, path, id }: Item) => {
  const value = structuredClone(at(path));
  const fresh = freshId(id, items(which).map(({ id }) => id), which);
  if (parts[which] === "table") {
    put([which, fresh], value, true);
    return open(which, fresh);
  }
  const label = table(value.label);
  insert([which], { ...value, id: fresh, ...(value.label && { label: typeof value.label === "string" ? `${value.label} 2` : Object.fromEntries(Object.entries(label).map(([locale, text]) => [locale, `${text} 2`])) }) }, Number(key) + 1);
  open(which, Number(key) + 1);
};
/** The rules as they are, from the first of next month on: what began before goes on by the ones before. */
const renew = (place: number) => {
  const program = structuredClone(at(["programs", place]));
  const all = list(at(["programs"]));
  const [year, month] = local(clock.peek(), zone.peek()).split("-").map(Number) as [number, number];
  const from = new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
  insert(["programs"], { ...program, version: Math.max(0, ...all.map(({ version }) => Number(version) || 0)) + 1, from });
  open("programs", all.length);
};
/** From a template: what it counts by is defined with it, where the bundle does not count it yet. */
const create = (blank: ReturnType<typeof blanks>[number]) => {
  const all = list(at(["campaigns"]));
  const id = freshId(blank.campaign.id, all.map(({ id }) => id), "campaign");
  const meters = Object.entries(blank.meters ?? {}).filter(([name]) => table(at(["meters"]))[name] === undefined);
  insert(["campaigns"], { ...blank.campaign, id }, undefined, meters.map(([name, meter]) => [["meters", name], meter]));
  open("campaigns", all.length);
};

/** What is said before something is taken out that others name. */
function Removal({ which, item, done }: { which: Part; item: Item; done: () => void }) {
  const all = uses(which, item.id);
  return (
    <div role="alertdialog" aria-label={t("usedTitle", { name: item.name })} class="notice bad" data-testid="used">
      <p>{t("usedHere", { name: item.name })}</p>
      <ul>{all.map((path) => <li key={pointer(path)}><button type="button" class="plain" onClick={() => (done(), toField(pointer(path)))}>{nameOf(path)}</button></li>)}</ul>
      <div class="tools">
        <button type="button" class="small" data-testid="used-keep" ref={(button) => button?.focus()} onClick={done}>{t("keepIt")}</button>
        <button type="button" class="small" data-testid="used-remove" onClick={() => (remove(item.path), done())}>{t("removeAnyway")}</button>
      </div>
    </div>
  );
}

/** Another name for a member of a table, everywhere it is spoken of. */
function Renamed({ which, name }: { which: Part; name: string }) {
  const [typed, setTyped] = useState(name);
  const taken = Object.keys(table(at([which])));
  const bad = !typed.trim() || (typed !== name && taken.includes(typed));
  useEffect(() => setTyped(name), [name]);
  const rename = () => {
    if (bad || typed === name) return;
    const places = uses(which, name).filter(([top, key]) => !(top === which && key === name));
    putAll([...places.map((path): [Path, unknown] => [path, typed]), [[which], Object.fromEntries(Object.entries(table(at([which]))).map(([key, value]) => [key === name ? typed : key, value]))]]);
    open(which, typed);
  };
  return (
    <label class="field rename">{t("nameIn")}
      <input value={typed} aria-invalid={bad ? "true" : undefined} data-testid="rename" onInput={(event) => setTyped(event.currentTarget.value)} onChange={rename} />
      {bad && <small class="error">{t(typed.trim() ? "nameTaken" : "nameEmpty")}</small>}
    </label>
  );
}

export function Form() {
  const [leaving, setLeaving] = useState<Item | null>(null);
  useEffect(beginRendering, []);
  const now = parsed.value;
  if ("fault" in now) return <p class="hint">{t("mendFirst")}</p>;
  const which = part.value;
  const all = items(which);
  const key = current(which);
  const item = all.find((one) => one.key === key);
  const place = all.findIndex((one) => one.key === key);
  const focusList = () => requestAnimationFrame(() => document.querySelector<HTMLElement>('.items [aria-current="true"]')?.focus());
  const takeOut = (item: Item) => {
    if (uses(which, item.id).some((path) => pointer(path.slice(0, 2)) !== pointer(item.path))) return setLeaving(item);
    remove(item.path);
    focusList();
  };
  const partName = (name: Part) => <>{t(name)}<Marks path={[name]} /></>;
  return (
    <div class="form" data-testid="form">
      <nav class="parts" aria-label={t("asForm")}>
        {(Object.keys(parts) as Part[]).map((name) => <button key={name} type="button" aria-pressed={which === name} data-testid={`part-${name}`} onClick={() => (part.value = name, setLeaving(null))}>{partName(name)}</button>)}
      </nav>
      <div class={`form-body ${parts[which]}`}>
        {parts[which] !== "one" && (
          <div class="items-side">
            {which === "campaigns" ? (
              <Menu label={t("newCampaign")} testid="form-new" items={blanks().map((blank) => ({ name: say(blank.name), more: say(blank.about), testid: `blank-${blank.campaign.id}`, act: () => (create(blank), focusList()) }))} />
            ) : made[which] && <button type="button" class="small" data-testid="item-add" onClick={() => (add(which), focusList())}>{t(`new_${which}` as "new_offers")}</button>}
            {all.length === 0 && <p class="hint">{t("nothingYet")}</p>}
            <ul class="items" data-testid="items">
              {all.map((one) => (
                <li key={one.key}>
                  <button type="button" aria-current={one.key === key ? "true" : undefined} data-testid={`item-${one.id}`} onClick={() => (open(which, one.key), setLeaving(null))}>
                    <span>{one.name}<Marks path={one.path} /></span>{one.more && <small>{one.more}</small>}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        )}
        <div class="open" key={`${which}-${key}`} data-testid="open-item">
          <Shown path={item?.path ?? [which]}>
            {item && (
              <div class="title-row">
                <h3 class="open-title" data-testid="open-title">{item.name}</h3>
                {which === "programs" ? <div class="tools"><button type="button" class="small" data-testid="program-new" onClick={() => renew(Number(key))}>{t("newProgram")}</button></div> : (
                  <div class="tools">
                    {parts[which] === "table" ? null : <>
                      <button type="button" class="small" disabled={place === 0} data-testid="item-up" aria-label={t("moveUp", { name: item.name })} onClick={() => (move([which], place, place - 1), open(which, place - 1))}>↑</button>
                      <button type="button" class="small" disabled={place === all.length - 1} data-testid="item-down" aria-label={t("moveDown", { name: item.name })} onClick={() => (move([which], place, place + 1), open(which, place + 1))}>↓</button>
                    </>}
                    <button type="button" class="small" data-testid="item-copy" onClick={() => copy(which, item)}>{t("copy")}</button>
                    <button type="button" class="small" data-testid="item-remove" onClick={() => takeOut(item)}>{t("remove")}</button>
                  </div>
                )}
              </div>
            )}
            {leaving && leaving.key === key && <Removal which={which} item={leaving} done={() => (setLeaving(null), focusList())} />}
            {item && parts[which] === "table" && <Renamed which={which} name={item.id} />}
            {item && <Told path={item.path} />}
            {which === "house" ? <House /> : !item ? null
              : which === "campaigns" ? <Campaign place={Number(key)} />
              : which === "audiences" ? <NamedAudience name={String(key)} />
              : which === "offers" ? <Offer place={Number(key)} />
              : which === "surveys" ? <Survey name={String(key)} />
              : <Program place={Number(key)} />}
          </Shown>
        </div>
      </div>
    </div>
  );
}
