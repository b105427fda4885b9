//! The agency's bill: what its computers used this month, what that costs, and the files with which anybody computes it again.

use super::{open, sheet};
use crate::catalogue::{Prices, written};
use crate::meter::ledger::{self, LedgerError};
use crate::meter::prices::{FORMAT, Measure};
use crate::meter::{Invoice, Month, PriceList};
use crate::permission::READ;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_packs::Country;
use daftar_ui::parts::{Column, Link, SummaryRow, Table};
use daftar_ui::{Block, Html};

/// Names of the files, in the order of the command that checks them.
const FILES: [&str; 3] = ["usage.jsonl", "prices.toml", "invoice.json"];

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/cloud/bill", Access::Official(READ), show);
    routes
        .page("GET", "/cloud/bill/{month}/{file}", Access::Official(READ), file)
        .example("month", "2026-11")
        .example("file", "invoice.json");
}

/// A month of the actor's agency: usage and prices as files, and the invoice that follows from them.
struct Bill {
    usage: String,
    prices: String,
    invoice: Invoice,
}

/// The catalogue's prices as a list of the meter's. They hold for the whole month: a list with dates comes with dated prices.
fn price_list(prices: &Prices, country: &Country) -> String {
    format!(
        "format = \"{FORMAT}\"\ncurrency = \"{}\"\nminor_digits = {}\nzone = \"{}\"\nrounding = \"half-up\"\n\n\
         [[prices]]\nfrom = 2020-01-01\nvcpu_hour = \"{}\"\nmemory_gib_hour = \"{}\"\ndisk_gib_hour = \"{}\"\nsent_gib = \"{}\"\n",
        country.currency.code,
        country.currency.minor_digits,
        country.time_zone,
        written(prices.vcpu_hour),
        written(prices.memory_gib_hour),
        written(prices.disk_gib_hour),
        written(prices.sent_gib),
    )
}

/// The month it is in the country.
fn this_month(cx: &Cx) -> Result<Month, Problem> {
    let day = cx.now().to_local_date(&cx.site.country().time_zone);
    day.get(..7).unwrap_or_default().parse().map_err(Problem::internal)
}

async fn bill(cx: &Cx, month: Month) -> Result<Bill, Problem> {
    let (cloud, who) = open(cx)?;
    let country = cx.site.country();
    let prices = price_list(&cloud.catalogue()?.prices, &country);
    let (agency, zone, now) = (who.agency().to_string(), country.time_zone.clone(), cx.now());
    let usage = cloud.store().read(move |tx| {
        let (agency, zone) = (agency.clone(), zone.clone());
        Box::pin(async move { ledger::month(tx, &agency, month, &zone, now).await })
    });
    let usage = usage.await.map_err(|error: LedgerError| Problem::internal(error))?.write();
    let invoice = Invoice::make(&usage, &prices).map_err(Problem::internal)?;
    Ok(Bill { usage, prices, invoice })
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let month = this_month(&cx)?;
    let Bill { prices, invoice, .. } = bill(&cx, month).await?;
    let prices = PriceList::parse(&prices).map_err(Problem::internal)?;
    let f = cx.frame("cloud-bill");
    let t = f.t.clone();
    let money = |minor: i64| Html::ltr(format!("{} {}", prices.decimal(minor), invoice.currency));
    let rows = Measure::ALL.map(|measure| {
        let lines = || invoice.lines.iter().filter(|line| line.measure == measure);
        let counted: i128 = lines().filter_map(|line| line.counted.parse::<i128>().ok()).sum();
        // Hundredths of what is priced, rounded down: the files hold the exact count.
        let hundredths = counted * 100 / measure.counted_in_one();
        let quantity = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        vec![
            Html::text(t.get(&format!("cloud-price-{}", measure.code()))),
            Html::ltr(quantity),
            money(lines().map(|line| line.minor).sum()),
        ]
    });
    let table = Table {
        caption: t.one("cloud-bill-month", "month", month.to_string()),
        columns: vec![
            Column::text(t.get("cloud-measure")),
            Column::number(t.get("cloud-bill-quantity")),
            Column::number(t.get("cloud-bill-cost")),
        ],
        rows: rows.to_vec(),
    };
    let sums = vec![
        SummaryRow::new(t.get("cloud-bill-net"), money(invoice.net_minor)),
        SummaryRow::new(t.get("cloud-bill-total"), money(invoice.total_minor)),
        SummaryRow::new(t.get("cloud-bill-gaps"), t.number(invoice.gap_minutes)),
    ];
    let links = FILES.map(|name| Link::new(format!("/cloud/bill/{month}/{name}"), name));
    let page = sheet(&cx, f, "/cloud").await?.add(Block::Lead(t.get("cloud-bill-lead").into_owned()));
    let page = page.add(Block::Table(table)).add(Block::Summary(sums));
    let page = page.add(Block::Heading(t.get("cloud-bill-files").into_owned()));
    Reply::page(&page.text(t.get("cloud-bill-check").into_owned()).add(Block::Links(links.to_vec())))
}

async fn file(cx: Cx) -> Result<Reply, Problem> {
    let month: Month = cx.param("month").parse().map_err(|_| Problem::not_found())?;
    if month > this_month(&cx)? || !FILES.contains(&cx.param("file")) {
        return Err(Problem::not_found());
    }
    let Bill { usage, prices, invoice } = bill(&cx, month).await?;
    let (kind, text) = match cx.param("file") {
        "usage.jsonl" => ("application/jsonl", usage),
        "prices.toml" => ("application/toml", prices),
        _ => ("application/json", invoice.write()),
    };
    Ok(Reply::file(kind, &format!("{month}-{}", cx.param("file")), text))
}
