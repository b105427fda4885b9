//! Registering one person at a desk.

use crate::bonds::Ties;
use crate::documents::Document;
use crate::double::FoundBy;
use crate::enroll::Newcomer;
use crate::people::{Desk, People};
use crate::permission;
use crate::person::{Entry, Person};
use crate::photos::Kept;
use crate::problems;
use crate::version::Cause;
use daftar_kernel::{Actor, Id, Problem};
use daftar_store::idempotency::{self, Idempotent, KEY_LIMIT};
use daftar_store::{StoreError, Tx};

/// Characters of a reason or of evidence.
pub const MAX_REASON_CHARS: usize = 500;

/// What a desk sends to have somebody registered.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// What the form says.
    pub entry: Entry,
    /// Papers seen, an introducer's word; may be empty, since people without papers are registered too.
    pub evidence: String,
    /// Why the person is registered although somebody alike is in the register; empty when nobody was shown.
    pub despite: String,
    /// The photo as it was taken, JPEG or PNG; nobody needs one.
    pub photo: Option<Vec<u8>>,
    /// Documents that support the entry; nobody needs one.
    pub documents: Vec<Document>,
    /// Who stands beside the person: guardians, parents, an introducer.
    pub ties: Ties,
    /// The pre-registration it comes of, which ends with it.
    pub preregistration: Option<Id>,
    /// Chosen by the client, once for each registration: sending it again gives the same answer again.
    pub idempotency_key: String,
}

/// How somebody comes into the register.
pub(crate) struct Extra {
    pub(crate) verb: &'static str,
    pub(crate) cause: Cause,
}

/// What came of it. It names nobody: the page reads the person through the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Registered {
    /// The person, inside this service.
    pub person: Id,
    /// Receipt of the act.
    pub receipt: Id,
    /// The version that was written.
    pub version: i64,
}

impl People {
    /// Registers a person. The answer comes after the commit; the same idempotency key gives the same answer.
    ///
    /// # Errors
    /// [`problems::entry`] with every field's fault, [`problems::candidates`] when somebody alike is in the
    /// register and no reason is given, [`problems::key_used`], 403 without the permission, and the store's.
    /// Nothing changes then.
    pub async fn register(&self, actor: &Actor, registration: Registration) -> Result<Registered, Problem> {
        self.register_as(actor, registration, Extra { verb: "register", cause: Cause::Registered }).await
    }

    pub(crate) async fn register_as(
        &self,
        actor: &Actor,
        registration: Registration,
        Extra { verb, cause }: Extra,
    ) -> Result<Registered, Problem> {
        self.office.need(actor, permission::REGISTER)?;
        let Registration {
            entry,
            evidence,
            despite,
            photo,
            documents,
            ties,
            preregistration,
            idempotency_key,
        } = registration;
        let photo_digest =
            photo.as_deref().map(|bytes| self.store.vault().blind_index("identity/photo/1", &[bytes]));
        let asked = (
            &entry,
            &evidence,
            &despite,
            photo_digest.transpose()?,
            self.documents_digest(&documents)?,
            &ties,
            preregistration,
        );
        let key = Key::new(self, actor, verb, &idempotency_key, &asked)?;
        // A photo comes as bytes: a name could be that of somebody else's.
        let person = self.check(&Entry { photo: String::new(), ..entry })?;
        let despite = optional_text(&despite, problems::reason_text)?;
        let evidence = optional_text(&evidence, problems::evidence_text)?;
        let mut newcomer = self.newcomer(person, cause, &despite, &evidence)?;
        let id = newcomer.id;
        newcomer.documents = self.keep_documents(id, documents).await?;
        let kept = match photo {
            Some(bytes) => match self.keep_photo(id, bytes).await {
                Ok(kept) => Some(kept),
                Err(problem) => {
                    self.drop_documents(&newcomer.documents).await;
                    return Err(problem);
                }
            },
            None => None,
        };
        newcomer.person.photo = kept.map(Kept::name);
        let documents = newcomer.documents.clone();
        let outcome = self.register_once(Desk::of(actor), newcomer, ties, preregistration, key).await;
        // A repeated request gives the answer of before, for somebody else's identifier.
        if !outcome.as_ref().is_ok_and(|done| done.person == id) {
            self.drop_documents(&documents).await;
            if let Some(kept) = kept {
                self.drop_photo(kept).await;
            }
        }
        outcome
    }

