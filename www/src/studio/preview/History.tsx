/** What a shopper did, the latest first: each event with its time and its properties, both to be changed. */
import { signal } from "@preact/signals";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { zone } from "../state/bundle";
import type { Line, Shopper } from "../state/cast";
import { change, happen, inOrder, time } from "../state/people";
import { at } from "../state/scene";
import { instant, local, stamp } from "../state/zone";
import { near } from "../words";
import { describeLine } from "./lines";
import { t } from "./words";

/** The event that is open, where one was chosen on the time line. */
export const open = signal<string | null>(null);

/** JSON to be changed; what is no JSON object is told beneath, and changes nothing. */
function Properties({ text, put, testid, rows = 3 }: { text: string; put: (properties: Record<string, unknown>) => void; testid: string; rows?: number }) {
  const [wrong, setWrong] = useState("");
  const id = useId();
  return (
    <label>{t("details")}
      <textarea rows={rows} spellcheck={false} defaultValue={text} data-testid={testid} aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? id : undefined} onChange={(event) => {
        try {
          put(object(event.currentTarget.value));
          setWrong("");
        } catch (error) {
          setWrong(t("notJson", { why: (error as Error).message }));
        }
      }} />
      {wrong && <span id={id} role="alert" class="wrong">{wrong}</span>}
    </label>
  );
}
/** What a text says as a JSON object; throws where it is none. */
const object = (text: string): Record<string, unknown> => {
  const told: unknown = JSON.parse(text || "{}");
  if (!told || typeof told !== "object" || Array.isArray(told)) throw new Error(t("notObject"));
  return told as Record<string, unknown>;
};

const common = ["view_item", "add_to_cart", "purchase", "refund", "order_delivered", "sign_up", "danbi_declare", "page", "consent", "identify"];

export function History({ who }: { who: Shopper }) {
  const [name, setName] = useState("view_item");
  const [text, setText] = useState("{}");
  const [wrong, setWrong] = useState("");
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const row = open.value && list.current?.querySelector<HTMLDetailsElement>(`[data-line="${CSS.escape(open.value)}"]`);
    if (!row) return;
    row.open = true;
    row.scrollIntoView({ block: "nearest" });
  }, [open.value]);
  const put = (lines: Line[]) => change(who.id, { lines });
  const become = (line: Line, more: Partial<Line>) => put(who.lines.map((one) => (one === line ? { ...one, ...more } : one)));
  const add = (event: Event) => {
    event.preventDefault();
    try {
      const properties = object(text);
      const plain = /^(page|consent|identify)$/.test(name);
      happen(plain ? { type: name, [name === "identify" ? "traits" : "properties"]: properties } : { type: "track", event: name, properties });
      setWrong("");
    } catch (error) {
      setWrong(t("notJson", { why: (error as Error).message }));
    }
  };
  return (
    <>
      <form class="add" onSubmit={add}>
        <label>{t("event")}<input list="event-names" value={name} data-testid="event-name" onInput={(event) => setName(event.currentTarget.value)} /></label>
        <datalist id="event-names">{common.map((one) => <option key={one} value={one} />)}</datalist>
        <button type="submit" class="small" data-testid="event-add">{t("addEvent")}</button>
        <label class="wide">{t("details")}<textarea rows={1} spellcheck={false} value={text} data-testid="event-properties" aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? "event-wrong" : undefined} onInput={(event) => setText(event.currentTarget.value)} /></label>
        {wrong && <p id="event-wrong" role="alert" class="wrong wide">{wrong}</p>}
      </form>
      {who.lines.length === 0 && <p class="hint">{t("noEvents")}</p>}
      <ol class="events" reversed ref={list}>
        {inOrder(who.lines).reverse().map((line) => (
          <li key={line.messageId} class={time(line) > at.value ? "ahead" : ""}>
            <details data-line={line.messageId}>
              <summary>
                <time dateTime={line.timestamp}>{near(time(line), at.value, zone.value)}</time>
                <span>{describeLine(line)}</span>
              </summary>
              <div class="event">
                <label>{t("when")}
                  <input type="datetime-local" defaultValue={local(time(line), zone.value)} key={line.timestamp} onChange={(event) => {
                    const ms = instant(event.currentTarget.value, zone.value);
                    if (Number.isFinite(ms)) become(line, { timestamp: stamp(ms, zone.value) });
                  }} />
                </label>
                <Properties key={JSON.stringify(line.properties ?? line.traits)} text={JSON.stringify(line.properties ?? line.traits ?? {}, null, 1)} testid="line-properties" rows={Math.min(10, JSON.stringify(line.properties ?? line.traits ?? {}, null, 1).split("\n").length)}
                  put={(properties) => become(line, line.type === "identify" ? { traits: properties } : { properties })} />
                <div class="tools">
                  <button type="button" class="small" onClick={() => (at.value = time(line))}>{t("clockHere")}</button>
                  <button type="button" class="small plain" onClick={() => put(who.lines.filter((one) => one !== line))}>{t("remove")}</button>
                </div>
              </div>
            </details>
          </li>
        ))}
      </ol>
    </>
  );
}
