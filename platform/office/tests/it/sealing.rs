//! A hidden look stays hidden longer only when two institutions agree, and opens by itself on its day.

use crate::bed::{Bed, MIGRATIONS, code_of, sql_run, write};
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_office::Proven;
use daftar_office::approval::Request;
use daftar_office::permission::SEAL_EXTEND;
use daftar_office::permit::{Ask, Order, UNSEAL_MAX_DAYS};
use daftar_office::sealing::{APPROVAL, Later};
use daftar_record::{Look, Reader};
use daftar_testing::{TestStore, for_each_engine};
use serde_json::json;

const SUBJECT: Id = Id::from_bytes([6; 16]);
const DAY: i64 = 86_400;

/// Two detectives, an official of the court and one of the ombudsman in the same role, and a look hidden for 30 days.
struct Case {
    bed: Bed,
    dora: (Proven, Actor),
    dan: (Proven, Actor),
    court: (Proven, Actor),
    look: Id,
    opens: Timestamp,
}

impl Case {
    async fn on(store: TestStore) -> Self {
        let bed = Bed::on(store).await;
        let (_, dora, dora_actor) = bed.at_work("dora", "police-centre", "detective").await;
        let (_, dan, dan_actor) = bed.at_work("dan", "police-centre", "detective").await;
        let (_, court, court_actor) = bed.at_work("cora", "court-desk", "answerer").await;
        let by = dora_actor.clone();
        write!(bed, [by], |office, tx| office.open_case(tx, &by, "P-1").await).unwrap();
        let opens = bed.now().plus_seconds(30 * DAY);
        let order = Some(Order { reference: "Court 12/26".into(), unseal: opens });
        let ask = Ask { purpose: "investigate".into(), case: Some("P-1".into()), order };
        let official = dora_actor.official().unwrap().clone();
        let look = write!(bed, [ask, official], |office, tx| {
            let permit = office.permit(tx, &official, &ask).await?;
            office.look(tx, &permit, SUBJECT, "identity", &["name"]).await
        })
        .unwrap();
        let (dora, dan, court) = ((dora, dora_actor), (dan, dan_actor), (court, court_actor));
        Self { bed, dora, dan, court, look, opens }
    }
    fn later(&self, days: i64) -> Later {
        let until = self.bed.now().plus_seconds(days * DAY);
        Later { look: self.look, until, reference: "Court 15/26".into() }
    }
    async fn ask(&self, by: &Actor, later: Later) -> Result<Id, Problem> {
        write!(self.bed, [by, later], |office, tx| office.ask_later(tx, &by, &later).await)
    }
    async fn agree(&self, who: &(Proven, Actor), id: Id) -> Result<(), Problem> {
        let (proven, actor) = who.clone();
        let digest = write!(self.bed, [actor], |office, tx| office.approval(tx, &actor, id).await)?.digest;
        write!(self.bed, [proven], |office, tx| office.approve(tx, &proven, id, &digest).await)
    }
    async fn extend(&self, by: &Actor, id: Id) -> Result<Id, Problem> {
        write!(self.bed, [by], |office, tx| office.extend_seal(tx, &by, id).await)
    }
    /// What the person sees: readable looks, closed ones, and those that were prolonged past their day.
    async fn seen(&self) -> (usize, u64, u64) {
        let looks = self.bed.office.record().looks_of(SUBJECT, None, 10).await.unwrap();
        let by_id = self.bed.office.record().look_by_id(self.look).await.unwrap().1;
        assert_eq!(by_id.content.is_some(), !looks.rows.is_empty(), "both ways say the same");
        let receipt = self.bed.office.record().receipt(self.look).await.unwrap();
        assert_eq!(receipt.sealed, looks.rows.is_empty());
        (looks.rows.len(), looks.sealed, looks.prolonged)
    }
    fn set_clock(&self, at: Timestamp) {
        self.bed.store.clock.set(at);
    }
    async fn findings(&self) -> Vec<String> {
        let audit = self.bed.office.record().audit_store().await.unwrap();
        audit.findings.iter().map(ToString::to_string).collect()
    }
    async fn extended(&self) -> Timestamp {
        let later = self.later(200);
        let until = later.until;
        let id = self.ask(&self.dora.1, later).await.unwrap();
        self.agree(&self.dora, id).await.unwrap();
        self.agree(&self.court, id).await.unwrap();
        self.extend(&self.dora.1, id).await.unwrap();
        until
    }
}

