//! The bill of a month that is over: made once, kept with the prices it was made from, and bound into the public record by the
//! hashes of its three files. Its receipt is the signature under the raw usage: who holds it can show which usage was billed.

use super::ledger::{self, LedgerError};
use super::prices::FORMAT;
use super::{BillError, Invoice, Month, invoice};
use crate::catalogue::{Catalogue, written};
use crate::cloud::Cloud;
use crate::problems;
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_packs::Country;
use daftar_record::Act;
use daftar_store::{Row, StoreError, Tx, params, sql};
use serde_json::json;

/// The kind of act that a bill is.
pub const ACT: &str = "cloud.bill-issued";
/// The most months that are looked back for bills that were not made.
const LOOK_BACK: usize = 24;

/// An agency's month: the files, and the bill if it was made.
pub struct Bill {
    /// `usage.jsonl`.
    pub usage: String,
    /// `prices.toml`.
    pub prices: String,
    /// `invoice.json`.
    pub invoice: Invoice,
    /// None while the month is not over.
    pub issued: Option<Issued>,
}

/// That a bill was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued {
    /// When.
    pub at: Timestamp,
    /// The receipt of the act that holds the files' hashes.
    pub receipt: Id,
}

/// The catalogue's prices as a list of the meter's.
fn price_list(catalogue: &Catalogue, country: &Country) -> String {
    let mut list = format!(
        "format = \"{FORMAT}\"\ncurrency = \"{}\"\nminor_digits = {}\nzone = \"{}\"\nrounding = \"half-up\"\n",
        country.currency.code, country.currency.minor_digits, country.time_zone,
    );
    if let Some(tax) = &catalogue.tax {
        // TOML writes texts as JSON does.
        let name = json!(tax.name);
        list += &format!("tax = {{ name = {name}, percent = \"{}\" }}\n", written(tax.micro_percent));
    }
    for prices in &catalogue.prices {
        list += &format!(
            "\n[[prices]]\nfrom = {}\nvcpu_hour = \"{}\"\nmemory_gib_hour = \"{}\"\ndisk_gib_hour = \"{}\"\nsent_gib = \"{}\"\n",
            prices.from,
            written(prices.vcpu_hour),
            written(prices.memory_gib_hour),
            written(prices.disk_gib_hour),
            written(prices.sent_gib),
        );
    }
    list
}

fn problem(error: BillError) -> Problem {
    match error {
        BillError::NoPrice(day) => problems::no_price().arg("day", day),
        error => Problem::internal(error),
    }
}

impl Cloud {
    /// The month it is where the country is.
    ///
    /// # Errors
    /// At the end of time.
    pub fn this_month(&self) -> Result<Month, Problem> {
        self.today().get(..7).unwrap_or_default().parse().map_err(Problem::internal)
    }

    /// An agency's month: as it was billed, or as far as it is counted.
    ///
    /// # Errors
    /// `cloud-no-catalogue`, `cloud-no-price`; the store's.
    pub async fn bill(&self, agency: &str, month: Month) -> Result<Bill, Problem> {
        let (country, now, owner) = (self.country(), self.now(), agency.to_string());
        let zone = country.time_zone.clone();
        let read = self.store().read(move |tx| {
            let (agency, zone) = (owner.clone(), zone.clone());
            Box::pin(async move {
                let usage = ledger::month(tx, &agency, month, &zone, now).await?;
                Ok::<_, LedgerError>((usage, issued(tx, &agency, month).await?))
            })
        });
        let (usage, kept) = read.await.map_err(|error| match error {
            LedgerError::Store(error) => Problem::from(error),
            LedgerError::Bill(error) => problem(error),
        })?;
        let usage = usage.write();
        if let Some((prices, invoice, issued)) = kept {
            let invoice = serde_json::from_str(&invoice).map_err(Problem::internal)?;
            return Ok(Bill { usage, prices, invoice, issued: Some(issued) });
        }
        let prices = price_list(&*self.catalogue()?, &country);
        let invoice = Invoice::make(&usage, &prices).map_err(problem)?;
        Ok(Bill { usage, prices, invoice, issued: None })
    }

    /// The months of an agency that were billed, the last first.
    ///
    /// # Errors
    /// The store's.
    pub async fn billed_months(&self, agency: &str) -> Result<Vec<Month>, Problem> {
        let agency = agency.to_string();
        let rows = self.store().read(move |tx| {
            let agency = agency.clone();
            Box::pin(async move {
                let text = sql!("select month from cloud_invoice where agency_id = $1 order by month desc");
                let rows = tx.query(text, &params![agency]).await?;
                rows.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>, StoreError>>()
            })
        });
        rows.await?.iter().map(|month| month.parse().map_err(Problem::internal)).collect()
    }

