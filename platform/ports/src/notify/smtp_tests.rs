//! A real conversation with a small mail server in the test.

use super::super::sample;
use super::*;
use daftar_kernel::Lang;
use daftar_testing::mail::{Seen, converse};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;

/// A server that takes one connection.
struct Server {
    port: u16,
    thread: JoinHandle<Seen>,
}

/// `refuse` is a command's beginning and the reply to it; with `tls` the connection begins with its handshake.
fn server_with(
    refuse: Option<(&'static str, &'static str)>,
    tls: Option<Arc<rustls::ServerConfig>>,
) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        match tls {
            None => converse(&mut stream, refuse),
            Some(config) => {
                let session = rustls::ServerConnection::new(config).unwrap();
                converse(&mut rustls::StreamOwned::new(session, stream), refuse)
            }
        }
    });
    Server { port, thread }
}
fn server(refuse: Option<(&'static str, &'static str)>) -> Server {
    server_with(refuse, None)
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        credentials: None,
        from: "Civil Registry <registry@example.gov>".into(),
        hello: "node.example.gov".into(),
        roots_pem: None,
    }
}

async fn send(
    message: &Message,
    refuse: Option<(&'static str, &'static str)>,
) -> (Result<(), DeliveryFault>, Seen) {
    let server = server(refuse);
    let smtp = Smtp::new(&settings(server.port)).unwrap();
    let outcome = smtp.deliver(message).await;
    drop(smtp);
    (outcome, server.thread.join().unwrap())
}

fn header<'a>(data: &'a str, name: &str) -> Option<&'a str> {
    let head = data.split_once("\r\n\r\n").map_or(data, |(head, _)| head);
    head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn a_message_arrives_with_its_headers() {
    let (outcome, seen) = send(&sample(), None).await;
    assert_eq!(outcome, Ok(()));
    let commands: Vec<&str> = seen.commands.iter().map(String::as_str).collect();
    assert_eq!(commands[0], "EHLO node.example.gov");
    assert!(commands[1].starts_with("MAIL FROM:<registry@example.gov>"), "{commands:?}");
    assert_eq!(commands[2..4], ["RCPT TO:<abeba@example.org>", "DATA"]);
    assert_eq!(header(&seen.data, "Subject"), Some("Your activation code"));
    assert_eq!(header(&seen.data, "To"), Some("\"Abeba Tesfaye\" <abeba@example.org>"));
    assert_eq!(header(&seen.data, "Date"), Some("Wed, 01 Jul 2026 10:00:00 +0000"));
    assert_eq!(header(&seen.data, "Auto-Submitted"), Some("auto-generated"));
    assert_eq!(header(&seen.data, "Content-Language"), Some("en"));
    let id = format!("<{}@example.gov>", sample().id);
    assert_eq!(header(&seen.data, "Message-ID"), Some(id.as_str()));
    assert!(seen.data.contains("\r\n    4711-0815\r\n"));
}

#[tokio::test]
async fn a_line_with_a_lone_dot_does_not_end_the_message() {
    let body = "first\n.\n..two\n.hidden\nlast\n".to_string();
    let (outcome, seen) = send(&Message { body, ..sample() }, None).await;
    assert_eq!(outcome, Ok(()));
    // The sender doubles a leading dot (RFC 5321 §4.5.2); the receiver takes it off again.
    let (_, body) = seen.data.split_once("\r\n\r\n").unwrap();
    let plain: Vec<&str> =
        body.trim_end().lines().map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
    assert_eq!(plain, ["first", ".", "..two", ".hidden", "last"]);
}

#[tokio::test]
async fn a_subject_in_arabic_is_encoded_and_can_be_read_back() {
    let subject = "رمز التفعيل الخاص بك في السجل المدني: يرجى عدم مشاركته مع أي شخص آخر".to_string();
    let body = "السيدة المحترمة،\nرمزك هو 4711\n".to_string();
    let lang = Lang::parse("ar").unwrap();
    let (outcome, seen) =
        send(&Message { subject: subject.clone(), body: body.clone(), lang, ..sample() }, None).await;
    assert_eq!(outcome, Ok(()));
    assert!(seen.data.split_once("\r\n\r\n").unwrap().0.is_ascii(), "headers are ASCII");
    assert!(seen.data.lines().all(|line| line.len() <= 998));
    let head = seen.data.replace("\r\n ", " ");
    let encoded = header(&head, "Subject").unwrap();
    assert_eq!(decoded(encoded), subject);
    let (_, sent) = seen.data.split_once("\r\n\r\n").unwrap();
    let raw = match header(&seen.data, "Content-Transfer-Encoding") {
        Some("base64") => base64_text(&sent.replace("\r\n", "")),
        Some("8bit") => sent.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(raw.replace("\r\n", "\n").trim_end(), body.trim_end());
}

/// RFC 2047, encoding B, as a mail reader undoes it.
fn decoded(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let inner = word.strip_prefix("=?utf-8?b?").and_then(|w| w.strip_suffix("?="));
        base64_text(inner.unwrap_or_else(|| panic!("not encoded: {word}")))
    });
    words.collect()
}
fn base64_text(text: &str) -> String {
    use base64::Engine;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
}

