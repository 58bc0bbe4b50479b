/** What is looked at: whose page, when, where, in which language and device. */
import { signal } from "@preact/signals";
import { START } from "./cast";

export const chosen = signal("seojun");
export const at = signal(START);
/** The page the shopper is on, where the marketer chose another than theirs. */
export const page = signal("my_page");
export const language = signal("ko");
/** Ids of items that the shop has no more of. */
export const soldOut = signal<string[]>([]);
export const forced = signal<{ campaign: string; step: string | null; variant: string | null } | null>(null);
export const frames = ["phone", "narrow", "tablet", "desktop", "kakao"] as const;
export const frame = signal<(typeof frames)[number]>("phone");
/** An in-app browser has a storage of its own: whether it is looked at as one that keeps nothing of the shopper yet. */
export const bare = signal(false);
export const looks = signal({ dark: false, still: false, large: false, rtl: false, long: false });
