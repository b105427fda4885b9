//! Telling people what was done with their record. The act and the promise to tell are one transaction; who is told, where and
//! in which language is read when the message goes out, so that the queue holds no name and no address.

use crate::assist::What;
use crate::people::{Desk, People};
use crate::{tokens, version};
use daftar_http::Site;
use daftar_kernel::problem::Kind;
use daftar_kernel::{Id, Problem, Timestamp, hex};
use daftar_office::activation::CODE_SECONDS;
use daftar_office::passkey;
use daftar_ports::notify::Notice;
use daftar_ports::persons::{AddresseeAnswer, TokenAnswer};
use daftar_ports::{Addressee, Addressees};
use daftar_post::{Post, Told, Way};
use daftar_store::jobs::{self, Failed, Job, Running, Worker};
use daftar_store::{StoreError, Tx};
use daftar_ui::Texts;
use serde_json::{Value, json};
use std::sync::{Arc, Weak};

/// The kind of this service's jobs that tell people something.
pub const JOB: &str = "identity.notice";
/// Class under which a code is sealed until its letter is written: that of the letter itself.
const CLASS: &str = "contact";

/// The code that opens an account. Never by e-mail: whoever reads a mailbox would have the account.
pub const ACTIVATION: Notice =
    Notice { id: "identity-activation", required: &["name", "code"], optional: &["office", "until"] };
/// A record was changed.
pub const CORRECTED: Notice =
    Notice { id: "identity-corrected", required: &["name", "when"], optional: &["office", "receipt"] };
/// A card was replaced.
pub const CARD_REPLACED: Notice =
    Notice { id: "identity-card-replaced", required: &["name", "when"], optional: &["office", "receipt"] };
/// Two records were found to be one person. It tells how to complain, as every merge opens recourse.
pub const MERGED: Notice =
    Notice { id: "identity-merged", required: &["name", "when", "receipt"], optional: &["office"] };
/// A merge was undone.
pub const SPLIT: Notice =
    Notice { id: "identity-split", required: &["name", "when"], optional: &["office", "receipt"] };
/// A record was compared with one that is alike, and they are two people.
pub const DIFFERENT: Notice =
    Notice { id: "identity-different", required: &["name", "when"], optional: &["office", "receipt"] };
/// That is asked again.
pub const REOPENED: Notice =
    Notice { id: "identity-reopened", required: &["name", "when"], optional: &["office", "receipt"] };
/// Something happened that concerns the person: a sentence of this service's says what.
pub const EVENT: Notice =
    Notice { id: "identity-event", required: &["name", "when", "what"], optional: &["office", "receipt"] };
/// An official did something in the person's name. It tells what, who, and how to complain.
pub const ASSISTED: Notice = Notice {
    id: "identity-assisted",
    required: &["name", "when", "what", "by", "receipt"],
    optional: &["office"],
};
/// A passkey of the person's account was added or taken away. It says what to do when it was not them.
pub const PASSKEY: Notice =
    Notice { id: "identity-passkey", required: &["name", "when", "what"], optional: &["office", "receipt"] };
/// What [`EVENT`] tells, each by the text `identity-told-<word>`.
pub const TOLD: [&str; 17] = [
    "guardian",
    "guarded",
    "parent",
    "introducer",
    "came-of-age",
    "ward-of-age",
    "name-changed",
    "card-lost",
    "suspended",
    "lifted",
    "death-undone",
    "fraud-found",
    "fraud-cleared",
    "guardian-gone",
    "guardianship-decided",
    "guardianship-taken",
    "ward-shared",
];
/// Everything this service tells people; the country pack has a text for each.
pub const NOTICES: &[Notice] =
    &[ACTIVATION, CORRECTED, CARD_REPLACED, EVENT, MERGED, SPLIT, DIFFERENT, REOPENED, ASSISTED, PASSKEY];

