//! Blobs in an S3 service (Amazon's, or MinIO, Ceph, Garage in the country's own data centre).
//!
//! `store.blobs = "s3://bucket/prefix"`; how to reach it stands in `data_dir/s3.toml`, because secrets come only
//! from files:
//!
//! ```toml
//! region = "eu-1"
//! access_key_id = "..."
//! secret_access_key = "..."
//! endpoint = "https://objects.example"                     # without it, Amazon's of the region
//! authorities = "/etc/ssl/certs/ca-certificates.crt"       # whose certificates are trusted
//! ```

use super::BLOB_LIMIT;
use crate::{StoreError, files};
use http_body_util::BodyExt;
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use object_store::prefix::PrefixStore;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// The longest answer that is read: a blob, or a page of a listing.
const ANSWER_LIMIT: u64 = (BLOB_LIMIT + 1024 * 1024) as u64;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(120);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Access {
    region: String,
    access_key_id: String,
    secret_access_key: String,
    endpoint: Option<String>,
    #[serde(default = "debians_authorities")]
    authorities: PathBuf,
}

fn debians_authorities() -> PathBuf {
    "/etc/ssl/certs/ca-certificates.crt".into()
}

/// Opens `s3://bucket/prefix` with the access in `data_dir/s3.toml`.
pub(super) fn open(place: &str, data_dir: &Path) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let refuse = |reason: String| StoreError::Open {
        reason,
        next:
            "write store.blobs as s3://bucket/prefix, and region, access_key_id and secret_access_key into \
               s3.toml in the data folder"
                .into(),
    };
    let path = place.strip_prefix("s3://").ok_or_else(|| refuse("store.blobs is no s3:// address".into()))?;
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    let file = data_dir.join("s3.toml");
    let text = std::fs::read_to_string(&file).map_err(|e| refuse(format!("{}: {e}", file.display())))?;
    // Without the parser's excerpt of the text: it may be the secret.
    let access: Access =
        toml::from_str(&text).map_err(|e| refuse(format!("{}: {}", file.display(), e.message())))?;
    let plain_http = access.endpoint.as_deref().is_some_and(|e| e.starts_with("http://"));
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(access.region)
        .with_access_key_id(access.access_key_id)
        .with_secret_access_key(access.secret_access_key)
        .with_allow_http(plain_http)
        .with_http_connector(Connector { agent: agent(&access.authorities, plain_http)? });
    if let Some(endpoint) = access.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let objects = builder.build().map_err(|e| refuse(e.to_string()))?;
    Ok(if prefix.is_empty() { Arc::new(objects) } else { Arc::new(PrefixStore::new(objects, prefix)) })
}