    pub(crate) async fn register_once(
        &self,
        desk: Desk,
        newcomer: Newcomer,
        ties: Ties,
        preregistration: Option<Id>,
        key: Key,
    ) -> Result<Registered, Problem> {
        let people = self.clone();
        self.store
            .write(move |tx| {
                let (people, desk, ties, key) = (people.clone(), desk.clone(), ties.clone(), key.clone());
                let mut newcomer = newcomer.clone();
                Box::pin(async move {
                    if let Some(before) = key.begin(tx, &people).await? {
                        return Ok(before);
                    }
                    let matches = people.matches(tx, &newcomer.person).await?;
                    if newcomer.reason.is_empty() && !matches.is_empty() {
                        return Err(problems::candidates().arg("count", matches.len()));
                    }
                    let checked = people.check_ties(tx, &newcomer.person, &ties).await?;
                    if !checked.alone.is_empty() {
                        let said = [newcomer.evidence.as_str(), checked.alone.as_str()];
                        newcomer.evidence =
                            said.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
                    }
                    if let Some(id) = preregistration {
                        people.settle_preregistration(tx, id).await?;
                    }
                    let enrolled = people.enroll(tx, &desk, std::slice::from_ref(&newcomer)).await?;
                    let one = enrolled.first().ok_or_else(|| Problem::internal("nobody was enrolled"))?;
                    for found in &matches {
                        let pair = (found.person, one.person);
                        people.note_double(tx, pair, FoundBy::Desk, &found.weight).await?;
                    }
                    let whose = (one.person, one.receipt);
                    people.write_ties(tx, &desk, whose, &newcomer.person, &checked).await?;
                    let done = Registered { person: one.person, receipt: one.receipt, version: 1 };
                    key.finish(tx, &done).await?;
                    Ok(done)
                })
            })
            .await
    }

    /// The person of an entry, or a problem with every fault.
    ///
    /// # Errors
    /// [`problems::entry`].
    pub fn check(&self, entry: &Entry) -> Result<Person, Problem> {
        self.with_rules(|rules| entry.check(rules)).map_err(|faults| {
            let mut problem = problems::entry();
            problem.fields = faults;
            problem
        })
    }
}

/// A text that may be empty, checked.
pub(crate) fn optional_text(text: &str, problem: fn() -> Problem) -> Result<String, Problem> {
    crate::name::plain_text(text, MAX_REASON_CHARS).map_err(|_| problem())
}

/// A text that must say something, checked.
pub(crate) fn needed_text(text: &str, problem: fn() -> Problem) -> Result<String, Problem> {
    optional_text(text, problem).and_then(|text| if text.is_empty() { Err(problem()) } else { Ok(text) })
}

/// An idempotency key with the digest of its request.
#[derive(Clone)]
pub(crate) struct Key {
    scope: String,
    key: String,
    digest: [u8; 32],
}

impl Key {
    pub(crate) fn new(
        people: &People,
        actor: &Actor,
        verb: &str,
        key: &str,
        request: &impl serde::Serialize,
    ) -> Result<Self, Problem> {
        let whose = match actor {
            Actor::Official(official) => format!("official:{}", official.id),
            Actor::Citizen(token) => format!("citizen:{token}"),
            Actor::System(name) => format!("system:{name}"),
            Actor::Public => "public".into(),
        };
        Self::of(people, &whose, verb, key, request)
    }

    /// As [`Key::new`], of somebody the kernel has no word for, such as a registered program.
    pub(crate) fn of(
        people: &People,
        whose: &str,
        verb: &str,
        key: &str,
        request: &impl serde::Serialize,
    ) -> Result<Self, Problem> {
        if key.is_empty() || key.len() > KEY_LIMIT || key.contains('\0') {
            return Err(problems::key_missing());
        }
        let request = serde_json::to_vec(request).map_err(Problem::internal)?;
        // A keyed hash: a plain one of so few possible contents could be guessed from the table.
        let digest = people.store.vault().blind_index("identity/request/1", &[&request])?;
        Ok(Self { scope: format!("{whose}/identity.{verb}"), key: key.into(), digest })
    }

    /// `None` when the key is new; else the answer given before.
    pub(crate) async fn begin<T: serde::de::DeserializeOwned>(
        &self,
        tx: &mut Tx,
        people: &People,
    ) -> Result<Option<T>, Problem> {
        let now = people.store.world().now();
        match idempotency::begin(tx, &self.scope, &self.key, &self.digest, now).await? {
            Idempotent::New => Ok(None),
            Idempotent::Mismatch => Err(problems::key_used()),
            Idempotent::Replay(answer) => {
                serde_json::from_slice(&answer).map(Some).map_err(Problem::internal)
            }
        }
    }

    pub(crate) async fn finish(&self, tx: &mut Tx, answer: &impl serde::Serialize) -> Result<(), Problem> {
        let answer = serde_json::to_vec(answer).map_err(Problem::internal)?;
        Ok::<_, StoreError>(idempotency::finish(tx, &self.scope, &self.key, &answer).await?)
            .map_err(Problem::from)
    }
}
