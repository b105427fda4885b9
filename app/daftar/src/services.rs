//! Which services this program serves: all of them, or some alone (a ministry's cloud, say, on a machine of its own).

use anyhow::{Result, bail};
use daftar_http::{NavItem, Routes};

/// A choice of services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Services {
    /// The register of people.
    pub identity: bool,
    /// Agencies' computers.
    pub cloud: bool,
}

impl Services {
    /// Every service.
    pub const ALL: Self = Self { identity: true, cloud: true };

    /// Those of these names; all of them when none is named.
    ///
    /// # Errors
    /// For a name that no service has.
    pub fn named(names: &[String]) -> Result<Self> {
        if names.is_empty() {
            return Ok(Self::ALL);
        }
        let mut chosen = Self { identity: false, cloud: false };
        for name in names {
            match name.as_str() {
                "identity" => chosen.identity = true,
                "cloud" => chosen.cloud = true,
                other => bail!("there is no service '{other}'. Next: name identity, cloud, or both"),
            }
        }
        Ok(chosen)
    }

    /// The routes of what all stand on, and of these services.
    #[must_use]
    pub fn routes(self) -> Routes {
        let mut routes = Routes::new();
        routes.merge(crate::portal::routes());
        crate::health::add(&mut routes);
        routes.merge(daftar_desk::routes());
        routes.merge(daftar_post::routes());
        if self.identity {
            routes.merge(daftar_identity::pages::routes());
        }
        if self.cloud {
            routes.merge(daftar_cloud::routes());
        } else {
            routes.merge(daftar_cloud::power_routes());
        }
        routes
    }

    /// The navigation of these services; `cloud` says whether there is an engine.
    #[must_use]
    pub fn nav(self, cloud: bool) -> Vec<NavItem> {
        let mut nav = Vec::new();
        if self.identity {
            nav.extend(daftar_identity::pages::NAV);
        }
        if self.cloud && cloud {
            nav.extend(daftar_cloud::pages::NAV);
        }
        nav
    }

    /// What officials can start from their desk, likewise.
    #[must_use]
    pub fn desk(self, cloud: bool) -> Vec<NavItem> {
        let mut desk = Vec::new();
        if self.identity {
            desk.extend(daftar_identity::pages::DESK);
        }
        desk.extend(daftar_post::DESK);
        desk.extend(daftar_desk::DESK);
        if self.cloud && cloud {
            desk.extend(daftar_cloud::pages::DESK);
        }
        desk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_alone_or_all() {
        let named =
            |names: &[&str]| Services::named(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(named(&[]).unwrap(), Services::ALL);
        assert_eq!(named(&["cloud"]).unwrap(), Services { identity: false, cloud: true });
        assert!(named(&["clouds"]).is_err());
        let paths: Vec<&str> =
            Services { identity: false, cloud: true }.routes().iter().map(|r| r.path).collect();
        assert!(
            paths.contains(&"/cloud") && paths.contains(&"/sign-in") && !paths.contains(&"/people/register")
        );
    }
}
