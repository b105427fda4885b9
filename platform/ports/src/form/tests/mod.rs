//! The engine as its users meet it. One form with every kind; each case is data.

use super::*;
use serde_json::{Value, json};

mod files;
mod round_trip;

pub(super) const EVERY_KIND: &str = r#"
id = "register"
version = 3
title = { en = "Register a person", ar = "تسجيل شخص" }
[[page]]
id = "who"
title = { en = "Who" }
[[page.field]]
id = "name"
kind = "name"
required = true
label = { en = "Full name", ar = "الاسم" }
max_chars = 20
[[page.field]]
id = "born"
kind = "partial-date"
label = { en = "Born" }
[[page.field]]
id = "sex"
kind = "choice"
required = true
label = { en = "Sex" }
options = [{ value = "f", label = { en = "Female" } }, { value = "m", label = { en = "Male" } }]
[[page]]
id = "contact"
title = { en = "Contact" }
help = { en = "Help" }
[[page.field]]
id = "home"
kind = "address"
label = { en = "Home" }
max_chars = 30
[[page.field]]
id = "phone"
kind = "phone"
label = { en = "Phone" }
[[page.field]]
id = "email"
kind = "email"
label = { en = "E-mail" }
[[page.field]]
id = "has_papers"
kind = "yes-no"
required = true
label = { en = "Papers?" }
[[page]]
id = "papers"
title = { en = "Papers" }
[[page.field]]
id = "paper"
kind = "text"
required = true
label = { en = "Which?" }
show_if = { field = "has_papers", is = ["yes"] }
[[page.field]]
id = "children"
kind = "number"
min = 0
max = 30
label = { en = "Children" }
show_if = { field = "has_papers", is = ["yes"] }
[[page]]
id = "rest"
title = { en = "Rest" }
[[page.field]]
id = "birthplace"
kind = "place"
label = { en = "Place of birth" }
[[page.field]]
id = "photo"
kind = "photo"
required = true
label = { en = "Photo" }
[[page.field]]
id = "notes"
kind = "long-text"
label = { en = "Notes" }
max_chars = 10
"#;

pub(super) fn form() -> Form {
    Form::parse("register.toml", EVERY_KIND).unwrap()
}

pub(super) fn places() -> BTreeMap<String, Vec<Choice>> {
    let label = |text: &str| Label([(Lang::english(), text.to_string())].into());
    let place = |value: &str, text: &str| Choice { value: value.into(), label: label(text) };
    [("places".to_string(), vec![place("north", "North"), place("south", "South")])].into()
}

pub(super) struct Plain(Lang);
impl Words for Plain {
    fn lang(&self) -> &Lang {
        &self.0
    }
    fn say(&self, key: &str, args: &[(&str, Arg)]) -> String {
        let args: Vec<String> = args
            .iter()
            .map(|(name, value)| match value {
                Arg::Text(text) => format!("{name}={text}"),
                Arg::Number(n) => format!("{name}={n}"),
            })
            .collect();
        format!("{key}({})", args.join(","))
    }
    fn date(&self, date: PartialDate) -> String {
        date.to_string()
    }
}
pub(super) fn english() -> Plain {
    Plain(Lang::english())
}

pub(super) fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// The fault of one field when a page is sent with these boxes.
fn fault(field: &str, boxes: &[(&str, &str)]) -> Option<&'static str> {
    let form = form();
    let mut answers = Answers::default();
    answers.0.insert("has_papers".into(), json!(true));
    let page = form.pages.iter().find(|page| page.fields.iter().any(|f| f.id == field)).unwrap();
    let entered = form.parse_page(page, &pairs(boxes), &answers, &places());
    entered.faults.into_iter().find(|fault| fault.field == field).map(|fault| fault.key)
}

