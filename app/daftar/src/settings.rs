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
    Setting { key: "log.level", default: "info", help: "error, warn, info, debug or trace" },
    Setting { key: "log.format", default: "text", help: "text or json" },
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
    let mut environment = environment();
    // The command line is the last layer; it speaks through the same names.
    let given = [
        ("DAFTAR_STORE_URL", place.store.clone()),
        ("DAFTAR_COUNTRY", place.country.as_ref().map(|p| p.display().to_string())),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            environment.retain(|(key, _)| key != name);
            environment.push((name.to_string(), value));
        }
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