/// What there is to tell.
pub(crate) enum News {
    /// The code for an account.
    Activation {
        /// As it is printed.
        code: String,
    },
    /// The record has a new version.
    Corrected,
    /// There is a new card.
    CardReplaced,
    /// The record and another are one person's.
    Merged,
    /// They are two people's after all.
    Split,
    /// The record and another are two people's.
    Different,
    /// That is asked again.
    Reopened,
    /// One of [`TOLD`].
    Event(&'static str),
    /// An official acted for the person.
    Assisted {
        /// What was done.
        what: What,
        /// The official's name.
        by: String,
        /// The service whose consent was taken back; empty for other things.
        service: String,
    },
}

impl News {
    const fn notice(&self) -> Notice {
        match self {
            Self::Activation { .. } => ACTIVATION,
            Self::Corrected => CORRECTED,
            Self::CardReplaced => CARD_REPLACED,
            Self::Merged => MERGED,
            Self::Split => SPLIT,
            Self::Different => DIFFERENT,
            Self::Reopened => REOPENED,
            Self::Event(_) => EVENT,
            Self::Assisted { .. } => ASSISTED,
        }
    }
}

fn context(receipt: Id) -> Vec<u8> {
    [b"identity.notice/".as_slice(), receipt.as_bytes()].concat()
}

impl People {
    /// Promises, in the transaction of the act with this receipt, that the person will be told.
    pub(crate) async fn tell(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        person: Id,
        receipt: Id,
        news: &News,
    ) -> Result<(), StoreError> {
        let token = tokens::of_or_draw(tx, person, tokens::POST).await?;
        let now = self.store.world().now();
        let mut payload = json!({
            "notice": news.notice().id,
            "to": token,
            "receipt": receipt,
            "at": now.0,
            "agency": desk.agency,
            "office": desk.office,
        });
        if let News::Activation { code } = news {
            let sealed =
                self.store.vault().seal(tx, token, CLASS, &context(receipt), code.as_bytes()).await?;
            payload["code"] = json!(hex::encode(&sealed));
        }
        if let News::Event(what) = news {
            payload["what"] = json!(what);
        }
        if let News::Assisted { what, by, service } = news {
            (payload["what"], payload["by"]) = (json!(what.word()), json!(by));
            if !service.is_empty() {
                payload["service"] = json!(service);
            }
        }
        // One letter does not wait for another: each is an aggregate of its own.
        let job = Job { kind: JOB.into(), aggregate: format!("notice:{receipt}"), payload, run_at: now };
        jobs::enqueue(tx, &job).await.map(|_| ())
    }

    /// Where the person can be reached now; none for whoever was erased or has died. What is told to an absorbed record
    /// goes to its own address: if the merge was wrong, somebody else lives there, and must learn of it.
    async fn addressee(&self, tx: &mut Tx, person: Id) -> Result<Option<Addressee>, Problem> {
        let Some(current) = version::newest(&self.store, tx, person).await? else { return Ok(None) };
        let record = current.document.person;
        if record.died.is_some() {
            return Ok(None);
        }
        Ok(Some(Addressee {
            token: tokens::of_or_draw(tx, person, tokens::POST).await?,
            name: record.name.to_string(),
            email: record.email,
            lines: record.address.lines,
            place: record.address.place,
            lang: record.language,
        }))
    }

    async fn addressee_by(&self, service: &'static str, token: Id) -> Result<Option<Addressee>, Problem> {
        let people = self.clone();
        self.store
            .write(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let found = match service {
                        tokens::POST => tokens::holder(tx, service, token).await?,
                        _ => tokens::person(tx, service, token).await?,
                    };
                    match found {
                        Some(person) => people.addressee(tx, person).await,
                        None => Ok(None),
                    }
                })
            })
            .await
    }

    /// The sealed code of a letter; none when the person was erased.
    async fn open_code(&self, token: Id, receipt: Id, sealed: Vec<u8>) -> Result<Option<String>, Failed> {
        let store = self.store.clone();
        let opened = self
            .store
            .read(move |tx| {
                let (store, sealed) = (store.clone(), sealed.clone());
                Box::pin(
                    async move { store.vault().open(tx, token, CLASS, &context(receipt), &sealed).await },
                )
            })
            .await;
        match opened {
            Ok(plain) => Ok(Some(String::from_utf8_lossy(&plain).into_owned())),
            Err(StoreError::Erased) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The register as the one that knows where people can be reached.
pub struct Reach(pub People);

impl Addressees for Reach {
    fn of_token(&self, token: Id) -> AddresseeAnswer<'_> {
        Box::pin(self.0.addressee_by(tokens::POST, token))
    }
    fn of_account(&self, account: Id) -> AddresseeAnswer<'_> {
        Box::pin(self.0.addressee_by(tokens::OFFICE, account))
    }
    fn record_token(&self, token: Id) -> TokenAnswer<'_> {
        Box::pin(async move {
            let found = self.0.store.read(move |tx| {
                Box::pin(async move {
                    match tokens::holder(tx, tokens::POST, token).await? {
                        Some(person) => tokens::of(tx, person, tokens::RECORD).await,
                        None => Ok(None),
                    }
                })
            });
            match found.await.map_err(Problem::from) {
                Err(problem) if problem.kind == Kind::NotFound => Ok(None),
                found => found,
            }
        })
    }
}

/// Registers the handlers of this service's jobs, and of those in which the office floor promises that somebody is told of their
/// passkeys: only the register knows where. They hold the site loosely: the site outlives nothing for their sake.
pub fn register(worker: &mut Worker, site: &Arc<Site>) {
    let (site, other) = (Arc::downgrade(site), Arc::downgrade(site));
    worker.register(JOB, move |_, job| deliver(Weak::clone(&site), job));
    worker.register(passkey::NOTICE_JOB, move |_, job| deliver_passkey(Weak::clone(&other), job));
}

/// The site a delivery works for; a job that finds it gone waits.
fn running(site: &Weak<Site>) -> Result<Arc<Site>, Failed> {
    site.upgrade().ok_or_else(|| Failed::try_again("the program is ending"))
}

