//! A small country for the tests: an office with two registrars, and purposes to look for.

use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_identity::{Gazetteer, People, permission};
use daftar_kernel::{Actor, Id, Lang, Official, Problem};
use daftar_office::assignment::NewAssignment;
use daftar_office::permit::Ask;
use daftar_office::roster::{
    Agency, Complaints, Label, Office as Place, Parts, Purpose, Review, Role, Roster, Sealed,
};
use daftar_office::{Office, Principal, Proven, password::Cost};
use daftar_record::transport::{Answer, Transport, TransportError};
use daftar_record::{Record, RecordConfig};
use daftar_store::{Migrations, Store};
use daftar_testing::TestStore;
use std::sync::Arc;

pub const MIGRATIONS: [Migrations; 3] =
    [daftar_record::MIGRATIONS, daftar_office::MIGRATIONS, daftar_identity::MIGRATIONS];

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

struct Places;
impl Gazetteer for Places {
    fn knows(&self, code: &str) -> bool {
        matches!(code, "north-1" | "north-2" | "south-1")
    }
    fn district_of(&self, code: &str) -> Option<String> {
        code.split_once('-').map(|(district, _)| district.to_string())
    }
    fn civil(&self) -> daftar_identity::age::Civil {
        daftar_identity::age::Civil {
            age_of_majority: 18,
            introductions_a_year: 2,
            documents: vec!["passport".into(), "birth-certificate".into()],
        }
    }
}

fn roster() -> Arc<Roster> {
    let role = |code: &str, permissions: &[&str], purposes: &[&str]| Role {
        code: code.into(),
        label: Label::english(code),
        permissions: permissions.iter().map(ToString::to_string).collect(),
        purposes: purposes.iter().map(ToString::to_string).collect(),
        looks_per_hour: 1000,
    };
    let place = |code: &str, agency: &str, roles: &[&str]| Place {
        code: code.into(),
        agency: agency.into(),
        label: Label::english(code),
        place: None,
        roles: roles.iter().map(ToString::to_string).collect(),
    };
    use daftar_office::permission as p;
    let parts = Parts {
        agencies: ["registry", "police", "ombudsman", "court"]
            .map(|code| Agency { code: code.into(), label: Label::english(code) })
            .into(),
        offices: vec![
            place("registry-north", "registry", &["registrar", "admin"]),
            place("police-centre", "police", &["officer"]),
            place("ombudsman-desk", "ombudsman", &["answerer"]),
            place("court-desk", "court", &["answerer"]),
        ],
        roles: vec![
            role(
                "admin",
                &[p::ACCOUNT_CREATE, p::ACCOUNT_SUSPEND, p::ASSIGN, p::ACCOUNT_SEE, permission::CLIENT],
                &[],
            ),
            role(
                "registrar",
                &[
                    permission::REGISTER,
                    permission::READ,
                    permission::CORRECT,
                    permission::ERASE,
                    permission::SUSPEND,
                    permission::ACTIVATE,
                    permission::CARD,
                    permission::DOUBLE,
                    permission::KIT,
                    permission::ASSIST,
                ],
                &["registration", "duplicate-review", "assistance"],
            ),
            role("officer", &[permission::READ], &["patrol"]),
            role("answerer", &[p::COMPLAINT_ANSWER], &[]),
        ],
        purposes: ["registration", "patrol", "duplicate-review", "assistance"]
            .map(|code| Purpose {
                code: code.into(),
                label: Label::english(code),
                basis: "Registration Act, section 4".into(),
                needs_case: false,
                sealed: Sealed::None,
                review: Review::Sampled,
                extended_by: Vec::new(),
                partners: code == "registration",
            })
            .into(),
        complaints: Complaints { desks: vec!["ombudsman-desk".into(), "court-desk".into()], answer_days: 30 },
    };
    let known: Vec<_> =
        daftar_office::permission::PERMISSIONS.iter().chain(permission::PERMISSIONS).copied().collect();
    Arc::new(Roster::new(parts, &[Lang::english()], &known).unwrap())
}

/// The register over a fresh store.
pub async fn people(store: &TestStore) -> People {
    people_of(store.store()).await
}

