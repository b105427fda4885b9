//! From a form's file to a form.

use std::collections::BTreeSet;

use daftar_kernel::{Label, Lang};

use super::{
    CHARS_MAX, Choice, Condition, FIELDS_MAX, Field, Form, Kind, OPTIONS_MAX, Options, PAGES_MAX, PLACES,
    Page,
};
use crate::toml_reader::{Fault, Reader, Table};

/// Names of boxes that pages use themselves.
const RESERVED: [&str; 4] = ["csrf", "then", "lang", "check"];

pub(super) fn form(file: &str, text: &str) -> Result<Form, Vec<Fault>> {
    let reader = Reader::new(file, text);
    let parsed = reader.parse();
    let top = reader.top(&parsed);
    for (key, example) in [("id", "\"..\""), ("version", "1")] {
        top.require(key, example);
    }
    let id = name(&top, "id");
    let version = top.number_opt("version", 1..=i64::from(u32::MAX)).unwrap_or(1);
    let title = words(&top, "title");
    let tables = top.tables("page");
    top.finish();
    if tables.is_empty() || tables.len() > PAGES_MAX {
        reader.fault_at(
            0,
            format!("a form has 1 to {PAGES_MAX} pages"),
            "Write [[page]] with its [[page.field]]",
        );
    }
    let mut form = Form { id, version, title, pages: Vec::new() };
    let mut names = Names::default();
    for table in tables.iter().take(PAGES_MAX) {
        let page = page(table, &form, &mut names);
        form.pages.push(page);
    }
    if form.fields().count() > FIELDS_MAX {
        reader.fault_at(0, format!("there are more than {FIELDS_MAX} fields"), "Split the form in two");
    }
    if form.title == Label::default() {
        form.title = form.pages.first().map(|page| page.title.clone()).unwrap_or_default();
    }
    let mut faults = reader.into_faults();
    faults.sort();
    faults.dedup();
    if faults.is_empty() { Ok(form) } else { Err(faults) }
}

/// What is taken already: each name must be one thing only.
#[derive(Default)]
struct Names {
    pages: BTreeSet<String>,
    boxes: BTreeSet<String>,
}

/// A name that can stand in an address and a page: small letters, digits and hyphens.
fn name(table: &Table<'_, '_>, key: &'static str) -> String {
    let text = table.text_opt(key).unwrap_or_default();
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 40
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if table.is_text(key) && !plain {
        table.fault(
            key,
            format!("'{text}' is not a name"),
            "Write small letters, digits, - and _, beginning with a letter, at most 40",
        );
    }
    text
}

/// A text in several languages, of which English is one; empty when it is not there.
fn words(table: &Table<'_, '_>, key: &'static str) -> Label {
    let Some(label) = table.label_opt(key) else { return Label::default() };
    if !label.0.contains_key(&Lang::english()) {
        table.fault(
            key,
            format!("'{key}' has no English text"),
            "Add en = \"..\": it stands in where a language lacks",
        );
    }
    label
}

fn page(table: &Table<'_, '_>, before: &Form, names: &mut Names) -> Page {
    for (key, example) in [("id", "\"..\""), ("title", "{ en = \"..\" }")] {
        table.require(key, example);
    }
    let id = name(table, "id");
    if RESERVED.contains(&id.as_str()) || (!id.is_empty() && !names.pages.insert(id.clone())) {
        table.fault("id", format!("the page name '{id}' is taken"), "Choose another name");
    }
    let title = words(table, "title");
    let help = words(table, "help");
    let tables = table.tables("field");
    table.finish();
    if tables.is_empty() {
        table.fault("id", "the page has no field", "Add [[page.field]] under it, or remove the page");
    }
    let fields = tables.iter().filter_map(|table| field(table, before, names)).collect();
    Page { id, title, help, fields }
}

fn field(table: &Table<'_, '_>, before: &Form, names: &mut Names) -> Option<Field> {
    for (key, example) in [("id", "\"..\""), ("kind", "\"text\""), ("label", "{ en = \"..\" }")] {
        table.require(key, example);
    }
    let id = name(table, "id");
    let word = table.text_opt("kind");
    let kind = word.as_deref().and_then(Kind::parse);
    if let (Some(word), None) = (&word, kind) {
        let known: Vec<&str> = Kind::ALL.iter().map(|(word, _)| *word).collect();
        table.fault("kind", format!("there is no kind '{word}'"), format!("Use one of {}", known.join(", ")));
    }
    let label = words(table, "label");
    let help = words(table, "help");
    let required = table.is_set("required");
    // Without its kind nothing else can be judged, but no key of it is unknown either.
    let Some(kind) = kind else {
        let _ = (table.number_opt("max_chars", 1..=1), table.tables("options"), table.text_opt("source"));
        let _ = (table.table_opt("show_if"), table.number_opt("min", 0..=0), table.number_opt("max", 0..=0));
        return None;
    };
    let max_chars = max_chars(table, kind);
    let bounds = bounds(table, kind);
    let options = options(table, kind);
    let show_if = condition(table, before);
    table.finish();
    let field = Field { id, kind, label, help, required, max_chars, bounds, options, show_if };
    for name in field.box_names() {
        if RESERVED.contains(&name.as_str()) || !names.boxes.insert(name.clone()) {
            table.fault("id", format!("the field name '{name}' is taken"), "Choose another name");
        }
    }
    Some(field)
}

