#![doc = include_str!("../README.md")]

pub mod archive;
pub mod cli;
pub mod cloud;
pub mod commands;
pub mod demo;
pub mod door;
pub mod health;
pub mod housekeeping;
pub mod installation;
pub mod kit;
pub mod mail;
pub mod moving;
pub mod portal;
pub mod services;
pub mod serving;
pub mod settings;
pub mod up;
pub mod witness;

use clap::Parser;
use cli::{Cli, Command};
use daftar_ui::Bundle;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// The program's own texts.
pub const BUNDLES: [Bundle; 3] = [
    Bundle { crate_name: "app", lang: "en", text: include_str!("../locales/en.ftl") },
    Bundle { crate_name: "app", lang: "fr", text: include_str!("../locales/fr.ftl") },
    Bundle { crate_name: "app", lang: "ar", text: include_str!("../locales/ar.ftl") },
];

/// How a command ended: 0 good, 1 a finding, 2 it was not told right (as clap ends for its own).
pub enum Outcome {
    /// Good.
    Good,
    /// Something was found that somebody must look at.
    Finding,
    /// What it was given cannot be used; what is wrong and how to mend it has been said.
    Usage,
}

/// One line about what is wrong, beside the answer and not in it.
pub fn remark(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "daftar: {line}");
}

/// One line to whoever runs the command.
pub fn say(line: &str) {
    use std::io::Write;
    // A closed pipe (`daftar ... | head`) is no error of ours.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// The program: reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::from(error).context("starting the runtime")),
    };
    match runtime.block_on(run(cli)) {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Finding) => ExitCode::from(1),
        Ok(Outcome::Usage) => ExitCode::from(2),
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    remark(&format!("{error:#}"));
    ExitCode::from(1)
}

async fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let place = &cli.place;
    log(place)?;
    match &cli.command {
        Command::Init => commands::init::run(place).await,
        Command::Up(args) => up::run(place, args).await,
        Command::Serve(args) => commands::serve::run(place, args).await,
        Command::Demo(args) => commands::demo::run(place, args).await,
        Command::Doctor => commands::doctor::run(place).await,
        Command::Identity(args) => commands::identity::run(place, args).await,
        Command::Kit(args) => commands::kit::run(place, args).await,
        Command::Log(args) => commands::log::run(place, args).await,
        Command::Witness(args) => witness::run(place, args).await.map(|()| Outcome::Good),
        Command::Certificate(args) => commands::certificate::run(place, args).await,
        Command::Cloud(args) => commands::cloud::run(args).await,
        Command::Country(args) => commands::country::run(place, args).await,
        Command::Plan(args) => commands::plan::run(args),
        Command::Backup(args) => commands::backup::backup(place, args).await,
        Command::Restore(args) => commands::backup::restore(place, args).await,
        Command::Export(args) => commands::export::export(place, args).await,
        Command::Import(args) => commands::export::import(place, args).await,
        Command::Move(args) => commands::relocate::run(place, args).await,
        Command::Update(args) => commands::update::run(args),
        Command::Jobs(args) => commands::jobs::run(place, args).await,
        Command::Config(args) => commands::config::run(place, args),
        Command::Openapi => commands::manual::openapi(),
        Command::Completions { shell } => commands::manual::completions(*shell),
        Command::Man(args) => commands::manual::man(args),
    }
}

fn log(place: &cli::Place) -> anyhow::Result<()> {
    let settings = settings::read(place)?;
    let filter = EnvFilter::try_new(settings.get("log.level")).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    if settings.get("log.format") == "json" {
        // One line, its fields beside one another.
        builder.json().flatten_event(true).init()
    } else {
        builder.init()
    }
    Ok(())
}
