//! Two people for one act, and everything that must not pass for two people.

use crate::bed::{Bed, MIGRATIONS, code_of, sql_run, write};
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Proven;
use daftar_office::approval::{APPROVAL_SECONDS, PAYLOAD_MAX_BYTES, Request, State};
use daftar_office::permission::ACCOUNT_SUSPEND;
use daftar_testing::{TestStore, for_each_engine};
use serde_json::{Value, json};

const KIND: &str = "test.publish";

struct Two {
    bed: Bed,
    ana: (Id, Proven, Actor),
    ben: (Id, Proven, Actor),
}

impl Two {
    async fn on(store: TestStore) -> Self {
        let bed = Bed::on(store).await;
        let (ana, ana_proven, ana_actor) = bed.at_work("ana", "ministry-it", "admin").await;
        let (ben, ben_proven, ben_actor) = bed.at_work("ben", "ministry-it", "admin").await;
        Self { bed, ana: (ana.id, ana_proven, ana_actor), ben: (ben.id, ben_proven, ben_actor) }
    }
    async fn request(&self, payload: Value) -> Result<Id, Problem> {
        let by = self.ana.2.clone();
        let request = Request { kind: KIND, permission: ACCOUNT_SUSPEND, payload };
        write!(self.bed, [by, request], |office, tx| office.request_approval(tx, &by, &request).await)
    }
    async fn digest(&self, id: Id) -> Result<[u8; 32], Problem> {
        let by = self.ana.2.clone();
        write!(self.bed, [by], |office, tx| office.approval(tx, &by, id).await).map(|a| a.digest)
    }
    async fn approve(&self, who: &Proven, id: Id, digest: [u8; 32]) -> Result<(), Problem> {
        write!(self.bed, [who], |office, tx| office.approve(tx, &who, id, &digest).await)
    }
    /// Executes, giving back the payload the executor was handed.
    async fn execute(&self, id: Id) -> Result<Value, Problem> {
        let by = self.ben.2.clone();
        write!(self.bed, [by], |office, tx| {
            office.execute(tx, &by, (id, KIND), |_tx, payload| Box::pin(async move { Ok(payload) })).await
        })
    }
    async fn approved(&self) -> Id {
        let id = self.request(json!({"version": 7, "b": [1, 2], "a": "é"})).await.unwrap();
        let digest = self.digest(id).await.unwrap();
        self.approve(&self.ana.1, id, digest).await.unwrap();
        self.approve(&self.ben.1, id, digest).await.unwrap();
        id
    }
}

