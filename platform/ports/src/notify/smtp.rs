//! E-mail by SMTP (RFC 5321) to the mail server of the installation, encrypted unless that server is this
//! machine itself.

use super::{Delivery, DeliveryFault, Message, Notifier, check};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::{Duration, UNIX_EPOCH};

/// How long one command to the server may take.
pub const TIMEOUT_SECONDS: u64 = 30;

/// How the connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// TLS from the first byte (RFC 8314), usually port 465.
    Tls,
    /// TLS by STARTTLS, required (RFC 3207), usually port 587.
    StartTls,
    /// None; taken only for a server on this machine.
    None,
}

/// Where mail goes and in whose name.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Name or address of the server.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection of the connection.
    pub security: Security,
    /// User and password, where the server asks for them.
    pub credentials: Option<(String, String)>,
    /// Sender: `Civil Registry <registry@example.gov>`.
    pub from: String,
    /// The name by which this machine greets the server.
    pub hello: String,
    /// Root certificates (PEM) to trust beside those of the system, for a server with a certificate of its own.
    pub roots_pem: Option<String>,
}

/// Why the settings cannot be used; said at start, not at the first message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpSettingsFault {
    /// Not a sender.
    #[error("'{0}' is no sender: write 'Name <box@example.org>'")]
    From(String),
    /// Without encryption to another machine.
    #[error(
        "mail to '{0}' would travel unencrypted: use tls or starttls; none is for a server on this machine"
    )]
    Unencrypted(String),
    /// Root certificates or host name unusable.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// The mail server of the installation.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Prepares the way to the server; connects only when there is something to send.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SmtpSettingsFault> {
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|_| SmtpSettingsFault::From(settings.from.chars().take(80).collect()))?;
        let tls = match settings.security {
            Security::None if is_this_machine(&settings.host) => Tls::None,
            Security::None => return Err(SmtpSettingsFault::Unencrypted(settings.host.clone())),
            Security::Tls => Tls::Wrapper(tls_parameters(settings)?),
            Security::StartTls => Tls::Required(tls_parameters(settings)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
            .port(settings.port)
            .tls(tls)
            .timeout(Some(Duration::from_secs(TIMEOUT_SECONDS)))
            .hello_name(ClientId::Domain(settings.hello.clone()));
        if let Some((user, password)) = settings.credentials.clone() {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build(), from })
    }

    async fn send(&self, message: &Message) -> Result<(), DeliveryFault> {
        let mail = self.compose(message)?;
        self.transport.send(mail).await.map(|_| ()).map_err(|error| {
            let code = error.status().map_or(0, u16::from);
            // The server's words can repeat the address: only its code is kept.
            if error.is_permanent() {
                DeliveryFault::Refused { code }
            } else if error.is_transient() {
                DeliveryFault::Later { reason: format!("the mail server answered {code}") }
            } else if error.is_timeout() {
                DeliveryFault::Later { reason: format!("no answer in {TIMEOUT_SECONDS} s") }
            } else if error.is_tls() {
                DeliveryFault::Later {
                    reason: "the mail server's certificate or TLS was not accepted".into(),
                }
            } else {
                DeliveryFault::Later { reason: "the mail server was not reached or broke off".into() }
            }
        })
    }

    fn compose(&self, message: &Message) -> Result<lettre::Message, DeliveryFault> {
        check(message)?;
        let no_address = || DeliveryFault::NoAddress { channel: "e-mail" };
        let address = message.to.email.as_deref().ok_or_else(no_address)?;
        // One address, not a list: what a form took is never split.
        let address: Address = address.parse().map_err(|_| no_address())?;
        let name = Some(message.to.name.clone()).filter(|name| !name.trim().is_empty());
        let seconds = u64::try_from(message.at.seconds()).unwrap_or(0);
        let domain = self.from.email.domain().to_string();
        MessageBuilder::new()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(message.subject.clone())
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .header(AutoSubmitted)
            .header(ContentLanguage(message.lang.tag().to_string()))
            .header(ContentType::TEXT_PLAIN)
            .body(message.body.replace("\r\n", "\n").replace('\r', "\n"))
            .map_err(|_| DeliveryFault::Malformed("it cannot be written as e-mail"))
    }
}

impl Notifier for Smtp {
    fn channel(&self) -> &'static str {
        "e-mail"
    }
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(self.send(message))
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SmtpSettingsFault> {
    let fault = |error: lettre::transport::smtp::Error| SmtpSettingsFault::Tls(error.to_string());
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.roots_pem {
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(SmtpSettingsFault::Tls("the file of root certificates holds none".into()));
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(fault)?);
    }
    builder.build_rustls().map_err(fault)
}

/// `Auto-Submitted: auto-generated` (RFC 3834 §5): no holiday replies, please.
#[derive(Clone)]
struct AutoSubmitted;

/// `Content-Language` (RFC 3282): screen readers pick the voice by it.
#[derive(Clone)]
struct ContentLanguage(String);

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }
    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.into()))
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
