import { useEffect, useState } from "preact/hooks";
import { DAY, fromInput, HOUR, now, toInput } from "../shop/clock";
import { changes } from "../shop/danbi";
import { day, t, time, type TextKey } from "../shop/i18n";
import { clockOffset } from "../shop/store";
import { viewPage } from "../shop/visit";
import { testids } from "../testids";

/** Whoever comes at another time comes anew: the page is viewed again. */
function move(offset: number) {
  clockOffset.value = offset;
  viewPage();
  changes.value += 1;
}

const steps: [string, number, TextKey][] = [["1h", HOUR, "hour1"], ["24h", DAY, "hour24"], ["7d", 7 * DAY, "day7"]];

export function Clock() {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const offset = clockOffset.value;
  const at = now();
  const set = (text: string) => {
    const wanted = fromInput(text);
    if (Number.isFinite(wanted)) move(wanted - Date.now());
  };
  return (
    <section>
      <h3>{t("clock")}</h3>
      <p class="clock-now">
        <time data-testid={testids.clockNow} dateTime={new Date(at).toISOString()}>{day(at, true)} {time(at)}</time>
      </p>
      <p class="small soft">{t("seoulTime")} · {t("clockText")}</p>
      <div class="actions">
        {steps.map(([name, by, key]) => (
          <button key={name} type="button" class="button quiet slim" data-testid={testids.clockPlus(name)} onClick={() => move(offset + by)}>{t(key)}</button>
        ))}
        <button type="button" class="button quiet slim" disabled={offset === 0} data-testid={testids.clockReset} onClick={() => move(0)}>{t("toNow")}</button>
      </div>
      <label class="field">
        <span>{t("setClock")}</span>
        {/* Uncontrolled but for moves: the ticking clock must not take away what is being typed. */}
        <input key={offset} type="datetime-local" defaultValue={toInput(at)} data-testid={testids.clockInput} onChange={(event) => set(event.currentTarget.value)} />
      </label>
    </section>
  );
}