#[test]
fn each_kind_refuses_what_it_must() {
    let long = "x".repeat(21);
    for (field, boxes, expected) in [
        ("name", &[("name", "")][..], Some("ports-form-required")),
        ("name", &[("name", " \u{200f} ")], Some("ports-form-required")),
        ("name", &[("name", "123")], Some("ports-form-name")),
        ("name", &[("name", "a\u{202e}b")], Some("ports-form-characters")),
        ("name", &[("name", &long)], Some("ports-form-long")),
        ("name", &[("name", &long[1..])], None),
        ("name", &[("name", "ስ")], None),
        ("born", &[], None),
        ("born", &[("born-year", "١٩٥٦")], None),
        ("born", &[("born-day", "31"), ("born-month", "6"), ("born-year", "1956")], Some("ports-form-date")),
        ("born", &[("born-day", "1"), ("born-month", "200"), ("born-year", "1956")], Some("ports-form-date")),
        ("born", &[("born-day", "0"), ("born-month", "1"), ("born-year", "1956")], Some("ports-form-date")),
        ("born", &[("born-year", "56")], Some("ports-form-date")),
        ("born", &[("born-year", "19560")], Some("ports-form-date-digits")),
        ("born", &[("born-year", "-956")], Some("ports-form-date-digits")),
        ("born", &[("born-month", "6")], Some("ports-form-date-year")),
        ("born", &[("born-day", "1"), ("born-year", "1956")], Some("ports-form-date-month")),
        ("sex", &[("sex", "x")], Some("ports-form-choice")),
        ("sex", &[], Some("ports-form-required")),
        ("home", &[("home", "behind the well")], Some("ports-form-place")),
        ("home", &[("home", ""), ("home-place", "north")], None),
        ("home", &[("home-place", "atlantis")], Some("ports-form-choice")),
        ("home", &[("home", "1\n2\n3\n4\n5\n6"), ("home-place", "north")], None),
        ("home", &[("home", "1\n2\n3\n4\n5\n6\n7"), ("home-place", "north")], Some("ports-form-lines")),
        ("phone", &[("phone", "call me")], Some("ports-form-phone")),
        ("email", &[("email", "nobody")], Some("ports-form-email")),
        ("has_papers", &[("has_papers", "maybe")], Some("ports-form-choice")),
        ("children", &[("children", "31")], Some("ports-form-bounds")),
        ("children", &[("children", "30")], None),
        ("children", &[("children", "-1")], Some("ports-form-bounds")),
        ("children", &[("children", "1.5")], Some("ports-form-number")),
        ("children", &[("children", "99999999999999999999")], Some("ports-form-number")),
        ("birthplace", &[("birthplace", "north")], None),
        ("birthplace", &[("birthplace", "../etc")], Some("ports-form-choice")),
        ("photo", &[], Some("ports-form-required")),
        ("photo", &[("photo", "../../etc/passwd")], Some("ports-form-photo")),
        ("notes", &[("notes", "1234567890")], None),
        ("notes", &[("notes", "12345678901")], Some("ports-form-long")),
        ("notes", &[("notes", "a\r\nb")], None),
    ] {
        assert_eq!(fault(field, boxes), expected, "{field} {boxes:?}");
    }
}

#[test]
fn a_megabyte_in_a_small_box_costs_nothing() {
    assert_eq!(fault("name", &[("name", &"e\u{301}".repeat(1 << 20))]), Some("ports-form-long"));
}

#[test]
fn conditions_open_and_close_pages() {
    let form = form();
    let mut answers = Answers::default();
    let next = |answers: &Answers| form.next_page("contact", answers).map(|page| page.id.as_str());
    assert_eq!(next(&answers), Some("rest"));
    answers.0.insert("has_papers".into(), json!(true));
    assert_eq!(next(&answers), Some("papers"));
    assert_eq!(form.previous_page("rest", &answers).unwrap().id, "papers");
    answers.0.insert("paper".into(), json!("a card"));
    answers.0.insert("has_papers".into(), json!(false));
    assert_eq!(form.previous_page("rest", &answers).unwrap().id, "contact");
    assert!(form.next_page("rest", &answers).is_none());
    assert_eq!(form.previous_page("check", &answers).unwrap().id, "rest");
    assert!(form.previous_page("who", &answers).is_none());
    // An answer whose question is closed is named, and pruned.
    let faults = form.validate(&answers, &places());
    assert!(faults.iter().any(|fault| fault.field == "paper" && fault.key == "ports-form-not-asked"));
    form.prune(&mut answers);
    assert!(answers.get("paper").is_none() && answers.get("has_papers").is_some());
}

