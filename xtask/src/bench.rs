//! `cargo xtask bench <area>`: the peer and Daftar interleaved in one run. Never fails on a slow result.

use crate::run;
use anyhow::{Result, bail};

/// What one area runs.
struct Bench {
    area: &'static str,
    about: &'static str,
    /// The crate, and the name of its bench target (`harness = false`, a `main` that knows `--json`).
    package: &'static str,
    target: &'static str,
}

/// Area to program. With `--json` each prints one object a line:
/// `bench workload daftar peer ratio goal met unit`.
const BENCHES: &[Bench] = &[
    Bench {
        area: "store",
        about: "acknowledged durable writes beside pgbench, at 32 and 256 connections",
        package: "daftar-store",
        target: "store",
    },
    Bench {
        area: "record",
        about: "durable append to the record, and the audit of a whole log",
        package: "daftar-record",
        target: "record",
    },
    Bench {
        area: "identity",
        about: "gated reads, registrations, import, start, memory and sizes, over HTTP",
        package: "daftar",
        target: "identity",
    },
];

/// `cargo xtask bench <area> [--json]`; without an area, says which there are.
pub fn command(args: &[String]) -> Result<()> {
    let areas: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    if areas.is_empty() {
        for bench in BENCHES {
            println!("{:<10} {}", bench.area, bench.about);
        }
        return Ok(());
    }
    for area in areas {
        let Some(bench) = BENCHES.iter().find(|bench| bench.area == area) else {
            let known: Vec<_> = BENCHES.iter().map(|bench| bench.area).collect();
            bail!("no bench is called '{area}'; there are: {}", known.join(", "));
        };
        let options = args.iter().filter(|arg| arg.starts_with("--"));
        let mut command = run::cargo();
        command.args(["bench", "--quiet", "-p", bench.package, "--bench", bench.target, "--"]).args(options);
        run::succeed(&mut command)?;
    }
    Ok(())
}
