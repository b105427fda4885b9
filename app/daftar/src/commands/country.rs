//! `daftar country check|diff`

use crate::cli::Country;
use crate::installation::load_country;
use crate::{Outcome, say};
use daftar_packs::diff;

/// Checks or compares country packs.
///
/// # Errors
/// With all faults of a pack.
pub fn run(args: &Country) -> anyhow::Result<Outcome> {
    match args {
        Country::Check(args) => {
            let country = load_country(&args.dir)?;
            crate::installation::live(country.clone())?;
            let name = country.names.get(&daftar_kernel::Lang::english());
            let (places, forms) = (country.places.all().count(), country.forms.len());
            say(&format!("{name}, version {}: {places} places, {forms} forms, no faults", country.version));
            Ok(Outcome::Good)
        }
        Country::Diff { old, new } => {
            let changes = diff(&load_country(old)?, &load_country(new)?);
            for change in &changes {
                say(&change.to_string());
            }
            Ok(if changes.is_empty() { Outcome::Good } else { Outcome::Finding })
        }
    }
}
