//! What the tests share: an office floor on a fresh store, and people in it.

use crate::testbed;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::assignment::NewAssignment;
use daftar_office::enrol::Choice;
use daftar_office::password::Cost;
use daftar_office::sign_in::{Attempt, CodeStep, SignedIn};
use daftar_office::totp::{Secret, step_at};
use daftar_office::{Office, Proven, Session, Source};
use daftar_record::transport::{Answer, Transport, TransportError};
use daftar_record::{Record, RecordConfig};
use daftar_store::Migrations;
use daftar_testing::TestStore;
use std::sync::Arc;

pub const MIGRATIONS: &[Migrations] = &[daftar_record::MIGRATIONS, daftar_office::MIGRATIONS];
pub const PASSWORD: &str = "seven quiet tulips";

/// Runs a write transaction: `write!(bed, [captured], |office, tx| office.invite(tx, ..).await)`.
macro_rules! write {
    ($bed:expr, [$($name:ident),*], |$office:ident, $tx:ident| $body:expr) => {{
        let $office = $bed.office.clone();
        $(let $name = $name.clone();)*
        $bed.office.store().write(move |$tx| {
            let $office = $office.clone();
            $(let $name = $name.clone();)*
            Box::pin(async move { let _ = &$office; $body })
        }).await
    }};
}
/// Runs one statement.
macro_rules! sql_run {
    ($bed:expr, $text:literal $(, $param:expr)* $(,)?) => {{
        let params = daftar_store::params![$($param),*];
        $bed.office.store().write(move |tx| {
            let params = params.clone();
            Box::pin(async move { tx.execute(daftar_store::sql!($text), &params).await })
        }).await.expect("a statement of the test")
    }};
}
pub(crate) use {sql_run, write};

/// Nobody is reached in these tests.
struct Nobody;
impl Transport for Nobody {
    fn post(&self, url: &str, _: &[u8], _: usize) -> Result<Answer, TransportError> {
        Err(TransportError::NoAnswer { url: url.into(), reason: "a test".into() })
    }
    fn get(&self, url: &str, _: usize) -> Result<Answer, TransportError> {
        Err(TransportError::NoAnswer { url: url.into(), reason: "a test".into() })
    }
}

pub struct Bed {
    pub store: TestStore,
    pub office: Office,
}

/// Somebody with an account and a phone.
#[derive(Clone)]
pub struct Person {
    pub id: Id,
    pub login: String,
    pub secret: Secret,
    pub recovery: Vec<String>,
}

pub fn here() -> Source {
    Source::of("192.0.2.7".parse().unwrap())
}

pub fn elsewhere(number: u32) -> Source {
    let [_, _, a, b] = number.to_be_bytes();
    Source::of(std::net::Ipv4Addr::new(10, a, b, 1).into())
}

pub fn code_of<T>(result: Result<T, Problem>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(problem) => problem.code,
    }
}

/// The bytes of a base32 text (RFC 4648 §6).
pub fn secret_of(grouped: &str) -> Secret {
    let mut bits = 0u64;
    let mut count = 0;
    let mut bytes = Vec::new();
    for sign in grouped.bytes().filter(|b| *b != b' ') {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|s| *s == sign).unwrap();
        bits = bits << 5 | u64::try_from(value).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    Secret::from_slice(&bytes).unwrap()
}

