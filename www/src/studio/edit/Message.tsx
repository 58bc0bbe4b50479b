/** What a message shows: its form and its blocks, in the languages of the house. */
import { toField } from "../state/place";
import { say } from "../words";
import { at, insert, list, put, table, type Path } from "./edits";
import { Check, Choice, Group, InText, Line, Menu, options, Rest, Rows, Several, Time, Told } from "./fields";
import { Texts } from "./Texts";
import { t, type Word } from "./words";

const forms = ["modal", "sheet", "fullscreen", "banner", "toast"] as const;

/** Of each block what it begins with, and the fields of its content; of a text the content is the text itself. */
const blocks = {
  title: [{ ko: "", en: "" }, null],
  text: [{ ko: "", en: "" }, null],
  note: [{ ko: "", en: "" }, null],
  image: [{ src: "" }, ["src", "alt"]],
  buttons: [[{ label: { ko: "보러 가기", en: "Take a look" }, url: "#/list", value: "open" }], null],
  choice: [{ options: [{ label: { ko: "좋아요", en: "Yes" }, value: "yes" }, { label: { ko: "아니요", en: "No" }, value: "no" }] }, ["question", "options"]],
  survey: ["", null],
  coupon: [{ code: "", label: { ko: "쿠폰", en: "Coupon" } }, ["code", "label", "note", "until"]],
  progress: [{ label: { ko: "", en: "" } }, ["tier", "fact", "label"]],
  tier: [{ of: "" }, ["of", "text"]],
  share: [{ title: { ko: "", en: "" }, url: "./", channels: ["system", "copy"] }, ["title", "text", "url", "channels"]],
  store: [{ name: { ko: "", en: "" } }, ["name", "address", "hours", "phone", "map"]],
} as const satisfies Record<string, [unknown, readonly string[] | null]>;
type Kind = keyof typeof blocks;

const tiers = () => list(at(["programs"])).flatMap((program) => Object.entries(table(program.tiers)).map(([id, tier]): [string, string] => [id, say(tier.label ?? id)]));
const surveys = () => Object.entries(table(at(["surveys"]))).map(([id, survey]): [string, string] => [id, say(list(survey?.questions)[0]?.title ?? id)]);

export function Options({ path, items, testid }: { path: Path; items: unknown; testid: string }) {
  const all = list(items);
  return (
    <Rows path={path} items={all} name={t("option")} testid={testid} whole={false} add={() => ({ label: { ko: "", en: "" }, value: `option_${all.length + 1}` })} item={(one, place) => (
      <>
        <Texts label={t("option")} path={[...path, place, "label"]} value={table(one).label} variables testid={`${testid}-${place}-label`} />
        <Line label={t("answerValue")} path={[...path, place, "value"]} value={table(one).value} required testid={`${testid}-${place}-value`} />
        <Rest path={[...path, place]} value={one} known={["label", "value"]} />
      </>
    )} />
  );
}

function Content({ kind, path, content, testid }: { kind: Kind; path: Path; content: any; testid: string }) {
  const [, known] = blocks[kind];
  const of = table(content);
  const field = (key: string) => ({ path: [...path, key], value: of[key], testid: `${testid}-${key}` });
  const text = (key: string, label: Word, optional = false) => <Texts label={t(label)} {...field(key)} variables optional={optional} />;
  const shown = {
    title: () => <Texts label={t("blockTitle")} path={path} value={content} variables testid={testid} />,
    text: () => <Texts label={t("blockText")} path={path} value={content} variables long testid={testid} />,
    note: () => <Texts label={t("blockNote")} path={path} value={content} variables long testid={testid} />,
    image: () => <><Localized label={t("pictureAddress")} {...field("src")} />{text("alt", "alt", true)}</>,
    buttons: () => (
      <Rows path={path} items={list(content)} name={t("button")} testid={`${testid}-button`} whole={false} add={() => ({ label: { ko: "", en: "" }, value: `button_${list(content).length + 1}` })} item={(one, place) => (
        <>
          <Texts label={t("buttonText")} path={[...path, place, "label"]} value={table(one).label} variables testid={`${testid}-button-${place}-label`} />
          <div class="row">
            <Localized label={t("leadsTo")} path={[...path, place, "url"]} value={table(one).url} testid={`${testid}-button-${place}-url`} />
            <Line label={t("answerValue")} path={[...path, place, "value"]} value={table(one).value} testid={`${testid}-button-${place}-value`} />
          </div>
          <Rest path={[...path, place]} value={one} known={["label", "url", "value"]} />
        </>
      )} />
    ),
    choice: () => <><Line label={t("questionId")} {...field("question")} /><Options path={[...path, "options"]} items={of.options} testid={`${testid}-option`} /></>,
    survey: () => <div class="row"><Choice label={t("survey")} path={path} value={content} options={surveys()} testid={testid} />{surveys().some(([id]) => id === content) && <button type="button" class="small" onClick={() => toField(`/surveys/${content}`)}>{t("openIt")}</button>}</div>,
    coupon: () => <>{<Localized label={t("couponCode")} {...field("code")} />}{text("label", "label")}{text("note", "blockNote", true)}{text("until", "untilWhen", true)}</>,
    progress: () => <><div class="row"><Choice label={t("tier")} {...field("tier")} absent={t("none")} options={tiers()} /><Line label={t("factPath")} {...field("fact")} /></div>{text("label", "blockText")}</>,
    tier: () => <><Choice label={t("tier")} {...field("of")} options={tiers()} />{text("text", "blockText", true)}</>,
    share: () => <>{text("title", "blockTitle")}{text("text", "blockText", true)}<Localized label={t("leadsTo")} {...field("url")} /><Several label={t("channels")} {...field("channels")} options={options(["kakao", "system", "copy"], "channel_")} /></>,
    store: () => <>{text("name", "label")}{text("address", "address", true)}{text("hours", "openHours", true)}{text("phone", "phone", true)}<Localized label={t("map")} {...field("map")} /></>,
  } satisfies Record<Kind, () => unknown>;
  return <>{shown[kind]()}{known && <Rest path={path} value={content} known={known} />}</>;
}
/** An address, one for all languages or one for each. */
const Localized = (field: { label: string; path: Path; value: unknown; testid: string }) =>
  field.value && typeof field.value === "object" ? <Texts {...field} /> : <Line {...field} />;

