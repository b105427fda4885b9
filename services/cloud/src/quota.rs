//! Quotas: reserved in the transaction that orders, given back when the thing is gone.

use crate::measure::{Amounts, Measure};
use crate::problems;
use daftar_kernel::{Id, Problem};
use daftar_store::{Tx, params, sql};

/// How much of one measure a project may have, and has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What is counted.
    pub measure: Measure,
    /// The most.
    pub quota: i64,
    /// What is taken.
    pub reserved: i64,
}

/// Gives a new project its quotas.
pub(crate) async fn begin(tx: &mut Tx, agency: &str, project: Id, amounts: &Amounts) -> Result<(), Problem> {
    for measure in Measure::ALL {
        let text = sql!(
            "insert into cloud_quota (agency_id, project, measure, quota, reserved) values ($1, $2, $3, $4, 0)"
        );
        tx.execute(text, &params![agency, project, measure.word(), amounts.get(measure)]).await?;
    }
    Ok(())
}

/// A project's quotas, in the order of the measures.
pub(crate) async fn all(tx: &mut Tx, agency: &str, project: Id) -> Result<Vec<Quota>, Problem> {
    let text = sql!("select measure, quota, reserved from cloud_quota where agency_id = $1 and project = $2");
    let mut quotas = Vec::new();
    for row in tx.query(text, &params![agency, project]).await? {
        // A measure of a later release is none of ours.
        if let Some(measure) = Measure::from_word(row.get(0)?) {
            quotas.push(Quota { measure, quota: row.get(1)?, reserved: row.get(2)? });
        }
    }
    quotas.sort_by_key(|quota| quota.measure);
    Ok(quotas)
}

/// Takes so much more for a resource.
///
/// # Errors
/// `cloud-quota`, which names the measure, and how much of it is free.
pub(crate) async fn reserve(
    tx: &mut Tx,
    (agency, project): (&str, Id),
    resource: Id,
    more: &Amounts,
) -> Result<(), Problem> {
    for (measure, amount) in more.each() {
        // One statement decides and takes: nobody comes in between, on either engine.
        let take = sql!(
            "update cloud_quota set reserved = reserved + $4 \
             where agency_id = $1 and project = $2 and measure = $3 and reserved + $4 <= quota"
        );
        if tx.execute(take, &params![agency, project, measure.word(), amount]).await? == 0 {
            let quotas = all(tx, agency, project).await?;
            let free = quotas.iter().find(|quota| quota.measure == measure);
            let free = free.map_or(0, |quota| (quota.quota - quota.reserved).max(0));
            return Err(problems::quota()
                .arg("measure", measure.word())
                .arg("needed", amount)
                .arg("free", free)
                .field(measure.word(), "cloud-fault-quota"));
        }
        let note = sql!(
            "insert into cloud_reservation (agency_id, project, resource, measure, amount) values ($1, $2, $3, $4, $5) \
             on conflict (agency_id, project, resource, measure) \
             do update set amount = cloud_reservation.amount + excluded.amount"
        );
        tx.execute(note, &params![agency, project, resource, measure.word(), amount]).await?;
    }
    Ok(())
}

/// Gives back what a resource has reserved beyond these amounts: all of it, when it is gone.
pub(crate) async fn keep_only(
    tx: &mut Tx,
    (agency, project): (&str, Id),
    resource: Id,
    kept: &Amounts,
) -> Result<(), Problem> {
    let held = sql!(
        "select measure, amount from cloud_reservation where agency_id = $1 and project = $2 and resource = $3"
    );
    for row in tx.query(held, &params![agency, project, resource]).await? {
        let (word, amount) = (row.get::<String>(0)?, row.get::<i64>(1)?);
        let keep = Measure::from_word(&word).map_or(0, |measure| kept.get(measure)).min(amount);
        if keep == amount {
            continue;
        }
        let give = sql!(
            "update cloud_quota set reserved = reserved - $4 where agency_id = $1 and project = $2 and measure = $3"
        );
        tx.execute(give, &params![agency, project, &word, amount - keep]).await?;
        let note = if keep == 0 {
            sql!(
                "delete from cloud_reservation where agency_id = $1 and project = $2 and resource = $3 and measure = $4 \
                 and amount > $5"
            )
        } else {
            sql!(
                "update cloud_reservation set amount = $5 \
                 where agency_id = $1 and project = $2 and resource = $3 and measure = $4"
            )
        };
        tx.execute(note, &params![agency, project, resource, &word, keep]).await?;
    }
    Ok(())
}

/// Sets what a project may have.
pub(crate) async fn grant(tx: &mut Tx, agency: &str, project: Id, amounts: &Amounts) -> Result<(), Problem> {
    for (measure, amount) in amounts.each() {
        let text = sql!(
            "update cloud_quota set quota = $4 where agency_id = $1 and project = $2 and measure = $3 and quota < $4"
        );
        tx.execute(text, &params![agency, project, measure.word(), amount]).await?;
    }
    Ok(())
}
