/** The shopper's account as they would read it: where they stand, what happened to points and rewards, and after which event. */
import type { Statement } from "danbi/studio";
import { good, type Json } from "../state/bundle";
import { lines } from "../state/people";
import { seen } from "../state/seen";
import { say } from "../words";
import { describeLine } from "./lines";
import { t } from "./words";

interface Badge { level: number; value: number; target: number | null }
const badges = () => {
  const known = ((good.value?.programs ?? []) as Json[]).flatMap(({ badges = [] }) => badges as { id: string; label?: unknown }[]);
  const { badges: earned = {} } = seen.value!.progress as { badges?: Record<string, Badge> };
  return Object.entries(earned).map(([id, { level, value, target }]) => `${say(known.find((one) => one.id === id)?.label ?? id)} ${t("level", { n: level })} (${value}/${target ?? value})`);
};
const cause = (id?: string | null) => {
  const line = id && lines.value.find(({ messageId }) => messageId === id);
  return line ? describeLine(line) : "";
};

const Entries = ({ entries }: { entries: Statement["rewards"] }) => (
  <table>
    <thead><tr><th scope="col">{t("what")}</th><th scope="col" class="number">{t("change")}</th><th scope="col" class="number">{t("balance")}</th></tr></thead>
    <tbody>
      {entries.map(({ date, text, change, balance, event }, place) => (
        <tr key={place}>
          <td><small>{date}{cause(event) && ` ${cause(event)}`}</small> {text}</td>
          <td class="number">{change}</td>
          <td class="number">{balance}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

export function Account() {
  if (!seen.value) return <p aria-busy="true">{t("starting")}</p>;
  const { header, currencies, rewards } = seen.value.statement;
  const earned = badges();
  return (
    <div class="account" data-testid="account">
      <dl class="facts">
        {header.map(([title, text]) => <><dt>{title}</dt><dd>{text}</dd></>)}
        {earned.length > 0 && <><dt>{t("badges")}</dt><dd>{earned.join(", ")}</dd></>}
      </dl>
      {currencies.map(({ title, notes, entries }) => (
        <section key={title}>
          <h3>{title}</h3>
          {notes.map((note) => <p key={note} class="hint">{note}</p>)}
          {entries.length > 0 && <Entries entries={entries} />}
        </section>
      ))}
      {rewards.length > 0 && (
        <section>
          <h3>{t("rewards")}</h3>
          <ul>{rewards.map(({ date, text }, place) => <li key={place}><small>{date}</small> {text}</li>)}</ul>
        </section>
      )}
    </div>
  );
}