fn max_chars(table: &Table<'_, '_>, kind: Kind) -> usize {
    let default = kind.default_max_chars();
    if default == 0 && table.has("max_chars") {
        table.fault(
            "max_chars",
            format!("a field of kind '{}' has no 'max_chars'", kind.word()),
            "Remove it",
        );
    }
    let most = i64::try_from(CHARS_MAX).unwrap_or(i64::MAX);
    let own =
        if default == 0 && table.has("max_chars") { None } else { table.number_opt("max_chars", 1..=most) };
    own.and_then(|n| usize::try_from(n).ok()).unwrap_or(default)
}

fn bounds(table: &Table<'_, '_>, kind: Kind) -> (i64, i64) {
    // Numbers that every JSON reader keeps exactly (RFC 8259 §6).
    const MOST: i64 = (1 << 53) - 1;
    for key in ["min", "max"] {
        if kind != Kind::Number && table.has(key) {
            table.fault(key, format!("a field of kind '{}' has no '{key}'", kind.word()), "Remove it");
        }
    }
    let least = table.number_opt("min", -MOST..=MOST).unwrap_or(-MOST);
    let most = table.number_opt("max", -MOST..=MOST).unwrap_or(MOST);
    if least > most {
        table.fault("min", "'min' is larger than 'max'", "Exchange them");
    }
    (least, most)
}

fn options(table: &Table<'_, '_>, kind: Kind) -> Options {
    let has_options = matches!(kind, Kind::Choice | Kind::Place | Kind::Address);
    if !has_options {
        for key in ["options", "source"] {
            if table.has(key) {
                table.fault(key, format!("a field of kind '{}' has no options", kind.word()), "Remove them");
            }
        }
        let _ = (table.text_opt("source"), table.tables("options"));
        return Options::None;
    }
    let source = table.text_opt("source");
    let rows = table.tables("options");
    match (source, rows.is_empty()) {
        (Some(_), false) => {
            table.fault("source", "there are both 'options' and 'source'", "Keep one of them");
            Options::None
        }
        (Some(source), true) => Options::Source(source),
        (None, true) if kind == Kind::Choice => {
            table.fault(
                "kind",
                "the field has no options",
                "Add options = [{ value = \"..\", label = { en = \"..\" } }]",
            );
            Options::None
        }
        (None, true) => Options::Source(PLACES.into()),
        (None, false) => Options::Inline(choices(table, &rows)),
    }
}

fn choices(table: &Table<'_, '_>, rows: &[Table<'_, '_>]) -> Vec<Choice> {
    if rows.len() > OPTIONS_MAX {
        table.fault(
            "options",
            format!("there are more than {OPTIONS_MAX} options"),
            "Give the list as a source",
        );
    }
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for row in rows.iter().take(OPTIONS_MAX) {
        row.require("value", "\"..\"");
        row.require("label", "{ en = \"..\" }");
        let value = name(row, "value");
        let label = words(row, "label");
        row.finish();
        if !seen.insert(value.clone()) {
            row.fault("value", format!("the option '{value}' is there twice"), "Remove one");
        }
        out.push(Choice { value, label });
    }
    out
}

fn condition(table: &Table<'_, '_>, before: &Form) -> Option<Condition> {
    let inner = table.table_opt("show_if")?;
    inner.require("field", "\"..\"");
    inner.require("is", "[\"..\"]");
    let id = inner.text_opt("field")?;
    let is = inner.texts("is");
    inner.finish();
    let Some(other) = before.field(&id) else {
        inner.fault(
            "field",
            format!("no earlier page has the field '{id}'"),
            "Ask it on an earlier page: pages work without scripts, so a page cannot change while it is filled in",
        );
        return None;
    };
    let known: Vec<String> = match (&other.options, other.kind) {
        (_, Kind::YesNo) => vec!["yes".into(), "no".into()],
        (Options::Inline(choices), Kind::Choice | Kind::Place) => {
            choices.iter().map(|c| c.value.clone()).collect()
        }
        (Options::Source(_), Kind::Choice | Kind::Place) => is.clone(),
        _ => {
            inner.fault(
                "field",
                format!("'{id}' is of kind '{}'", other.kind.word()),
                "Use a choice, place or yes-no field",
            );
            return None;
        }
    };
    for answer in is.iter().filter(|answer| !known.contains(answer)) {
        inner.fault(
            "is",
            format!("'{id}' is never answered with '{answer}'"),
            format!("Use one of {}", known.join(", ")),
        );
    }
    if is.is_empty() && inner.has("is") {
        inner.fault("is", "the condition never holds", "Name at least one answer");
    }
    Some(Condition { field: id, is })
}
