/** Who is looked at, and what they did. */
import { useState } from "preact/hooks";
import { zone } from "../state/bundle";
import { fresh, fromFile, type Line, type Shopper } from "../state/cast";
import { asFirst, change, choose, happen, inOrder, join, part, shopper, shoppers } from "../state/people";
import { at, chosen } from "../state/scene";
import { describeLine } from "./lines";
import { lang, moment } from "../words";
import { t } from "./words";
import { instant, local, stamp } from "../state/zone";

export function Shoppers() {
  const [wrong, setWrong] = useState("");
  const open = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (!file) return;
    try {
      join(fromFile(file.name, await file.text()));
      setWrong("");
    } catch {
      setWrong(t("notShopper"));
    }
    input.value = "";
  };
  const own = (from?: Shopper) => {
    const name = from ? { ko: `${from.name.ko} 2`, en: `${from.name.en} 2` } : { ko: t("shopperName"), en: t("shopperName") };
    const id = fresh(), user = `m-${id.slice(0, 8)}`;
    const lines: Line[] = from
      ? from.lines.map((line) => ({ ...line, messageId: fresh(), ...(line.userId && { userId: user }), ...(line.anonymousId && { anonymousId: `a-${id.slice(0, 8)}` }) }))
      : ([
          { type: "consent", properties: { functional: "granted", analytics: "granted", personalization: "granted", advertising: "granted" } },
          { type: "identify", traits: { name: "새봄" } },
          { type: "track", event: "sign_up" },
        ] as Line[]).map((line, place) => ({ ...line, messageId: fresh(), userId: user, timestamp: stamp(at.value - (10 - place) * 6e4, zone.value) }));
    join({ id, name, about: { ko: "", en: "" }, page: from?.page ?? "my_page", language: from?.language ?? "ko", lines, own: true });
  };
  const who = shopper.value;
  return (
    <section class="side" aria-labelledby="shoppers-title">
      <h2 id="shoppers-title">{t("shoppers")}</h2>
      <ul class="people">
        {shoppers.value.map((one) => (
          <li key={one.id}>
            <button type="button" aria-pressed={one.id === chosen.value} data-testid={`shopper-${one.id}`} onClick={() => choose(one.id)}>
              <strong>{one.name[lang.value]}{one.own && <span class="mark" aria-label="•"> •</span>}</strong>
              <small>{one.about[lang.value]}</small>
            </button>
          </li>
        ))}
      </ul>
      <div class="tools">
        <button type="button" class="small" data-testid="shopper-add" onClick={() => own()}>{t("addShopper")}</button>
        <button type="button" class="small" onClick={() => own(who)}>{t("copyShopper")}</button>
        <label class="file small" title={t("importHint")}>{t("importShopper")}<input type="file" accept=".json,.ndjson,application/json" data-testid="shopper-import" onChange={(event) => void open(event.currentTarget)} /></label>
      </div>
      {wrong && <p role="alert" class="notice bad">{wrong}</p>}
      {who && <Events key={who.id} who={who} />}
    </section>
  );
}

const common = ["view_item", "add_to_cart", "purchase", "refund", "order_delivered", "sign_up", "danbi_declare", "page", "consent"];

function Events({ who }: { who: Shopper }) {
  const [name, setName] = useState("view_item");
  const [text, setText] = useState("{}");
  const [wrong, setWrong] = useState("");
  const put = (lines: Line[]) => change(who.id, { lines });
  const add = (event: Event) => {
    event.preventDefault();
    try {
      const properties = JSON.parse(text || "{}") as Record<string, unknown>;
      const plain = /^(page|consent|identify)$/.test(name);
      happen(plain ? { type: name, [name === "identify" ? "traits" : "properties"]: properties } : { type: "track", event: name, properties });
      setWrong("");
    } catch (error) {
      setWrong(t("notJson", { why: (error as Error).message }));
    }
  };
  const listed = inOrder(who.lines).reverse();
  return (
    <>
      <div class="title-row">
        <h3>{t("events")}</h3>
        {who.own && <button type="button" class="small plain" data-testid="shopper-first" onClick={() => (who.about.ko || who.id === "nobody" ? void asFirst(who.id) : part(who.id))}>{who.about.ko ? t("start") : t("removeShopper")}</button>}
      </div>
      <p class="hint">{t("eventsHint")}</p>
      <ol class="events" reversed>
        {listed.map((line) => (
          <li key={line.messageId} class={Date.parse(line.timestamp) > at.value ? "ahead" : ""}>
            <details>
              <summary>
                <span>{describeLine(line)}</span>
                <time dateTime={line.timestamp}>{moment(Date.parse(line.timestamp), zone.value)}</time>
              </summary>
              <label>{t("when")}
                <input type="datetime-local" defaultValue={local(Date.parse(line.timestamp), zone.value)} onChange={(event) => {
                  const ms = instant(event.currentTarget.value, zone.value);
                  if (Number.isFinite(ms)) put(who.lines.map((one) => (one === line ? { ...one, timestamp: stamp(ms, zone.value) } : one)));
                }} />
              </label>
              <pre>{JSON.stringify(line.properties ?? line.traits ?? {}, null, 1)}</pre>
              <button type="button" class="small plain" onClick={() => put(who.lines.filter((one) => one !== line))}>{t("remove")}</button>
            </details>
          </li>
        ))}
      </ol>
      <form class="add" onSubmit={add}>
        <label>{t("event")}<input list="event-names" value={name} data-testid="event-name" onInput={(event) => setName(event.currentTarget.value)} /></label>
        <datalist id="event-names">{common.map((one) => <option key={one} value={one} />)}</datalist>
        <label>{t("details")}<textarea rows={2} spellcheck={false} value={text} data-testid="event-properties" onInput={(event) => setText(event.currentTarget.value)} /></label>
        {wrong && <p role="alert" class="notice bad">{wrong}</p>}
        <button type="submit" class="small" data-testid="event-add">{t("addEvent")}</button>
      </form>
    </>
  );
}
