//! The verdict in plain words.

use std::fmt::Write;

use transparency_log::canonical;
use transparency_log::policy::{Cosigned, Policy, PolicyError};
use transparency_log::proof::TlogProofError;
use transparency_log::receipt::{ReceiptError, Verified};

/// What a genuine receipt proves, and what it does not.
pub fn genuine(verified: &Verified, policy: &Policy) -> String {
    let mut text = "GOOD: this receipt is genuine.\n\n".to_owned();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "Entry {} (counted from 0) of the public log {}, whose size was {} when it was signed.",
        verified.index,
        printable(&verified.origin),
        verified.size
    );
    witnesses(&mut text, verified, policy);
    let entry = canonical::to_text(&verified.entry.json).unwrap_or_default();
    let _ = writeln!(text, "\nThe public entry:\n  {}", printable(&entry));
    match &verified.record {
        Some(record) => {
            let record = canonical::to_text(record).unwrap_or_default();
            let _ = writeln!(
                text,
                "The record it commits to, which only holders of this receipt can read:\n  {}",
                printable(&record)
            );
        }
        None => text.push_str("The receipt opens no private record.\n"),
    }
    if let Some((key, value)) = &verified.map {
        let value =
            value.map_or_else(|| "has no value".to_owned(), |value| format!("has the value {}", hex(&value)));
        let _ = writeln!(text, "In the map whose root is in the entry, the key {} {value}.", hex(key));
    }
    text.push_str(
        "\nThis proves: the entry (and the record, if one is shown) is word for word what was logged, at that place; whoever\n\
         runs the log cannot alter or drop it without everybody who compares logs noticing.\n\
         This does not prove: that what the entry says is true, or that no later entry corrects it.\n",
    );
    text
}

fn witnesses(text: &mut String, verified: &Verified, policy: &Policy) {
    let mut cosigned: Vec<&Cosigned> = verified.cosigned.iter().collect();
    cosigned.sort_by_key(|cosigned| std::cmp::Reverse(cosigned.time));
    match cosigned.first() {
        None => text.push_str("No witness cosigned it.\n"),
        Some(newest) => {
            let count = if cosigned.len() == 1 {
                "1 witness".to_owned()
            } else {
                format!("{} witnesses", cosigned.len())
            };
            let _ = writeln!(text, "Cosigned by {count} of your policy, newest {}:", utc(newest.time));
            for cosigned in cosigned {
                let _ = writeln!(text, "  {}  {}", utc(cosigned.time), printable(&cosigned.witness));
            }
        }
    }
    if !policy.needs_witnesses() {
        text.push_str("Beware: your policy needs no witness. The operator alone could show you a log made for you only.\n");
    }
}

/// What is wrong, and what it may mean.
pub fn finding(error: &ReceiptError) -> String {
    let meaning = match error {
        ReceiptError::TooLong | ReceiptError::Malformed(_) => "The file is damaged or is something else.",
        ReceiptError::Proof(TlogProofError::Policy(PolicyError::Quorum { .. })) => {
            "Too few witnesses had cosigned when the receipt was made. Ask for it again; if it stays so, ask why."
        }
        ReceiptError::Proof(TlogProofError::Policy(_)) => {
            "It is not signed by a log you trust, or a signature is forged. Is it the right policy?"
        }
        ReceiptError::Proof(_) | ReceiptError::Entry(_) => "The entry or its proof was altered.",
        _ => "What the receipt says is not what was logged.",
    };
    format!("NOT GENUINE: {}\n{meaning}\n", printable(&error.to_string()))
}

/// Text without anything that could steer a terminal or reorder what is read.
fn printable(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const DAY_SECONDS: u64 = 86_400;
/// Last second of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// POSIX seconds as a date and time, in UTC.
fn utc(seconds: u64) -> String {
    if seconds > LAST_SECOND {
        return format!("{seconds} s after 1970");
    }
    let (days, time) = (seconds / DAY_SECONDS, seconds % DAY_SECONDS);
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", time / 3600, time / 60 % 60, time % 60)
}

/// Gregorian date of a day counted from 1970-01-01. Counts from March, so that leap days end a year.
fn date(days_since_1970: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    // From 0000-03-01 to 1970-01-01.
    let days = days_since_1970 + 719_468;
    let (cycle, day_of_cycle) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let leap_corrected = day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096;
    let year_of_cycle = leap_corrected / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = cycle * 400 + year_of_cycle + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_gregorian() {
        let cases = [
            (0, "1970-01-01 00:00:00 UTC"),
            (68_169_599, "1972-02-28 23:59:59 UTC"),
            (68_169_600, "1972-02-29 00:00:00 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_795_428_902, "2026-11-23 10:15:02 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            (LAST_SECOND, "9999-12-31 23:59:59 UTC"),
            (LAST_SECOND + 1, "253402300800 s after 1970"),
        ];
        for (seconds, text) in cases {
            assert_eq!(utc(seconds), text);
        }
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("a\u{1b}[2J\u{202e}b\u{9b}"), "a\\u{1b}[2J\\u{202e}b\\u{9b}");
        assert_eq!(printable("\u{645}\u{631}\u{62d}\u{628}\u{627}"), "\u{645}\u{631}\u{62d}\u{628}\u{627}");
    }
}
