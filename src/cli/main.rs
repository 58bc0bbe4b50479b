//! `danbi`: check a bundle, replay events under it.

use clap::{Parser, Subcommand, ValueEnum};
use danbi::cli::{json, native};
use danbi::engine::base::document::document_schema;
use danbi::engine::base::time::Time;
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::{Bundle, lint};
use danbi::engine::profile::Grant;
use danbi::engine::replay::{Options, Replay};
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
    /// Say what is wrong or doubtful in a bundle. Exit code 1 on errors, 0 on warnings alone.
    Check {
        /// The bundle, a JSON file.
        bundle: PathBuf,
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
        Command::Check { bundle, json } => check(&bundle, json),
        Command::Replay { bundle, events, at, explain, lang, consent } => {
            let lang = if matches!(lang, Lang::Ko) { "ko" } else { "en" };
            let assumed = match consent {
                Consent::Granted => Grant::Granted,
                Consent::Denied => Grant::Denied,
                Consent::Unknown => Grant::Unknown,
            };
            replay(&bundle, &events, &Options { at, explain, lang: lang.to_string(), assumed })
        }
        Command::Schema => schema(),
    };
    result.unwrap_or_else(|message| {
        eprintln!("danbi: {message}");
        ExitCode::FAILURE
    })
}

fn schema() -> Result<ExitCode, String> {
    let schema = document_schema::<Bundle>("https://danbi.dev/schema/bundle.json", "danbi bundle");
    print(&json::write_pretty(&schema))?;
    Ok(ExitCode::SUCCESS)
}

fn read_file(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn print(line: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| error.to_string())
}

/// What a broken bundle says, one finding per line.
fn check(path: &Path, as_json: bool) -> Result<ExitCode, String> {
    let text = read_file(path)?;
    let mut findings = match json::parse(&text) {
        Ok(value) => {
            let mut lines: Vec<Map> = lint::check(&value).iter().map(lint::Finding::line).collect();
            for (pointer, zone) in Bundle(&value).zone_places() {
                if !zone.is_empty() && native::zones(&[zone.to_string()], Time(0), Time(0)).is_err() {
                    let message = format!("not an IANA zone: {zone}");
                    lines.push(finding("zone", &pointer, "IANA 시간대 이름이 아니에요.", &message));
                }
            }
            lines
        }
        Err(error) => vec![finding("json", "", "JSON으로 읽을 수 없어요.", &error)],
    };
    let mut fatal = false;
    for line in &mut findings {
        let whole: Value = line.clone().into();
        let pointer = whole.at("pointer").text().unwrap_or_default();
        let (row, column) = json::fault(&text).or_else(|| json::position(&text, pointer)).unwrap_or((1, 1));
        fatal |= whole.at("severity").text() == Some("error");
        let word = |key: &str| whole.at(key).text().unwrap_or_default().to_string();
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

fn finding(code: &str, pointer: &str, ko: &str, en: &str) -> Map {
    Map::new().with("severity", "error").with("code", code).with("pointer", pointer).with("ko", ko).with("en", en)
}

fn replay(bundle: &Path, events: &Path, options: &Options) -> Result<ExitCode, String> {
    let source = json::parse(&read_file(bundle)?).map_err(|error| format!("{}: {error}", bundle.display()))?;
    let mut replay = Replay::new(source).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        format!("{} is not a valid bundle:\n{}", bundle.display(), lines.join("\n"))
    })?;
    let reader: Box<dyn BufRead> = if events == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        Box::new(BufReader::new(std::fs::File::open(events).map_err(|error| format!("{}: {error}", events.display()))?))
    };
    let bar = progress_bar();
    let mut bad = 0_usize;
    for (index, line) in reader.split(b'\n').enumerate() {
        let line = line.map_err(|error| error.to_string())?;
        let refused = match std::str::from_utf8(&line) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => json::parse(text).and_then(|value| replay.add(&value).map_err(|error| error.to_string())).err(),
            Err(error) => Some(error.to_string()),
        };
        if let Some(reason) = refused {
            bad += 1;
            bar.suspend(|| eprintln!("line {}: {reason}", index + 1));
        }
        bar.set_message(format!("{} lines", index + 1));
    }
    let (names, from, to) = replay.needs(options.at);
    let zones = native::zones(&names, from, to)
        .map_err(|name| format!("{}: /house/zone: not an IANA zone: {name}", bundle.display()))?;
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
    Ok(if bad > 0 { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// On standard error, and only where a person looks.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} shoppers {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar
}
