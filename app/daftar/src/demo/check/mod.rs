//! `daftar demo --check`: the demo's whole story, walked through HTTP in a country made for it and thrown away afterwards.

mod browser;
mod cloud;
mod country;
mod field;
mod people;
mod recourse;
mod story;

use crate::cli::Place;
use crate::{Outcome, say};
use anyhow::Result;
use country::Country;
use daftar_kernel::{World, hex};
use daftar_store::admin;

/// Walks the story; prints `ok` and the step, a line each, and `ok` at the end.
///
/// # Errors
/// When the country cannot be made. A step that fails is a finding.
pub async fn run(place: &Place) -> Result<Outcome> {
    let name = format!("daftar_check_{}", hex::encode(&World::system().bytes::<6>()));
    let folder = std::env::temp_dir().join(&name);
    let store = match &place.store {
        Some(url) => Some(admin::create_database(url, &name).await?),
        None => None,
    };
    let country = Country::new(folder, store);
    // The walk waits for answers like a person at a browser: it blocks.
    let walked = tokio::task::spawn_blocking(move || {
        let mut country = country;
        let walked = story::walk(&mut country);
        if walked.is_err() {
            say(&country.last_words());
        }
        walked
    })
    .await?;
    if let Some(url) = &place.store {
        admin::drop_database(url, &name).await?;
    }
    match walked {
        Ok(()) => {
            say("ok");
            Ok(Outcome::Good)
        }
        Err(error) => {
            say(&format!("failed {error:#}"));
            Ok(Outcome::Finding)
        }
    }
}
