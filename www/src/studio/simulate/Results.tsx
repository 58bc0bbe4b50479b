/** What came of a run: four charts, what must always hold, what is different from a run before. */
import type { ComponentChildren } from "preact";
import type { Json } from "../state/bundle";
import { download } from "../files";
import { say, word } from "../words";
import { Cell, Chart, Wide } from "./Chart";
import { BANDS, colour, dashes, dayOf, fill, FLOWS, frequencySays, levels, moved, pointsSays, reach, reachSays, tiersSays, unit, type Level } from "./figures";
import { alike, before, changes, chosen, runs, shown, type Run } from "./run";
import { all } from "./rates";
import { count, date, percent, signed, t, type Word } from "./words";

const TESTED = { session: "checkSession", day: "checkDay", rolling: "checkRolling", tiers: "checkTiers", points: "checkPoints", holdout: "checkHoldout", paused: "checkPaused", reach: "checkReach" } as const;
const tested = (name: string) => (name in TESTED ? t(TESTED[name as keyof typeof TESTED]) : name);

/** What must always hold: in red where it did not. */
function Checks({ run }: { run: Run }) {
  const all = Object.entries(run.result.checks), broken = all.filter(([, times]) => times);
  return broken.length ? (
    <div role="alert" class="notice bad" data-testid="broken">
      <p><strong>{t("broken")}</strong></p>
      <ul>{broken.map(([name, times]) => <li key={name}>{tested(name)}: {t("brokenTimes", { n: count(times) })}</li>)}</ul>
    </div>
  ) : (
    <details class="held" data-testid="held">
      <summary>{t("held", { n: all.length })}</summary>
      <ul>{all.map(([name]) => <li key={name}>{tested(name)}</li>)}</ul>
    </details>
  );
}

/** What is different from the run before, in the bundle and the assumptions. */
function Compared({ run, other }: { run: Run; other: Run }) {
  const name = (id: string) => say([run, other].flatMap(({ bundle }) => bundle.campaigns ?? []).find((one: Json) => one.id === id)?.label ?? id);
  const rate = (path: string) => word(all.find((one) => one.path === path)?.words ?? [path, path]);
  const changed = changes(other, run);
  const what = [
    ...changed.campaigns.map((id) => `${t("campaign")} ${name(id)}`),
    ...changed.parts.map((part) => t("part", { name: part })),
    ...changed.rates.map(rate),
  ].join(", ");
  const numbers = ({ result: { campaigns, frequency, tiers, points, checks } }: Run) => JSON.stringify([Object.entries(campaigns).sort(), frequency, tiers, points, checks]);
  const says: Word = !alike(run, other) ? "unlike" : !what ? "sameAll" : numbers(run) === numbers(other) ? "sameNumbers" : "differs";
  return (
    <div class="versus">
      {runs.value.length > 2 && (
        <label class="row">{t("compare")}
          <select value={other.place} data-testid="compare" onChange={(event) => (chosen.value = Number(event.currentTarget.value))}>
            {runs.value.slice(0, -1).map(({ place }) => <option key={place} value={place}>{t("runName", { n: place })}</option>)}
          </select>
        </label>
      )}
      <p data-testid="compared">{t(says, { n: other.place, what })}</p>
    </div>
  );
}

const Key = ({ children, text }: { children: ComponentChildren; text: string }) => (
  <li><svg width="22" height="12" aria-hidden="true">{children}</svg>{text}</li>
);
/** The mark of the run before: across a bar, or along an axis. */
const earlierKey = (before: Run | undefined, path = "M1 6H21") => before && (
  <Key text={t("runName", { n: before.place })}><path d={path} stroke="var(--chart-before)" stroke-width="2" /></Key>
);
/** Hatches of bars and bands, for all drawings of the page. */
const Hatches = () => (
  <svg width="0" height="0" class="hatches" aria-hidden="true">
    <defs>
      {([["none", "M0 6 6 0", "1"], ["spent", "M0 6 6 0", "2"], ["expired", "M3 0V6", "3"], ["reversed", "M0 3H6", "4"]] as const).map(([name, path, colour]) => (
        <pattern key={name} id={`chart-${name}`} width="6" height="6" patternUnits="userSpaceOnUse">
          <rect width="6" height="6" fill={`var(--chart-${colour})`} fill-opacity="0.16" />
          <path d={path} stroke={`var(--chart-${colour})`} stroke-width="1.4" />
        </pattern>
      ))}
    </defs>
  </svg>
);

