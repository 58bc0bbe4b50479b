/** Who is looked at, and what is known of them: what they did, and the facts that follow. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { zone } from "../state/bundle";
import { came, fresh, lineId, type Line, type Shopper } from "../state/cast";
import { fromFile } from "../state/file";
import { asFirst, choose, join, remove, shopper, shoppers } from "../state/people";
import { at, chosen } from "../state/scene";
import { stamp } from "../state/zone";
import { lang } from "../words";
import { Account } from "./Account";
import { Facts } from "./Facts";
import { History } from "./History";
import { t } from "./words";

const sides = ["events", "facts", "account"] as const;
const parts = { events: History, facts: Facts, account: Account };
/** What of the shopper is shown beneath the list. */
export const side = signal<(typeof sides)[number]>("events");

export function Shoppers() {
  const Part = parts[side.value];
  const [wrong, setWrong] = useState("");
  const open = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (!file) return;
    try {
      join(await fromFile(file.name, await file.text()));
      setWrong("");
    } catch {
      setWrong(t("notShopper"));
    }
    input.value = "";
  };
  const own = (from?: Shopper) => {
    const name = from ? { ko: `${from.name.ko} 2`, en: `${from.name.en} 2` } : { ko: t("newShopper"), en: t("newShopper") };
    const id = fresh(), user = `m-${id.slice(0, 8)}`;
    const lines: Line[] = from
      ? from.lines.map((line) => ({ ...line, messageId: lineId(), ...(line.userId && { userId: user }), ...(line.anonymousId && { anonymousId: `a-${id.slice(0, 8)}` }) }))
      : ([
          { type: "consent", properties: { functional: "granted", analytics: "granted", personalization: "granted", advertising: "granted" } },
          { type: "identify", traits: { name: "새봄" } },
          { type: "track", event: "sign_up" },
        ] as Line[]).map((line, place) => ({ ...line, messageId: lineId(), userId: user, timestamp: stamp(at.value - (10 - place) * 6e4, zone.value) }));
    join({ id, name, about: from ? from.about : { ko: "방금 가입한 회원", en: "Just signed up" }, page: from?.page ?? "my_page", language: from?.language ?? "ko", lines, own: true });
    side.value = "facts";
  };
  /** One stop of the tab key: the arrows go from one shopper to the next. */
  const rove = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = [...(event.currentTarget as HTMLElement).querySelectorAll("button")];
    const to = event.key === "Home" ? all[0] : event.key === "End" ? all.at(-1) : by && all[all.indexOf(document.activeElement as HTMLButtonElement) + by];
    if (!to) return;
    event.preventDefault();
    to.focus();
    to.click();
  };
  const who = shopper.value;
  return (
    <section class="side" aria-labelledby="shoppers-title">
      <div class="title-row">
        <h2 id="shoppers-title">{t("shoppers")}</h2>
        <div class="tools">
          <button type="button" class="small" data-testid="shopper-add" onClick={() => own()}>{t("addShopper")}</button>
          <button type="button" class="small" onClick={() => own(who)}>{t("copyShopper")}</button>
          <label class="file small" title={t("importHint")}>{t("importShopper")}<input type="file" accept=".json,.ndjson,application/json" data-testid="shopper-import" onChange={(event) => void open(event.currentTarget)} /></label>
        </div>
      </div>
      {wrong && <p role="alert" class="notice bad">{wrong}</p>}
      <ul class="people" onKeyDown={rove}>
        {shoppers.value.map((one) => (
          <li key={one.id}>
            <button type="button" aria-pressed={one.id === chosen.value} tabIndex={one.id === who?.id ? 0 : -1} data-testid={`shopper-${one.id}`} onClick={() => choose(one.id)}>
              <strong>{one.name[lang.value]}</strong>
              <small>{one.about[lang.value]}</small>
              {one.own && <span class="mark" title={t("changed")}>{t("changedShort")}</span>}
            </button>
          </li>
        ))}
      </ul>
      {who && (
        <>
          <div class="title-row of">
            <fieldset class="switch" aria-label={t("ofShopper", { name: who.name[lang.value] })}>
              {sides.map((name) => <label key={name}><input type="radio" name="side" checked={side.value === name} data-testid={`side-${name}`} onChange={() => (side.value = name)} />{t(name)}</label>)}
            </fieldset>
            {who.own && <button type="button" class="small plain" data-testid="shopper-first" onClick={() => (came(who.id) ? void asFirst(who.id) : remove(who.id))}>{came(who.id) ? t("start") : t("removeShopper")}</button>}
          </div>
          <Part key={who.id} who={who} />
        </>
      )}
    </section>
  );
}
