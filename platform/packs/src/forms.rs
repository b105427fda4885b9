//! The guards on forms that hold for every country: what no form asks, and texts in every language.

use crate::guard;
use daftar_kernel::Lang;
use daftar_office::roster::Label;
use daftar_ports::toml_reader::{Reader, Table};

/// Name of the list of all places, also those that exist no more: for places of birth.
pub const PLACES_EVER: &str = "places-ever";
/// The lists that a form of a pack may name as its source.
const KNOWN: [&str; 2] = [daftar_ports::form::PLACES, PLACES_EVER];

/// Checks what the house asks of a form beyond its being one: its id is its file's name, and no field asks what no form may.
pub(crate) fn check(reader: &Reader<'_>, top: &Table<'_, '_>, path: &str, languages: &[Lang]) {
    let stem = path.rsplit('/').next().and_then(|file| file.strip_suffix(".toml")).unwrap_or_default();
    if top.text("id").is_some_and(|id| id != stem) {
        top.fault("id", "the id is not the file's name", format!("Write id = \"{stem}\" or rename the file"));
    }
    let pages = top.tables("page");
    if pages.is_empty() {
        reader.fault_at(0, "the form has no page", "Add [[page]] with at least one [[page.field]]");
    }
    for page in &pages {
        page.label_in("title", languages);
        for field in page.tables("field") {
            let label = field.label_in("label", languages);
            let id = field.text("id").unwrap_or_default();
            if let Some(topic) = guard::topic_of_id(&id) {
                refuse(&field, "id", topic);
            }
            refuse_label(&field, "label", label.as_ref());
            if let Some(source) = field.text_opt("source").filter(|source| !KNOWN.contains(&source.as_str()))
            {
                let message = format!("there is no list '{source}'");
                field.fault("source", message, format!("Write one of {}", KNOWN.join(", ")));
            }
            for option in field.tables("options") {
                let label = option.label_in("label", languages);
                if let Some(topic) = option.text("value").as_deref().and_then(guard::topic_of_id) {
                    refuse(&option, "value", topic);
                }
                refuse_label(&option, "label", label.as_ref());
            }
        }
    }
}

fn refuse_label(table: &Table<'_, '_>, key: &str, label: Option<&Label>) {
    let texts = label.into_iter().flat_map(|label| &label.0);
    if let Some(topic) = texts.filter_map(|(lang, text)| guard::topic_of_label(text, lang)).next() {
        refuse(table, key, topic);
    }
}

/// Refuses a code and a label that ask for what no pack may ask for.
pub(crate) fn refuse_topic(table: &Table<'_, '_>, code: Option<&str>, label: Option<&Label>) {
    if let Some(topic) = code.and_then(guard::topic_of_id) {
        refuse(table, "kind", topic);
    }
    refuse_label(table, "label", label);
}

fn refuse(table: &Table<'_, '_>, key: &str, topic: &str) {
    let remedy = "Remove the field. A register that knows it has been used to pick people out; no country pack may ask for it";
    table.fault(key, format!("this asks for {topic}"), remedy);
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "id = 'claim'\n[[page]]\nid='a'\ntitle={en='A'}\n[[page.field]]\nid='name'\nkind='name'\nlabel={en='Full name'}\n[[page.field]]\nid='sex'\nkind='choice'\nlabel={en='Sex'}\noptions=[{value='f', label={en='Female'}}]\n";

    fn faults(text: &str) -> Vec<(usize, String)> {
        let reader = Reader::new("forms/claim.toml", text);
        let parsed = reader.parse();
        check(&reader, &reader.top(&parsed), "forms/claim.toml", &[Lang::english()]);
        reader.into_faults().into_iter().map(|fault| (fault.line, fault.message)).collect()
    }

    #[test]
    fn a_plain_form_passes() {
        assert_eq!(faults(FORM), []);
    }

    #[test]
    fn what_no_form_asks_is_found_wherever_it_hides() {
        for (from, to, line, topic) in [
            ("id='name'", "id='religion'", 6, "religion"),
            ("Full name", "Name of your tribe", 8, "tribe"),
            ("'Female'}", "'Caste'}", 13, "caste"),
            ("value='f'", "value='party'", 13, "party"),
            ("{en='Full name'}", "{en='Full name', ar='الديانة'}", 8, "religion"),
        ] {
            let found = faults(&FORM.replace(from, to));
            assert_eq!(found, [(line, format!("this asks for {topic}"))], "{to}");
        }
    }

    #[test]
    fn languages_and_names_are_checked() {
        assert_eq!(faults(&FORM.replace("{en='Sex'}", "{fr='Sexe'}")).len(), 1);
        assert_eq!(faults(&FORM.replace("'claim'", "'other'")).len(), 1);
        assert_eq!(faults("id='claim'").len(), 1);
        let listed = |list: &str| {
            faults(&FORM.replace("kind='name'", &format!("kind='place'\nsource='{list}'"))).len()
        };
        assert_eq!((listed("places-ever"), listed("planets")), (0, 1));
    }
}