function Reached({ run, other }: { run: Run; other?: Run }) {
  const rows = reach(run), earlier = new Map(other && reach(other).map((row) => [row.id, row]));
  return (
    <Chart
      name="reach" title={t("reachTitle")} says={reachSays(rows, run.result.shoppers)}
      draw={(charts, width) => charts.reach(rows, { run, before: other, width }, earlier)}
      keys={<>
        <Key text={t("reached")}><rect y="2" width="22" height="8" fill="var(--chart-1)" /></Key>
        <Key text={t("eligible")}><rect x="0.5" y="0.5" width="21" height="11" fill="none" stroke="var(--chart-line)" /></Key>
        {earlierKey(other, "M11 0V12")}
      </>}
      table={() => (
        <table>
          <thead><tr><th scope="col">{t("campaign")}</th>{(["reached", "eligible", "ofEligible", "seenTimes", "answered"] as const).map((word) => <th key={word} scope="col" class="figure">{t(word)}</th>)}</tr></thead>
          <tbody>
            {rows.map((row) => {
              const was = earlier.get(row.id);
              return (
                <tr key={row.id}>
                  <th scope="row">{row.name}</th>
                  <Cell now={row.reached} was={was?.reached} /><Cell now={row.eligible} was={was?.eligible} /><td class="figure">{percent(row.reached, row.eligible)}</td>
                  <Cell now={row.shown} was={was?.shown} /><Cell now={row.answered} was={was?.answered} />
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    />
  );
}

function Frequency({ run, other }: { run: Run; other?: Run }) {
  const { frequency, shoppers } = run.result, earlier = other?.result.frequency;
  const most = Math.max(frequency.length, earlier?.length ?? 0);
  return (
    <Chart
      name="frequency" title={t("frequencyTitle")} says={frequencySays(run.result)}
      draw={(charts, width) => charts.frequency({ run, before: other, width })}
      keys={earlierKey(other)}
      table={() => (
        <table>
          <thead><tr><th scope="col">{t("times")}</th><th scope="col" class="figure">{t("people")}</th><th scope="col" class="figure">{t("share")}</th></tr></thead>
          <tbody>
            {Array.from({ length: most }, (_, times) => (
              <tr key={times}><th scope="row">{times}</th><Cell now={frequency[times] ?? 0} was={earlier && (earlier[times] ?? 0)} /><td class="figure">{percent(frequency[times] ?? 0, shoppers)}</td></tr>
            ))}
          </tbody>
        </table>
      )}
    />
  );
}

function Tiers({ run, other, found }: { run: Run; other?: Run; found: Level[] }) {
  const earlier = new Map(other && levels(other).map((level) => [level.key, level]));
  return (
    <Chart
      name="tiers" title={t("tiersTitle")} says={tiersSays(run, found)} note={t("net")}
      draw={(charts, width) => charts.tiers(found, { run, width })}
      keys={found.map((level, place) => <Key key={level.key} text={level.name}><path d="M1 6H21" stroke-width="2" stroke={colour(place)} stroke-dasharray={dashes(place)} /></Key>)}
      table={() => (
        <table>
          <thead><tr><th scope="col">{t("today")}</th>{found.map(({ key, name }) => <th key={key} scope="col" class="figure">{name}</th>)}</tr></thead>
          <tbody>
            {run.result.tiers.map((_, day) => (
              <tr key={day}><th scope="row">{date(dayOf(run, day))}</th>{found.map(({ key, days }) => <Cell key={key} now={days[day]!} was={earlier.get(key)?.days[day]} />)}</tr>
            ))}
          </tbody>
        </table>
      )}
    >
      <Wide label={t("tiersTitle")}>
        <table class="short" data-testid="tiers-ends">
          <thead><tr><th scope="col">{t("level")}</th>{(["firstDay", "lastDay", "change"] as const).map((word) => <th key={word} scope="col" class="figure">{t(word)}</th>)}</tr></thead>
          <tbody>
            {found.map((level) => {
              const was = earlier.get(level.key);
              return <tr key={level.key}><th scope="row">{level.name}</th><Cell now={level.days[0]!} was={was?.days[0]} /><Cell now={level.days.at(-1)!} was={was?.days.at(-1)} /><td class="figure">{signed(moved(level))}</td></tr>;
            })}
          </tbody>
        </table>
      </Wide>
    </Chart>
  );
}

function Points({ run, other }: { run: Run; other?: Run }) {
  const { points } = run.result, earlier = other?.result.points;
  const [begun, over] = [points[0]!, points.at(-1)!];
  return (
    <Chart
      name="points" title={t("pointsTitle")} says={pointsSays(run)}
      draw={(charts, width) => charts.points({ run, before: other, width })}
      keys={<>
        {BANDS.map((band) => <Key key={band} text={t(band)}><rect width="22" height="12" fill={fill(band)} /></Key>)}
        {earlierKey(other)}
      </>}
      table={() => (
        <table>
          <thead><tr><th scope="col">{t("today")}</th>{FLOWS.map((flow) => <th key={flow} scope="col" class="figure">{t(flow)}</th>)}</tr></thead>
          <tbody>{points.map((sums, day) => <tr key={day}><th scope="row">{date(dayOf(run, day))}</th>{FLOWS.map((flow) => <Cell key={flow} now={sums[flow]} was={earlier?.[day]![flow]} />)}</tr>)}</tbody>
        </table>
      )}
    >
      <Wide label={t("pointsTitle")}>
        <table class="short">
          <thead><tr><th scope="col">{t("points")}</th>{(["firstDay", "lastDay", "change"] as const).map((word) => <th key={word} scope="col" class="figure">{t(word)}</th>)}</tr></thead>
          <tbody>
            {FLOWS.map((flow) => (
              <tr key={flow}><th scope="row">{t(flow)}</th><Cell now={begun[flow]} was={earlier?.[0]![flow]} /><Cell now={over[flow]} was={earlier?.at(-1)![flow]} /><td class="figure">{signed(over[flow] - begun[flow])}</td></tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </Chart>
  );
}

/** What one would type to get the same. */
const command = ({ request }: Run) =>
  ["danbi simulate --bundle bundle.json", ...(["shoppers", "days", "seed", "from"] as const).map((key) => `--${key} ${request[key]}`), ...(request.rates ? ["--rates rates.json"] : [])].join(" ");

export function Results() {
  const run = shown.value, last = before.value;
  if (!run) return <p class="hint" data-testid="nothing-run">{t("empty")}</p>;
  const other = last && alike(run, last) ? last : undefined;
  const found = levels(run), { shoppers, days, seed } = run.result;
  const asked = t("runOf", { shoppers: count(shoppers), days, seed, first: date(dayOf(run, 0)) });
  return (
    <>
      <div class="title-row">
        <h2 id="result-title">{t("result")} <small>{t("runName", { n: run.place })}: {asked}</small></h2>
        <button type="button" data-testid="save-result" onClick={() => download(`simulation-${run.place}.json`, `${run.line}\n`)}>{t("saveFile")}</button>
      </div>
      <Checks run={run} />
      {last && <Compared run={run} other={last} />}
      <Hatches />
      <div class="charts">
        <div>
          {Object.keys(run.result.campaigns).length ? <Reached run={run} other={other} /> : <p class="hint">{t("noCampaigns")}</p>}
          <Frequency run={run} other={other} />
        </div>
        <div>
          {found.length ? <Tiers run={run} other={other} found={found} /> : <p class="hint">{t("noTiers")}</p>}
          {unit(run) !== undefined ? <Points run={run} other={other} /> : <p class="hint">{t("noPoints")}</p>}
        </div>
      </div>
      <details class="command"><summary>{t("command")}</summary><pre><code data-testid="command">{command(run)}</code></pre></details>
    </>
  );
}
