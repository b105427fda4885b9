//! The place that all nodes reach: etcd, by its JSON gateway (etcd API v3, `/v3/kv/*`).

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use daftar_store::{SharedKeys, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long one member may take before the next is asked.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest answer that is read, in bytes.
const ANSWER_LIMIT: u64 = 1 << 20;
/// Most sealed keys that are listed at once: one a week makes fifty a year, and most are destroyed.
const LIST_LIMIT: u32 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    endpoints: Vec<String>,
    prefix: String,
    authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

/// Set once the first node has made the tables.
const FOUNDED: &str = "founded";
/// Below it lie the sealed keys.
const KEYS: &str = "keys/";

/// A client of the cluster's etcd.
pub struct Etcd {
    endpoints: Vec<String>,
    prefix: String,
    agent: ureq::Agent,
}

impl Etcd {
    /// As the file says (`texts::shared_keys` writes it).
    ///
    /// # Errors
    /// When the file or the certificates it names cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let file: File = toml::from_str(&text).with_context(|| path.display().to_string())?;
        let agent = agent(&file.authority, Some((&file.certificate, &file.key)))?;
        Ok(Self { endpoints: file.endpoints, prefix: file.prefix, agent })
    }

    fn key(&self, name: &str) -> String {
        BASE64.encode(format!("{}{name}", self.prefix))
    }

    fn read(&self, name: &str) -> Result<Option<String>, StoreError> {
        let answer = self.ask("/v3/kv/range", &json!({ "key": self.key(name) }))?;
        Ok(answer["kvs"].get(0).and_then(|found| text(&found["value"])))
    }

    /// Writes what is not there yet; gives what is there then.
    fn write_new(&self, name: &str, value: &str) -> Result<String, StoreError> {
        let key = self.key(name);
        let answer = self.ask(
            "/v3/kv/txn",
            &json!({
                "compare": [{ "target": "CREATE", "result": "EQUAL", "key": key, "create_revision": "0" }],
                "success": [{ "request_put": { "key": key, "value": BASE64.encode(value) } }],
                "failure": [{ "request_range": { "key": key } }],
            }),
        )?;
        if answer["succeeded"] == json!(true) {
            return Ok(value.into());
        }
        let found = answer.pointer("/responses/0/response_range/kvs/0/value").and_then(text);
        found.ok_or_else(|| StoreError::Unavailable("etcd's answer is not understood".into()))
    }

    /// Whether the first node has made the tables.
    ///
    /// # Errors
    /// When etcd does not answer.
    pub fn is_founded(&self) -> Result<bool, StoreError> {
        Ok(self.read(FOUNDED)?.is_some())
    }

    /// Says so.
    ///
    /// # Errors
    /// When etcd does not answer.
    pub fn set_founded(&self) -> Result<(), StoreError> {
        self.write_new(FOUNDED, "1").map(|_| ())
    }

    /// Asks one member after the other, until one answers.
    fn ask(&self, path: &str, body: &Value) -> Result<Value, StoreError> {
        let body = body.to_string();
        let mut last = String::from("etcd has no members");
        for endpoint in &self.endpoints {
            let answer = self.agent.post(format!("{endpoint}{path}")).send(&body);
            let read = answer.and_then(|mut answer| {
                let text = answer.body_mut().with_config().limit(ANSWER_LIMIT).read_to_string()?;
                Ok((answer.status(), text))
            });
            match read {
                Ok((status, text)) if status.is_success() => {
                    return serde_json::from_str(&text)
                        .map_err(|e| StoreError::Unavailable(format!("etcd at {endpoint}: {e}")));
                }
                Ok((status, _)) => last = format!("etcd at {endpoint}: {status}"),
                Err(error) => last = format!("etcd at {endpoint}: {error}"),
            }
        }
        Err(StoreError::Unavailable(last))
    }

    /// Whether the members have a leader and answer.
    ///
    /// # Errors
    /// When they do not.
    pub fn check(&self) -> Result<(), StoreError> {
        // A read that must be agreed on: it fails without a majority.
        self.read(FOUNDED).map(|_| ())
    }
}

fn text(value: &Value) -> Option<String> {
    String::from_utf8(BASE64.decode(value.as_str()?).ok()?).ok()
}

impl SharedKeys for Etcd {
    fn get(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(&format!("{KEYS}{name}"))
    }

    fn put_new(&self, name: &str, value: &str) -> Result<String, StoreError> {
        self.write_new(&format!("{KEYS}{name}"), value)
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        let key = self.key(&format!("{KEYS}{name}"));
        self.ask("/v3/kv/deleterange", &json!({ "key": key })).map(|_| ())
    }

    fn names(&self) -> Result<Vec<String>, StoreError> {
        let from = format!("{}{KEYS}", self.prefix);
        let mut end = from.clone().into_bytes();
        // Every name that begins so, up to the next letter after the slash.
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        let query = json!({
            "key": BASE64.encode(&from), "range_end": BASE64.encode(end), "keys_only": true, "limit": LIST_LIMIT,
        });
        let answer = self.ask("/v3/kv/range", &query)?;
        let found = answer["kvs"].as_array().map_or(&[][..], Vec::as_slice);
        let names = found.iter().filter_map(|found| text(&found["key"]));
        Ok(names.filter_map(|name| name.strip_prefix(&from).map(str::to_string)).collect())
    }
}

/// An HTTP client that believes this authority alone, and shows this certificate.
pub(super) fn agent(authority: &Path, own: Option<(&Path, &Path)>) -> Result<ureq::Agent> {
    let reading = |path: &Path| format!("reading {}", path.display());
    let certificates = |path: &Path| -> Result<Vec<ureq::tls::Certificate<'static>>> {
        let pem = std::fs::read(path).with_context(|| reading(path))?;
        let mut found = Vec::new();
        for item in ureq::tls::parse_pem(&pem) {
            if let ureq::tls::PemItem::Certificate(certificate) = item.with_context(|| reading(path))? {
                found.push(certificate);
            }
        }
        Ok(found)
    };
    let client = match own {
        None => None,
        Some((certificate, key)) => {
            let pem = std::fs::read(key).with_context(|| reading(key))?;
            let key = ureq::tls::PrivateKey::from_pem(&pem).with_context(|| reading(key))?;
            Some(ureq::tls::ClientCert::new_with_certs(&certificates(certificate)?, key))
        }
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ureq::tls::TlsConfig::builder()
        .provider(ureq::tls::TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(ureq::tls::RootCerts::from(certificates(authority)?))
        .client_cert(client)
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(EXCHANGE_TIMEOUT))
        .user_agent("daftar")
        .build();
    Ok(config.new_agent())
}
