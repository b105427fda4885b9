//! Whatever is answered: the page that shows it sends it back unchanged, JSON says the same, and no input of any kind
//! brings the engine down or past its rules.

use super::*;
use proptest::prelude::*;

/// What a browser sends for a page as it is drawn.
fn sent(form: &Form, view: &PageView) -> Vec<(String, String)> {
    let boxes = view.fields.iter().flat_map(|field| {
        let names = form.field(&field.name).unwrap().box_names();
        // A file input sends nothing of the photo that is stored.
        let values = if field.kind == Kind::Photo { vec![String::new()] } else { field.values.clone() };
        names.into_iter().zip(values).collect::<Vec<_>>()
    });
    // Browsers send line ends of text areas as CR LF.
    boxes.map(|(name, value)| (name, value.replace('\n', "\r\n"))).collect()
}

fn answers() -> impl Strategy<Value = Value> {
    let text = "[a-zA-Zéسعادስላ क्ष'-]{0,12}";
    let date = prop_oneof![
        Just(String::new()),
        (1800..=2200_i16).prop_map(|y| y.to_string()),
        (1800..=2200_i16, 1..=12_i8).prop_map(|(y, m)| format!("{y}-{m:02}")),
        (1800..=2200_i16, 1..=12_i8, 1..=28_i8).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}")),
    ];
    let lines = prop::collection::vec("[a-zسع0-9]{1,4}", 0..4);
    let place = prop_oneof![Just("north"), Just("south")];
    let papers = any::<bool>();
    (text, date, lines, place, papers, 0..31_i64, "\\+?[1-9][0-9]{6,11}", "[a-z\n ]{0,10}").prop_map(
        |(name, born, lines, place, papers, children, phone, notes)| {
            let mut body = json!({
                "name": format!("x{name}"), "born": born, "sex": "f", "home": { "lines": lines, "place": place },
                "phone": phone, "email": "a@b.org", "has_papers": papers, "birthplace": place, "photo": "ref-1",
                "notes": notes,
            });
            if papers {
                body["paper"] = json!("card");
                body["children"] = json!(children);
            }
            body
        },
    )
}

proptest! {
    #[test]
    fn pages_and_json_agree(body in answers()) {
        let form = form();
        let from_json = form.read_json(&body, &places()).unwrap();
        prop_assert_eq!(form.validate(&from_json, &places()), []);
        prop_assert_eq!(form.read_json(&from_json.to_json(), &places()), Ok(from_json.clone()));
        let mut from_pages = Answers::default();
        from_pages.0.insert("photo".into(), json!("ref-1"));
        let mut page = form.pages.first();
        while let Some(here) = page {
            let view = form.page_view(here, &from_json, None, &[], &english(), &places());
            let entered = form.parse_page(here, &sent(&form, &view), &from_pages, &places());
            prop_assert_eq!(&entered.faults, &[]);
            from_pages.apply(&entered);
            page = form.next_page(&here.id, &from_pages);
        }
        prop_assert_eq!(from_pages, from_json);
    }

    #[test]
    fn nothing_sent_brings_it_down(values in prop::collection::vec(any::<String>(), 14)) {
        let form = form();
        let names: Vec<String> = form.fields().flat_map(Field::box_names).collect();
        let submitted: Vec<(String, String)> = names.into_iter().zip(values).collect();
        let mut answers = Answers::default();
        for page in &form.pages {
            let entered = form.parse_page(page, &submitted, &answers, &places());
            let view = form.page_view(page, &answers, Some(&submitted), &entered.faults, &english(), &places());
            let shown = view.fields.iter().filter(|field| !field.fault.is_empty()).count();
            prop_assert_eq!(shown, entered.faults.len());
            answers.apply(&entered);
        }
        // What was taken over is good: only what is still missing may be wrong.
        for fault in form.validate(&answers, &places()) {
            prop_assert_eq!(fault.key, "ports-form-required");
        }
        prop_assert!(!form.summary_view(&answers, &english(), &places()).sections.is_empty());
    }

    #[test]
    fn no_file_brings_the_reader_down(text in any::<String>(), cut in 0..EVERY_KIND.len()) {
        let _ = Form::parse("f.toml", &text);
        let _ = Form::parse("f.toml", &format!("{}{text}", EVERY_KIND.get(..cut).unwrap_or_default()));
    }
}