/// The register over a store that is open.
pub async fn people_of(store: Store) -> People {
    let config = RecordConfig::new("example.org/test", "quorum none\n", Arc::new(Nobody));
    let record = Record::open(store.clone(), config).await.unwrap();
    let office = Office::with_cost(store, record, roster(), "Test", Cost::TEST);
    People::new(office, Arc::new(Places), "Africa/Tunis")
}

pub fn official(name: &str, role: &str) -> Official {
    let (agency, office) = match role {
        "officer" => ("police", "police-centre"),
        "answerer" => ("ombudsman", "ombudsman-desk"),
        _ => ("registry", "registry-north"),
    };
    let id = Id::from_bytes(std::array::from_fn(|i| name.as_bytes()[i % name.len()]));
    Official { id, name: name.into(), agency: agency.into(), office: office.into(), role: role.into() }
}
pub fn registrar() -> Official {
    official("Rim", "registrar")
}
pub fn clerk() -> Actor {
    Actor::Official(registrar())
}
pub fn ask() -> Ask {
    Ask { purpose: "registration".into(), ..Ask::default() }
}

pub fn amina() -> Entry {
    Entry {
        name: "Amina Diallo".into(),
        given: "Amina".into(),
        family: "Diallo".into(),
        born: "1990-02-13".into(),
        birth_place: "north-1".into(),
        sex: "female".into(),
        address_place: "north-1".into(),
        email: "amina@post.example".into(),
        ..Entry::default()
    }
}
pub fn registration(entry: Entry, key: &str) -> Registration {
    Registration { entry, idempotency_key: key.into(), ..Registration::default() }
}

/// As [`approvers`], in a country that is marked as a demo already.
pub async fn colleagues(people: &People) -> Vec<Proven> {
    proven(people, false).await
}

/// Two administrators' colleagues with accounts, freshly proven to be there.
pub async fn approvers(people: &People) -> Vec<Proven> {
    proven(people, true).await
}

async fn proven(people: &People, mark: bool) -> Vec<Proven> {
    let mut proven = Vec::new();
    for login in ["ana", "ben"] {
        let office = people.office().clone();
        let token = people.store().write(move |tx| {
            let office = office.clone();
            Box::pin(async move {
                if mark && login == "ana" {
                    office.mark_demo(tx).await?;
                }
                let by = Proven::system("test");
                let account = office.invite(tx, &by, login, "A colleague").await?.account;
                let (role, place) = ("registrar", "registry-north");
                let new = NewAssignment {
                    account,
                    office: place.into(),
                    role: role.into(),
                    since: None,
                    until: None,
                };
                office.assign(tx, &by, &new).await?;
                let signed_in = office.demo_sign_in(tx, Principal::Official(account), "test", None).await?;
                Ok::<_, Problem>(signed_in.token)
            })
        });
        let session = people.office().session(&token.await.unwrap()).await.unwrap().unwrap();
        proven.push(session.proven(people.store().world().now()).unwrap());
    }
    proven
}

/// The two colleagues of [`approvers`], signed in once more.
pub async fn again(people: &People) -> Vec<Proven> {
    let mut proven = Vec::new();
    for login in ["ana", "ben"] {
        let office = people.office().clone();
        let token = people.store().write(move |tx| {
            let office = office.clone();
            Box::pin(async move {
                let select = daftar_store::sql!("select id from office_account where login = $1");
                let account: Id = tx.query_one(select, &daftar_store::params![login]).await?.get(0)?;
                let signed_in = office.demo_sign_in(tx, Principal::Official(account), "test", None).await?;
                Ok::<_, Problem>(signed_in.token)
            })
        });
        let session = people.office().session(&token.await.unwrap()).await.unwrap().unwrap();
        proven.push(session.proven(people.store().world().now()).unwrap());
    }
    proven
}

/// Both approve.
pub async fn approve(people: &People, approval: Id, approvers: &[Proven]) {
    for by in approvers {
        let (office, by) = (people.office().clone(), by.clone());
        let voted = people.store().write(move |tx| {
            let (office, by) = (office.clone(), by.clone());
            Box::pin(async move {
                let digest = office.approval(tx, by.actor(), approval).await?.digest;
                office.approve(tx, &by, approval, &digest).await
            })
        });
        voted.await.unwrap();
    }
}
