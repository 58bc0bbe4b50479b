/** Redemptions: points held for a reward until the server answers. Loaded by pages that redeem. */
import type { Journal } from "./journal.js";
import type { Progress, Redemption } from "../types.js";

/**
 * Writes the redemption as an event of the host's, which the engine holds the points for, and tells `on("redeem")`, so that the
 * page asks its server; `redemption_confirmed` or `redemption_cancelled` with the same `redemption_id` answers.
 */
export const redeem = async (
  reward: string,
  bundle: any,
  journal: Journal,
  progress: () => Progress | null,
  notify: (event: string, payload: unknown) => unknown,
): Promise<Redemption> => {
  const refused = (reason: string): Redemption => ({ id: "", status: "dropped", reason });
  const now = journal.clock();
  const zone = bundle?.house?.zone;
  const today = new Date(now).toLocaleDateString("sv", zone && { timeZone: zone });
  const [program] = (bundle?.programs ?? []).filter(({ from }: any) => from <= today).sort((a: any, b: any) => (a.from < b.from ? 1 : -1));
  const cost = program?.rewards?.find(({ id }: any) => id == reward)?.cost;
  const [currency, value] = (Object.entries(cost ?? {})[0] ?? []) as [string?, number?];
  if (!currency || !value) return refused("unknown");
  const { personalization, functional } = journal.grants();
  if (personalization != "granted" && !(functional == "granted" && journal.identity()?.userId)) return refused("consent");
  const known = progress();
  if (!known) return refused("unavailable");
  const { state, reason } = known.rewards?.[reward] ?? {};
  if (state == "locked") return refused(reason ?? state);
  if (!((known.currencies[currency]?.active ?? 0) >= value)) return refused("insufficient");
  const line = journal.line("track", { event: "spend_virtual_currency" });
  const id = line.messageId;
  line.properties = { virtual_currency_name: currency, value, redemption_id: id, reward };
  const receipt = await journal.put({ line });
  if (receipt.status == "dropped" || receipt.status == "held") return refused(receipt.reason ?? receipt.status);
  queueMicrotask(() => notify("redeem", { id, reward, currency, value }));
  return { id, status: "held" };
};
