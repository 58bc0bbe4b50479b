/** Files that hold a shopper: what `client.export()` answers, or event lines. */
import { good } from "./bundle";
import { fresh, keepable, lineId, parseLines, type Line, type Shopper } from "./cast";
import { preview } from "./engine";
import { isLine } from "./trust";

/** What `client.export()` answers, as far as a shopper follows from it. */
interface Exported {
  identity: { userId: string | null; anonymousId: string | null };
  consent: Record<string, string>;
  profile: { traits?: Record<string, unknown>; declared?: Record<string, { value: unknown; at: string }>; meters?: Record<string, unknown> } | null;
  progress: {
    currencies?: Record<string, { active: number; pending: number; nextExpiry: { amount: number; at: string } | null }>;
    tiers?: Record<string, { level: string; since: string | null }>;
  } | null;
  /** The latest of what happened: what a profile has covered is no line any more. */
  events: Line[];
  /** What no server took; the profile has it, too. */
  dead?: { line?: Line }[];
  exportedAt: string;
}
const isExport = (told: unknown): told is Exported => Array.isArray((told as Partial<Exported> | null)?.events) && "identity" in (told as object);

/** What the file says of somebody beside their lines, as lines: those in which they said it may be older than what is kept. */
const before = ({ identity, consent, profile, events, exportedAt }: Exported): Line[] => {
  const { userId, anonymousId } = identity;
  const first = Math.min(...events.filter(isLine).map(({ timestamp }) => Date.parse(timestamp)), Date.parse(exportedAt));
  const line = (told: Pick<Line, "type"> & Partial<Line>, ms = first - 1000): Line => ({ messageId: lineId(), timestamp: new Date(ms).toISOString(), ...(userId && { userId }), ...(anonymousId && { anonymousId }), ...told });
  const said = (key: string) => events.some(({ type, event, properties, traits }) => (event === "danbi_declare" || type === "identify") && key in (properties ?? traits ?? {}));
  return [
    ...(events.some(({ type }) => type === "consent") ? [] : [line({ type: "consent", properties: consent })]),
    ...(userId && profile?.traits && !events.some(({ type }) => type === "identify") ? [line({ type: "identify", traits: profile.traits })] : []),
    ...Object.entries(profile?.declared ?? {}).filter(([key]) => !said(key)).map(([key, { value, at }]) => line({ type: "track", event: "danbi_declare", properties: { [key]: value } }, Date.parse(at))),
  ];
};

/**
 * What was counted of lines that are no more: the account as the export has it, in the shape of a checkpoint. Undefined where the lines
 * that are left come to the same, and everything can be changed by changing them.
 */
const counted = async ({ identity: { userId }, profile, progress, exportedAt }: Exported, lines: Line[]): Promise<Line | undefined> => {
  const whole = Object.entries(profile?.meters ?? {}).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1]));
  if (!userId || !whole.length || !good.peek()) return undefined;
  const found = (await preview(good.peek(), lines, { at: exportedAt }, {})).profile.meters ?? {};
  if (whole.every(([id, value]) => !(id in found) || found[id] === value)) return undefined;
  const currencies = Object.fromEntries(Object.entries(progress?.currencies ?? {}).map(([id, { active, pending, nextExpiry }]) => [
    id, { active, pending, lots: nextExpiry ? [{ amount: nextExpiry.amount, activeAt: exportedAt, expiresAt: nextExpiry.at }] : [] },
  ]));
  const tiers = Object.fromEntries(Object.entries(progress?.tiers ?? {}).map(([id, { level, since }]) => [id, { level, since }]));
  const payload = { user: userId, seq: Date.parse(exportedAt), asOf: exportedAt, exp: "9999-01-01T00:00:00.000Z", meters: Object.fromEntries(whole), currencies, tiers };
  return { type: "track", event: "danbi_checkpoint", messageId: lineId(), timestamp: exportedAt, userId, properties: { payload } };
};

const read = async (told: unknown): Promise<Line[]> => {
  if (!isExport(told)) return (Array.isArray(told) ? (told as Line[]) : [told as Line]).filter(isLine);
  const known = new Set(told.events.map(({ messageId }) => messageId));
  const lines = [...before(told), ...told.events, ...(told.dead ?? []).flatMap(({ line }) => (line && !known.has(line.messageId) ? [line] : []))].filter(isLine);
  const summary = await counted(told, lines);
  return summary ? [...lines, summary] : lines;
};

/** What a file says of a shopper; rejects where it says nothing. */
export const fromFile = async (name: string, text: string): Promise<Shopper> => {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    told = parseLines(text);
  }
  const lines = await read(told);
  if (!lines.length) throw new Error("no lines");
  const title = name.replace(/\.\w+$/, "");
  const kind = lines.findLast(({ type }) => type === "page")?.properties?.kind;
  return {
    id: fresh(), page: typeof kind === "string" ? kind : "my_page", language: "ko", own: true, name: { ko: title, en: title }, about: { ko: `가져온 이벤트 ${lines.length}개`, en: `${lines.length} events imported` },
    lines: lines.map((line) => keepable({ ...line, messageId: line.messageId || lineId() })),
  };
};
