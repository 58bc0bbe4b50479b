/** What is true of a shopper, as a form: it writes the event lines that make it so, and shows what follows from them by the engine. */
import type { ComponentChildren } from "preact";
import { currency, good, purposes, scale, zone, type Json } from "../state/bundle";
import type { Line, Shopper } from "../state/cast";
import { addOrder, addToBag, bag, happened, items, orders, removeLine, setAmount, setConsent, setDeclared, setLanguage, setMember, setName, setQuantity, setTime, spend, toggle, type Item } from "../state/facts";
import { birthday, change, shoppers, time } from "../state/people";
import { language, soldOut } from "../state/scene";
import { seen } from "../state/seen";
import { instant, local } from "../state/zone";
import { money } from "../paths";
import { date, lang, purposeWord, say } from "../words";
import { t } from "./words";

const MONTHS = 12;
const daysOf = (month: number) => new Date(2000, month, 0).getDate();
const two = (number: number) => String(number).padStart(2, "0");
const Row = ({ label, children }: { label: string; children: ComponentChildren }) => <><dt>{label}</dt><dd>{children}</dd></>;

function Birthday() {
  const [month = 0, day = 0] = birthday.value?.split("-").map(Number) ?? [];
  const put = (month: number, day: number) => setDeclared("birthday", month ? `${two(month)}-${two(Math.min(day || 1, daysOf(month)))}` : undefined);
  const number = (word: "monthOf" | "dayOf", n: number) => t(word, { n });
  return (
    <span class="pair">
      <select aria-label={`${t("birthday")} ${t("monthWord")}`} value={String(month)} data-testid="fact-month" onChange={(event) => put(+event.currentTarget.value, day)}>
        <option value="0">{t("unknown")}</option>
        {Array.from({ length: MONTHS }, (_, place) => <option key={place} value={String(place + 1)}>{number("monthOf", place + 1)}</option>)}
      </select>
      <select aria-label={`${t("birthday")} ${t("dayWord")}`} value={String(day)} disabled={!month} data-testid="fact-day" onChange={(event) => put(month, +event.currentTarget.value)}>
        {!month && <option value="0">–</option>}
        {month > 0 && Array.from({ length: daysOf(month) }, (_, place) => <option key={place} value={String(place + 1)}>{number("dayOf", place + 1)}</option>)}
      </select>
    </span>
  );
}

/** A number that is taken up when it is done: each would be an event line of its own otherwise. */
const Amount = ({ value, label, put, testid, step = 1 }: { value: number; label: string; put: (value: number) => void; testid?: string; step?: number }) => (
  <input type="number" min="0" step={step} aria-label={label} key={value} defaultValue={String(value)} data-testid={testid} onChange={(event) => {
    const now = event.currentTarget.valueAsNumber;
    if (now >= 0) put(now);
  }} />
);
const When = ({ line }: { line: Line }) => (
  <input type="date" aria-label={t("when")} key={line.timestamp} defaultValue={local(time(line), zone.value).slice(0, 10)} onChange={(event) => {
    const ms = instant(event.currentTarget.value + local(time(line), zone.value).slice(10), zone.value);
    if (Number.isFinite(ms)) setTime(line, ms);
  }} />
);

function Orders({ who }: { who: Shopper }) {
  return (
    <>
      {orders(who.lines).map((order) => {
        const [item] = (order.properties?.items ?? []) as Item[];
        return (
          <div key={order.messageId} class="fact-line" data-testid="fact-order">
            <Amount value={Number(order.properties?.value ?? 0)} step={1 / scale.value} label={t("amount")} testid="order-amount" put={(value) => setAmount(order, value)} />
            <When line={order} />
            <span class="tools">
              {(["order_delivered", "refund"] as const).map((event) => <label key={event} class="check"><input type="checkbox" checked={!!happened(order, event)} onChange={() => toggle(order, event)} />{t(event)}</label>)}
              <button type="button" class="small plain" aria-label={`${t("remove")}: ${item?.item_name ?? t("orders")}`} onClick={() => removeLine(order)}>{t("remove")}</button>
            </span>
          </div>
        );
      })}
      <button type="button" class="small" data-testid="order-add" onClick={() => addOrder(50_000 / (scale.value === 1 ? 1 : 1000), currency.value)}>{t("addOrder")}</button>
    </>
  );
}

const toggled = (all: string[], one: string) => (all.includes(one) ? all.filter((other) => other !== one) : [...all, one]);
function Bag({ who }: { who: Shopper }) {
  const known = items(shoppers.value.flatMap(({ lines }) => lines));
  return (
    <>
      {bag(who.lines).map((line) => {
        const [item] = (line.properties?.items ?? []) as Item[];
        return (
          <div key={line.messageId} class="fact-line" data-testid="fact-item">
            <Amount value={Number(item?.quantity ?? 1)} label={t("quantity")} put={(quantity) => setQuantity(line, quantity, currency.value)} />
            <When line={line} />
            <span class="tools">
              <span>{item?.item_name ?? t("none")}</span>
              {item && <label class="check"><input type="checkbox" checked={soldOut.value.includes(item.item_id)} data-testid={`sold-out-${item.item_id}`} onChange={() => (soldOut.value = toggled(soldOut.value, item.item_id))} />{t("soldOut")}</label>}
              <button type="button" class="small plain" aria-label={`${t("remove")}: ${item?.item_name}`} onClick={() => removeLine(line)}>{t("remove")}</button>
            </span>
          </div>
        );
      })}
      {known.length > 0 && (
        <select aria-label={t("addToBag")} value="" data-testid="bag-add" onChange={(event) => {
          const item = known.find(({ item_id }) => item_id === event.currentTarget.value);
          if (item) addToBag(item, currency.value);
          event.currentTarget.value = "";
        }}>
          <option value="">{t("addToBag")}</option>
          {known.map(({ item_id, item_name, price }) => <option key={item_id} value={item_id}>{item_name} {money(price * scale.value)}</option>)}
        </select>
      )}
    </>
  );
}

