//! `daftar config explain`

use crate::cli::{Config, Place};
use crate::settings::{self, KNOWN};
use crate::{Outcome, say};
use daftar_kernel::settings::Source;

/// Prints every setting with its value and where it comes from.
///
/// # Errors
/// When settings cannot be read.
pub fn run(place: &Place, args: &Config) -> anyhow::Result<Outcome> {
    let Config::Explain = args;
    let settings = settings::read(place)?;
    for (key, value, source) in settings.explain() {
        let source = match source {
            Source::Default => "built in".to_string(),
            Source::File(file) => file.clone(),
            Source::Environment(variable) => format!("${variable}"),
        };
        // A database address may hold a password.
        let value = if key == "store.url" && value.contains('@') { "(set)" } else { value };
        let help = KNOWN.iter().find(|setting| setting.key == key).map_or("", |setting| setting.help);
        say(&format!("{key} = {value:?}  [{source}]  {help}"));
    }
    Ok(Outcome::Good)
}