#[tokio::test]
async fn two_approve_and_it_happens_once() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        let payload = json!({"version": 7});
        let id = two.request(payload.clone()).await.unwrap();
        let digest = two.digest(id).await.unwrap();
        assert_eq!(code_of(two.execute(id).await), "office-approval-open", "nobody yet");
        two.approve(&two.ana.1, id, digest).await.unwrap();
        assert_eq!(code_of(two.approve(&two.ana.1, id, digest).await), "office-approval-twice");
        assert_eq!(code_of(two.execute(id).await), "office-approval-open", "one of two");
        assert_eq!(
            code_of(two.approve(&two.ben.1, id, [0; 32]).await),
            "office-approval-altered",
            "not what was seen"
        );
        let by = two.ben.2.clone();
        let open = write!(two.bed, [by], |office, tx| office.open_approvals(tx, &by).await).unwrap();
        assert_eq!(open.iter().map(|a| (a.id, a.votes.len())).collect::<Vec<_>>(), [(id, 1)]);
        two.approve(&two.ben.1, id, digest).await.unwrap();
        assert_eq!(two.execute(id).await.unwrap(), payload);
        assert_eq!(code_of(two.execute(id).await), "office-approval-closed");
        let done = write!(two.bed, [by], |office, tx| office.approval(tx, &by, id).await).unwrap();
        assert_eq!(done.state, State::Executed);
        assert_eq!(done.votes.iter().map(|v| v.official.id).collect::<Vec<_>>(), [two.ana.0, two.ben.0]);
        assert_eq!(two.bed.acts("office.approval-executed").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_executor_that_fails_leaves_it_open() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        let id = two.approved().await;
        let by = two.ben.2.clone();
        let failed: Result<(), Problem> = write!(two.bed, [by], |office, tx| {
            office
                .execute(tx, &by, (id, KIND), |_, _| Box::pin(async { Err(Problem::refused("test")) }))
                .await
        });
        assert_eq!(code_of(failed), "test");
        let other_kind: Result<(), Problem> = write!(two.bed, [by], |office, tx| {
            office.execute(tx, &by, (id, "test.other"), |_, _| Box::pin(async { Ok(()) })).await
        });
        assert_eq!(code_of(other_kind), "not-found");
        assert!(two.execute(id).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn any_edited_column_makes_it_fail() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        let bed = &two.bed;
        let fresh = async || {
            let id = two.approved().await;
            (id, two.digest(id).await.unwrap())
        };
        macro_rules! edit {
            ($text:literal $(, $param:expr)*) => {{
                let (id, _) = fresh().await;
                assert_eq!(sql_run!(bed, $text, id $(, $param)*), 1, "{}", $text);
                assert_eq!(code_of(two.execute(id).await), "office-approval-altered", "{}", $text);
                assert_eq!(code_of(two.digest(id).await), "office-approval-altered", "{}", $text);
            }};
        }
        edit!("update office_approval set payload = '{\"version\":8}' where id = $1");
        edit!("update office_approval set payload = 'not json' where id = $1");
        edit!("update office_approval set kind = 'test.other' where id = $1");
        edit!("update office_approval set permission = 'office.case.manage' where id = $1");
        edit!("update office_approval set digest = $2 where id = $1", [1u8; 32]);
        edit!("update office_approval set digest = $2 where id = $1", b"short".as_slice());
        edit!("update office_approval set requested_by = $2 where id = $1", two.ben.0);
        edit!("update office_approval set requested_name = 'Somebody' where id = $1");
        edit!("update office_approval set agency = 'police' where id = $1");
        edit!("update office_approval set office = 'police-centre' where id = $1");
        edit!("update office_approval set requested = requested - 1 where id = $1");
        edit!("update office_approval set expires = expires + 1 where id = $1");
        edit!("update office_approval set state = 'unknown' where id = $1");
        edit!("update office_approval set state = 'rejected' where id = $1");
        edit!("update office_approval set closed = 1 where id = $1");
        edit!("update office_approval set reason = 'because' where id = $1");
        edit!("update office_approval set seal = $2 where id = $1", [1u8; 32]);
        edit!("update office_vote set name = 'Somebody' where approval = $1 and official = $2", two.ana.0);
        edit!("update office_vote set role = 'clerk' where approval = $1 and official = $2", two.ana.0);
        edit!("update office_vote set agency = 'x' where approval = $1 and official = $2", two.ana.0);
        edit!("update office_vote set office = 'x' where approval = $1 and official = $2", two.ana.0);
        edit!("update office_vote set voted = voted - 1 where approval = $1 and official = $2", two.ana.0);
        edit!(
            "update office_vote set digest = $3 where approval = $1 and official = $2",
            two.ana.0,
            [1u8; 32]
        );
        edit!("update office_vote set seal = $3 where approval = $1 and official = $2", two.ana.0, [1u8; 32]);
        let stranger = Id::from_bytes([3; 16]);
        edit!(
            "update office_vote set official = $3 where approval = $1 and official = $2",
            two.ana.0,
            stranger
        );
    })
    .await;
}

#[tokio::test]
async fn an_executed_request_cannot_be_opened_again_by_sql() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        let id = two.approved().await;
        two.execute(id).await.unwrap();
        sql_run!(two.bed, "update office_approval set state = 'open', closed = null where id = $1", id);
        assert_eq!(code_of(two.execute(id).await), "office-approval-altered");
    })
    .await;
}

