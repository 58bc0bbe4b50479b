/** The clock on a time line with the shopper's events, in the house's zone: both are moved by hand or by key. */
import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { zone } from "../state/bundle";
import type { Line } from "../state/cast";
import { setTime, removeLine } from "../state/facts";
import { inOrder, shopper, time } from "../state/people";
import { at } from "../state/scene";
import { DAY, HOUR, instant, local, MINUTE, offset } from "../state/zone";
import { lang, moment, near } from "../words";
import { open } from "./History";
import { describeLine } from "./lines";
import { side } from "./Shoppers";
import { t } from "./words";

/** How much of time is seen, and in which steps it is moved through. */
const spans = { twoDays: [2 * DAY, 10 * MINUTE, HOUR], month: [30 * DAY, HOUR, DAY], all: [0, HOUR, DAY] } as const;
type Span = keyof typeof spans;
const span = signal<Span>("month");

/** The nearest full step on the house's clock. */
const snap = (ms: number, step: number) => {
  const by = offset(ms, zone.peek()) * MINUTE;
  return Math.round((ms + by) / step) * step - by;
};
const nextDay = (day: string) => local(instant(`${day}T12:00`, zone.peek()) + DAY, zone.peek()).slice(0, 10);

interface Tick { ms: number; text?: string; strong?: boolean }
/** Where the days, months or hours begin. */
const ticks = (from: number, to: number): Tick[] => {
  const found: Tick[] = [];
  const first = local(from, zone.value).slice(0, 10);
  const days = (to - from) / DAY;
  const month = (text: string) => new Intl.DateTimeFormat(lang.value, { month: "short", timeZone: "UTC" }).format(Date.parse(text));
  if (days > 60) {
    const every = Math.ceil(days / 30 / 12);
    let [year, number] = first.split("-").map(Number) as [number, number];
    for (let count = 0; ; count++) {
      const text = `${year}-${String(number).padStart(2, "0")}-01`, ms = instant(`${text}T00:00`, zone.value);
      if (ms > to) return found;
      if (ms >= from) found.push({ ms, strong: number === 1, ...(count % every === 0 && { text: number === 1 ? String(year) : month(text) }) });
      [year, number] = number === 12 ? [year + 1, 1] : [year, number + 1];
    }
  }
  for (let day = first, ms = 0; ms <= to; day = nextDay(day)) {
    ms = instant(`${day}T00:00`, zone.value);
    const number = +day.slice(8), few = days <= 3;
    const text = few ? `${month(day)} ${number}${lang.value === "ko" ? "일" : ""}` : number === 1 ? month(day) : number % 5 === 0 && number < 30 ? String(number) : undefined;
    if (ms >= from && ms <= to) found.push({ ms, strong: number === 1 || few, ...(text && { text }) });
    if (few) for (const hour of ["06", "12", "18"]) {
      const at = instant(`${day}T${hour}:00`, zone.value);
      if (at >= from && at <= to) found.push({ ms: at, text: lang.value === "ko" ? `${+hour}시` : `${hour}:00` });
    }
  }
  return found;
};

/** What kind of event it is, for its form and colour. */
const kindOf = ({ type, event }: Line) => (type === "page" ? "page" : /^danbi_(exposure|answer)/.test(event ?? "") ? "message" : event && event !== "danbi_declare" ? "deed" : "said");

const LANES = 3;
/** Events that lie too near to each other stand beneath each other. */
const lanes = (marks: { line: Line; x: number }[]) => {
  const ends: number[] = Array(LANES).fill(-1);
  return marks.map((mark) => {
    const free = ends.findIndex((end) => mark.x - end > 0.02), lane = free < 0 ? ends.indexOf(Math.min(...ends)) : free;
    ends[lane] = mark.x;
    return { ...mark, lane };
  });
};

