//! `cargo xtask bench <area>`: the peer and Daftar interleaved in one run. Never fails on a slow result.

use crate::{postgres, run};
use anyhow::{Context, Result, bail};

/// What one area runs.
struct Bench {
    area: &'static str,
    about: &'static str,
    /// Packages whose programs it runs as processes; they are built in release beside it.
    programs: &'static [&'static str],
    /// Whether the peer is PostgreSQL: a durable server of its own is started, named in `DAFTAR_BENCH_PG`, and
    /// `DAFTAR_PG_BIN` is the folder of its programs, such as pgbench.
    postgres: bool,
}

/// The areas of the crate `bench`. With `--json` each prints one object a line:
/// `bench workload daftar peer ratio goal met unit`.
const BENCHES: &[Bench] = &[
    Bench {
        area: "store",
        about: "acts acknowledged over HTTP at 32 and 256 connections, beside pgbench",
        programs: &[],
        postgres: true,
    },
    Bench {
        area: "record",
        about: "durable append to the public record at growing sizes, then its whole audit",
        programs: &[],
        postgres: false,
    },
    Bench {
        area: "identity",
        about: "gated reads, registrations, import; start, memory and size of the program",
        programs: &["daftar"],
        postgres: false,
    },
];

/// `cargo xtask bench <area> [options]`; without an area, says which there are.
pub fn command(args: &[String]) -> Result<()> {
    let Some((area, options)) = args.split_first() else {
        for bench in BENCHES {
            println!("{:<10} {}", bench.area, bench.about);
        }
        return Ok(());
    };
    let Some(bench) = BENCHES.iter().find(|bench| bench.area == area) else {
        let known: Vec<_> = BENCHES.iter().map(|bench| bench.area).collect();
        bail!("no bench is called '{area}'; there are: {}", known.join(", "));
    };
    let server =
        if bench.postgres { Some(postgres::Server::start(postgres::Durability::Full)?) } else { None };
    for package in bench.programs {
        run::succeed(run::cargo().args(["build", "--release", "--quiet", "-p", package]))?;
    }
    let mut command = run::cargo();
    command.args(["run", "--release", "--quiet", "-p", "daftar-bench", "--", area]).args(options);
    if let Some(server) = &server {
        let programs =
            postgres::bin_folder().context("PostgreSQL is not installed. Run `cargo xtask setup`")?;
        command.env("DAFTAR_BENCH_PG", server.url()).env("DAFTAR_PG_BIN", programs);
    }
    run::succeed(&mut command)
}