    /// Makes the bills of the months that are over and have none, and says how many those were.
    ///
    /// # Errors
    /// Of the first bill that cannot be made; those before it are.
    pub async fn issue_bills(&self) -> Result<usize, Problem> {
        let this = self.this_month()?;
        if self.billed_until() == Some(this) {
            return Ok(0);
        }
        let (mut month, mut made) = (this, 0);
        for _ in 0..LOOK_BACK {
            month = month.before().map_err(Problem::internal)?;
            let minutes = month.minutes(&self.country().time_zone).map_err(problem)?;
            for agency in self.unbilled(month, minutes).await? {
                made += usize::from(self.issue(&agency, month).await?);
            }
        }
        self.set_billed_until(this);
        Ok(made)
    }

    /// The agencies that used something, or have a correction, in a month that was not billed to them.
    async fn unbilled(&self, month: Month, (from, to): (i64, i64)) -> Result<Vec<String>, Problem> {
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let text = sql!(
                        "select distinct p.agency_id from cloud_project p where not exists \
                         (select 1 from cloud_invoice i where i.agency_id = p.agency_id and i.month = $1) \
                         and (exists (select 1 from cloud_sample s where s.agency_id = p.agency_id and s.minute >= $2 \
                         and s.minute < $3) or exists (select 1 from cloud_correction c where c.agency_id = p.agency_id \
                         and c.month = $1)) order by p.agency_id"
                    );
                    let rows = tx.query(text, &params![month.to_string(), from, to]).await?;
                    rows.iter().map(|row| Ok(row.get(0)?)).collect()
                })
            })
            .await
    }

    /// Makes one bill; false when another node made it, or a correction came meanwhile: then it is made with the next minute.
    async fn issue(&self, agency: &str, month: Month) -> Result<bool, Problem> {
        let Bill { usage, prices, invoice, issued } = self.bill(agency, month).await?;
        if issued.is_some() {
            return Ok(false);
        }
        let (cloud, agency, corrections) = (self.clone(), agency.to_string(), invoice.corrections.len());
        let file = invoice.write();
        let public = json!({
            "month": month.to_string(),
            "usage_sha256": invoice::sha256(&usage),
            "prices_sha256": invoice::sha256(&prices),
            "invoice_sha256": invoice::sha256(&file),
        });
        let private = json!({"total_minor": invoice.total_minor, "currency": invoice.currency});
        self.store()
            .write(move |tx| {
                let (cloud, agency, prices, file) =
                    (cloud.clone(), agency.clone(), prices.clone(), file.clone());
                let (public, private) = (public.clone(), private.clone());
                Box::pin(async move {
                    let now = cloud.now();
                    let count =
                        sql!("select count(*) from cloud_correction where agency_id = $1 and month = $2");
                    let found = tx.query(count, &params![&agency, month.to_string()]).await?;
                    let counted = found.first().map_or(Ok(0), |row: &Row| row.get::<i64>(0))?;
                    if usize::try_from(counted) != Ok(corrections)
                        || self::issued(tx, &agency, month).await?.is_some()
                    {
                        return Ok(false);
                    }
                    let act = Act {
                        kind: ACT,
                        service: crate::SERVICE,
                        agency: agency.clone(),
                        office: String::new(),
                        subject: None,
                        public,
                        private: Some(private),
                    };
                    let receipt =
                        cloud.office().record().act(tx, &Actor::System("cloud meter"), &act).await?;
                    let text = sql!(
                        "insert into cloud_invoice (agency_id, month, prices, invoice, issued_at, receipt) \
                         values ($1, $2, $3, $4, $5, $6)"
                    );
                    tx.execute(text, &params![agency, month.to_string(), prices, file, now, receipt]).await?;
                    Ok(true)
                })
            })
            .await
    }
}

/// Prices and invoice of a month that was billed.
async fn issued(
    tx: &mut Tx,
    agency: &str,
    month: Month,
) -> Result<Option<(String, String, Issued)>, StoreError> {
    let text = sql!(
        "select prices, invoice, issued_at, receipt from cloud_invoice where agency_id = $1 and month = $2"
    );
    let Some(row) = tx.query_opt(text, &params![agency, month.to_string()]).await? else { return Ok(None) };
    Ok(Some((row.get(0)?, row.get(1)?, Issued { at: row.get(2)?, receipt: row.get(3)? })))
}