#[tokio::test]
async fn votes_cannot_be_made_or_moved_by_sql() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        let bed = &two.bed;
        let id = two.request(json!({"version": 8})).await.unwrap();
        let digest = two.digest(id).await.unwrap();
        two.approve(&two.ana.1, id, digest).await.unwrap();
        sql_run!(
            bed,
            "insert into office_vote (approval, official, name, agency, office, role, digest, voted, seal) \
             select approval, $2, name, agency, office, role, digest, voted, seal from office_vote where approval = $1",
            id,
            two.ben.0
        );
        assert_eq!(code_of(two.execute(id).await), "office-approval-altered");
        let done = two.approved().await;
        let wanted = two.request(json!({"version": 9})).await.unwrap();
        sql_run!(bed, "update office_vote set approval = $2 where approval = $1", done, wanted);
        assert_eq!(code_of(two.execute(wanted).await), "office-approval-altered");
        assert_eq!(code_of(two.execute(done).await), "office-approval-open");
    })
    .await;
}

#[tokio::test]
async fn who_no_longer_works_no_longer_counts() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        let id = two.approved().await;
        let (ana, by) = (two.ana.0, two.ben.1.clone());
        write!(two.bed, [by], |office, tx| office.suspend(tx, &by, ana).await).unwrap();
        assert_eq!(code_of(two.execute(id).await), "office-approval-open");
        let (_, carol, _) = two.bed.at_work("carol", "ministry-it", "admin").await;
        let digest = two.digest(id).await.unwrap();
        two.approve(&carol, id, digest).await.unwrap();
        assert!(two.execute(id).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn only_those_with_the_permission_and_only_for_a_week() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        let (_, clerk, clerk_actor) = two.bed.at_work("clerk", "registry-north", "clerk").await;
        let id = two.request(json!({})).await.unwrap();
        let digest = two.digest(id).await.unwrap();
        assert_eq!(code_of(two.approve(&clerk, id, digest).await), "office-not-permitted");
        assert_eq!(code_of(two.approve(&Proven::system("x"), id, digest).await), "office-not-official");
        let seen = write!(two.bed, [clerk_actor], |office, tx| office.open_approvals(tx, &clerk_actor).await);
        assert_eq!(seen.unwrap(), []);
        two.approve(&two.ana.1, id, digest).await.unwrap();
        two.approve(&two.ben.1, id, digest).await.unwrap();
        two.bed.later(APPROVAL_SECONDS);
        assert_eq!(code_of(two.execute(id).await), "office-approval-closed");
    })
    .await;
}

#[tokio::test]
async fn a_rejected_request_is_over() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        let id = two.approved().await;
        let by = two.ben.1.clone();
        write!(two.bed, [by], |office, tx| office.reject(tx, &by, id, "not now").await).unwrap();
        assert_eq!(code_of(two.execute(id).await), "office-approval-closed");
        let actor = two.ana.2.clone();
        let seen = write!(two.bed, [actor], |office, tx| office.approval(tx, &actor, id).await).unwrap();
        assert_eq!((seen.state, seen.reason.as_deref()), (State::Rejected, Some("not now")));
        assert_eq!(two.bed.acts("office.approval-rejected").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_has_no_exact_form_or_is_too_large_is_refused() {
    for_each_engine(MIGRATIONS, async |store| {
        let two = Two::on(store).await;
        assert_eq!(code_of(two.request(json!({"price": 1.5})).await), "office-approval-payload");
        let of_length = |bytes: usize| json!("x".repeat(bytes - 2));
        assert_eq!(code_of(two.request(of_length(PAYLOAD_MAX_BYTES + 1)).await), "office-approval-payload");
        assert_eq!(code_of(two.request(of_length(PAYLOAD_MAX_BYTES)).await), "ok");
    })
    .await;
}
