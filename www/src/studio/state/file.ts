/** Files that hold a shopper: what `client.export()` answers, or event lines. */
import { fresh, parseLines, type Line, type Shopper } from "./cast";

/** What `client.export()` answers, as far as a shopper follows from it. */
interface Exported {
  identity: { userId: string | null; anonymousId: string | null };
  consent: Record<string, string>;
  profile: { traits?: Record<string, unknown>; declared?: Record<string, { value: unknown; at: string }> } | null;
  events: Line[];
  exportedAt: string;
}
const isExport = (told: unknown): told is Exported => Array.isArray((told as Partial<Exported> | null)?.events) && "identity" in (told as object);
const isLine = (line: Line | null) => typeof line?.type === "string" && Number.isFinite(Date.parse(line.timestamp));

/** What the file says of somebody beside their lines, as lines: those in which they said it may be older than what is kept. */
const before = ({ identity, consent, profile, events, exportedAt }: Exported): Line[] => {
  const { userId, anonymousId } = identity;
  const first = Math.min(...events.filter(isLine).map(({ timestamp }) => Date.parse(timestamp)), Date.parse(exportedAt));
  const line = (told: Pick<Line, "type"> & Partial<Line>, ms = first - 1000): Line => ({ messageId: fresh(), timestamp: new Date(ms).toISOString(), ...(userId && { userId }), ...(anonymousId && { anonymousId }), ...told });
  const said = (key: string) => events.some(({ type, event, properties, traits }) => (event === "danbi_declare" || type === "identify") && key in (properties ?? traits ?? {}));
  return [
    ...(events.some(({ type }) => type === "consent") ? [] : [line({ type: "consent", properties: consent })]),
    ...(userId && profile?.traits && !events.some(({ type }) => type === "identify") ? [line({ type: "identify", traits: profile.traits })] : []),
    ...Object.entries(profile?.declared ?? {}).filter(([key]) => !said(key)).map(([key, { value, at }]) => line({ type: "track", event: "danbi_declare", properties: { [key]: value } }, Date.parse(at))),
  ];
};

/** What a file says of a shopper; throws where it says nothing. */
export const fromFile = (name: string, text: string): Shopper => {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    told = parseLines(text);
  }
  const lines = (isExport(told) ? [...before(told), ...told.events] : Array.isArray(told) ? (told as Line[]) : [told as Line]).filter(isLine);
  if (!lines.length) throw new Error("no lines");
  const title = name.replace(/\.\w+$/, "");
  return {
    id: fresh(), page: "home", language: "ko", own: true, name: { ko: title, en: title }, about: { ko: `가져온 이벤트 ${lines.length}개`, en: `${lines.length} events imported` },
    lines: lines.map((line) => ({ ...line, messageId: line.messageId || fresh() })),
  };
};
