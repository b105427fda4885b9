//! Completions, manual pages and the OpenAPI document, all from the definitions the program itself uses.

use crate::cli::{Cli, Dir};
use crate::{Outcome, say};
use clap::CommandFactory;
use daftar_http::openapi;

/// Prints the OpenAPI document.
///
/// # Errors
/// Never in practice: the document is made of our own words.
pub fn openapi() -> anyhow::Result<Outcome> {
    say(&serde_json::to_string_pretty(&openapi::document(
        &crate::serving::routes(),
        "Daftar",
        env!("CARGO_PKG_VERSION"),
    ))?);
    Ok(Outcome::Good)
}

/// Prints completions for a shell.
///
/// # Errors
/// Never; the type fits the others.
pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<Outcome> {
    clap_complete::generate(shell, &mut Cli::command(), "daftar", &mut std::io::stdout());
    Ok(Outcome::Good)
}

/// Writes manual pages.
///
/// # Errors
/// When the directory cannot be written.
pub fn man(args: &Dir) -> anyhow::Result<Outcome> {
    std::fs::create_dir_all(&args.dir)?;
    clap_mangen::generate_to(Cli::command(), &args.dir)?;
    Ok(Outcome::Good)
}
