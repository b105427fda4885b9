//! The cloud in this installation: what the country in force offers, and what makes the computers.

use anyhow::{Context, Result, anyhow};
use daftar_cloud::Shelf;
use daftar_cloud::catalogue::{Catalogue, FILE};
use daftar_cloud::engine::Engine;
use daftar_cloud::engine::lxd::{Lxd, Patience};
use daftar_cloud::engine::simulator::Simulator;
use daftar_kernel::{Lang, World};
use daftar_packs::{Country, Fault};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// The catalogue of a country; none when its pack has no `cloud.toml`.
///
/// # Errors
/// All faults of the file.
pub fn catalogue(country: &Country) -> Result<Option<Catalogue>, Vec<Fault>> {
    let languages: Vec<Lang> = country.tags().cloned().collect();
    country.services.get(FILE).map(|text| Catalogue::parse(text, &languages)).transpose()
}

/// The catalogue in force; replaced when a new version of the country takes effect.
#[derive(Clone)]
pub struct Shop(Arc<RwLock<Offer>>);

/// A country and what it offers.
struct Offer {
    country: Arc<Country>,
    catalogue: Option<Arc<Catalogue>>,
}

impl Shop {
    /// What this country offers.
    ///
    /// # Errors
    /// All faults of its catalogue, one a line.
    pub fn new(country: &Country) -> Result<Self> {
        Ok(Self(Arc::new(RwLock::new(read(country)?))))
    }
    /// A new version of the country takes effect.
    ///
    /// # Errors
    /// All faults of its catalogue; the one before stays then.
    pub fn set(&self, country: &Country) -> Result<()> {
        let offer = read(country)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = offer;
        Ok(())
    }
}

fn read(country: &Country) -> Result<Offer> {
    let catalogue = catalogue(country).map(|found| found.map(Arc::new)).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("the cloud's catalogue has faults:\n{}", lines.join("\n"))
    })?;
    Ok(Offer { country: Arc::new(country.clone()), catalogue })
}

impl Shelf for Shop {
    fn catalogue(&self) -> Option<Arc<Catalogue>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).catalogue.clone()
    }
    fn country(&self) -> Arc<Country> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).country)
    }
}

/// The engine of the setting `cloud.engine`; none when it is empty.
///
/// # Errors
/// When it names none we know.
pub fn engine(setting: &str, world: &World) -> Result<Option<Arc<dyn Engine>>> {
    match setting {
        "" => Ok(None),
        "simulator" => Ok(Some(Arc::new(Simulator::new(world.clone())))),
        other => {
            let place = other.strip_prefix("lxd:").context(UNKNOWN)?;
            let (socket, pool) = place.split_once('#').unwrap_or((place, "default"));
            Ok(Some(Arc::new(Lxd::new(Path::new(socket), pool, Patience::default()))))
        }
    }
}

const UNKNOWN: &str = "Next: set cloud.engine to lxd:/path/to/unix.socket#pool, to simulator, or to nothing";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_by_their_setting() {
        let world = World::system();
        assert!(engine("", &world).unwrap().is_none());
        assert!(engine("simulator", &world).unwrap().is_some());
        assert!(engine("lxd:/var/lib/lxd/unix.socket#pool", &world).unwrap().is_some());
        assert!(engine("docker", &world).is_err());
    }
}
