//! Anybody's check of a bill, from three files and without a server.

use super::{BillError, Invoice};

/// What the check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The invoice is what usage and prices make, to the last minor unit.
    Equal,
    /// It is not: what differs, the first first.
    Differs(Vec<String>),
}

/// Makes the invoice again from usage and prices and compares.
///
/// # Errors
/// When a file cannot be read as what it is.
pub fn check(usage: &str, prices: &str, invoice: &str) -> Result<Verdict, BillError> {
    let said: Invoice = serde_json::from_str(invoice).map_err(|error| BillError::File {
        file: "invoice",
        line: error.line(),
        what: error.to_string(),
    })?;
    let made = Invoice::make(usage, prices)?;
    if said == made {
        return Ok(Verdict::Equal);
    }
    let mut differences = Vec::new();
    let mut compare = |what: &str, said: &str, made: &str| {
        if said != made {
            differences.push(format!("{what}: the invoice says {said}, usage and prices make {made}"));
        }
    };
    compare("usage_sha256", &said.usage_sha256, &made.usage_sha256);
    compare("prices_sha256", &said.prices_sha256, &made.prices_sha256);
    compare("agency", &said.agency, &made.agency);
    compare("month", &said.month, &made.month);
    compare("currency", &said.currency, &made.currency);
    compare("number of lines", &said.lines.len().to_string(), &made.lines.len().to_string());
    for (number, (said, made)) in said.lines.iter().zip(&made.lines).enumerate() {
        let text = |line| serde_json::to_string(line).unwrap_or_default();
        compare(&format!("line {}", number + 1), &text(said), &text(made));
    }
    let credits = |invoice: &Invoice| serde_json::to_string(&invoice.corrections).unwrap_or_default();
    compare("corrections", &credits(&said), &credits(&made));
    for (what, said, made) in [
        ("net_minor", said.net_minor, made.net_minor),
        ("tax_minor", said.tax_minor, made.tax_minor),
        ("total_minor", said.total_minor, made.total_minor),
        ("gap_minutes", said.gap_minutes, made.gap_minutes),
    ] {
        compare(what, &said.to_string(), &made.to_string());
    }
    if differences.is_empty() {
        differences.push("something besides lines and sums differs".into());
    }
    Ok(Verdict::Differs(differences))
}

/// Compares the entry that a verified receipt proves with the files it should bind: what differs, nothing when they are those.
#[must_use]
pub fn bound(entry: &serde_json::Value, usage: &str, prices: &str, invoice: &str) -> Vec<String> {
    if entry["kind"] != super::issuing::ACT {
        return vec![format!("the receipt is not of a bill: its act is {}", entry["kind"])];
    }
    [("usage_sha256", usage), ("prices_sha256", prices), ("invoice_sha256", invoice)]
        .into_iter()
        .filter(|(name, file)| entry["public"][name] != super::invoice::sha256(file))
        .map(|(name, file)| {
            let is = super::invoice::sha256(file);
            format!("{name}: the public record says {}, the file is {is}", entry["public"][name])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::invoice::tests::month;
    use super::super::prices::tests::LIST;
    use super::*;

    #[test]
    fn a_cent_too_much_is_named_and_so_is_usage_that_was_touched() {
        let usage = month().write();
        let invoice = Invoice::make(&usage, LIST).unwrap();
        assert_eq!(check(&usage, LIST, &invoice.write()), Ok(Verdict::Equal));
        let mut dear = invoice.clone();
        dear.lines[0].minor += 1;
        dear.net_minor += 1;
        let Ok(Verdict::Differs(found)) = check(&usage, LIST, &dear.write()) else { panic!() };
        assert!(
            found.len() == 2 && found[0].starts_with("line 1: ") && found[1].starts_with("net_minor"),
            "{found:?}"
        );
        let Ok(Verdict::Differs(found)) =
            check(&usage.replacen("\"vcpus\":2", "\"vcpus\":3", 1), LIST, &invoice.write())
        else {
            panic!()
        };
        assert!(
            found[0].starts_with("usage_sha256") && found.iter().any(|f| f.starts_with("line 1")),
            "{found:?}"
        );
        assert!(check(&usage, LIST, "{}").is_err());
    }

    #[test]
    fn a_receipt_binds_three_files_and_no_others() {
        let hash = super::super::invoice::sha256;
        let public = serde_json::json!({"usage_sha256": hash("u"), "prices_sha256": hash("p"), "invoice_sha256": hash("i")});
        let entry = serde_json::json!({"kind": "cloud.bill-issued", "public": public});
        assert!(bound(&entry, "u", "p", "i").is_empty());
        let found = bound(&entry, "u ", "p", "I");
        assert!(
            found.len() == 2 && found[0].starts_with("usage_sha256") && found[1].starts_with("invoice_"),
            "{found:?}"
        );
        let other = serde_json::json!({"kind": "cloud.power-changed", "public": {}});
        assert!(bound(&other, "u", "p", "i")[0].contains("not of a bill"));
    }
}
