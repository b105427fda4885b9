//! `cargo xtask bench <area>`: the peer and Daftar interleaved in one run. Never fails on a slow result.

use crate::{judge, postgres, run};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// What one area runs.
struct Bench {
    area: &'static str,
    about: &'static str,
    /// Packages whose programs it runs as processes; they are built in release beside it.
    programs: &'static [&'static str],
    /// Whether the peer is PostgreSQL: a durable server of its own is started, named in `DAFTAR_BENCH_PG`, and
    /// `DAFTAR_PG_BIN` is the folder of its programs, such as pgbench.
    postgres: bool,
    /// Packages of the peer from the Python index: they are installed beside the judges' and `DAFTAR_BENCH_PYTHON`
    /// is the Python that has them.
    python: &'static [&'static str],
    /// Packages of the peer from the JavaScript index: `DAFTAR_BENCH_NODE` is the folder beside whose modules it finds them.
    node: &'static [&'static str],
}

/// The areas of the crate `bench`. With `--json` each prints one object a line:
/// `bench workload daftar peer ratio goal met unit`.
const BENCHES: &[Bench] = &[
    Bench {
        area: "store",
        about: "acts acknowledged over HTTP at 32 and 256 connections, beside pgbench",
        programs: &[],
        postgres: true,
        python: &[],
        node: &[],
    },
    Bench {
        area: "record",
        about: "durable append to the public record at growing sizes, then its whole audit",
        programs: &[],
        postgres: false,
        python: &[],
        node: &[],
    },
    Bench {
        area: "identity",
        about: "gated reads, registrations, import; start, memory and size of the program",
        programs: &["daftar"],
        postgres: false,
        python: &[],
        node: &[],
    },
    Bench {
        area: "packets",
        about: "packets of 2 MB from kits to the committed answer, weighed against 100,000 people or a million",
        programs: &["daftar"],
        postgres: false,
        python: &[],
        node: &[],
    },
    Bench {
        area: "linkage",
        about: "who is whom in a file, beside Splink; twins and slips; one record against many",
        programs: &["daftar"],
        postgres: false,
        python: &["splink==5.0.0", "duckdb==2.0.0"],
        node: &[],
    },
    Bench {
        area: "sign-in",
        about: "signed tokens a processor's second beside oidc-provider; whole sign-ins; ten times the load",
        programs: &[],
        postgres: false,
        python: &[],
        node: &["oidc-provider@9.13.3", "jose@6.2.17"],
    },
    Bench {
        area: "cloud",
        about: "what an act takes beside published sizing; the driver beside LXD itself; three nodes beside bare Patroni, and when one is lost",
        programs: &["daftar"],
        postgres: true,
        python: &[],
        node: &[],
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
    if !bench.python.is_empty() {
        command.env("DAFTAR_BENCH_PYTHON", python(area, bench.python)?);
    }
    if !bench.node.is_empty() {
        command.env("DAFTAR_BENCH_NODE", node(area, bench.node)?);
    }
    run::succeed(&mut command)
}

/// A folder with these packages, in the cache outside the tree.
fn node(area: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = judge::cache_folder("benches", area)?;
    run::succeed(
        Command::new("npm")
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix"])
            .arg(&folder)
            .args(packages),
    )?;
    Ok(folder)
}

/// A Python with these packages, in the cache outside the tree.
fn python(area: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = judge::cache_folder("benches", area)?.join("venv");
    let python = folder.join("bin/python");
    if !python.is_file() {
        run::succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    run::succeed(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(packages),
    )?;
    Ok(python)
}
