//! `danbi`: check a bundle, replay events under it, simulate shoppers, print an account.

use clap::{Parser, Subcommand, ValueEnum};
use danbi::cli::keys::Keys;
use danbi::cli::{export, json, native, simulate, statement};
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::{Bundle, lint};
use danbi::engine::error::Error;
use danbi::engine::profile::Grant;
use danbi::engine::replay::{Options, Replay};
use danbi::engine::simulate::{Simulation, fit};
use danbi::engine::statement::Statement;
use danbi::engine::suite::run as suites;
use danbi::engine::words::Speaker;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Personalization that runs where the shopper is, on the command line.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is wrong or doubtful in a bundle, and what is not as its suites expect. Exit code 1 on errors, 0 on warnings alone.
    Check {
        /// The bundle, a JSON file.
        bundle: PathBuf,
        /// Suites in a file of their own, `{"suites": [...]}`, instead of the bundle's: what shoppers download need not hold them.
        #[arg(long)]
        suites: Option<PathBuf>,
        /// One JSON object per finding.
        #[arg(long)]
        json: bool,
    },
    /// Fold event lines and print one JSON line per shopper. Exit code 2 if any line was bad.
    Replay {
        /// The bundle, a JSON file.
        #[arg(long)]
        bundle: PathBuf,
        /// Newline-delimited event lines; `-` is standard input.
        #[arg(long, default_value = "-")]
        events: PathBuf,
        /// Ignore events after this instant (RFC 3339) and let time pass up to it; without it, up to each shopper's last event.
        #[arg(long, value_parser = instant)]
        at: Option<Time>,
        /// Add every campaign's verdict, with its reason in words.
        #[arg(long)]
        explain: bool,
        /// Language of the reasons.
        #[arg(long, value_enum, default_value_t = Lang::Ko)]
        lang: Lang,
        /// What counts where a purpose was never mentioned.
        #[arg(long, value_enum, default_value_t = Consent::Granted)]
        consent: Consent,
        /// Public keys of the server that signs checkpoints, a JSON file `{"KID": "base64url"}`; without it none is verified.
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// Print the log of decisions as CSV, one row for each that was seen: context, action, reward, propensity, position, and where
    /// it comes from. Exit code 2 if any line was bad.
    ExportDecisions {
        /// The bundle, a JSON file.
        #[arg(long)]
        bundle: PathBuf,
        /// Newline-delimited event lines; `-` is standard input.
        #[arg(long, default_value = "-")]
        events: PathBuf,
    },
    /// Print one member's account for a person to read. Exit code 2 if any line was bad.
    Statement {
        /// The bundle, a JSON file.
        #[arg(long)]
        bundle: PathBuf,
        /// Newline-delimited event lines; `-` is standard input.
        #[arg(long, default_value = "-")]
        events: PathBuf,
        /// As of this instant (RFC 3339); without it, as of the member's last event.
        #[arg(long, value_parser = instant)]
        at: Option<Time>,
        /// Public keys of the server that signs checkpoints, a JSON file `{"KID": "base64url"}`; without it none is verified.
        #[arg(long)]
        keys: Option<PathBuf>,
        /// The member's `userId`, or an `anonymousId` that nobody was identified with.
        #[arg(long)]
        user: String,
        /// Language of the words.
        #[arg(long, value_enum, default_value_t = Lang::Ko)]
        lang: Lang,
    },
    /// Let synthetic shoppers live some days under a bundle and print what came of it, one JSON line of whole numbers: what would
    /// happen if shoppers were like this, not a forecast. `campaigns`: for how many shoppers each was due on a page where it could
    /// show, who saw it, how often it was seen, how often it was answered. `frequency`: by how many messages interrupted them, from
    /// 0 on, shoppers. `tiers`, `points`: one object a day, as of its end, the points since ever. `checks`: how often what must
    /// always hold did not. The same bundle, seed and rates give the same line on every machine.
    Simulate {
        /// The bundle, a JSON file.
        #[arg(long)]
        bundle: PathBuf,
        /// How many shoppers, 1 to 1,000,000.
        #[arg(long, allow_negative_numbers = true)]
        shoppers: i64,
        /// How many days, 1 to 3,660.
        #[arg(long, allow_negative_numbers = true)]
        days: i64,
        /// What chance begins with, a whole number.
        #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
        seed: i64,
        /// A moment of the first day (RFC 3339), which begins at midnight of the house. [default: 12 May 2026]
        #[arg(long, value_parser = instant)]
        from: Option<Time>,
        /// The rates that shoppers live by, a JSON file; what it leaves out is as by default. `danbi fit` makes one.
        #[arg(long)]
        rates: Option<PathBuf>,
        /// Write what happened to this file, too: newline-delimited event lines, which `replay` and `fit` read.
        #[arg(long)]
        events: Option<PathBuf>,
    },
    /// Estimate from real events what shoppers live by, and print the rates that `simulate --rates` takes, as far as the events
    /// tell: how often shoppers come, order and leave, what they look at, what orders hold and what becomes of them, what they agree
    /// to, what they do with messages. Prices stay in the currency of the events. Exit code 2 if any line was bad.
    Fit {
        /// The bundle under which the events happened: it knows the house's zone, its names of events, and how far the scales reach
        /// on which shoppers scored. Without it no scores are told.
        #[arg(long)]
        bundle: Option<PathBuf>,
        /// Newline-delimited event lines; `-` is standard input.
        #[arg(long, default_value = "-")]
        events: PathBuf,
        /// The zone whose days and hours count, where no bundle says it.
        #[arg(long, default_value = "Asia/Seoul", conflicts_with = "bundle")]
        zone: String,
    },
    /// Print the JSON Schema of the bundle.
    #[command(hide = true)]
    Schema,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Ko,
    En,
}