/// A room that a delivery needs.
fn room<T: Send + Sync + 'static>(site: &Site, what: &str) -> Result<Arc<T>, Failed> {
    site.service::<T>().ok_or_else(|| Failed::try_again(format!("no {what} is wired")))
}

fn id_of(payload: &Value, key: &str) -> Option<Id> {
    payload[key].as_str().and_then(|text| text.parse().ok())
}

/// Tells the holder of an account what became of a passkey, in the name of the office that wrote their record last.
async fn deliver_passkey(site: Weak<Site>, job: Running) -> Result<(), Failed> {
    let site = running(&site)?;
    let (post, people) = (room::<Post>(&site, "post room")?, room::<People>(&site, "register")?);
    let payload = &job.payload;
    let id = |key: &str| id_of(payload, key);
    let what = payload["what"].as_str().and_then(passkey::Told::from_word);
    let (Some(account), Some(what)) = (id("account"), what) else {
        return Err(Failed::for_good("a job of another form"));
    };
    let later = |problem: Problem| Failed::try_again(problem.code);
    // Whoever was erased, or has died, is told nothing.
    let Some(to) = post.persons().of_account(account).await.map_err(later)? else { return Ok(()) };
    let writer = people.my_record(account).await.map_err(later)?.version.document.writer;
    let at = Timestamp(payload["at"].as_i64().unwrap_or_default());
    let t = Post::texts(&site, &to);
    let roster = site.roster();
    let label = roster.office(&writer.office).map(|found| found.label.get(t.lang()).to_string());
    let words = t.get(&format!("identity-passkey-told-{}", what.word())).into_owned();
    let mut values = vec![
        ("name", to.name.clone()),
        ("when", t.moment(at)),
        ("what", words),
        ("office", label.unwrap_or_default()),
    ];
    values.extend(id("receipt").map(|receipt| ("receipt", receipt.to_string())));
    let (agency, office) = (writer.agency, writer.office);
    let told = Told { notice: PASSKEY, at, agency, office, way: Way::Any, values, in_mail: Vec::new() };
    post.send(&site, &job, &to, &told).await
}

/// Reads who is to be told what, and hands it to the post room.
async fn deliver(site: Weak<Site>, job: Running) -> Result<(), Failed> {
    let site = running(&site)?;
    let (post, people) = (room::<Post>(&site, "post room")?, room::<People>(&site, "register")?);
    let payload = &job.payload;
    let id = |key: &str| id_of(payload, key);
    let (Some(token), Some(receipt)) = (id("to"), id("receipt")) else {
        return Err(Failed::for_good("a job of another form"));
    };
    let known = NOTICES.iter().find(|notice| Some(notice.id) == payload["notice"].as_str());
    let notice = *known.ok_or_else(|| Failed::for_good("an unknown notice"))?;
    let found = post.persons().of_token(token).await.map_err(|problem| Failed::try_again(problem.code))?;
    let Some(to) = found else { return Ok(()) };
    let at = Timestamp(payload["at"].as_i64().unwrap_or_default());
    let t = Post::texts(&site, &to);
    let held = |key: &str| payload[key].as_str().unwrap_or_default().to_string();
    let (agency, office) = (held("agency"), held("office"));
    let roster = site.roster();
    let label = roster.office(&office).map(|found| found.label.get(t.lang()).to_string()).unwrap_or_default();
    let mut values = vec![
        ("name", to.name.clone()),
        ("when", t.day(at)),
        ("office", label),
        ("receipt", receipt.to_string()),
    ];
    if notice == EVENT {
        let told = TOLD.iter().find(|word| Some(**word) == payload["what"].as_str());
        let told = told.ok_or_else(|| Failed::for_good("an unknown event"))?;
        values.push(("what", t.get(&format!("identity-told-{told}")).into_owned()));
    }
    if notice == ASSISTED {
        let what = payload["what"].as_str().and_then(What::from_word);
        let what = what.ok_or_else(|| Failed::for_good("an unknown assistance"))?;
        values.push(("what", assisted_words(&t, what, &held("service"))));
        values.push(("by", held("by")));
    }
    let mut way = Way::Any;
    if notice == ACTIVATION {
        way = Way::PaperOnly;
        let sealed = sealed_code(payload).ok_or_else(|| Failed::for_good("a letter without its code"))?;
        let Some(code) = people.open_code(token, receipt, sealed).await? else { return Ok(()) };
        values.push(("code", code));
        values.push(("until", t.day(at.plus_seconds(CODE_SECONDS))));
    }
    let told = Told { notice, at, agency, office, way, values, in_mail: Vec::new() };
    post.send(&site, &job, &to, &told).await
}

/// What was done for somebody, in a sentence to them.
pub(crate) fn assisted_words(t: &Texts, what: What, service: &str) -> String {
    let key = format!("identity-assist-done-{}", what.word());
    match what {
        What::Consent => t.one(&key, "service", service),
        _ => t.get(&key).into_owned(),
    }
}

fn sealed_code(payload: &Value) -> Option<Vec<u8>> {
    hex::decode(payload["code"].as_str()?)
}