#[tokio::test]
async fn nothing_a_citizen_types_becomes_a_header_or_a_command() {
    let server = server(None);
    let smtp = Smtp::new(&settings(server.port)).unwrap();
    let with_email = |email: &str| {
        let mut message = sample();
        message.to.email = Some(email.into());
        message
    };
    let with_name = |name: &str| {
        let mut message = sample();
        message.to.name = name.into();
        message
    };
    let bad = [
        Message { subject: "x\r\nBcc: all@example.org".into(), ..sample() },
        Message { subject: "x\nBcc: all@example.org".into(), ..sample() },
        with_name("x\r\nBcc: all@example.org"),
        with_email("a@example.org\r\nRCPT TO:<all@example.org>"),
        with_email("a@example.org, b@example.org"),
        with_email("A <a@example.org>"),
        with_email("a@example.org> SIZE=1"),
        with_email("a"),
        with_email(""),
    ];
    for message in bad {
        let outcome = smtp.deliver(&message).await;
        assert!(matches!(outcome, Err(ref fault) if !fault.may_pass()), "{:?}: {outcome:?}", message.to);
    }
    let mut silent = sample();
    silent.to.email = None;
    assert_eq!(smtp.deliver(&silent).await, Err(DeliveryFault::NoAddress { channel: "e-mail" }));
    // None of them had even been offered to the server: what arrives first is the good message.
    let tricky = with_name("\"Bcc: all@example.org\" <evil@example.org>, Ünal");
    let body = "text\rBcc: all@example.org\r\n.\r\nRCPT TO:<all@example.org>\r\n".into();
    smtp.deliver(&Message { body, ..tricky }).await.unwrap();
    drop(smtp);
    let seen = server.thread.join().unwrap();
    assert_eq!(seen.commands.iter().filter(|c| c.starts_with("RCPT")).count(), 1);
    assert_eq!(header(&seen.data, "Bcc"), None);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let (outcome, _) = send(&sample(), Some(("RCPT", "550 5.1.1 no such box abeba@example.org"))).await;
    assert_eq!(outcome, Err(DeliveryFault::Refused { code: 550 }));
    let fault = outcome.unwrap_err();
    assert!(!fault.may_pass() && !fault.to_string().contains("abeba"));
    let (outcome, _) = send(&sample(), Some(("RCPT", "451 greylisted, come again"))).await;
    assert!(outcome.unwrap_err().may_pass());
    let (outcome, _) = send(&sample(), Some(("DATA", "554 no"))).await;
    assert_eq!(outcome, Err(DeliveryFault::Refused { code: 554 }));
}

#[tokio::test]
async fn a_server_that_is_not_there_or_hangs_up_is_tried_again_later() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gone = Smtp::new(&settings(port)).unwrap();
    assert!(gone.deliver(&sample()).await.unwrap_err().may_pass());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || drop(listener.accept()));
    assert!(Smtp::new(&settings(port)).unwrap().deliver(&sample()).await.unwrap_err().may_pass());
    thread.join().unwrap();
}

#[tokio::test]
async fn encryption_is_required_of_every_other_machine() {
    let far = SmtpSettings { host: "mail.example.gov".into(), ..settings(25) };
    assert_eq!(Smtp::new(&far).err(), Some(SmtpSettingsFault::Unencrypted("mail.example.gov".into())));
    assert!(Smtp::new(&SmtpSettings { security: Security::StartTls, ..far.clone() }).is_ok());
    assert!(Smtp::new(&SmtpSettings { security: Security::Tls, ..far.clone() }).is_ok());
    let bad_roots = SmtpSettings { security: Security::Tls, roots_pem: Some("x".into()), ..far.clone() };
    assert!(matches!(Smtp::new(&bad_roots).err(), Some(SmtpSettingsFault::Tls(_))));
    assert!(matches!(
        Smtp::new(&SmtpSettings { from: "nobody".into(), ..settings(25) }).err(),
        Some(SmtpSettingsFault::From(_))
    ));
    // A server that offers no STARTTLS gets nothing, not even the sender.
    let server = server(None);
    let strict = SmtpSettings { security: Security::StartTls, ..settings(server.port) };
    assert!(Smtp::new(&strict).unwrap().deliver(&sample()).await.unwrap_err().may_pass());
    let seen = server.thread.join().unwrap();
    assert!(!seen.commands.iter().any(|c| c.starts_with("MAIL")), "{:?}", seen.commands);
}

/// A certificate for `localhost` that nobody knows, made by openssl, and the server's settings with it.
fn self_signed() -> Option<(String, Arc<rustls::ServerConfig>)> {
    let dir = tempfile::tempdir().unwrap();
    let (key, certificate) = (dir.path().join("key.pem"), dir.path().join("certificate.pem"));
    let mut openssl = Command::new("openssl");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "3650",
    ]);
    openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]);
    openssl
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate);
    let made = openssl.output().ok()?;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let chain = vec![CertificateDer::from_pem_file(&certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    Some((std::fs::read_to_string(&certificate).unwrap(), Arc::new(config)))
}

#[tokio::test]
async fn tls_takes_only_a_certificate_it_was_told_to_trust_and_of_the_right_name() {
    let Some((pem, config)) = self_signed() else { return };
    let attempt = async |host: &str, roots_pem: Option<String>| {
        let server = server_with(None, Some(Arc::clone(&config)));
        let settings =
            SmtpSettings { host: host.into(), security: Security::Tls, roots_pem, ..settings(server.port) };
        let outcome = Smtp::new(&settings).unwrap().deliver(&sample()).await;
        (outcome, server.thread.join().unwrap())
    };
    let (outcome, seen) = attempt("localhost", Some(pem.clone())).await;
    assert_eq!(outcome, Ok(()));
    assert!(seen.data.contains("4711-0815"));
    for (host, roots) in [("localhost", None), ("127.0.0.1", Some(pem))] {
        let (outcome, seen) = attempt(host, roots).await;
        assert!(outcome.unwrap_err().may_pass());
        assert!(seen.commands.is_empty(), "{host}: {:?}", seen.commands);
    }
}
