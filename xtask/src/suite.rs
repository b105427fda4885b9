//! The whole test suite, on both engines.

use crate::{postgres, run};
use anyhow::Result;

/// `cargo xtask test [args]`.
pub fn test(args: &[String]) -> Result<()> {
    let server = postgres::Server::start(postgres::Durability::None)?;
    println!("PostgreSQL runs on a socket of its own for this run; SQLite needs nothing.");
    let nextest = run::on_path("cargo-nextest");
    let mut command = run::cargo();
    if nextest {
        command.args(["nextest", "run"]);
    } else {
        println!("cargo-nextest is not installed: using cargo test");
        command.args(["test", "--no-fail-fast"]);
    }
    if !args.iter().any(|arg| arg == "-p" || arg.starts_with("--package")) {
        command.arg("--workspace");
    }
    command.args(args);
    let url = server.url();
    run::succeed(command.env("DAFTAR_TEST_PG", &url))?;
    if nextest && args.is_empty() {
        // nextest does not run the examples in the documentation.
        run::succeed(
            run::cargo().args(["test", "--workspace", "--doc", "--quiet"]).env("DAFTAR_TEST_PG", &url),
        )?;
    }
    Ok(())
}
