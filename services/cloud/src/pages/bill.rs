//! The agency's bill: what its computers used in a month, what that costs, and the files with which anybody computes it again.

use super::{open, sheet};
use crate::meter::issuing::Bill;
use crate::meter::prices::Measure;
use crate::meter::{Month, PriceList};
use crate::permission::READ;
use crate::problems;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_ui::parts::{Column, Link, SummaryRow, Table};
use daftar_ui::{Block, Html};

/// Names of the files, in the order of the command that checks them.
const FILES: [&str; 3] = ["usage.jsonl", "prices.toml", "invoice.json"];
/// The receipt of a bill that was issued, for whoever verifies it.
const RECEIPT: &str = "receipt.json";

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/cloud/bill", Access::Official(READ), show);
    routes.page("GET", "/cloud/bill/{month}", Access::Official(READ), show).example("month", "2026-11");
    routes
        .page("GET", "/cloud/bill/{month}/{file}", Access::Official(READ), file)
        .example("month", "2026-11")
        .example("file", "invoice.json");
}

/// The actor's agency in the month that is asked for, or in this one.
async fn bill(cx: &Cx) -> Result<(Month, Bill), Problem> {
    let (cloud, who) = open(cx)?;
    let this = cloud.this_month()?;
    let month = match cx.param("month") {
        "" => this,
        month => month.parse().map_err(|_| Problem::not_found())?,
    };
    if month > this {
        return Err(Problem::not_found());
    }
    Ok((month, cloud.bill(who.agency(), month).await?))
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let (month, Bill { prices, invoice, issued, .. }) = bill(&cx).await?;
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
    // Year before month also among words that run from right to left.
    let table = Table {
        caption: t.one("cloud-bill-month", "month", format!("\u{2066}{month}\u{2069}")),
        columns: vec![
            Column::text(t.get("cloud-measure")),
            Column::number(t.get("cloud-bill-quantity")),
            Column::number(t.get("cloud-bill-cost")),
        ],
        rows: rows.to_vec(),
    };
    let mut sums = vec![SummaryRow::new(t.get("cloud-bill-net"), money(invoice.net_minor))];
    if !invoice.tax_name.is_empty() {
        let tax = format!("{} ({})", t.get("cloud-bill-tax"), invoice.tax_name);
        sums.push(SummaryRow::new(tax, money(invoice.tax_minor)));
    }
    sums.push(SummaryRow::new(t.get("cloud-bill-total"), money(invoice.total_minor)));
    sums.push(SummaryRow::new(t.get("cloud-bill-gaps"), t.number(invoice.gap_minutes)));
    let mut links: Vec<Link> =
        FILES.map(|name| Link::new(format!("/cloud/bill/{month}/{name}"), name)).to_vec();
    if let Some(issued) = issued {
        sums.push(SummaryRow::new(t.get("cloud-bill-issued"), t.moment(issued.at)));
        sums.push(SummaryRow::new(t.get("cloud-bill-receipt"), Html::ltr(issued.receipt)));
        links.push(Link::new(format!("/cloud/bill/{month}/{RECEIPT}"), RECEIPT));
    }
    let lead = if issued.is_some() { "cloud-bill-lead-issued" } else { "cloud-bill-lead" };
    let page = sheet(&cx, f, "/cloud").await?.add(Block::Lead(t.get(lead).into_owned()));
    let page = page.add(Block::Table(table)).add(Block::Summary(sums));
    let page = page.add(Block::Heading(t.get("cloud-bill-files").into_owned()));
    let mut page = page.text(t.get("cloud-bill-check").into_owned()).add(Block::Links(links));
    let past: Vec<Link> = cloud
        .billed_months(who.agency())
        .await?
        .into_iter()
        .filter(|one| *one != month)
        .map(|month| Link::new(format!("/cloud/bill/{month}"), month.to_string()))
        .collect();
    if !past.is_empty() {
        page = page.add(Block::Heading(t.get("cloud-bill-past").into_owned())).add(Block::Links(past));
    }
    Reply::page(&page)
}

async fn file(cx: Cx) -> Result<Reply, Problem> {
    let name = cx.param("file");
    if !FILES.contains(&name) && name != RECEIPT {
        return Err(Problem::not_found());
    }
    let (month, Bill { usage, prices, invoice, issued }) = bill(&cx).await?;
    let (kind, text) = match name {
        "usage.jsonl" => ("application/jsonl", usage),
        "prices.toml" => ("application/toml", prices),
        RECEIPT => ("application/json", receipt(&cx, issued.ok_or_else(Problem::not_found)?.receipt).await?),
        _ => ("application/json", invoice.write()),
    };
    Ok(Reply::file(kind, &format!("{month}-{name}"), text))
}

/// The receipt as a file: with what opens its commitment, since the agency is whom the bill is for.
async fn receipt(cx: &Cx, id: daftar_kernel::Id) -> Result<String, Problem> {
    let receipt = cx.site.record.receipt(id).await?;
    receipt.json().ok_or_else(|| problems::receipt_wait().retry_after(5))
}