impl Bed {
    pub async fn on(store: TestStore) -> Self {
        let config = RecordConfig::new("office.test/1", "quorum none\n", Arc::new(Nobody));
        let record = Record::open(store.store(), config).await.unwrap();
        let office = Office::with_cost(store.store(), record, testbed::roster(), "Test Country", Cost::TEST);
        Self { store, office }
    }
    pub fn later(&self, seconds: i64) {
        self.store.clock.advance_seconds(seconds);
    }
    pub fn now(&self) -> daftar_kernel::Timestamp {
        self.store.store().world().now()
    }
    /// The code a phone shows now.
    pub fn code(&self, secret: &Secret) -> String {
        secret.code(step_at(self.now()))
    }
    /// An official who has opened their account, in the given offices and roles.
    pub async fn official(&self, login: &str, places: &[(&str, &str)]) -> Person {
        let (login, places) = (login.to_string(), owned(places));
        let invitation = write!(self, [login, places], |office, tx| {
            let by = Proven::system("test");
            let invitation = office.invite(tx, &by, &login, &format!("Name of {login}")).await?;
            for (place, role) in places {
                let (account, since, until) = (invitation.account, None, None);
                let new = NewAssignment { account, office: place, role, since, until };
                office.assign(tx, &by, &new).await?;
            }
            Ok::<_, Problem>(invitation)
        })
        .unwrap();
        let (id, secret, recovery) = self.enrol(&invitation.link, "").await.unwrap();
        Person { id, login, secret, recovery }
    }
    /// Goes through both steps of a link.
    pub async fn enrol(&self, link: &str, login: &str) -> Result<(Id, Secret, Vec<String>), Problem> {
        let choice = Choice { login: login.into(), name: "First Admin".into(), password: PASSWORD.into() };
        let offer = self.office.enrol_password(link, &choice).await?;
        let secret = secret_of(&offer.secret);
        let (principal, recovery) = self.office.enrol_confirm(link, &self.code(&secret)).await?;
        self.later(30);
        Ok((principal.id(), secret, recovery))
    }
    pub async fn first_step(
        &self,
        login: &str,
        password: &str,
        source: Source,
        device: Option<&str>,
    ) -> Result<String, Problem> {
        let (login, password) = (login.to_string(), password.to_string());
        let attempt = Attempt { login, password, source, device: device.map(str::to_string) };
        self.office.sign_in_password(&attempt).await
    }
    pub async fn second_step(&self, challenge: &str, code: &str) -> Result<SignedIn, Problem> {
        let (challenge, code) = (challenge.to_string(), code.to_string());
        let step = CodeStep { challenge, code, device_label: "Test browser".into(), replaces: None };
        self.office.sign_in_code(&step).await
    }
    /// Signs in and waits for the next code.
    pub async fn sign_in(&self, person: &Person, device: Option<&str>) -> Result<SignedIn, Problem> {
        let challenge = self.first_step(&person.login, PASSWORD, here(), device).await?;
        let signed_in = self.second_step(&challenge, &self.code(&person.secret)).await;
        self.later(30);
        signed_in
    }
    /// A session of somebody, fresh.
    pub async fn session(&self, person: &Person) -> Session {
        let token = self.sign_in(person, None).await.unwrap().token;
        self.office.session(&token).await.unwrap().unwrap()
    }
    /// Somebody at work, and freshly proven to be there.
    pub async fn at_work(&self, login: &str, place: &str, role: &str) -> (Person, Proven, Actor) {
        let person = self.official(login, &[(place, role)]).await;
        let session = self.session(&person).await;
        (person, session.proven(self.now()).unwrap(), session.actor)
    }
    /// How many acts of this kind the record holds.
    pub async fn acts(&self, kind: &'static str) -> usize {
        let bodies = write!(self, [], |_office, tx| {
            let rows =
                tx.query(daftar_store::sql!("select body from record_entry where log = 'acts'"), &[]).await?;
            rows.iter().map(|row| Ok::<_, Problem>(row.get::<Vec<u8>>(0)?)).collect::<Result<Vec<_>, _>>()
        });
        let needle = format!("\"{kind}\"");
        bodies.unwrap().iter().filter(|body| String::from_utf8_lossy(body).contains(&needle)).count()
    }
}

pub fn owned(places: &[(&str, &str)]) -> Vec<(String, String)> {
    places.iter().map(|(a, b)| ((*a).to_string(), (*b).to_string())).collect()
}
