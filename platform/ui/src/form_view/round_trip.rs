//! What a page shows, a browser sends back: hostile text included.

use super::*;
use crate::{Catalog, Site};
use proptest::prelude::*;
use std::sync::Arc;

/// A part of the page from here on, unescaped as a browser does it.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("&#") {
        out.push_str(before);
        let (code, after) = after.split_once(';').unwrap();
        out.push(char::from_u32(code.parse().unwrap()).unwrap());
        rest = after;
    }
    out.push_str(rest);
    out
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    Some(after.split_once('"')?.0)
}

/// The pairs a browser sends for the controls of the page's form with a button `name` left alone.
fn sent(html: &str) -> Vec<(String, String)> {
    let (_, form) = html.split_once("novalidate").unwrap();
    let mut out = Vec::new();
    let mut select = String::new();
    for piece in form.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = attribute(tag, "name").unwrap_or_default().to_string();
        let value = unescape(attribute(tag, "value").unwrap_or_default());
        match tag.split([' ', '>']).next().unwrap_or_default() {
            "input" => {
                let picked = !tag.contains("type=\"radio\"") || tag.ends_with(" checked");
                if picked && name != "csrf" && !tag.contains("type=\"file\"") {
                    out.push((name, value));
                }
            }
            // The first line end after <textarea> is not part of the text (HTML §13.2.6.4.7).
            "textarea" => out.push((name, unescape(text.strip_prefix('\n').unwrap_or(text)))),
            "select" => select = name,
            "option" if tag.contains(" selected") => out.push((select.clone(), value)),
            _ => {}
        }
    }
    out
}

fn field(name: &str, kind: FieldKind, values: Vec<String>) -> FieldView {
    let chosen = values.last().cloned().unwrap_or_default();
    let option =
        |value: &str| OptionView { value: value.into(), label: value.into(), chosen: value == chosen };
    FieldView {
        name: name.into(),
        kind,
        label: "<label>".into(),
        help: "\"help\"".into(),
        required: false,
        options: vec![option("north"), option("south")],
        values,
        max_chars: 100,
        fault: String::new(),
    }
}

proptest! {
    #[test]
    fn a_page_sends_back_what_it_shows(
        line in "[^\\r\\n\\x00]{0,20}",
        lines in "[^\\r\\x00]{0,30}",
        parts in ["[0-9]{0,2}", "[0-9]{0,2}", "[^\\r\\n\\x00]{0,4}"],
        place in prop_oneof![Just("north"), Just("south")],
    ) {
        let fields = vec![
            field("a-name", FieldKind::Name, vec![line.clone()]),
            field("a-text", FieldKind::Text, vec![line.clone()]),
            field("a-phone", FieldKind::Phone, vec![line.clone()]),
            field("a-email", FieldKind::Email, vec![line.clone()]),
            field("a-number", FieldKind::Number, vec![line.clone()]),
            field("notes", FieldKind::LongText, vec![lines.clone()]),
            field("born", FieldKind::PartialDate, parts.to_vec()),
            field("sex", FieldKind::Choice, vec![place.into()]),
            field("papers", FieldKind::YesNo, vec!["no".into()]),
            field("place", FieldKind::Place, vec![place.into()]),
            field("home", FieldKind::Address, vec![lines.clone(), place.into()]),
        ];
        let mut expected: Vec<(String, String)> = Vec::new();
        for field in &fields {
            let names = match field.kind {
                FieldKind::PartialDate => vec!["born-day", "born-month", "born-year"],
                FieldKind::Address => vec!["home", "home-place"],
                _ => vec![field.name.as_str()],
            };
            expected.extend(names.iter().map(ToString::to_string).zip(field.values.clone()));
        }
        let view = PageView {
            form: "f".into(), page: "p".into(), title: "T".into(), help: String::new(), step: 1, steps: 1, fields,
        };
        let frame = Frame::new(Catalog::new(&crate::BUNDLES).unwrap().english(), Arc::new(Site::default()), "x");
        let html = form_page(&frame, &view, "/f", "/", false).unwrap();
        prop_assert_eq!(sent(html.as_str()), expected);
    }
}
