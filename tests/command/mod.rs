//! The command line, run as a program.

use std::io::Write;
use std::process::{Command, Stdio};

/// What a run of it came to.
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs the command line with this on its standard input.
pub fn danbi(arguments: &[&str], input: &[u8]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_danbi"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("danbi starts");
    // It may end before it has read everything.
    child.stdin.take().expect("standard input").write_all(input).ok();
    let output = child.wait_with_output().expect("danbi ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}