impl Lang {
    fn tag(self) -> String {
        String::from(if matches!(self, Lang::Ko) { "ko" } else { "en" })
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Consent {
    Granted,
    Denied,
    Unknown,
}

fn instant(text: &str) -> Result<Time, String> {
    Time::parse(text)
        .map(|(time, _)| time)
        .ok_or_else(|| String::from("expected RFC 3339, e.g. 2026-05-12T10:00:00+09:00"))
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Check { bundle, suites, json } => check(&bundle, suites.as_deref(), json),
        Command::Replay { bundle, events, at, explain, lang, consent, keys } => {
            let assumed = match consent {
                Consent::Granted => Grant::Granted,
                Consent::Denied => Grant::Denied,
                Consent::Unknown => Grant::Unknown,
            };
            replay(&bundle, &events, keys.as_deref(), &Options { at, explain, lang: lang.tag(), assumed })
        }
        Command::Statement { bundle, events, at, keys, user, lang } => {
            let options = Options { at, explain: false, lang: lang.tag(), assumed: Grant::Granted };
            print_statement(&bundle, &events, keys.as_deref(), &user, &options)
        }
        Command::ExportDecisions { bundle, events } => export_decisions(&bundle, &events),
        Command::Simulate { bundle, shoppers, days, seed, from, rates, events } => {
            let asked = Map::new().with("shoppers", shoppers).with("days", days).with("seed", seed);
            simulated(&bundle, asked.with("from", from.map(Time::text)), rates.as_deref(), events.as_deref())
        }
        Command::Fit { bundle, events, zone } => fitted(bundle.as_deref(), &events, &zone),
        Command::Schema => schema(),
    };
    result.unwrap_or_else(|message| {
        eprintln!("danbi: {message}");
        ExitCode::FAILURE
    })
}

fn schema() -> Result<ExitCode, String> {
    print(&json::write_pretty(&Bundle::json_schema()))?;
    Ok(ExitCode::SUCCESS)
}

fn read_file(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| named(path, error.to_string()))
}

fn read_json(path: &Path) -> Result<Value, String> {
    json::parse(&read_file(path)?).map_err(|error| named(path, error))
}

fn print(line: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| error.to_string())
}

/// A JSON document and its text.
struct File<'a> {
    path: &'a Path,
    text: String,
}

