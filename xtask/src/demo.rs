//! `cargo xtask demo`: from a clone to a country in the browser.

use crate::run;
use anyhow::{Context, Result};
use std::os::unix::process::CommandExt;

/// Builds the demo and becomes it; returns only when that fails.
pub fn run(args: &[String]) -> Result<()> {
    println!("Daftar: building the demo. The first time takes some minutes; what comes then:");
    println!("  a small invented country with its people, made anew from the same seed each time,");
    println!(
        "  a portal on this machine only, whose start page lets you be a citizen, a clerk, a police officer,"
    );
    println!("  an auditor or a dishonest operator. Nothing leaves this machine. Ctrl-C ends it.\n");
    let error =
        run::cargo().args(["run", "--profile", "demo", "-p", "daftar", "--", "demo"]).args(args).exec();
    Err(error).context("could not start cargo")
}
