//! Which certificate people are shown, and that it is renewed in time, without a restart.

use super::authority::{self, Authority, Change, Pair};
use super::names;
use anyhow::{Context, Result, bail};
use daftar_http::tls::Tls;
use daftar_kernel::settings::Settings;
use daftar_kernel::{Timestamp, World};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often it is looked whether a certificate is to be renewed, or was replaced by its owner.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// Where the certificate comes from.
enum Source {
    /// Our own authority.
    Own(Authority),
    /// Files that somebody else renews.
    Files { certificate: PathBuf, key: PathBuf },
}

/// Looks after the certificate. Cheap to clone.
#[derive(Clone)]
pub struct Certificates {
    inner: Arc<Inner>,
}

struct Inner {
    source: Source,
    world: World,
    tls: Tls,
    shown: RwLock<Shown>,
}

/// What is shown at the moment.
struct Shown {
    pair: Pair,
    authority: Option<String>,
    ends: Timestamp,
}

impl Certificates {
    /// As the settings say; none when TLS is another's business.
    ///
    /// # Errors
    /// When a certificate cannot be made or read; each says what to do.
    pub fn open(data: &Path, settings: &Settings, world: &World) -> Result<Option<Self>> {
        let source = match settings.get("http.tls") {
            "off" => return Ok(None),
            "own" => {
                let label = settings.get("record.origin").to_string();
                let names = names::of_machine(settings.get("http.names"));
                Source::Own(Authority::new(data.join("tls"), label, names))
            }
            "files" => {
                let file = |key: &str| match settings.get(key) {
                    "" => bail!("http.tls = files needs {key}. Next: name the file"),
                    path => Ok(PathBuf::from(path)),
                };
                Source::Files { certificate: file("http.certificate")?, key: file("http.key")? }
            }
            other => bail!("http.tls = '{other}' is none of own, files, off. Next: mend the settings"),
        };
        let (shown, _) = load(&source, world)?;
        let tls = Tls::new(shown.pair.certificate.as_bytes(), shown.pair.key.as_bytes())?;
        let inner = Inner { source, world: world.clone(), tls, shown: RwLock::new(shown) };
        Ok(Some(Self { inner: Arc::new(inner) }))
    }

    /// For the listener.
    #[must_use]
    pub fn tls(&self) -> Tls {
        self.inner.tls.clone()
    }

    /// The certificate (PEM) of our own authority, for those who are to trust it; none when another's is shown.
    #[must_use]
    pub fn authority(&self) -> Option<String> {
        self.inner.shown.read().unwrap_or_else(PoisonError::into_inner).authority.clone()
    }

    /// When the certificate that is shown ends.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.inner.shown.read().unwrap_or_else(PoisonError::into_inner).ends
    }

    /// The names and addresses of our own certificate; of another's we know none.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match &self.inner.source {
            Source::Own(authority) => authority.names(),
            Source::Files { .. } => &[],
        }
    }

    /// Renews what is due and shows it to new connections.
    ///
    /// # Errors
    /// When it cannot be made or read; the one before stays.
    pub fn look_after(&self) -> Result<Change> {
        let (next, change) = load(&self.inner.source, &self.inner.world)?;
        let known = self.inner.shown.read().unwrap_or_else(PoisonError::into_inner).pair.certificate.clone();
        if next.pair.certificate == known {
            return Ok(Change::None);
        }
        self.inner.tls.replace(next.pair.certificate.as_bytes(), next.pair.key.as_bytes())?;
        *self.inner.shown.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(if change == Change::None { Change::Renewed } else { change })
    }

    /// Looks after it until `shutdown` ends.
    pub async fn keep(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            match self.look_after() {
                Ok(Change::None) => {}
                Ok(Change::Renewed) => {
                    tracing::info!(ends = %self.ends().to_rfc3339(), "a new certificate is shown")
                }
                Ok(Change::NewAuthority) => {
                    tracing::warn!(
                        "a new authority was made. Next: hand out /authority.crt to all who trusted the one before"
                    );
                }
                Err(error) => {
                    tracing::error!(error = %format!("{error:#}"), "the certificate could not be renewed")
                }
            }
        }
    }
}

fn load(source: &Source, world: &World) -> Result<(Shown, Change)> {
    let (pair, authority, change) = match source {
        Source::Own(own) => {
            let change = own.look_after(world)?;
            (own.pair()?, Some(own.certificate()?), change)
        }
        Source::Files { certificate, key } => {
            let read = |path: &PathBuf| {
                std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
            };
            (Pair { certificate: read(certificate)?, key: read(key)? }, None, Change::None)
        }
    };
    let ends = authority::ends(&pair.certificate)?;
    Ok((Shown { pair, authority, ends }, change))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(lines: &[(&str, &str)]) -> Settings {
        let variables = lines.iter().map(|(key, value)| ((*key).to_string(), (*value).to_string()));
        Settings::read(crate::settings::KNOWN, None, variables).unwrap()
    }

    #[test]
    fn settings_choose_where_it_comes_from() {
        let dir = tempfile::tempdir().unwrap();
        let world = World::system();
        let open = |lines: &[(&str, &str)]| Certificates::open(dir.path(), &settings(lines), &world);
        assert!(open(&[]).unwrap().is_none());
        let own = open(&[("DAFTAR_HTTP_TLS", "own"), ("DAFTAR_HTTP_NAMES", "a.example")]).unwrap().unwrap();
        assert!(own.authority().is_some());
        assert!(
            own.names().contains(&"a.example".to_string()) && own.names().contains(&"localhost".to_string())
        );
        assert_eq!(own.look_after().unwrap(), Change::None);
        assert!(open(&[("DAFTAR_HTTP_TLS", "files")]).is_err(), "which files");
        assert!(open(&[("DAFTAR_HTTP_TLS", "yes")]).is_err());
    }

    #[test]
    fn files_that_their_owner_replaces_are_shown_without_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let world = World::system();
        let own = |name: &str| {
            let authority = Authority::new(dir.path().join(name), name.into(), vec!["b.example".into()]);
            authority.look_after(&world).unwrap();
            authority.pair().unwrap()
        };
        let (crt, key) = (dir.path().join("shown.crt"), dir.path().join("shown.key"));
        let put = |pair: &Pair| {
            std::fs::write(&crt, &pair.certificate).unwrap();
            std::fs::write(&key, &pair.key).unwrap();
        };
        put(&own("one"));
        let lines = [
            ("DAFTAR_HTTP_TLS", "files"),
            ("DAFTAR_HTTP_CERTIFICATE", crt.to_str().unwrap()),
            ("DAFTAR_HTTP_KEY", key.to_str().unwrap()),
        ];
        let shown = Certificates::open(dir.path(), &settings(&lines), &world).unwrap().unwrap();
        assert!(shown.authority().is_none());
        assert_eq!(shown.look_after().unwrap(), Change::None);
        let two = own("two");
        std::fs::write(&crt, &two.certificate).unwrap();
        assert!(shown.look_after().is_err(), "half replaced: the key is still the other's");
        put(&two);
        assert_eq!(shown.look_after().unwrap(), Change::Renewed);
    }
}
