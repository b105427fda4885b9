//! `daftar move`

use crate::cli::{Move, Place};
use crate::installation::Paths;
use crate::moving::live::{self, Finished, Moving, settings_file};
use crate::{Outcome, say, settings};
use anyhow::{Context, Result};
use daftar_kernel::World;
use daftar_store::relocate::Step;

/// Moves the running country from its SQLite file to PostgreSQL.
///
/// # Errors
/// When something stands in the way; nothing was moved then, and the old store goes on.
pub async fn run(place: &Place, args: &Move) -> Result<Outcome> {
    let settings = settings::read(place)?;
    let paths = Paths::of(place, &settings);
    let world = World::system();
    if let Some(finished) = live::finish(&paths, &settings_file(place), &settings, &world).await? {
        say("An earlier move had been sealed; it is finished now.");
        tell(finished);
        return Ok(Outcome::Good);
    }
    let to = match &args.to_file {
        Some(file) => {
            let text =
                std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
            text.trim().to_string()
        }
        None => args.to.clone().unwrap_or_default(),
    };
    let moving = Moving { to, token: String::new(), blobs: args.blobs.clone(), leave: args.leave };
    let mut watch = |step: Step| match step {
        Step::Copied { table, rows } => tracing::info!(table, rows, "copied"),
        Step::Followed(rows) => tracing::info!(rows, "followed what changed"),
        Step::Compared(took) => tracing::info!(?took, "every row was compared"),
        Step::Stopped => tracing::info!("writes are stopped"),
    };
    let moved =
        live::relocate(&paths, &settings, moving, &world, &mut watch).await.context("nothing was moved")?;
    let finished = live::finish(&paths, &settings_file(place), &settings, &world).await.context(
        "the move is sealed but not finished. Next: daftar move again, or daftar serve, finishes it",
    )?;
    for table in &moved.tables {
        say(&format!("{}  {:>10}  {}", table.sum, table.rows, table.name));
    }
    let rows: u64 = moved.tables.iter().map(|table| table.rows).sum();
    say(&format!(
        "{} tables, {rows} rows: equal sums in both stores. Writes paused for {:.3} s; {} rows changed meanwhile, {} of them \
         followed in the pause.",
        moved.tables.len(),
        moved.pause.as_secs_f64(),
        moved.followed,
        moved.in_pause
    ));
    say(if moved.compared_whole {
        "Every row was compared in the pause."
    } else {
        "Every row was compared before the pause, and every one that changed since in it."
    });
    tell(finished.unwrap_or(Finished::Left));
    Ok(Outcome::Good)
}

fn tell(finished: Finished) {
    match finished {
        Finished::Follow => {
            say("The settings name the new store; a running `daftar serve` changes over by itself.");
            say("Next: a backup of the new store. The old file refuses every write: keep it until then.");
        }
        Finished::Left => say("This installation serves no more: the other one goes on."),
    }
}
