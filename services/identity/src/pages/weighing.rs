//! Weights in words: what every field says for or against one person, without asking anybody to read colours.

use crate::weigh::{Line, Weight, level_key};
use daftar_ui::parts::{Column, Table};
use daftar_ui::{Html, Texts};
use record_linkage::times;

/// Thousandths of a bit below which a field says nothing worth a number.
const NOTHING: i64 = 50;

/// Tenths of a bit with their sign. A whole of its own: on a page that runs from the right its parts would change places.
fn tenths(t: &Texts, millibits: i64) -> String {
    let tenths = i64::try_from((millibits.unsigned_abs() + 50) / 100).unwrap_or(i64::MAX);
    let key = if millibits > 0 { "identity-weigh-plus" } else { "identity-weigh-minus" };
    t.two(key, "whole", tenths / 10, "tenth", tenths % 10)
}

/// A weight in words: `+7.2 bits: 150 times likelier if it is one person`.
#[must_use]
pub fn in_words(t: &Texts, millibits: i64) -> String {
    if millibits.unsigned_abs() < NOTHING.unsigned_abs() {
        return t.get("identity-weigh-nothing").into_owned();
    }
    let key = if millibits > 0 { "identity-weigh-for" } else { "identity-weigh-against" };
    let times = i64::try_from(times(millibits)).unwrap_or(i64::MAX);
    t.two(key, "size", tenths(t, millibits), "times", times)
}

/// What a line says, in words. What is of no field speaks for nobody: it is taken off.
#[must_use]
pub fn line_in_words(t: &Texts, line: &Line) -> String {
    if !line.levels.is_empty() || line.millibits > -NOTHING {
        return in_words(t, line.millibits);
    }
    t.one("identity-weigh-off", "size", tenths(t, line.millibits))
}

/// How the values of a line agree, in words; each way once.
#[must_use]
pub fn levels(t: &Texts, line: &Line) -> String {
    let words: Vec<String> = line
        .levels
        .iter()
        .map(|level| t.get(&format!("identity-level-{}", level_key(level))).into_owned())
        .collect();
    let mut once: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if !once.contains(&word) {
            once.push(word);
        }
    }
    t.list(&once)
}

/// What a line is about, in words.
#[must_use]
pub fn about(t: &Texts, line: &Line) -> String {
    t.get(&format!("identity-weigh-{}", line.about)).into_owned()
}

/// Every line of a weighing, and the sum.
#[must_use]
pub fn table(t: &Texts, weight: &Weight) -> Table {
    let mut rows: Vec<Vec<Html>> = weight
        .lines
        .iter()
        .map(|line| {
            vec![Html::text(about(t, line)), Html::text(levels(t, line)), Html::text(line_in_words(t, line))]
        })
        .collect();
    rows.push(vec![
        Html::text(t.get("identity-weigh-sum")),
        Html::text(""),
        Html::text(in_words(t, weight.millibits)),
    ]);
    let columns = ["identity-weigh-what", "identity-weigh-how", "identity-weigh-weight"];
    Table {
        caption: t.get("identity-weigh").into_owned(),
        columns: columns.map(|key| Column::text(t.get(key))).to_vec(),
        rows,
    }
}
