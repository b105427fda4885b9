//! A person's fields in words, and the question every look begins with.

use crate::name::Name;
use crate::person::{Person, Place, Sex, Standing};
use daftar_http::Cx;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::permit::{Ask as Permission, Order};
use daftar_ui::parts::{Choice, SummaryRow};
use daftar_ui::{Ask, Field, Html, Texts};

/// A place in words.
#[must_use]
pub fn place(cx: &Cx, place: &Place) -> String {
    let country = cx.site.country();
    let coded = place.code.as_deref().map(|code| country.places.full_name(code, &cx.lang));
    [place.text.clone(), coded].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A code or words of a place, in words.
#[must_use]
pub fn place_or_words(cx: &Cx, text: &str) -> String {
    let country = cx.site.country();
    if country.places.get(text).is_some() {
        country.places.full_name(text, &cx.lang)
    } else {
        text.to_string()
    }
}

/// Sex in words.
#[must_use]
pub fn sex(t: &Texts, sex: Sex) -> String {
    t.get(&format!("identity-sex-{}", sex.word())).into_owned()
}

/// Standing in words.
#[must_use]
pub fn standing(t: &Texts, standing: Standing) -> String {
    t.get(&format!("identity-standing-{}", standing.word())).into_owned()
}

/// A person's record in words, each thing with its lines; what is not known is left out.
#[must_use]
pub fn said(cx: &Cx, t: &Texts, person: &Person) -> Vec<(String, Vec<String>)> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    let mut row = |key: &str, mut lines: Vec<String>| {
        lines.retain(|line| !line.is_empty());
        if !lines.is_empty() {
            rows.push((t.get(key).into_owned(), lines));
        }
    };
    let name = |name: &Option<Name>| name.iter().map(ToString::to_string).collect::<Vec<_>>();
    row("identity-name", vec![person.name.to_string()]);
    row("identity-given", name(&person.given));
    row("identity-family", name(&person.family));
    row("identity-other-names", person.other_names.iter().map(ToString::to_string).collect());
    row("identity-born", vec![t.date(person.born)]);
    row("identity-birth-place", vec![place(cx, &person.birth_place)]);
    row("identity-sex", vec![sex(t, person.sex)]);
    row("identity-mother", name(&person.mother));
    row("identity-father", name(&person.father));
    let mut lines = person.address.lines.clone();
    lines.extend(person.address.place.as_ref().map(|code| place_or_words(cx, code)));
    row("identity-address", lines);
    row("identity-phone", person.phone.iter().cloned().collect());
    row("identity-email", person.email.iter().cloned().collect());
    row("identity-standing", vec![standing(t, person.standing)]);
    row("identity-died", person.died.map(|died| t.date(died)).into_iter().collect());
    rows
}

/// One line of a record. A telephone number runs from its plus sign on, also on a page that runs from the right.
#[must_use]
pub fn line_of(line: &str) -> Html {
    if line.starts_with('+') {
        return Html::trusted(format!("<bdi dir=\"ltr\">{}</bdi>", Html::text(line)));
    }
    Html::isolated(line)
}

/// The rows of a person's record for a page.
#[must_use]
pub fn rows(cx: &Cx, t: &Texts, person: &Person) -> Vec<SummaryRow> {
    let row = |(key, lines): (String, Vec<String>)| {
        let lines: Vec<String> = lines.iter().map(|line| line_of(line).as_str().to_string()).collect();
        SummaryRow::new(key, Html::trusted(lines.join("<br>")))
    };
    said(cx, t, person).into_iter().map(row).collect()
}

/// The fields of the question "why do you look?": purpose, case, court order.
#[must_use]
pub fn why_fields(cx: &Cx, t: &Texts) -> Vec<Field> {
    let roster = cx.site.roster();
    let role = cx.actor.official().map_or("", |official| official.role.as_str());
    let asked =
        |name: &str| cx.form.some(name).or_else(|| cx.query.some(name)).unwrap_or_default().to_string();
    let chosen = asked("purpose");
    let purposes: Vec<Choice> = roster
        .purposes_of(role)
        .map(|purpose| {
            Choice::new(&purpose.code, purpose.label.get(&cx.lang), purpose.code == chosen)
                .hint(&purpose.basis)
        })
        .collect();
    let needs_case = roster.purposes_of(role).any(|purpose| purpose.needs_case);
    let sealed =
        roster.purposes_of(role).any(|purpose| purpose.sealed != daftar_office::roster::Sealed::None);
    let mut fields = vec![
        Field::new("purpose", t.get("identity-purpose"), Ask::Radios(purposes))
            .hint(t.get("identity-purpose-hint")),
    ];
    if needs_case {
        let hint = t.get("identity-case-hint");
        fields.push(
            Field::new("case", t.get("identity-case"), Ask::Line).hint(hint).value(asked("case")).optional(),
        );
    }
    if sealed {
        let reference =
            Field::new("court", t.get("identity-court"), Ask::Line).hint(t.get("identity-court-hint"));
        let (day, month, year) = (asked("unseal-day"), asked("unseal-month"), asked("unseal-year"));
        fields.push(reference.value(asked("court")).optional());
        fields.push(Field::new("unseal", t.get("identity-unseal"), Ask::Date(day, month, year)).optional());
    }
    fields
}

/// What the form said of why somebody looks.
///
/// # Errors
/// `office-unseal-date` when a court's reference comes without a date.
pub fn why(cx: &Cx) -> Result<Permission, Problem> {
    let order = match cx.form.some("court") {
        None => None,
        Some(reference) => Some(Order { reference: reference.into(), unseal: unseal_date(cx)? }),
    };
    Ok(Permission {
        purpose: cx.form.get("purpose").into(),
        case: cx.form.some("case").map(str::to_string),
        order,
    })
}

fn unseal_date(cx: &Cx) -> Result<Timestamp, Problem> {
    let bad = daftar_office::problems::unseal_date;
    let part = |name: &str| cx.form.get(name).trim().parse::<i16>().map_err(|_| bad());
    let (day, month, year) = (part("unseal-day")?, part("unseal-month")?, part("unseal-year")?);
    let small = |n: i16| i8::try_from(n).map_err(|_| bad());
    let date = jiff::civil::Date::new(year, small(month)?, small(day)?).map_err(|_| bad())?;
    Ok(cx.site.country().day_begins(date))
}

/// The reason of a look, to be sent along to the next page of the same work.
#[must_use]
pub fn why_hidden(cx: &Cx) -> Vec<(String, String)> {
    ["purpose", "case", "court", "unseal-day", "unseal-month", "unseal-year"]
        .into_iter()
        .filter_map(|name| cx.form.some(name).map(|value| (name.to_string(), value.to_string())))
        .collect()
}

/// Where a receipt is.
#[must_use]
pub fn receipt_path(id: Id) -> String {
    format!("/receipts/{id}")
}
