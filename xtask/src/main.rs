//! `cargo xtask <command>`: see the README beside this crate.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for a terminal")]

mod bench;
mod ci;
mod demo;
mod judge;
mod package;
mod postgres;
mod run;
mod setup;
mod suite;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  demo [args]             build the demo and open a small country (args go to `daftar demo`)
  test [args]             every test, on SQLite and PostgreSQL (args go to the test runner)
  tidy [--bless]          the laws of the house
  setup                   install what tests and judges need
  judge <area>            let programs nobody here wrote judge an area
  bench <area> [--json]   measure beside the peer
  package [args]          the Debian package (--profile, --key, --out, --number, --program)
  ci [--full]             everything, as it runs for a submission";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    let outcome = match command.as_str() {
        "demo" => demo::run(rest),
        "test" => suite::test(rest),
        "tidy" => tidy::command(rest),
        "setup" => setup::command(),
        "judge" => judge::command(rest),
        "package" => package::command(rest),
        "bench" => bench::command(rest),
        "ci" => ci::command(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprintln!("cargo xtask {other}: no such command\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