impl<'a> File<'a> {
    fn read(path: &'a Path) -> Result<File<'a>, String> {
        Ok(File { path, text: read_file(path)? })
    }

    /// Line and column of what each pointer leads to; where it is no JSON, of where that shows.
    fn places(&self, pointers: &[&str]) -> Vec<(usize, usize)> {
        match json::fault(&self.text) {
            Some(place) => vec![place; pointers.len()],
            None => json::positions(&self.text, pointers).unwrap_or_default(),
        }
    }
}

/// What is wrong or doubtful, one finding per line.
fn check(path: &Path, suites: Option<&Path>, as_json: bool) -> Result<ExitCode, String> {
    let bundle = File::read(path)?;
    let apart = suites.map(File::read).transpose()?;
    let findings = match (json::parse(&bundle.text), apart.as_ref().map(|file| json::parse(&file.text))) {
        (Err(error), _) => vec![finding("json", "", "JSON으로 읽을 수 없어요.", &error)],
        (_, Some(Err(error))) => vec![finding("json", SUITES, "JSON으로 읽을 수 없어요.", &error)],
        (Ok(bundle), None) => findings(&bundle)?,
        (_, Some(Ok(apart))) if apart.field("suites").is_null() => {
            vec![finding(
                "missing",
                SUITES,
                "suites가 없는 파일이에요.",
                "no suites are in the file; write {\"suites\": [...]}",
            )]
        }
        (Ok(bundle), Some(Ok(apart))) => {
            let mut whole = bundle.map().cloned().unwrap_or_default();
            whole.set("suites", apart.field("suites").clone());
            findings(&whole.into())?
        }
    };
    let mut fatal = false;
    let pointers: Vec<&str> = findings.iter().map(|line| word(line, "pointer")).collect();
    let of_bundle = bundle.places(&pointers);
    let of_suites = apart.as_ref().map(|file| file.places(&pointers));
    for (index, (line, pointer)) in findings.iter().zip(pointers).enumerate() {
        let of_suite = pointer.strip_prefix(SUITES).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let (path, places) = match (&apart, &of_suites) {
            (Some(file), Some(places)) if of_suite => (file.path, places),
            _ => (path, &of_bundle),
        };
        let (row, column) = places.get(index).copied().unwrap_or((1, 1));
        let word = |key: &str| word(line, key);
        fatal |= word("severity") == "error";
        if as_json {
            let placed = Map::new()
                .with("severity", word("severity"))
                .with("code", word("code"))
                .with("pointer", pointer)
                .with("line", row as i64)
                .with("column", column as i64)
                .with("ko", word("ko"))
                .with("en", word("en"));
            print(&json::write(&placed.into()))?;
        } else {
            let place = if pointer.is_empty() { "/" } else { pointer };
            let (severity, code, ko, en) = (word("severity"), word("code"), word("ko"), word("en"));
            print(&format!("{}:{row}:{column}: {severity} {code} {place}: {en} / {ko}", path.display()))?;
        }
    }
    Ok(if fatal { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Where suites stand in a bundle.
const SUITES: &str = "/suites";

/// What is wrong or doubtful in a bundle; where nothing is wrong, also what is not as its suites expect.
fn findings(bundle: &Value) -> Result<Vec<Map>, String> {
    let mut lines: Vec<Map> = lint::check(bundle).iter().map(lint::Finding::line).collect();
    let is_known = |zone: &str| native::zones(&[zone.to_string()], Time(0), Time(0)).is_ok();
    lines.extend(lint::zones(bundle, &is_known).iter().map(lint::Finding::line));
    if !lines.iter().any(|line| word(line, "severity") == "error") {
        lines.extend(unmet(bundle)?);
    }
    Ok(lines)
}

/// What is not as the bundle's suites expect.
fn unmet(source: &Value) -> Result<Vec<Map>, String> {
    let (names, from, to) = suites::needs(source).map_err(|errors| listed(&errors))?;
    let zones = native::zones(&names, from, to)?;
    let outcomes = suites::run(source, &zones, &|| Box::new(native::Native)).map_err(|errors| listed(&errors))?;
    Ok(outcomes.iter().filter_map(suites::Outcome::finding).collect())
}

fn word<'a>(line: &'a Map, key: &str) -> &'a str {
    line.get(key).and_then(Value::text).unwrap_or_default()
}

fn finding(code: &str, pointer: &str, ko: &str, en: &str) -> Map {
    Map::new().with("severity", "error").with("code", code).with("pointer", pointer).with("ko", ko).with("en", en)
}

fn named(path: &Path, error: String) -> String {
    format!("{}: {error}", path.display())
}

fn listed(errors: &[Error]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn invalid(bundle: &Path, errors: &[Error]) -> String {
    format!("{} is not a valid bundle:\n{}", bundle.display(), listed(errors))
}

/// Event lines that were read under a bundle, with what folding them needs.
struct Gathered {
    replay: Replay,
    zones: Zones,
    bar: ProgressBar,
    /// Exit code 2 if any line was bad.
    exit: ExitCode,
}

/// Reads a bundle and event lines; a bad line is told and left out.
fn gather(bundle: &Path, events: &Path, keys: Option<&Path>, at: Option<Time>) -> Result<Gathered, String> {
    let keys = match keys {
        Some(path) => Keys::read(&read_file(path)?).map_err(|error| named(path, error))?,
        None => Keys::default(),
    };
    let replay = Replay::new(read_json(bundle)?).map_err(|errors| invalid(bundle, &errors))?;
    read_events(replay, events, &keys, at, &house_zone(bundle))
}

/// Where a bundle has the zone of its house.
fn house_zone(bundle: &Path) -> String {
    named(bundle, String::from("/house/zone"))
}

/// Reads event lines under a bundle; `zone`: where the zone of its house stands.
fn read_events(
    mut replay: Replay,
    events: &Path,
    keys: &Keys,
    at: Option<Time>,
    zone: &str,
) -> Result<Gathered, String> {
    let reader: Box<dyn BufRead> = if events == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        Box::new(BufReader::new(std::fs::File::open(events).map_err(|error| named(events, error.to_string()))?))
    };
    let bar = progress_bar();
    let mut exit = ExitCode::SUCCESS;
    for (index, line) in reader.split(b'\n').enumerate() {
        let line = line.map_err(|error| error.to_string())?;
        let mut add = |value: Value| replay.add_proven(&value, keys.prove(&value)).map_err(|error| error.to_string());
        let refused = match std::str::from_utf8(&line) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => json::parse(text).and_then(&mut add).err(),
            Err(error) => Some(error.to_string()),
        };
        if let Some(reason) = refused {
            exit = ExitCode::from(2);
            bar.suspend(|| eprintln!("line {}: {reason}", index + 1));
        }
        bar.set_message(format!("{} lines", index + 1));
    }
    let (names, from, to) = replay.needs(at);
    let zones = native::zones(&names, from, to).map_err(|error| format!("{zone}: {error}"))?;
    Ok(Gathered { replay, zones, bar, exit })
}

fn replay(bundle: &Path, events: &Path, keys: Option<&Path>, options: &Options) -> Result<ExitCode, String> {
    let Gathered { replay, zones, bar, exit } = gather(bundle, events, keys, options.at)?;
    let lines = replay.finish(&zones, &native::Native, options, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in lines {
        writeln!(out, "{}", json::write(&line)).map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())?;
    Ok(exit)
}

/// Runs a simulation; `request` is the shape of one, but for its rates.
fn simulated(bundle: &Path, mut request: Map, rates: Option<&Path>, events: Option<&Path>) -> Result<ExitCode, String> {
    let source = read_json(bundle)?;
    if let Some(rates) = rates {
        request.set("rates", read_json(rates)?);
    }
    Bundle::read(&source).map_err(|errors| invalid(bundle, &errors))?;
    let simulation = Simulation::new(source, request.into()).map_err(|errors| listed(&errors))?;
    let (names, from, to) = simulation.needs();
    let zones = native::zones(&names, from, to).map_err(|error| format!("{}: {error}", house_zone(bundle)))?;
    let bar = progress_bar();
    bar.set_length(simulation.shoppers() as u64);
    let progress = |done: usize| bar.set_position(done as u64);
    let told = match events {
        None => simulate::run(&simulation, &zones, &progress, None)?,
        Some(path) => {
            let fault = |error: std::io::Error| named(path, error.to_string());
            let mut file = BufWriter::new(std::fs::File::create(path).map_err(fault)?);
            let mut write = |line: &str| writeln!(file, "{line}").map_err(fault);
            let told = simulate::run(&simulation, &zones, &progress, Some(&mut write))?;
            file.flush().map_err(fault)?;
            told
        }
    };
    bar.finish_and_clear();
    print(&json::write(&told))?;
    Ok(ExitCode::SUCCESS)
}

/// Estimates rates from events; where no bundle says what they mean, they mean what they are called.
fn fitted(bundle: Option<&Path>, events: &Path, zone: &str) -> Result<ExitCode, String> {
    let gathered = match bundle {
        Some(bundle) => gather(bundle, events, None, None)?,
        None => {
            let house = Map::new().with("zone", zone).with("currency", "KRW");
            let source = Map::new().with("bundle", "fit").with("version", 1).with("house", house);
            let replay = Replay::new(source.into()).map_err(|errors| listed(&errors))?;
            read_events(replay, events, &Keys::default(), None, "--zone")?
        }
    };
    let Gathered { replay, zones, bar, exit } = gathered;
    let rates = fit::fit(&replay, &zones, &native::Native);
    bar.finish_and_clear();
    print(&json::write_pretty(&rates))?;
    Ok(exit)
}

fn export_decisions(bundle: &Path, events: &Path) -> Result<ExitCode, String> {
    let Gathered { replay, bar, exit, .. } = gather(bundle, events, None, None)?;
    bar.finish_and_clear();
    print(export::decisions(&replay).trim_end())?;
    Ok(exit)
}

fn print_statement(
    bundle: &Path,
    events: &Path,
    keys: Option<&Path>,
    user: &str,
    options: &Options,
) -> Result<ExitCode, String> {
    let Gathered { replay, zones, bar, exit } = gather(bundle, events, keys, options.at)?;
    bar.finish_and_clear();
    let mut found = None;
    replay.visit(&zones, &native::Native, options, &mut |seen| {
        if seen.shopper == user {
            let speaker = Speaker { world: seen.world, lang: &options.lang, now: seen.now };
            found = Some(statement::print(&Statement::of(seen.fold, speaker), speaker));
        }
    });
    print(found.ok_or_else(|| format!("nobody is known as {user}"))?.trim_end())?;
    Ok(exit)
}

/// On standard error, and only where a person looks.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} shoppers {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar
}