#[tokio::test]
async fn a_hidden_look_opens_on_its_day_and_not_a_moment_before() {
    for_each_engine(MIGRATIONS, async |store| {
        let case = Case::on(store).await;
        assert_eq!(case.seen().await, (0, 1, 0));
        case.set_clock(Timestamp(case.opens.0 - 1));
        assert_eq!(case.seen().await, (0, 1, 0));
        case.set_clock(case.opens);
        assert_eq!(case.seen().await, (1, 0, 0));
        let open = case.ask(&case.dora.1, case.later(10)).await;
        assert_eq!(code_of(open), "office-seal-over", "what is open stays open");
    })
    .await;
}

#[tokio::test]
async fn two_institutions_prolong_it_and_it_opens_on_the_later_day() {
    for_each_engine(MIGRATIONS, async |store| {
        let case = Case::on(store).await;
        let until = case.extended().await;
        assert_eq!(case.seen().await, (0, 1, 0));
        case.set_clock(case.opens);
        assert_eq!(case.seen().await, (0, 1, 1), "the person sees that it was prolonged");
        case.set_clock(Timestamp(until.0 - 1));
        assert_eq!(case.seen().await, (0, 1, 1));
        case.set_clock(until);
        assert_eq!(case.seen().await, (1, 0, 0));
        let counts = case.bed.office.record().seal_counts().await.unwrap();
        assert_eq!((counts.ever, counts.now, counts.extensions), (1, 0, 1));
        assert_eq!(case.bed.acts("record.seal-extended").await, 1);
        assert_eq!(case.findings().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn neither_institution_can_do_it_alone() {
    for_each_engine(MIGRATIONS, async |store| {
        let case = Case::on(store).await;
        let id = case.ask(&case.dora.1, case.later(200)).await.unwrap();
        case.agree(&case.dora, id).await.unwrap();
        assert_eq!(code_of(case.extend(&case.dora.1, id).await), "office-seal-second", "one of two");
        case.agree(&case.dan, id).await.unwrap();
        assert_eq!(code_of(case.extend(&case.dora.1, id).await), "office-seal-second", "two of one agency");
        case.agree(&case.court, id).await.unwrap();
        case.extend(&case.court.1, id).await.unwrap();
        assert_eq!(code_of(case.extend(&case.dora.1, id).await), "office-unseal-date", "once");

        // Nor can the second institution without the one that looked, or with a role the country does not name.
        let again = case.ask(&case.dora.1, case.later(300)).await.unwrap();
        case.agree(&case.court, again).await.unwrap();
        let (_, other, other_actor) = case.bed.at_work("otto", "ombudsman-desk", "answerer").await;
        case.agree(&(other, other_actor), again).await.unwrap();
        assert_eq!(code_of(case.extend(&case.court.1, again).await), "office-seal-second");
        // Whoever was suspended since no longer agrees.
        let third = case.ask(&case.dora.1, case.later(301)).await.unwrap();
        case.agree(&case.dora, third).await.unwrap();
        case.agree(&case.dan, third).await.unwrap();
        case.agree(&case.court, third).await.unwrap();
        let (cora, by) = (case.court.1.official().unwrap().id, Proven::system("test"));
        write!(case.bed, [by], |office, tx| office.suspend(tx, &by, cora).await).unwrap();
        assert_eq!(code_of(case.extend(&case.dora.1, third).await), "office-seal-second");
    })
    .await;
}

#[tokio::test]
async fn dates_at_the_limit_and_one_past_it() {
    for_each_engine(MIGRATIONS, async |store| {
        let case = Case::on(store).await;
        let ask = async |until: Timestamp| {
            let later = Later { until, ..case.later(1) };
            code_of(case.ask(&case.dora.1, later).await)
        };
        let latest = case.bed.now().plus_seconds(UNSEAL_MAX_DAYS * DAY);
        assert_eq!(ask(latest).await, "ok");
        assert_eq!(ask(Timestamp(latest.0 + 1)).await, "office-unseal-date");
        assert_eq!(ask(case.opens).await, "office-unseal-date", "not later");
        assert_eq!(ask(Timestamp(case.opens.0 + 1)).await, "ok");
        let bare = Later { reference: " ".into(), ..case.later(40) };
        assert_eq!(code_of(case.ask(&case.dora.1, bare).await), "office-court-needed");
        // What was in time when it was asked may be too late when it is carried out.
        let id = case.ask(&case.dora.1, case.later(29 + 2)).await.unwrap();
        case.agree(&case.dora, id).await.unwrap();
        case.agree(&case.court, id).await.unwrap();
        case.set_clock(case.opens);
        assert_eq!(code_of(case.extend(&case.dora.1, id).await), "office-seal-over");
    })
    .await;
}

#[tokio::test]
async fn only_the_agency_that_looked_asks_and_only_for_what_is_hidden() {
    for_each_engine(MIGRATIONS, async |store| {
        let case = Case::on(store).await;
        assert_eq!(
            code_of(case.ask(&case.court.1, case.later(200)).await),
            "not-found",
            "another agency's look"
        );
        let unknown = Later { look: Id::from_bytes([1; 16]), ..case.later(200) };
        assert_eq!(code_of(case.ask(&case.dora.1, unknown).await), "not-found");
        let (_, _, clerk) = case.bed.at_work("cleo", "registry-north", "clerk").await;
        assert_eq!(code_of(case.ask(&clerk, case.later(200)).await), "office-not-permitted");
        // An open look is none that could be hidden.
        let reader = Reader::Official(case.dora.1.official().unwrap().clone());
        let (purpose, basis) = ("investigate".into(), "x".into());
        let open = Look {
            subject: SUBJECT,
            reader,
            service: "identity",
            purpose,
            basis,
            case: None,
            fields: vec![],
            sealed_until: None,
        };
        let look = write!(case.bed, [open], |office, tx| {
            Ok::<_, Problem>(office.record().look(tx, &open).await?)
        })
        .unwrap();
        assert_eq!(code_of(case.ask(&case.dora.1, Later { look, ..case.later(200) }).await), "not-found");
        let (dora, court) = (case.dora.1.clone(), case.court.1.clone());
        let seals = write!(case.bed, [dora], |office, tx| office.seals(tx, &dora).await).unwrap();
        assert_eq!(
            seals.iter().map(|s| (s.look, s.until, s.extensions)).collect::<Vec<_>>(),
            [(case.look, case.opens, 0)]
        );
        assert_eq!(write!(case.bed, [court], |office, tx| office.seals(tx, &court).await).unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_request_of_another_kind_prolongs_nothing() {
    for_each_engine(MIGRATIONS, async |store| {
        let case = Case::on(store).await;
        let by = case.dora.1.clone();
        let until = case.later(200).until;
        let payload = json!({"look": case.look, "until_seconds": until.seconds(), "reference": "x"});
        for (kind, expected) in [("test.other", "not-found"), (APPROVAL, "ok")] {
            let request = Request { kind, permission: SEAL_EXTEND, payload: payload.clone() };
            let id = write!(case.bed, [by, request], |office, tx| office
                .request_approval(tx, &by, &request)
                .await);
            let id = id.unwrap();
            case.agree(&case.dora, id).await.unwrap();
            case.agree(&case.court, id).await.unwrap();
            assert_eq!(code_of(case.extend(&by, id).await), expected, "{kind}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_later_day_without_its_act_is_found() {
    for_each_engine(MIGRATIONS, async |store| {
        let case = Case::on(store).await;
        case.extended().await;
        assert_eq!(case.findings().await, Vec::<String>::new());
        let found =
            async || case.findings().await.iter().any(|f| f.contains("no act of the record prolongs"));
        sql_run!(case.bed, "update record_seal set until = until + 1000000 where look = $1", case.look);
        assert!(found().await, "a later day than was agreed");
        sql_run!(case.bed, "update record_seal set until = until - 1000000 where look = $1", case.look);
        assert!(!found().await);
        let (other, forged) = (Id::from_bytes([9; 16]), Id::from_bytes([8; 16]));
        sql_run!(
            case.bed,
            "insert into record_seal (look, number, until, at, act) select look, 2, until + 1, at, $2 \
             from record_seal where look = $1",
            case.look,
            forged
        );
        assert!(found().await, "one without an act");
        sql_run!(case.bed, "delete from record_seal where look = $1 and number = 2", case.look);
        assert!(!found().await);
        sql_run!(case.bed, "update record_seal set look = $2 where look = $1", case.look, other);
        assert!(found().await, "the act of another look");
    })
    .await;
}