export function Message({ path, message, over, title, testid = "message", level = 3 }: { path: Path; message: unknown; over: boolean; title: string; testid?: string; level?: 3 | 4 }) {
  const of = table(message);
  const all = list(of.blocks);
  const here = [...path, "blocks"];
  const add = (kind: Kind) => {
    const [first] = kind === "survey" ? surveys() : tiers();
    const begun = kind === "survey" ? (first?.[0] ?? "") : kind === "tier" ? { of: first?.[0] ?? "" } : kind === "progress" ? { tier: first?.[0] ?? "", label: { ko: "", en: "" } } : blocks[kind][0];
    insert(here, { [kind]: begun });
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-testid="${testid}-block-${all.length}"] :is(input, select, textarea, button)`)?.focus());
  };
  const offered = () => (Object.keys(blocks) as Kind[]).filter((kind) => (kind !== "survey" || surveys().length) && (!["tier", "progress"].includes(kind) || tiers().length));
  return (
    <Group title={title} path={path} testid={testid} level={level}>
      <div class="row">
        {over && <Choice label={t("form")} path={[...path, "form"]} value={of.form ?? "modal"} options={options(forms)} testid={`${testid}-form`} />}
        {(of.form === "banner" || of.form === "toast") && <Choice label={t("position")} path={[...path, "position"]} value={of.position} absent={t("bottom")} options={options(["top", "bottom"])} testid={`${testid}-position`} />}
        {of.form === "toast" && <Time label={t("stays")} path={[...path, "stays"]} value={of.stays} within={["seconds", "minutes"]} testid={`${testid}-stays`} />}
        {!over && <Check label={t("closable")} path={[...path, "hide"]} value={of.hide !== undefined} testid={`${testid}-closable`} set={(on) => put([...path, "hide"], on ? [] : undefined, true)} />}
        <Check label={t("hideToday")} path={[...path, "hide"]} value={of.hide === undefined ? over : list(of.hide).includes("today")} testid={`${testid}-today`} set={(on) => put([...path, "hide"], toggled(of.hide, over, "today", on), true)} />
        <Check label={t("hideWeek")} path={[...path, "hide"]} value={list(of.hide).includes("week")} testid={`${testid}-week`} set={(on) => put([...path, "hide"], toggled(of.hide, over, "week", on), true)} />
      </div>
      <Told path={here} />
      <Rows path={here} items={all} name={t("block")} testid={`${testid}-block`} whole={false} sortable item={(block, place) => {
        const [kind = ""] = Object.keys(table(block));
        return (
          <fieldset class="block plain-set" aria-label={kind in blocks ? t(`block_${kind}` as Word) : kind}>
            {!["title", "text", "note"].includes(kind) && <h4>{kind in blocks ? t(`block_${kind}` as Word) : kind}</h4>}
            {kind in blocks ? <Content kind={kind as Kind} path={[...here, place, kind]} content={block[kind]} testid={`${testid}-${place}`} /> : <p class="hint rest"><span>{t("inText")}</span> <InText path={[...here, place]} /></p>}
          </fieldset>
        );
      }}>
        <Menu label={t("addBlock")} testid={`${testid}-add`} items={offered().map((kind) => ({ name: t(`block_${kind}` as Word), testid: `${testid}-add-${kind}`, act: () => add(kind) }))} />
      </Rows>
      <Rest path={path} value={message} known={["form", "position", "stays", "hide", "blocks"]} />
    </Group>
  );
}
/** What is offered beside closing: where nothing is said, today of what lies over the page. */
const toggled = (now: unknown, over: boolean, which: string, on: boolean) => {
  const all = now === undefined ? (over ? ["today"] : []) : list(now);
  return on ? [...new Set([...all, which])] : all.filter((one) => one !== which);
};
