/** Every message of the campaigns, each once, and how one is drawn out of sight: in a page of its own, as a device would. */
import type { Message } from "danbi";
import type { Described, PreviewOptions } from "danbi/studio";
import type { Scene } from "../frame/main";
import { type Campaign, type Json } from "./bundle";
import type { Shopper } from "./cast";
import { preview } from "./engine";
import { linesOn } from "./people";

/** A message as it stands in the bundle, and those variants that show it. */
export interface Told {
  campaign: string;
  step: string | null;
  /** The first of the variants; null where there are none. */
  variant: string | null;
  variants: string[];
  slot: string;
  pointer: string;
}
export const messagesOf = (campaigns: Campaign[]): Told[] =>
  campaigns.flatMap((campaign, place) => {
    const own = `/campaigns/${place}`;
    const variants = (campaign.variants ?? []).map((one, at): Json => ({ ...one, at })).filter(({ none }) => !none);
    const steps = [...(campaign.message ? [{ id: null, slot: undefined, at: `${own}/message` }] : []), ...(campaign.steps ?? []).map(({ id, slot }, at) => ({ id, slot, at: `${own}/steps/${at}/message` }))];
    return steps.flatMap((step): Told[] => {
      const found = new Map<string, string[]>();
      for (const { id, at, message, steps } of variants) {
        const pointer = step.id === null ? (message ? `${own}/variants/${at}/message` : step.at) : steps?.[step.id] ? `${own}/variants/${at}/steps/${step.id}` : step.at;
        found.set(pointer, [...(found.get(pointer) ?? []), id]);
      }
      if (!variants.length) found.set(step.at, []);
      return [...found].map(([pointer, ids]) => ({
        campaign: campaign.id, step: step.id, variant: ids[0] ?? null, variants: ids, slot: step.slot ?? campaign.slot ?? "interruptive", pointer,
      }));
    });
  });

/** How many blocks a message has as it is written: drawn, those that speak of what a shopper lacks are left out. */
export const blocksOf = (bundle: Json, { pointer }: Told): number =>
  (pointer.split("/").slice(1).reduce<Json | undefined>((inner, key) => inner?.[key], bundle)?.blocks as unknown[] | undefined)?.length ?? 0;

export interface Moment {
  at: number;
  zone: string;
  /** The language of the verdicts. */
  lang: string;
  /** The shopper's language. */
  locale: string;
  /** Theirs where it is left out. */
  page?: string;
}
/** What a shopper's page shows at a moment; that message alone where one is forced. */
export const pageOf = (bundle: Json, who: Shopper, { at, zone, lang, locale, page = who.page }: Moment, force?: PreviewOptions["force"]) =>
  preview(bundle, linesOn(who, page, at, zone), { at: new Date(at).toISOString(), lang, locale, ...(force && { force }) }, { page: { kind: page } });
/** A message as a shopper would have it, forced; none where they lack what it speaks of. And whether it would really show, by every verdict. */
export const seenBy = async (bundle: Json, who: Shopper, { campaign, step, variant }: Told, moment: Moment): Promise<{ message?: Message; verdicts: Described[] }> => {
  const { decisions, verdicts } = await pageOf(bundle, who, moment, { campaign, step, variant });
  return { ...(decisions[0]?.message && { message: decisions[0].message }), verdicts };
};

/** Lets the page do what waits: what was typed, what is to be painted. */
export const breathe = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A page out of sight. It takes neither presses nor the focus: a dialog stands open in it as a modal one is laid out, and somebody may be typing. */
export const outOfSight = async (width: number, height: number) => {
  const frame = Object.assign(document.createElement("iframe"), { src: "./frame.html", width: String(width), height: String(height), inert: true, title: "", tabIndex: -1 });
  frame.className = "out-of-sight";
  frame.ariaHidden = "true";
  const loaded = new Promise((resolve, reject) => {
    frame.addEventListener("load", resolve);
    frame.addEventListener("error", reject);
  });
  document.body.append(frame);
  await loaded;
  const page = frame.contentWindow! as Window & typeof globalThis;
  page.HTMLElement.prototype.focus = () => {};
  page.HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  const scene = (message: Message, looks: Partial<Scene["looks"]>): Scene => ({
    shop: "", title: "", lang: message.lang, slots: message.form === "card" ? ["here"] : [], nothing: "",
    decisions: [{ slot: "here", campaign: null, step: null, variant: null, offer: null, reason: "", propensity: 1, message }],
    looks: { dark: false, still: true, large: false, rtl: false, long: false, ...looks },
  });
  return {
    page,
    paint: (message: Message, looks: Partial<Scene["looks"]> = {}) => page.paint!(scene(message, looks), () => {}),
    close: () => frame.remove(),
  };
};
