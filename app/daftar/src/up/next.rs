//! What `daftar up` tells the operator: where the country is, how people come to trust its certificate, and what is still to do.

use super::{Ready, authority, is_watched};
use anyhow::Result;
use daftar_office::first_admin::FirstLink;
use std::net::SocketAddr;

/// The lines, most important first; what is done already is not asked for.
pub(super) async fn lines(ready: &Ready, address: SocketAddr) -> Result<Vec<String>> {
    let base = base(ready, address);
    let data = ready.installation.paths.data.display();
    let mut lines = vec![format!("{} is served on {base}  (data in {data})", ready.installation.name())];
    if let Some(certificates) = &ready.certificates {
        if let Some(authority) = certificates.authority() {
            lines.push(format!(
                "Certificate of its own authority; people who trust {base}/authority.crt see no warning."
            ));
            lines.push(format!("  SHA-256 {}", authority::fingerprint(&authority)?));
        }
        lines.push(format!(
            "  until {}, renewed by itself when it is its own",
            certificates.ends().to_rfc3339()
        ));
    }
    let mut todo = Vec::new();
    if ready.example_country {
        todo.push(
            "No country pack was given, so this is the example country. Before real use, make your own and begin with it in a \
             new data folder: daftar --data DIR --country PACK up"
                .to_string(),
        );
    }
    match ready.first_admin_link().await {
        Some(FirstLink::New(link)) => {
            todo.push(format!("First administrator, within 24 hours, once: {base}/enrol/{link}"));
        }
        Some(FirstLink::Given(until)) => todo.push(format!(
            "First administrator: the link that was printed before works until {}; lost? `daftar init` prints another",
            until.to_rfc3339()
        )),
        None => {}
    }
    if !is_watched(&ready.installation.paths.policy) {
        let policy = ready.installation.paths.policy.display();
        todo.push(format!(
            "Nobody outside watches the record yet. Ask somebody elsewhere, under somebody else, to run `daftar witness`, and \
             list them in {policy}"
        ));
    }
    if todo.is_empty() {
        return Ok(lines);
    }
    lines.push("Next:".to_string());
    lines.extend(todo.iter().enumerate().map(|(index, what)| format!("  {}. {what}", index + 1)));
    Ok(lines)
}

/// The address people are told: by the first name of the certificate, else as it listens.
fn base(ready: &Ready, address: SocketAddr) -> String {
    let Some(certificates) = &ready.certificates else { return format!("http://{address}") };
    match certificates.names().first() {
        Some(name) if address.port() == 443 => format!("https://{name}"),
        Some(name) => format!("https://{name}:{}", address.port()),
        None => format!("https://{address}"),
    }
}
