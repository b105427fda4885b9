//! Faults of a form's file: each planted one is found, at its line, with a remedy.

use super::*;

fn faults(text: &str) -> Vec<(usize, String)> {
    let found = Form::parse("f.toml", text).map_or_else(|faults| faults, |_| Vec::new());
    assert!(found.iter().all(|fault| fault.file == "f.toml" && !fault.remedy.is_empty()));
    found.into_iter().map(|fault| (fault.line, fault.message)).collect()
}

/// A form with this text as its one field, which begins on line 6.
fn field(text: &str) -> Vec<(usize, String)> {
    faults(&format!("id='f'\nversion=1\n[[page]]\nid='p'\ntitle={{en='P'}}\n[[page.field]]\n{text}"))
}

#[test]
fn planted_faults_of_fields() {
    for (text, line, part) in [
        ("id='a'\nkind='text'\nlabel={en='A'}\nmax_char=3", 10, "unknown key 'max_char'"),
        ("id='a'\nkind='txt'\nlabel={en='A'}", 8, "no kind 'txt'"),
        ("id='A b'\nkind='text'\nlabel={en='A'}", 7, "is not a name"),
        ("id='csrf'\nkind='text'\nlabel={en='A'}", 7, "taken"),
        ("kind='text'\nlabel={en='A'}", 6, "'id' is missing"),
        ("id='a'\nkind='text'", 6, "'label' is missing"),
        ("id='a'\nkind='text'\nlabel={fr='A'}", 9, "no English text"),
        ("id='a'\nkind='text'\nlabel={en=''}", 9, "is not a text"),
        ("id='a'\nkind='text'\nlabel={en='A', en_US='B'}", 9, "language tag"),
        ("id='a'\nkind='text'\nlabel={en='A'}\nrequired='yes'", 10, "true or false"),
        ("id='a'\nkind='text'\nlabel={en='A'}\nmax_chars=10001", 10, "whole number"),
        ("id='a'\nkind='text'\nlabel={en='A'}\nmax_chars=0", 10, "whole number"),
        ("id='a'\nkind='phone'\nlabel={en='A'}\nmax_chars=5", 10, "has no 'max_chars'"),
        ("id='a'\nkind='text'\nlabel={en='A'}\nmin=5", 10, "has no 'min'"),
        ("id='a'\nkind='number'\nlabel={en='A'}\nmin=5\nmax=4", 10, "larger"),
        ("id='a'\nkind='text'\nlabel={en='A'}\noptions=[]", 10, "has no options"),
        ("id='a'\nkind='choice'\nlabel={en='A'}", 8, "has no options"),
        ("id='a'\nkind='choice'\nlabel={en='A'}\noptions=[{value='x'}]", 10, "'label' is missing"),
        (
            "id='a'\nkind='choice'\nlabel={en='A'}\nsource='s'\noptions=[{value='x',label={en='X'}}]",
            10,
            "both",
        ),
        ("id='a'\nkind='text'\nlabel={en='A'}\nshow_if={field='b', is=['yes']}", 10, "no earlier page"),
        (
            "id='a'\nkind='text'\nlabel={en='A'}\n[[page.field]]\nid='a'\nkind='text'\nlabel={en='A'}",
            11,
            "taken",
        ),
        (
            "id='a'\nkind='partial-date'\nlabel={en='A'}\n[[page.field]]\nid='a-day'\nkind='text'\nlabel={en='A'}",
            11,
            "taken",
        ),
        ("id=", 7, "not TOML"),
    ] {
        let found = field(text);
        assert!(found.iter().any(|(at, message)| *at == line && message.contains(part)), "{text}: {found:?}");
    }
    assert_eq!(field("id='a'\nkind='text'\nlabel={en='A'}\nmax_chars=10000"), []);
}

#[test]
fn planted_faults_of_forms_and_conditions() {
    assert!(!faults("").is_empty());
    assert!(faults("id='f'\nversion=1").iter().any(|(_, m)| m.contains("pages")));
    assert!(faults(&EVERY_KIND.replace("version = 3", "version = 0")).iter().any(|(line, _)| *line == 3));
    assert!(
        faults(&EVERY_KIND.replace("id = \"rest\"", "id = \"who\"")).iter().any(|(_, m)| m.contains("taken"))
    );
    assert!(
        faults(&EVERY_KIND.replace("is = [\"yes\"]", "is = [\"maybe\"]"))
            .iter()
            .any(|(_, m)| m.contains("never answered"))
    );
    assert!(
        faults(&EVERY_KIND.replace("is = [\"yes\"]", "is = []"))
            .iter()
            .any(|(_, m)| m.contains("never holds"))
    );
    let by_name = EVERY_KIND.replace("field = \"has_papers\"", "field = \"name\"");
    assert!(faults(&by_name).iter().any(|(_, m)| m.contains("of kind 'name'")));
    assert_eq!(faults(EVERY_KIND), []);
}

#[test]
fn limits_hold_at_the_limit_and_fail_one_past() {
    let page = |n: usize| {
        format!(
            "[[page]]\nid='p{n}'\ntitle={{en='P'}}\n[[page.field]]\nid='f{n}'\nkind='text'\nlabel={{en='F'}}\n"
        )
    };
    let pages = |count: usize| format!("id='f'\nversion=1\n{}", (0..count).map(page).collect::<String>());
    assert_eq!(faults(&pages(PAGES_MAX)), []);
    assert!(!faults(&pages(PAGES_MAX + 1)).is_empty());
    let one = |n: usize| format!("[[page.field]]\nid='f{n}'\nkind='text'\nlabel={{en='F'}}\n");
    let fields = |count: usize| {
        format!(
            "id='f'\nversion=1\n[[page]]\nid='p'\ntitle={{en='P'}}\n{}",
            (0..count).map(one).collect::<String>()
        )
    };
    assert_eq!(faults(&fields(FIELDS_MAX)), []);
    assert!(!faults(&fields(FIELDS_MAX + 1)).is_empty());
    let option = |n: usize| format!("{{value='o{n}', label={{en='O'}}}},");
    let options = |count: usize| {
        format!(
            "id='a'\nkind='choice'\nlabel={{en='A'}}\noptions=[{}]",
            (0..count).map(option).collect::<String>()
        )
    };
    assert_eq!(field(&options(OPTIONS_MAX)), []);
    assert!(!field(&options(OPTIONS_MAX + 1)).is_empty());
    let label = |chars: usize| field(&format!("id='a'\nkind='text'\nlabel={{en='{}'}}", "x".repeat(chars)));
    assert_eq!(label(crate::toml_reader::TEXT_CHARS_MAX), []);
    assert!(!label(crate::toml_reader::TEXT_CHARS_MAX + 1).is_empty());
}
