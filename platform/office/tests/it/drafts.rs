//! Forms half filled in.

use crate::bed::{Bed, MIGRATIONS, code_of, sql_run, write};
use daftar_kernel::{Id, Problem};
use daftar_office::Principal;
use daftar_office::draft::{DRAFT_MAX_BYTES, DRAFT_SECONDS, DRAFTS_MAX};
use daftar_testing::for_each_engine;

const AMINA: Principal = Principal::Citizen(Id::from_bytes([5; 16]));
const BILAL: Principal = Principal::Citizen(Id::from_bytes([6; 16]));

async fn save(bed: &Bed, owner: Principal, id: Option<Id>, body: &[u8]) -> Result<Id, Problem> {
    let body = body.to_vec();
    write!(bed, [body], |office, tx| office.save_draft(tx, owner, id, "move", &body).await)
}

async fn load(bed: &Bed, owner: Principal, id: Id) -> Result<Vec<u8>, Problem> {
    write!(bed, [], |office, tx| office.draft(tx, owner, id).await).map(|draft| draft.body)
}

#[tokio::test]
async fn saved_changed_seen_by_nobody_else_and_deleted() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let id = save(&bed, AMINA, None, b"first answers").await.unwrap();
        assert_eq!(save(&bed, AMINA, Some(id), b"more answers").await.unwrap(), id);
        assert_eq!(load(&bed, AMINA, id).await.unwrap(), b"more answers");
        assert_eq!(code_of(load(&bed, BILAL, id).await), "not-found");
        assert_eq!(code_of(save(&bed, BILAL, Some(id), b"mine now").await), "not-found");
        write!(bed, [], |office, tx| office.delete_draft(tx, BILAL, id).await).unwrap();
        assert_eq!(load(&bed, AMINA, id).await.unwrap(), b"more answers", "not deleted by another");
        assert_eq!(
            sql_run!(bed, "update office_draft set body = body where body = $1", b"more answers".as_slice()),
            0
        );
        let list = write!(bed, [], |office, tx| office.drafts(tx, AMINA).await).unwrap();
        assert_eq!(list.iter().map(|d| (d.id, d.form.as_str())).collect::<Vec<_>>(), [(id, "move")]);
        write!(bed, [], |office, tx| office.delete_draft(tx, AMINA, id).await).unwrap();
        assert_eq!(code_of(load(&bed, AMINA, id).await), "not-found");
        write!(bed, [], |office, tx| office.delete_draft(tx, AMINA, id).await).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_body_moved_to_another_draft_by_sql_does_not_open_there() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let hers = save(&bed, AMINA, None, b"hers").await.unwrap();
        let his = save(&bed, BILAL, None, b"his").await.unwrap();
        sql_run!(
            bed,
            "update office_draft set body = (select d.body from office_draft d where d.id = $1) where id = $2",
            hers,
            his
        );
        assert_eq!(code_of(load(&bed, BILAL, his).await), "internal");
    })
    .await;
}

#[tokio::test]
async fn limits_at_and_one_past() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        save(&bed, AMINA, None, &vec![7; DRAFT_MAX_BYTES]).await.unwrap();
        assert_eq!(
            code_of(save(&bed, AMINA, None, &vec![7; DRAFT_MAX_BYTES + 1]).await),
            "office-draft-large"
        );
        for _ in 1..DRAFTS_MAX {
            save(&bed, AMINA, None, b"x").await.unwrap();
        }
        assert_eq!(code_of(save(&bed, AMINA, None, b"x").await), "office-drafts-many");
        save(&bed, BILAL, None, b"x").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn gone_thirty_days_after_the_last_change() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let id = save(&bed, AMINA, None, b"x").await.unwrap();
        bed.later(DRAFT_SECONDS - 1);
        save(&bed, AMINA, Some(id), b"y").await.unwrap();
        bed.later(DRAFT_SECONDS - 1);
        assert_eq!(load(&bed, AMINA, id).await.unwrap(), b"y");
        bed.later(1);
        assert_eq!(code_of(load(&bed, AMINA, id).await), "not-found");
        assert_eq!(write!(bed, [], |office, tx| office.sweep(tx).await).unwrap(), 1);
        assert_eq!(sql_run!(bed, "delete from office_draft where id = $1", id), 0);
    })
    .await;
}