export function Timeline() {
  const strip = useRef<HTMLDivElement>(null);
  const kept = useRef({ who: "", span: "" as string, from: 0 });
  const [moved, setMoved] = useState<{ id: string; ms: number } | null>(null);
  const [active, setActive] = useState("");
  const [pointed, setPointed] = useState("");
  const who = shopper.value;
  if (!who) return null;
  const events = inOrder(who.lines);
  const times = [...events.map(time), at.value];
  const [width, small, large] = spans[span.value];
  const whole = [Math.min(...times) - 5 * DAY, Math.max(...times) + 40 * DAY] as const;
  const length = width || whole[1] - whole[0];
  const old = kept.current;
  if (old.who !== who.id || old.span !== span.value || !width || at.value < old.from || at.value > old.from + length)
    kept.current = { who: who.id, span: span.value, from: Math.floor((width ? at.value - length * 0.6 : whole[0]) / MINUTE) * MINUTE };
  const { from } = kept.current, to = from + length;
  const share = (ms: number) => (ms - from) / length;
  const marks = lanes(events.map((line) => ({ line, x: share(moved?.id === line.messageId ? moved.ms : time(line)) })).filter(({ x }) => x >= 0 && x <= 1));
  const earlier = events.filter((line) => time(line) < from).length, later = events.filter((line) => time(line) > to).length;
  const pointAt = (event: PointerEvent) => {
    const box = strip.current!.getBoundingClientRect();
    return snap(from + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * length, small);
  };
  const focused = marks.some(({ line }) => line.messageId === active) ? active : marks.at(-1)?.line.messageId;
  const told = marks.find(({ line }) => line.messageId === (moved?.id || pointed));
  const focus = (id: string | undefined) => {
    if (!id) return;
    setActive(id);
    strip.current?.querySelector<HTMLElement>(`[data-mark="${CSS.escape(id)}"]`)?.focus();
  };
  const key = (line: Line) => (event: KeyboardEvent) => {
    const place = marks.findIndex((mark) => mark.line === line);
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) setTime(line, time(line) + by * (event.shiftKey ? large * (width === 2 * DAY ? 1 : 7) : width === 2 * DAY ? small : large));
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") focus(marks[place + (event.key === "ArrowUp" ? -1 : 1)]?.line.messageId);
    else if (event.key === "Delete") {
      focus((marks[place - 1] ?? marks[place + 1])?.line.messageId);
      removeLine(line);
    } else if (event.key === "Enter") {
      side.value = "events";
      open.value = line.messageId;
    } else return;
    event.preventDefault();
  };
  const steer = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -1, PageUp: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    at.value += by * (event.shiftKey || event.key.startsWith("Page") ? DAY : width === 2 * DAY ? small : HOUR);
  };
  return (
    <div class="timeline">
      <div class="strip-row">
        <div class="strip" ref={strip} role="group" aria-label={t("timeline")} onPointerDown={(event) => {
          if ((event.target as HTMLElement).closest("[data-mark]")) return;
          at.value = pointAt(event);
        }}>
          <div class="ahead" style={{ insetInlineStart: `${Math.max(0, share(at.value)) * 100}%` }} />
          {ticks(from, to).map(({ ms, text, strong }) => <span key={ms} class={`tick ${strong ? "strong" : ""}`} style={{ insetInlineStart: `${share(ms) * 100}%` }}>{text && share(ms) < 0.96 && <small>{text}</small>}</span>)}
          {marks.map(({ line, x, lane }) => (
            <button key={line.messageId} type="button" role="slider" data-mark={line.messageId} data-testid="mark" class={`mark ${kindOf(line)} ${time(line) > at.value ? "later" : ""}`}
              style={{ insetInlineStart: `${x * 100}%`, insetBlockStart: `${lane * 15 + 2}px` }} tabIndex={line.messageId === focused ? 0 : -1} aria-describedby="timeline-keys"
              aria-label={describeLine(line)} aria-valuemin={from} aria-valuemax={to} aria-valuenow={Math.min(to, Math.max(from, time(line)))} aria-valuetext={near(time(line), at.value, zone.value)}
              onFocus={() => (setActive(line.messageId), setPointed(line.messageId))} onBlur={() => setPointed("")} onPointerEnter={() => setPointed(line.messageId)} onPointerLeave={() => setPointed("")} onKeyDown={key(line)}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                setActive(line.messageId);
              }}
              onPointerMove={(event) => {
                if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
                const box = event.currentTarget.getBoundingClientRect();
                // A hand that trembles moves nothing.
                if (moved || event.clientX < box.left - 2 || event.clientX > box.right + 2) setMoved({ id: line.messageId, ms: pointAt(event) });
              }}
              onPointerUp={() => {
                if (moved) setTime(line, moved.ms);
                else {
                  side.value = "events";
                  open.value = line.messageId;
                }
                setMoved(null);
              }}
              onPointerCancel={() => setMoved(null)}
            />
          ))}
          {share(at.value) >= 0 && share(at.value) <= 1 && <span class="now" style={{ insetInlineStart: `${share(at.value) * 100}%` }} />}
        </div>
      </div>
      <input type="range" aria-label={t("scrub")} aria-valuetext={moment(at.value, zone.value)} min={from} max={to} step={MINUTE} value={at.value} onKeyDown={steer} onInput={(event) => (at.value = snap(+event.currentTarget.value, small))} />
      <div class="strip-foot">
        <p class="hint" id="timeline-keys">
          {told ? <><strong>{describeLine(told.line)}</strong> {near(moved?.ms ?? time(told.line), at.value, zone.value)}</> : t("timelineHint")}
        </p>
        <span class="hint">{t("houseTime", { zone: zone.value })}</span>
        {(earlier > 0 || later > 0) && <span class="hint">{earlier > 0 && t("earlier", { n: earlier })} {later > 0 && t("later", { n: later })}</span>}
        <fieldset class="switch small" aria-label={t("span")}>
          {(Object.keys(spans) as Span[]).map((name) => <label key={name}><input type="radio" name="span" checked={span.value === name} data-testid={`span-${name}`} onChange={() => (span.value = name)} />{t(name)}</label>)}
        </fieldset>
      </div>
    </div>
  );
}
