/** Where in the Studio somebody is: the part that is open, and the campaign that the editor shows. */
import { signal } from "@preact/signals";
import { campaigns } from "./bundle";

export type Tab = "preview" | "edit" | "check" | "sheet" | "calendar" | "simulate" | "offers";
export const tab = signal<Tab>("preview");
/** Which campaign is open in the editor. */
export const opened = signal<string | null>(null);
/** Where the editor is to open, its form or its text: a JSON Pointer, taken up once. */
export const aimed = signal<{ pointer: string; as: "asForm" | "asText" } | null>(null);
const aim = (pointer: string, as: "asForm" | "asText") => {
  aimed.value = { pointer, as };
  tab.value = "edit";
};
/** Opens a campaign in the editor. */
export const toCampaign = (id: string) => aim(`/campaigns/${Math.max(0, campaigns.peek().findIndex((one) => one.id === id))}`, "asForm");
/** Opens the editor's form at a place, or at what it stands in. */
export const toField = (pointer: string) => aim(pointer, "asForm");
/** Opens the editor's text at a place. */
export const toPointer = (pointer: string) => aim(pointer, "asText");
