//! An invoice as rows of FinOps FOCUS 1.0 (<https://focus.finops.org>): what other clouds' bills are written in.
//!
//! One row a line, one for each correction (`ChargeClass` *Correction*), one for the tax. Costs are decimals that add up to
//! the invoice exactly; nothing is discounted here, so list, contracted, billed and effective cost are one.

use super::invoice::{Invoice, Line};
use super::prices::{Measure, PriceList};
use std::fmt::Write as _;

/// The columns, in the specification's order of names.
pub const COLUMNS: [&str; 43] = [
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
];

/// Who the rows name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Who provides and invoices: the country's cloud.
    pub provider: String,
    /// The agency in words.
    pub agency: String,
}

type Row = std::collections::BTreeMap<&'static str, String>;

/// The whole file, with its head.
#[must_use]
pub fn write(invoice: &Invoice, prices: &PriceList, names: &Names) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    let lines = invoice.lines.iter().map(|line| usage_row(line, invoice, prices, names));
    let corrections = invoice.corrections.iter().map(|credit| {
        let mut row = common(invoice, names, &prices.decimal(credit.minor));
        row.insert("ChargeCategory", "Adjustment".into());
        row.insert("ChargeClass", "Correction".into());
        row.insert("ChargeDescription", credit.reason.clone());
        row.insert("ChargeFrequency", "One-Time".into());
        row.insert("Tags", serde_json::json!({"correction": credit.correction}).to_string());
        row
    });
    let tax = (!invoice.tax_name.is_empty()).then(|| {
        let mut row = common(invoice, names, &prices.decimal(invoice.tax_minor));
        row.insert("ChargeCategory", "Tax".into());
        row.insert("ChargeDescription", invoice.tax_name.clone());
        row.insert("ChargeFrequency", "Recurring".into());
        row
    });
    for row in lines.chain(corrections).chain(tax) {
        let cells = COLUMNS.iter().map(|column| cell(row.get(column).map_or("", String::as_str)));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join(","));
    }
    text
}

/// What every row has.
fn common(invoice: &Invoice, names: &Names, cost: &str) -> Row {
    let mut row = Row::new();
    for column in ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"] {
        row.insert(column, cost.into());
    }
    for (column, value) in [
        ("BillingAccountId", &invoice.agency),
        ("BillingAccountName", &names.agency),
        ("BillingCurrency", &invoice.currency),
        ("BillingPeriodStart", &invoice.from),
        ("BillingPeriodEnd", &invoice.to),
        ("ChargePeriodStart", &invoice.from),
        ("ChargePeriodEnd", &invoice.to),
        ("InvoiceIssuerName", &names.provider),
        ("ProviderName", &names.provider),
        ("PublisherName", &names.provider),
    ] {
        row.insert(column, value.clone());
    }
    row.insert("ServiceCategory", "Other".into());
    row.insert("ServiceName", "Daftar cloud".into());
    row.insert("Tags", "{}".into());
    row
}

fn usage_row(line: &Line, invoice: &Invoice, prices: &PriceList, names: &Names) -> Row {
    let (service, category, unit, place) = match line.measure {
        Measure::Vcpu => ("Virtual processors", "Compute", "vCPU-Hours", 0),
        Measure::Memory => ("Memory", "Compute", "GiB-Hours", 1),
        Measure::Disk => ("Disk", "Storage", "GiB-Hours", 2),
        Measure::Sent => ("Data sent", "Networking", "GiB", 3),
    };
    let mut row = common(invoice, names, &prices.decimal(line.minor));
    let quantity = quantity(line.counted.parse().unwrap_or(0), line.measure.counted_in_one());
    let period = prices.periods.iter().rev().find(|p| super::period::rfc3339(p.from_minute) <= line.from);
    let price = period.map_or(0, |period| period.micros[place]);
    let price = format!("{}.{:06}", price / 1_000_000, price % 1_000_000);
    let sku = format!("daftar-cloud-{}", line.measure.code());
    for (column, value) in [
        ("ChargeCategory", "Usage".to_string()),
        ("ChargeDescription", format!("{service} of an instance")),
        ("ChargeFrequency", "Usage-Based".into()),
        ("ChargePeriodStart", line.from.clone()),
        ("ChargePeriodEnd", line.to.clone()),
        ("ConsumedQuantity", quantity.clone()),
        ("ConsumedUnit", unit.into()),
        ("PricingCategory", "Standard".into()),
        ("PricingQuantity", quantity),
        ("PricingUnit", unit.into()),
        ("ListUnitPrice", price.clone()),
        ("ContractedUnitPrice", price),
        ("ResourceId", line.instance.to_string()),
        ("ResourceType", "Instance".into()),
        ("ServiceCategory", category.into()),
        ("ServiceName", service.into()),
        ("SkuPriceId", format!("{sku}-{}", &line.from[..10.min(line.from.len())])),
        ("SkuId", sku),
        ("SubAccountId", line.project.to_string()),
        ("Tags", serde_json::json!({"measure": line.measure.code(), "project": line.project}).to_string()),
    ] {
        row.insert(column, value);
    }
    row
}

/// A quotient as a decimal with nine digits after the point, rounded down: for people; money is made from `counted`.
fn quantity(counted: i128, in_one: i128) -> String {
    let billionths = counted.saturating_mul(1_000_000_000) / in_one;
    format!("{}.{:09}", billionths / 1_000_000_000, billionths % 1_000_000_000)
}

/// A cell of RFC 4180.
fn cell(value: &str) -> String {
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::invoice::tests::month;
    use super::super::prices::tests::LIST;
    use super::*;

    #[test]
    fn rows_add_up_to_the_invoice_and_the_tax_is_apart() {
        let (invoice, prices) =
            (Invoice::make(&month().write(), LIST).unwrap(), PriceList::parse(LIST).unwrap());
        let names = Names { provider: "Cloud of \"Zahrana\", inc".into(), agency: "Health".into() };
        let text = write(&invoice, &prices, &names);
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows.len(), 1 + invoice.lines.len() + 2);
        assert!(rows.iter().all(|row| row.matches("\"\"Zahrana\"\"").count() % 3 == 0));
        let cents: i64 = rows[1..]
            .iter()
            .map(|row| row.split(',').nth(1).unwrap().replace('.', "").parse::<i64>().unwrap())
            .sum();
        assert_eq!(cents, invoice.total_minor);
        assert!(rows.last().unwrap().contains(",Tax,"));
        assert_eq!(quantity(90, 60), "1.500000000");
    }
}