/// The same HTTP client the rest of the house uses.
fn agent(authorities: &Path, plain_http: bool) -> Result<ureq::Agent, StoreError> {
    let mut roots = Vec::new();
    if !plain_http {
        let what = || format!("reading {}", authorities.display());
        let pem = std::fs::read(authorities).map_err(|e| StoreError::io(what(), &e))?;
        for item in ureq::tls::parse_pem(&pem) {
            match item {
                Ok(ureq::tls::PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(error) => return Err(StoreError::malformed(what(), error)),
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ureq::tls::TlsConfig::builder()
        .provider(ureq::tls::TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(ureq::tls::RootCerts::from(roots))
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(EXCHANGE_TIMEOUT))
        .user_agent("daftar")
        .build();
    Ok(config.new_agent())
}

#[derive(Clone, Debug)]
struct Connector {
    agent: ureq::Agent,
}

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl HttpService for Connector {
    fn call<'s, 'f>(
        &'s self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let agent = self.agent.clone();
            files::blocking(move || Ok(exchange(&agent, parts, &body)))
                .await
                .map_err(|e| HttpError::new(HttpErrorKind::Unknown, e))?
        })
    }
}

fn exchange(
    agent: &ureq::Agent,
    parts: ureq::http::request::Parts,
    body: &[u8],
) -> Result<HttpResponse, HttpError> {
    let fail = |error: ureq::Error| {
        let kind = match &error {
            ureq::Error::Timeout(_) => HttpErrorKind::Timeout,
            ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => HttpErrorKind::Connect,
            ureq::Error::Io(_) => HttpErrorKind::Interrupted,
            _ => HttpErrorKind::Unknown,
        };
        HttpError::new(kind, error)
    };
    let head = parts.method == ureq::http::Method::HEAD;
    let answer = if body.is_empty() && matches!(parts.method.as_str(), "GET" | "HEAD" | "DELETE") {
        agent.run(ureq::http::Request::from_parts(parts, ()))
    } else {
        agent.run(ureq::http::Request::from_parts(parts, body))
    };
    let (parts, mut body) = answer.map_err(fail)?.into_parts();
    let bytes =
        if head { Vec::new() } else { body.with_config().limit(ANSWER_LIMIT).read_to_vec().map_err(fail)? };
    let body = http_body_util::Full::new(bytes::Bytes::from(bytes)).map_err(|never| match never {});
    Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::path::Path as Key;
    use object_store::{ObjectStoreExt, PutPayload};
    use std::collections::BTreeMap;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};

    /// As much of S3 as the store uses, in memory, on a port of the system's choice.
    fn serve() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let mut objects = BTreeMap::new();
            for stream in listener.incoming().flatten() {
                answer(stream, &mut objects);
            }
        });
        url
    }

    fn answer(stream: TcpStream, objects: &mut BTreeMap<String, Vec<u8>>) {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_string());
        }
        let Some(first) = lines.first() else { return };
        let signed = lines.iter().any(|l| l.to_lowercase().starts_with("authorization: aws4-hmac-sha256"));
        let length = |l: &String| l.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
        let mut body = vec![0; lines.iter().find_map(length).unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (status, out) = match (signed, method) {
            (false, _) => ("403 Forbidden", Vec::new()),
            (_, "PUT") => {
                objects.insert(path.into(), body);
                ("200 OK", Vec::new())
            }
            (_, "POST") if query.contains("delete") => {
                let text = String::from_utf8(body).unwrap();
                let key = text.split("<Key>").nth(1).unwrap().split("</Key>").next().unwrap();
                objects.remove(&format!("/bucket/{key}"));
                let done = format!("<DeleteResult><Deleted><Key>{key}</Key></Deleted></DeleteResult>");
                ("200 OK", done.into_bytes())
            }
            (_, "GET") if query.contains("list-type=2") => {
                let one = |(key, bytes): (&String, &Vec<u8>)| {
                    let key = key.trim_start_matches("/bucket/");
                    format!(
                        "<Contents><Key>{key}</Key><Size>{}</Size><ETag>e</ETag>\
                         <LastModified>2026-11-23T08:00:00.000Z</LastModified></Contents>",
                        bytes.len()
                    )
                };
                let all: String = objects.iter().map(one).collect();
                ("200 OK", format!("<ListBucketResult>{all}</ListBucketResult>").into_bytes())
            }
            _ => objects.get(path).map_or(("404 Not Found", Vec::new()), |bytes| ("200 OK", bytes.clone())),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nETag: \"e\"\r\nLast-Modified: Mon, 23 Nov 2026 08:00:00 GMT\r\n\
             Connection: close\r\n\r\n",
            out.len()
        );
        let mut stream = reader.into_inner();
        stream.write_all(head.as_bytes()).unwrap();
        if method != "HEAD" {
            stream.write_all(&out).unwrap();
        }
    }

    fn access(endpoint: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let text = format!("region='r'\naccess_key_id='k'\nsecret_access_key='s'\nendpoint='{endpoint}'\n");
        std::fs::write(dir.path().join("s3.toml"), text).unwrap();
        dir
    }

    #[tokio::test]
    async fn objects_go_there_and_come_back() {
        use futures_util::TryStreamExt;
        let dir = access(&serve());
        let objects = open("s3://bucket/country", dir.path()).unwrap();
        let key = Key::from("ab/cd/abcd");
        assert!(matches!(objects.head(&key).await, Err(object_store::Error::NotFound { .. })));
        objects.put(&key, PutPayload::from_static(b"bytes")).await.unwrap();
        assert_eq!(objects.head(&key).await.unwrap().size, 5);
        assert_eq!(&objects.get(&key).await.unwrap().bytes().await.unwrap()[..], b"bytes");
        let listed: Vec<_> = objects.list(None).try_collect().await.unwrap();
        assert!(listed.len() == 1 && listed[0].location == key, "{listed:?}");
        objects.delete(&key).await.unwrap();
        assert!(matches!(objects.get(&key).await, Err(object_store::Error::NotFound { .. })));
    }

    #[test]
    fn mistakes_are_named_without_the_secret() {
        let dir = access("http://127.0.0.1:1");
        assert!(open("gs://bucket", dir.path()).is_err());
        let file = dir.path().join("s3.toml");
        std::fs::write(&file, "region='r'\nsecret_access_key='very secret\n").unwrap();
        let error = open("s3://bucket", dir.path()).unwrap_err().to_string();
        assert!(error.contains("s3.toml") && !error.contains("very secret"), "{error}");
        std::fs::remove_file(&file).unwrap();
        assert!(open("s3://bucket", dir.path()).unwrap_err().to_string().contains("s3.toml"));
    }
}