#[test]
fn a_page_takes_only_its_own_questions_and_keeps_the_photo() {
    let form = form();
    let mut answers = Answers::default();
    answers.0.insert("photo".into(), json!("abc"));
    let page = form.page("rest").unwrap();
    let sent = pairs(&[("name", "Intruder"), ("photo", ""), ("notes", "first"), ("notes", "second")]);
    let entered = form.parse_page(page, &sent, &answers, &places());
    assert_eq!(entered.faults, []);
    answers.apply(&entered);
    assert_eq!(answers.to_json(), json!({ "photo": "abc", "notes": "first" }));
    answers.apply(&form.parse_page(page, &pairs(&[("photo", "new")]), &answers, &places()));
    assert_eq!(answers.to_json(), json!({ "photo": "new" }));
}

#[test]
fn json_meets_the_same_rules_and_its_own() {
    let good = json!({
        "name": "Suharto", "born": "1956-06", "sex": "m", "home": { "lines": ["behind the well"], "place": "north" },
        "phone": "+255 20 123 456", "has_papers": true, "paper": "card", "children": 3, "photo": "abc",
    });
    let form = form();
    let answers = form.read_json(&good, &places()).unwrap();
    assert_eq!(answers.text("phone"), Some("+25520123456"));
    assert_eq!(answers.date("born"), "1956-06".parse().ok());
    assert_eq!(answers.address("home").unwrap().lines, ["behind the well"]);
    assert_eq!((answers.yes_no("has_papers"), answers.number("children")), (Some(true), Some(3)));
    assert_eq!(form.validate(&answers, &places()), []);
    for (field, value, key) in [
        ("name", json!(7), "ports-form-type"),
        ("name", json!(""), "ports-form-required"),
        ("born", json!("1956-6"), "ports-form-date-digits"),
        ("born", json!("1956--6"), "ports-form-date-digits"),
        ("born", json!("1956-02-30"), "ports-form-date"),
        ("sex", json!("x"), "ports-form-choice"),
        ("home", json!({ "lines": ["x"] }), "ports-form-place"),
        ("home", json!({ "street": "x" }), "ports-form-type"),
        ("home", json!("x"), "ports-form-type"),
        ("has_papers", json!("yes"), "ports-form-type"),
        ("has_papers", json!(false), "ports-form-not-asked"),
        ("children", json!(1.5), "ports-form-type"),
        ("children", json!(31), "ports-form-bounds"),
        ("religion", json!("x"), "ports-form-unknown"),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let faults = form.read_json(&body, &places()).unwrap_err();
        let found = faults.iter().any(|fault| fault.key == key);
        assert!(found, "{field} = {value}: {faults:?}");
    }
    assert_eq!(form.read_json(&json!([1]), &places()).unwrap_err()[0].key, "ports-form-object");
}

#[test]
fn views_show_what_was_sent_and_what_is_wrong() {
    let form = form();
    let page = form.page("who").unwrap();
    let sent = pairs(&[("name", "123"), ("born-day", "x")]);
    let answers = Answers::default();
    let entered = form.parse_page(page, &sent, &answers, &places());
    let view = form.page_view(page, &answers, Some(&sent), &entered.faults, &english(), &places());
    assert_eq!((view.step, view.steps, view.title.as_str()), (1, 3, "Who"));
    assert_eq!(view.fields[0].values, ["123"]);
    assert_eq!(view.fields[0].fault, "ports-form-name(label=Full name)");
    assert_eq!(view.fields[1].values, ["x", "", ""]);
    assert_eq!(view.fields[2].options.len(), 2);
    assert!(!view.fields[2].options.iter().any(|option| option.chosen));
}