interface Level { id: string; min: number; label?: unknown }
/** The tiers, each with the amount that brings it where money does. */
function Tiers() {
  const program = ((good.value?.programs ?? []) as Json[]).at(-1);
  const known = seen.value?.progress.tiers ?? {};
  return (
    <>
      {Object.entries(known).map(([id, tier]) => {
        const spec = program?.tiers?.[id] as { label?: unknown; meter?: string; levels?: Level[] } | undefined;
        const levels = spec?.levels ?? [];
        const name = (level: string | null) => say(levels.find((one) => one.id === level)?.label ?? level ?? "");
        const paid = good.value?.meters?.[spec?.meter ?? ""]?.sum === "purchase.value";
        const put = (wanted: string) => {
          const level = levels.find((one) => one.id === wanted);
          if (level) spend(tier.value, level.min, currency.value);
        };
        return (
          <Row key={id} label={say(spec?.label ?? t("tier"))}>
            {paid ? (
              <select aria-label={say(spec?.label ?? t("tier"))} value={tier.level} data-testid={`fact-tier-${id}`} onChange={(event) => put(event.currentTarget.value)}>
                {levels.map((level) => <option key={level.id} value={level.id}>{name(level.id)}</option>)}
              </select>
            ) : name(tier.level)}
            <small class="follows">{money(tier.value)}{tier.next && ` · ${t("toNext", { next: name(tier.next), left: money(tier.remaining) })}`}</small>
          </Row>
        );
      })}
    </>
  );
}

/** What follows and cannot be set by itself: points, audiences. */
function Follows() {
  const shown = seen.value;
  if (!shown) return null;
  const program = ((good.value?.programs ?? []) as Json[]).at(-1);
  return (
    <>
      {Object.entries(shown.progress.currencies ?? {}).map(([id, { active, pending, nextExpiry }]) => {
        const spec = program?.currencies?.[id];
        const sum = (n: number) => `${n.toLocaleString(lang.value)}${spec?.unit ?? ""}`;
        return (
          <Row key={id} label={say(spec?.label ?? id)}>
            {sum(active)}{pending > 0 && ` · ${t("pending", { sum: sum(pending) })}`}
            {nextExpiry && <small class="follows">{t("expires", { sum: sum(nextExpiry.amount), date: date(Date.parse(nextExpiry.at) - 1, zone.value, true) })}</small>}
          </Row>
        );
      })}
      <Row label={t("audiences")}>{shown.profile.audiences.map((id) => say(good.value?.audiences?.[id]?.label ?? id)).join(", ") || t("none")}</Row>
    </>
  );
}

export function Facts({ who }: { who: Shopper }) {
  const profile = seen.value?.profile;
  if (!profile) return <p aria-busy="true">{t("starting")}</p>;
  const tastes = Object.entries((good.value?.interests ?? {}) as Record<string, { shares?: Record<string, number>; label?: unknown }>).filter(([, { shares }]) => shares);
  const title = who.name[lang.value];
  return (
    <dl class="facts" data-testid="facts">
      <Row label={t("listName")}><input aria-label={t("listName")} key={title} defaultValue={title} data-testid="fact-title" onChange={({ currentTarget: { value } }) => change(who.id, { name: { ...who.name, [lang.value]: value || title } })} /></Row>
      <Row label={t("shopperName")}><input aria-label={t("shopperName")} key={String(profile.traits.name)} defaultValue={String(profile.traits.name ?? "")} placeholder={t("unknown")} data-testid="fact-name" onChange={(event) => setName(event.currentTarget.value.trim())} /></Row>
      <Row label={t("member")}><label class="check"><input type="checkbox" role="switch" checked={!!profile.userId} data-testid="fact-member" onChange={(event) => setMember(event.currentTarget.checked)} />{profile.userId ? t("isMember") : t("isGuest")}</label></Row>
      <Row label={t("language")}>
        <select aria-label={t("language")} value={language.value} data-testid="fact-language" onChange={(event) => setLanguage(event.currentTarget.value)}>
          <option value="ko">한국어</option>
          <option value="en">English</option>
        </select>
      </Row>
      <Row label={t("birthday")}><Birthday /></Row>
      {tastes.map(([id, { shares, label }]) => (
        <Row key={id} label={t("saidTaste", { name: say(label ?? id) })}>
          <select aria-label={say(label ?? id)} value={String(profile.declared[id]?.value ?? "")} data-testid={`fact-${id}`} onChange={(event) => setDeclared(id, event.currentTarget.value || undefined)}>
            <option value="">{t("notSaid")}</option>
            {Object.keys(shares!).map((one) => <option key={one} value={one}>{one}</option>)}
          </select>
        </Row>
      ))}
      <Row label={t("consent")}>
        <span class="consents">
          {["functional", "analytics", ...purposes(good.value?.purposes)].map((purpose) => <label key={purpose} class="check"><input type="checkbox" checked={profile.consent[purpose] === "granted"} data-testid={`fact-consent-${purpose}`} onChange={(event) => setConsent(purpose, event.currentTarget.checked)} />{purposeWord(purpose)}</label>)}
        </span>
      </Row>
      <Tiers />
      <Row label={t("orders")}><Orders who={who} /></Row>
      <Row label={t("bag")}><Bag who={who} /></Row>
      <Follows />
    </dl>
  );
}
