//! The engine's sources: no platform, clock, chance, global or thread in them, and no floats where points are counted.

use std::path::{Path, PathBuf};

/// What a pure engine has no use for, each as it would be written.
const FORBIDDEN: [&str; 26] = [
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "SystemTime",
    "Instant::",
    "std::time",
    "core::time",
    "std::fs",
    "std::net",
    "std::env",
    "std::io",
    "std::process",
    "std::thread",
    "std::sync",
    "thread::",
    "thread_local",
    "static mut",
    "lazy_static",
    "OnceCell",
    "OnceLock",
    "LazyLock",
    "UnsafeCell",
    "RandomState",
    "rand::",
    "println!",
    "unsafe ",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn engine() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine")
}

/// The code of a file, line by line, without comments.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).expect("a source can be read");
    let lines = text.lines().enumerate();
    lines.map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default().to_string())).collect()
}

/// Whether a word stands in a line by itself.
fn names(line: &str, word: &str) -> bool {
    let letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(letter);
        let after = line[at + word.len()..].chars().next().is_some_and(letter);
        let goes_on = after && word.ends_with(letter);
        !(before || goes_on)
    })
}

#[test]
fn the_engine_names_no_platform_clock_chance_or_global() {
    let files = sources(&engine());
    assert!(files.len() > 20, "the engine is in src/engine");
    let mut found = Vec::new();
    for path in &files {
        for (number, line) in code(path) {
            found.extend(
                FORBIDDEN
                    .iter()
                    .filter(|word| names(&line, word))
                    .map(|word| format!("{}:{number}: {word}", path.display())),
            );
        }
    }
    assert!(found.is_empty(), "not pure:\n{}", found.join("\n"));
}

/// Whether a line has a number with a point in it.
fn has_decimal(line: &str) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = line.as_bytes();
    line.match_indices('.').any(|(at, _)| at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1)))
}

/// The ledger and all that loyalty reckons, the money that goes into it, and the meters it reads.
#[test]
fn points_and_money_are_never_floats() {
    let loyalty = sources(&engine().join("loyalty"));
    assert!(!loyalty.is_empty(), "the ledger is in src/engine/loyalty");
    let files = [loyalty, sources(&engine().join("meter")), vec![engine().join("base/money.rs")]].concat();
    let mut found = Vec::new();
    for path in &files {
        for (number, line) in code(path) {
            let words = ["f32", "f64", "number()"].into_iter().filter(|word| names(&line, word));
            let decimal = has_decimal(&line).then_some("a decimal number");
            found.extend(words.chain(decimal).map(|word| format!("{}:{number}: {word}", path.display())));
        }
    }
    assert!(found.is_empty(), "floats in the ledger:\n{}", found.join("\n"));
}

#[test]
fn f32_is_nowhere() {
    for path in sources(&engine()) {
        for (number, line) in code(&path) {
            assert!(
                !names(&line, "f32"),
                "{}:{number}: f32: buckets and amounts would differ between targets",
                path.display()
            );
        }
    }
}

#[test]
fn the_engine_depends_on_nothing_around_it() {
    for path in sources(&engine()) {
        for (number, line) in code(&path) {
            for outside in ["crate::web", "crate::cli", "serde", "jiff", "regress", "ryu_js"] {
                assert!(!names(&line, outside), "{}:{number}: {outside}", path.display());
            }
        }
    }
}

#[test]
fn the_scan_finds_what_it_looks_for() {
    assert!(names("    let now = std::time::Instant::now();", "std::time"));
    assert!(names("static mut COUNT: u32 = 0;", "static mut"));
    assert!(names("fn f(x: f64) -> i64", "f64"));
    assert!(!names("let operand::x = 1;", "rand::"));
    assert!(!names("ClientInstant::y", "Instant::"));
    assert!(names("value.number().unwrap_or(0)", "number()"));
    assert!(has_decimal("let share = 0.5;") && !has_decimal("pair.0.iter(), 0..4, [1, 2]"));
}
