/** What can be measured of a message that is drawn: what sticks out or is cut off, what is too small to press, the way out, what axe finds. */
export interface Measure {
  /** `all` rules of axe, those of `contrast` alone, or none. */
  axe?: "all" | "contrast";
  /** Whether what lies where is measured. */
  layout: boolean;
  lang: "ko" | "en";
}
export interface Found {
  flaws: Flaw[];
  /** The smaller side of each control, in pixels. */
  controls: number[];
}
export interface Flaw {
  code: "overflow" | "clipped" | "small" | "noClose" | "tall" | "contrast" | "axe";
  /** Which element, by its words. */
  element: string;
  /** What was measured, for the words it is told in. */
  more: Record<string, string | number>;
}

const words = (element: Element | null | undefined): string => {
  const text = element?.getAttribute("aria-label") ?? (element as HTMLImageElement | null)?.alt ?? element?.textContent?.trim();
  return (text || element?.getAttribute("part") || element?.localName || "").replace(/\s+/g, " ").slice(0, 60);
};
const all = (root: ParentNode): Element[] => [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
const px = (number: number) => Math.round(number);

/** A pixel is what rounding makes. */
const SLACK = 1;
const LEAST = 24;

/** What is there for those who hear it alone. */
const unseen = (element: Element) => {
  const { width, height } = element.getBoundingClientRect();
  return width <= 1 || height <= 1 || !element.checkVisibility({ visibilityProperty: true });
};
/** The box in which it may be drawn: that of the nearest element that cuts off what is outside, and the screen. */
const room = (element: Element, top: Element) => {
  let { left, right } = top.getBoundingClientRect();
  for (let outer: Element | null = element; outer && outer !== top; outer = outer.parentElement) {
    if (getComputedStyle(outer).overflowX === "visible") continue;
    const box = outer.getBoundingClientRect();
    left = Math.max(left, box.left);
    right = Math.min(right, box.right);
  }
  return { left: Math.max(0, left), right: Math.min(document.documentElement.clientWidth, right) };
};

function layout(top: HTMLElement): Found {
  const flaws: Flaw[] = [], controls: number[] = [];
  const add = (code: Flaw["code"], element: Element, more: Flaw["more"] = {}) => flaws.push({ code, element: words(element), more });
  const wide = document.documentElement.clientWidth;
  const stuck: Element[] = [];
  for (const element of [top, ...all(top)]) {
    if (unseen(element) || stuck.some((outer) => outer.contains(element))) continue;
    const box = element.getBoundingClientRect(), { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(element);
    const own = [...element.childNodes].filter(({ nodeType, textContent }) => nodeType === Node.TEXT_NODE && textContent!.trim());
    // The lines of its own text; of a picture and the like, itself.
    const rects = own.flatMap((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    });
    if (!rects.length && /^(img|button|input|textarea|svg|canvas|video|iframe)$/.test(element.localName)) rects.push(box);
    const { left, right } = room(element, top);
    const out = Math.max(0, ...rects.map((rect) => Math.max(rect.right - right, left - rect.left)));
    if (out > SLACK) {
      stuck.push(element);
      add("overflow", element, { by: px(out), wide });
      continue;
    }
    const cutAcross = element.scrollWidth > element.clientWidth + SLACK && (textOverflow === "ellipsis" || overflowX === "hidden" || overflowX === "clip");
    const cutBelow = element.scrollHeight > element.clientHeight + SLACK && (webkitLineClamp !== "none" || overflowY === "hidden" || overflowY === "clip");
    if (element.textContent?.trim() && (cutAcross || cutBelow)) {
      stuck.push(element);
      add("clipped", element, { by: px(Math.max(element.scrollWidth - element.clientWidth, element.scrollHeight - element.clientHeight)) });
    }
    if (element.matches("button,a[href],input,select,textarea,summary,[role=button]")) {
      // A box that is ticked by its words is as large as these.
      const { width, height } = (element.closest("label") ?? element).getBoundingClientRect();
      controls.push(Math.min(width, height));
      if (Math.min(width, height) < LEAST - 0.5) add("small", element, { width: px(width), height: px(height) });
    }
  }
  // A box can be too wide although its words are not: then it scrolls sideways.
  const by = Math.max(top.scrollWidth - top.clientWidth, document.documentElement.scrollWidth - wide);
  if (by > SLACK && !flaws.some(({ code }) => code === "overflow")) {
    const widest = all(top).filter((one) => !unseen(one)).sort((one, other) => other.getBoundingClientRect().right - one.getBoundingClientRect().right)[0];
    add("overflow", widest ?? top, { by: px(by), wide });
  }
  return { flaws, controls };
}

/** What lies over the page can be closed, by a button that the keyboard reaches too. */
function exit(host: Element, top: HTMLElement): Flaw[] {
  if (host.localName !== "danbi-message") return [];
  const ways = [...top.querySelectorAll<HTMLElement>("[data-action=dismiss]")];
  const reached = ways.some((way) => !unseen(way) && way.tabIndex >= 0 && !(way as HTMLButtonElement).disabled && !way.closest("[hidden],[aria-hidden=true]"));
  return reached ? [] : [{ code: "noClose", element: words(top), more: {} }];
}

/** What does not fit on a screen has to be scrolled to. */
function length(top: HTMLElement): Flaw[] {
  const { scrollHeight: tall, clientHeight: screen } = top;
  return tall > screen * 1.5 + SLACK && top.getAttribute("part") !== "card" ? [{ code: "tall", element: words(top), more: { screens: Math.round((tall / screen) * 10) / 10 } }] : [];
}

let spoken = "";
async function rules(host: Element, which: "all" | "contrast", lang: "ko" | "en"): Promise<Flaw[]> {
  const { default: axe } = await import("axe-core");
  if (spoken !== lang) {
    axe.reset();
    if (lang === "ko") axe.configure({ locale: (await import("axe-core/locales/ko.json")).default as object });
    spoken = lang;
  }
  const { violations } = await axe.run(host, {
    resultTypes: ["violations"], iframes: false, elementRef: true,
    // A message is no page: it has neither landmarks nor a first heading.
    ...(which === "contrast" ? { runOnly: ["color-contrast"] } : { rules: { region: { enabled: false }, "page-has-heading-one": { enabled: false } } }),
  });
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node): Flaw => {
    const element = words(node.element);
    const seen = node.any.find((one) => one.id === "color-contrast")?.data as { fgColor: string; bgColor: string; contrastRatio: number; expectedContrastRatio: string } | undefined;
    return seen?.contrastRatio
      ? { code: "contrast", element, more: { ratio: seen.contrastRatio, least: seen.expectedContrastRatio, text: seen.fgColor, ground: seen.bgColor } }
      : { code: "axe", element, more: { rule: id, help } };
  }));
}

export async function measure({ axe, layout: laid, lang }: Measure): Promise<Found> {
  await document.fonts.ready;
  const host = document.querySelector("danbi-message, danbi-card");
  const top = host?.shadowRoot?.querySelector<HTMLElement>("[lang]");
  if (!host || !top) return { flaws: [], controls: [] };
  const { flaws, controls } = laid ? layout(top) : { flaws: [], controls: [] };
  if (laid) flaws.push(...exit(host, top), ...length(top));
  if (axe) flaws.push(...(await rules(host, axe, lang)));
  return { flaws, controls };
}
