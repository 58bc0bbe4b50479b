/** Where in the Studio somebody is: the part that is open, and the campaign that the editor shows. */
import { signal } from "@preact/signals";

export type Tab = "preview" | "edit" | "check" | "sheet" | "calendar" | "simulate" | "offers";
export const tab = signal<Tab>("preview");
/** Which campaign is open in the editor; its first where it is none. */
export const opened = signal<string | null>(null);
/** Opens a campaign in the editor. */
export const toCampaign = (id: string) => {
  opened.value = id;
  tab.value = "edit";
};
/** Where the editor's text is to open: a JSON Pointer, taken up once. */
export const aimed = signal<string | null>(null);
/** Opens the editor's text at a place. */
export const toPointer = (pointer: string) => {
  aimed.value = pointer;
  tab.value = "edit";
};