#[test]
fn the_summary_speaks_the_readers_language() {
    let form = form();
    let body = json!({ "name": "سعاد", "sex": "f", "home": { "lines": ["a", "b"], "place": "south" }, "has_papers": false, "photo": "p" });
    let answers = form.read_json(&body, &places()).unwrap();
    let view = form.summary_view(&answers, &Plain(Lang::parse("ar").unwrap()), &places());
    assert_eq!(view.title, "تسجيل شخص");
    let rows: Vec<&AnswerView> = view.sections.iter().flat_map(|(_, rows)| rows).collect();
    assert_eq!(rows[0].label, "الاسم");
    assert_eq!(rows[2].lines, ["Female"]);
    assert_eq!(rows[3].lines, ["a", "b", "South"]);
    assert!(rows.iter().all(|row| row.field != "paper"), "a question that is not asked is not shown");
    assert_eq!(rows.iter().find(|row| row.field == "notes").unwrap().lines, [""; 0]);
}

#[test]
fn a_draft_goes_on_where_it_stopped() {
    let form = form();
    let mut answers = Answers::from_draft(&json!({ "name": "A", "sex": "f", "notes": null }));
    let open = |answers: &Answers| form.first_open_page(answers, &places()).map(|page| page.id.clone());
    assert_eq!(open(&answers).as_deref(), Some("contact"));
    answers.0.insert("has_papers".into(), json!(false));
    answers.0.insert("photo".into(), json!("p"));
    assert_eq!(open(&answers), None);
    assert!(Answers::from_draft(&json!("nonsense")).is_empty());
}

#[test]
fn the_schema_says_what_is_asked() {
    let schema = form().schema(&Lang::english());
    assert_eq!(schema["required"], json!(["name", "sex", "has_papers", "photo"]));
    assert_eq!(schema["properties"]["sex"]["enum"], json!(["f", "m"]));
    assert_eq!(schema["properties"]["name"]["maxLength"], json!(20));
    assert_eq!(schema["properties"]["children"]["maximum"], json!(30));
    assert_eq!(schema["allOf"][0]["then"]["required"], json!(["paper"]));
    assert_eq!(schema["allOf"][0]["if"]["properties"]["has_papers"]["enum"], json!([true]));
    assert_eq!(schema["additionalProperties"], json!(false));
}

#[test]
fn every_fault_has_words_in_every_language() {
    let code = [
        include_str!("../boxes.rs"),
        include_str!("../answers.rs"),
        include_str!("../json.rs"),
        include_str!("../photo.rs"),
        include_str!("../view.rs"),
    ];
    let mut keys: Vec<&str> =
        code.iter().flat_map(|text| text.split('"').filter(|word| word.starts_with("ports-form-"))).collect();
    keys.sort_unstable();
    keys.dedup();
    assert!(keys.len() > 15);
    for (lang, text) in MESSAGES {
        for key in &keys {
            assert!(text.contains(&format!("\n{key} =")), "{lang}: {key}");
        }
        let said = text.lines().filter(|line| line.starts_with("ports-form-")).count();
        assert_eq!(said, keys.len(), "{lang} says something nobody uses");
    }
}

#[test]
fn labels_fall_back_to_english() {
    let form = form();
    let name = form.field("name").unwrap();
    assert_eq!(name.label.get(&Lang::parse("fr").unwrap()), "Full name");
    assert_eq!(Label::default().get(&Lang::english()), "");
    let fault = AnswerFault::new("name", "ports-form-long").arg("max", 20);
    assert_eq!(fault.words(&form, &english()), "ports-form-long(label=Full name,max=20)");
    let _: Value = json!(null);
}
