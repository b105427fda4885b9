//! The settings of an installation. `daftar config explain` prints this table with values and sources.

use crate::cli::Place;
use anyhow::{Context, Result};
use daftar_kernel::settings::{Setting, Settings};
use std::path::PathBuf;

/// Every setting there is.
pub const KNOWN: &[Setting] = &[
    Setting {
        key: "store.url",
        default: "",
        help: "postgres://user@host/db; empty: SQLite in the data directory",
    },
    Setting {
        key: "store.blobs",
        default: "",
        help: "directory or s3:// address of blobs; empty: in the data directory",
    },
    Setting {
        key: "country",
        default: "",
        help: "directory of the country pack; empty: country in the data directory",
    },
    Setting { key: "http.listen", default: "127.0.0.1:8080", help: "address and port" },
    Setting {
        key: "http.secure",
        default: "false",
        help: "true behind HTTPS: cookies and browsers then insist on it",
    },
    Setting {
        key: "http.tls",
        default: "off",
        help: "own: certificates of our own authority; files: http.certificate and http.key; off: a proxy's business",
    },
    Setting {
        key: "http.names",
        default: "",
        help: "names and addresses this machine is reached by, for its own certificate; empty: as the system says",
    },
    Setting {
        key: "http.certificate",
        default: "",
        help: "certificate (PEM, ours first), with http.tls = files",
    },
    Setting { key: "http.key", default: "", help: "its private key (PEM), with http.tls = files" },
    Setting {
        key: "openid.issuer",
        default: "",
        help: "address of this country as services know it, e.g. https://id.example; empty: nobody signs in to services here",
    },
    Setting {
        key: "passkeys.origin",
        default: "",
        help: "address at which people open this country, e.g. https://id.example: passkeys belong to its host; empty: openid.issuer",
    },
    Setting {
        key: "http.authorities",
        default: "/etc/ssl/certs/ca-certificates.crt",
        help: "certificates (PEM) believed when witnesses are reached over HTTPS",
    },
    Setting {
        key: "record.origin",
        default: "",
        help: "name of the public logs in the world, e.g. registry.example/2026; set once by init",
    },
    Setting {
        key: "record.policy",
        default: "",
        help: "witness policy file; empty: policy in the data directory",
    },
    Setting {
        key: "keys.epoch-days",
        default: "7",
        help: "after how many days the keys of all persons are wrapped anew, from 1",
    },
    Setting {
        key: "keys.keep-days",
        default: "30",
        help: "how many days later the key that wrapped them before is destroyed: then no old copy opens what was erased",
    },
    Setting {
        key: "keys.shared",
        default: "",
        help: "file that says where several nodes hold their sealed keys in common, as daftar up --ha writes it; empty: this machine alone",
    },
    Setting {
        key: "power.supply",
        default: "",
        help: "this machine's power supply as Network UPS Tools knows it, e.g. main@localhost; empty: none is watched",
    },
    Setting {
        key: "cloud.engine",
        default: "",
        help: "what makes agencies' computers: lxd:/path/to/unix.socket#pool (LXD or Incus; the storage pool `default` where none is named), or simulator, which makes none; empty: no cloud",
    },
    Setting {
        key: "backup.archive",
        default: "",
        help: "folder or s3:// address that every commit is shipped to, sealed; empty: nothing is (SQLite only)",
    },
    Setting {
        key: "backup.keys",
        default: "",
        help: "file for the key export, elsewhere than the archive: nothing can be restored without it and the root key",
    },
    Setting { key: "backup.keep-days", default: "14", help: "how many days back any second can be restored" },
    Setting {
        key: "backup.snapshot-hours",
        default: "24",
        help: "after how many hours the archive gets another snapshot",
    },
    Setting {
        key: "backup.drill-hours",
        default: "24",
        help: "after how many hours restoring is tried out again",
    },
    Setting { key: "log.level", default: "info", help: "error, warn, info, debug or trace" },
    Setting { key: "log.format", default: "text", help: "text or json" },
    Setting {
        key: "metrics.token-file",
        default: "",
        help: "file whose first line opens /metrics (as a bearer token); empty: metrics.token in the data directory, made by daftar up",
    },
    Setting { key: "mail.server", default: "", help: "SMTP server as host:port; empty: letters only" },
    Setting { key: "mail.from", default: "", help: "sender of our mail" },
    Setting { key: "mail.user", default: "", help: "user name at the SMTP server" },
    Setting {
        key: "mail.password-file",
        default: "",
        help: "file that holds the password at the SMTP server",
    },
];

/// Reads file, environment and command line.
///
/// # Errors
/// For a file that cannot be read, and for unknown keys.
pub fn read(place: &Place) -> Result<Settings> {
    read_with(place, &[])
}

/// Reads them, and these keys as a command was told them.
///
/// # Errors
/// As [`read`].
pub fn read_with(place: &Place, told: &[(&'static str, &str)]) -> Result<Settings> {
    let mut environment = environment();
    // The command line is the last layer; it speaks through the same names.
    let country = place.country.as_ref().map(|p| p.display().to_string());
    let given = [("store.url", place.store.as_deref()), ("country", country.as_deref())];
    let given = given.into_iter().filter_map(|(key, value)| Some((key, value?)));
    for (key, value) in given.chain(told.iter().copied()) {
        let variable =
            KNOWN.iter().find(|setting| setting.key == key).map_or_else(String::new, Setting::variable);
        environment.retain(|(known, _)| *known != variable);
        environment.push((variable, value.to_string()));
    }
    let path = place.config.clone().or_else(|| {
        let usual = data_dir(place).join("daftar.toml");
        usual.is_file().then_some(usual)
    });
    let file = match &path {
        Some(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
            Some((path.display().to_string(), text))
        }
        None => None,
    };
    let file = file.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    Ok(Settings::read(KNOWN, file, environment)?)
}

/// The data directory: it comes from the command line or is `data`, because the settings file lies in it.
#[must_use]
pub fn data_dir(place: &Place) -> PathBuf {
    place.data.clone().unwrap_or_else(|| PathBuf::from("data"))
}

fn environment() -> Vec<(String, String)> {
    std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect()
}
