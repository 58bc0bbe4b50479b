/** A chart: a title, what it says in a sentence, the drawing, and its numbers as a table. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { signed, count, t } from "./words";

type Charts = typeof import("./charts");
/** The library that draws, once it is there; null where it could not be loaded. */
const charts = signal<Charts | null | undefined>(undefined);
const load = () => void import("./charts").then((found) => (charts.value = found), () => (charts.value = null));

interface Given {
  name: string;
  title: string;
  says: string;
  draw: (charts: Charts, width: number) => Element;
  /** What the forms of the drawing mean. */
  keys?: ComponentChildren;
  note?: string;
  table: () => ComponentChildren;
  children?: ComponentChildren;
}
export function Chart({ name, title, says, draw, keys, note, table, children }: Given) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!charts.peek()) load();
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    watch.observe(place.current!);
    return () => watch.disconnect();
  }, []);
  const found = charts.value;
  useLayoutEffect(() => {
    if (!found || !width) return;
    // Never narrower than it can be read; what is wider is moved.
    const drawn = draw(found, Math.max(width, 240));
    // The kinds of its marks, which Plot names in English, are nobody's to hear; beside the pointer they are drawn anew.
    const hush = () => drawn.querySelectorAll("[aria-label]").forEach((mark) => mark.removeAttribute("aria-label"));
    hush();
    drawn.addEventListener("input", hush);
    for (const [key, value] of Object.entries({ role: "img", "aria-label": title, "aria-description": says })) drawn.setAttribute(key, value);
    place.current!.replaceChildren(drawn);
  });
  return (
    <section class="chart" aria-labelledby={`chart-${name}`} data-testid={`chart-${name}`}>
      <h3 id={`chart-${name}`}>{title}</h3>
      <p class="takeaway" data-testid={`says-${name}`}>{says}</p>
      {keys && <ul class="keys">{keys}</ul>}
      {found === undefined && <p class="hint" aria-busy="true">{t("drawing")}</p>}
      {found === null && <p class="hint">{t("notDrawn")}</p>}
      <div ref={place} class="drawn" />
      {children}
      {note && <p class="hint">{note}</p>}
      {/* Thousands of rows are made for who opens them. */}
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary data-testid={`table-${name}`}>{t("table")}</summary>
        {open && <Wide label={title}>{table()}</Wide>}
      </details>
    </section>
  );
}

/** What may be wider than the page, and is moved by keys as well. */
export const Wide = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <div class="wide" role="group" aria-label={label} tabIndex={0}>{children}</div>
);

/** A number, with the difference to what it was in the run before. */
export const Cell = ({ now, was, unit = "" }: { now: number; was?: number; unit?: string }) => (
  <td class="figure">{count(now)}{unit}{was !== undefined && was !== now && <small> ({signed(now - was)})</small>}</td>
);
