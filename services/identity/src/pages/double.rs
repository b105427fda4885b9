//! Two records that may be one person: the list, the two side by side, and asking for a decision that takes two officials.

use super::person::done_page;
use super::shown::{line_of, said};
use super::weighing::{about, in_words, levels, line_in_words};
use crate::candidates::Earlier;
use crate::double::{Compared, Decision, Double, Standing, Wish};
use crate::people::People;
use crate::permission::DOUBLE;
use crate::person::Person;
use crate::weigh::Line;
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::{Id, Problem};
use daftar_ui::parts::{Choice, Column, Link, SummaryRow, Table};
use daftar_ui::{Ask, Block, Fault, Field, Form, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/doubles", Access::Official(DOUBLE), list);
    routes
        .page("GET", "/desk/doubles/{double}", Access::Official(DOUBLE), |cx| async move {
            cover(&cx, None).await
        })
        .example("double", "$double");
    routes
        .page("POST", "/desk/doubles/{double}", Access::Official(DOUBLE), open)
        .example("double", "$double");
    routes
        .page("POST", "/desk/doubles/{double}/decide", Access::StepUp(DOUBLE), decide)
        .example("double", "$double");
}

fn standing_asked(cx: &Cx) -> Standing {
    let word = cx.query.some("state").unwrap_or_default();
    Standing::ALL.into_iter().find(|state| state.word() == word).unwrap_or(Standing::Open)
}

fn state_words(t: &Texts, state: Standing) -> String {
    t.get(&format!("identity-double-state-{}", state.word())).into_owned()
}

fn found_words(t: &Texts, double: &Double) -> String {
    t.get(&format!("identity-double-found-{}", double.found.word())).into_owned()
}

/// Pairs without names: opening one is a look.
async fn list(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let state = standing_asked(&cx);
    let before = cx.query.some("before").and_then(|text| {
        let (weight, id) = text.split_once('/')?;
        Some((weight.parse().ok()?, id.parse().ok()?))
    });
    let pairs = people.doubles(&cx.actor, state, before).await?;
    let f = cx.frame("identity-doubles-open");
    let t = f.t.clone();
    let mut sheet =
        Sheet::new(f).back("/desk").wide().add(Block::Lead(t.get("identity-doubles-open-lead").into_owned()));
    if pairs.is_empty() {
        sheet = sheet.text(t.get("identity-doubles-none").into_owned());
    } else {
        let row = |pair: &Double| {
            let link = format!(
                "<a href=\"/desk/doubles/{}\">{}</a>",
                pair.id,
                Html::text(in_words(&t, pair.millibits))
            );
            vec![Html::trusted(link), Html::text(found_words(&t, pair)), Html::text(t.moment(pair.found_at))]
        };
        sheet = sheet.add(Block::Table(Table {
            caption: state_words(&t, state),
            columns: ["identity-weigh-weight", "identity-double-found", "identity-when"]
                .map(|key| Column::text(t.get(key)))
                .to_vec(),
            rows: pairs.iter().map(row).collect(),
        }));
    }
    let full = i64::try_from(pairs.len()).is_ok_and(|count| count == crate::double::PAGE);
    let more = pairs.last().filter(|_| full).map_or_else(String::new, |last| {
        format!("/desk/doubles?state={}&before={}/{}", state.word(), last.millibits, last.id)
    });
    let others = Standing::ALL
        .into_iter()
        .filter(|other| *other != state)
        .map(|other| Link::new(format!("/desk/doubles?state={}", other.word()), state_words(&t, other)));
    Reply::page(&sheet.add(Block::Pages(String::new(), more)).add(Block::Links(others.collect())))
}

fn facts(t: &Texts, double: &Double) -> Vec<SummaryRow> {
    let mut rows = vec![
        SummaryRow::new(t.get("identity-weigh-sum"), in_words(t, double.millibits)),
        SummaryRow::new(t.get("identity-double-found"), found_words(t, double)),
        SummaryRow::new(t.get("identity-when"), t.moment(double.found_at)),
        SummaryRow::new(t.get("identity-double-state"), state_words(t, double.state)),
        SummaryRow::new(t.get("identity-double-model"), t.number(double.model)),
    ];
    if let Some((a, b)) = double.receipts {
        for receipt in [a, b] {
            rows.push(SummaryRow::new(t.get("identity-receipt-number"), Html::ltr(receipt)));
        }
    }
    rows
}

/// What may be known of a pair without looking at anybody, and the door to both records.
async fn cover(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let double = people.double(&cx.actor, cx.param_id("double")?).await?;
    let f = cx.frame("identity-double").with_faults(again(cx, "case", problem));
    let t = f.t.clone();
    let mut form = Form::post(format!("/desk/doubles/{}", double.id), t.get("identity-double-open"));
    let roster = cx.site.roster();
    if roster.purpose(crate::model::PURPOSE).is_some_and(|purpose| purpose.needs_case) {
        form = form.field(
            Field::new("case", t.get("identity-case"), Ask::Line)
                .hint(t.get("identity-case-hint"))
                .value(cx.form.get("case")),
        );
    }
    let sheet = Sheet::new(f)
        .back("/desk/doubles")
        .add(Block::Summary(facts(&t, &double)))
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-double-seen"))))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn open(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let case = cx.form.some("case").map(str::to_string);
    match people.compare_double(cx.official()?, case, cx.param_id("double")?).await {
        Ok(compared) => side_by_side(&cx, &compared, Vec::new()),
        Err(problem) if is_theirs(&problem) => cover(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

/// Which line of the weighing stands beside a row of the record.
const BESIDE: [(&str, &str); 8] = [
    ("identity-name", "name"),
    ("identity-born", "born"),
    ("identity-birth-place", "birth-place"),
    ("identity-sex", "sex"),
    ("identity-mother", "mother"),
    ("identity-father", "father"),
    ("identity-address", "street"),
    ("identity-phone", "phone"),
];

/// One row of the comparison: what, the first record, the second, and what it says.
fn row(t: &Texts, key: &str, values: [&[String]; 2], line: Option<&Line>) -> Vec<Html> {
    let cell = |lines: &[String]| {
        let lines: Vec<String> = lines.iter().map(|line| line_of(line).as_str().to_string()).collect();
        Html::trusted(lines.join("<br>"))
    };
    let says = line.map_or_else(String::new, |line| {
        let (levels, weight) = (levels(t, line), line_in_words(t, line));
        if levels.is_empty() {
            weight
        } else {
            t.two("identity-double-says", "levels", levels, "weight", weight)
        }
    });
    vec![Html::text(key), cell(values[0]), cell(values[1]), Html::text(says)]
}

/// What a record says, and beneath name and birth what one says that it absorbed, where that is what is weighed.
fn said_with(cx: &Cx, t: &Texts, person: &Person, earlier: Option<&Earlier>) -> Vec<(String, Vec<String>)> {
    let mut rows = said(cx, t, person);
    let Some(earlier) = earlier else { return rows };
    for (message, value) in [("identity-name", earlier.name.clone()), ("identity-born", t.date(earlier.born))]
    {
        let key = t.get(message);
        if let Some((_, lines)) =
            rows.iter_mut().find(|(known, lines)| *known == key && !lines.contains(&value))
        {
            lines.push(value);
        }
    }
    rows
}

/// Every field of the two records, each with its weight; then what is of no field.
fn comparison(cx: &Cx, t: &Texts, compared: &Compared) -> Table {
    let [earlier_a, earlier_b] = &compared.earlier;
    let a = said_with(cx, t, &compared.a.document.person, earlier_a.as_ref());
    let b = said_with(cx, t, &compared.b.document.person, earlier_b.as_ref());
    let mut keys: Vec<&String> = a.iter().map(|(key, _)| key).collect();
    keys.extend(b.iter().map(|(key, _)| key).filter(|key| !a.iter().any(|(other, _)| other == *key)));
    let weight_of = |word: &str| compared.weight.lines.iter().find(|line| line.about == word);
    let mut placed: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for key in keys {
        let of = |side: &'_ [(String, Vec<String>)]| {
            side.iter().find(|(other, _)| other == key).map(|(_, lines)| lines.clone()).unwrap_or_default()
        };
        let word = BESIDE.iter().find(|(message, _)| t.get(message) == key.as_str()).map(|(_, word)| *word);
        // An address without lines is the place alone.
        let word = word.map(|word| if word == "street" && weight_of(word).is_none() { "home" } else { word });
        placed.extend(word);
        rows.push(row(t, key, [&of(&a), &of(&b)], word.and_then(weight_of)));
    }
    for line in compared.weight.lines.iter().filter(|line| !placed.contains(&line.about)) {
        rows.push(row(t, &about(t, line), [&[], &[]], Some(line)));
    }
    rows.push(vec![
        Html::text(t.get("identity-weigh-sum")),
        Html::text(""),
        Html::text(""),
        Html::text(in_words(t, compared.weight.millibits)),
    ]);
    let columns =
        ["identity-weigh-what", "identity-double-first", "identity-double-second", "identity-weigh-weight"];
    Table {
        caption: t.get("identity-weigh").into_owned(),
        columns: columns.map(|key| Column::text(t.get(key))).to_vec(),
        rows,
    }
}

fn side_by_side(cx: &Cx, compared: &Compared, faults: Vec<Fault>) -> Result<Reply, Problem> {
    let status = if faults.is_empty() { 200 } else { 422 };
    let f = cx.frame("identity-double").with_faults(faults);
    let t = f.t.clone();
    let sheet = Sheet::new(f)
        .back("/desk/doubles")
        .wide()
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-seen-note"))))
        .extend(earlier_note(&t, compared))
        .add(Block::Table(comparison(cx, &t, compared)))
        .add(Block::Summary(facts(&t, &compared.double)))
        .extend(decisions(cx, &t, compared));
    Ok(Reply::page(&sheet)?.status(status))
}

fn earlier_note(t: &Texts, compared: &Compared) -> Vec<Block> {
    let any = compared.earlier.iter().any(Option::is_some);
    let note = || Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-double-earlier")));
    any.then(note).into_iter().collect()
}

/// The form for what can be decided now: what, which record stays, and why.
fn decisions(cx: &Cx, t: &Texts, compared: &Compared) -> Vec<Block> {
    let double = &compared.double;
    let possible: Vec<Decision> =
        Decision::ALL.into_iter().filter(|decision| decision.from() == double.state).collect();
    let label = |decision: &Decision| t.get(&format!("identity-double-{}", word_of(*decision)));
    let means = |decision: &Decision| t.get(&format!("identity-double-{}-means", word_of(*decision)));
    let mut blocks = vec![Block::Text(Html::text(t.get("identity-double-two")))];
    let mut form = Form::post(format!("/desk/doubles/{}/decide", double.id), t.get("identity-double-ask"));
    form.hidden.extend(cx.form.some("case").map(|case| ("case".to_string(), case.to_string())));
    if let [only] = possible.as_slice() {
        blocks.push(Block::Heading(label(only).into_owned()));
        blocks.push(Block::Text(Html::text(means(only))));
        form = form.hidden("decision", word_of(*only));
    } else {
        let chosen = cx.form.get("decision");
        let choices = possible.iter().map(|decision| {
            let word = word_of(*decision);
            Choice::new(word, label(decision), word == chosen).hint(means(decision))
        });
        form = form.field(Field::new("decision", t.get("identity-double"), Ask::Radios(choices.collect())));
    }
    if possible.contains(&Decision::Merge) {
        let second = cx.form.get("keep") == double.b.to_string();
        let record = |id: Id, key: &str, chosen: bool, name: String| {
            Choice::new(id.to_string(), t.get(key), chosen).hint(name)
        };
        let (one, other) = (&compared.a.document.person.name, &compared.b.document.person.name);
        let choices = vec![
            // The older record is the one that most papers name.
            record(double.a, "identity-double-first", !second, one.to_string()),
            record(double.b, "identity-double-second", second, other.to_string()),
        ];
        form = form.field(Field::new("keep", t.get("identity-double-keep"), Ask::Radios(choices)));
    }
    let ground = Field::new("ground", t.get("identity-double-ground"), Ask::Lines)
        .hint(t.get("identity-double-ground-hint"))
        .value(cx.form.get("ground"));
    blocks.push(Block::Form(form.field(ground)));
    blocks
}

fn word_of(decision: Decision) -> &'static str {
    decision.approval().trim_start_matches("identity.")
}

async fn decide(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("double")?;
    let people = cx.service::<People>()?;
    let asked = Decision::ALL.into_iter().find(|decision| word_of(*decision) == cx.form.get("decision"));
    cx.proven()?;
    let Some(decision) = asked else {
        let message = cx.texts().get("identity-double-choose").into_owned();
        return compare_again(&cx, id, vec![Fault { field: "decision".into(), message }]).await;
    };
    let wish = Wish {
        decision,
        // The form asks it beside every answer; it belongs to one of them.
        keep: cx.form.some("keep").filter(|_| decision == Decision::Merge).and_then(|id| id.parse().ok()),
        ground: cx.form.get("ground").into(),
    };
    match people.request_pair_decision(&cx.actor, id, &wish).await {
        Ok(approval) => cx.go(&format!("/desk/approvals/{approval}")),
        Err(problem) if problem.code == crate::problems::reason_text().code => {
            compare_again(&cx, id, again(&cx, "ground", Some(&problem))).await
        }
        Err(problem) => Err(problem),
    }
}

/// The records are shown again: a look more.
async fn compare_again(cx: &Cx, pair: Id, faults: Vec<Fault>) -> Result<Reply, Problem> {
    let case = cx.form.some("case").map(str::to_string);
    let compared = cx.service::<People>()?.compare_double(cx.official()?, case, pair).await?;
    side_by_side(cx, &compared, faults)
}

/// What a request for a decision means, for whoever is to approve it: they look at both records themselves.
pub(super) fn explain(t: &Texts, decision: Decision, payload: &serde_json::Value) -> Vec<Block> {
    let mut blocks =
        vec![Block::Text(Html::text(t.get(&format!("identity-double-{}-means", word_of(decision)))))];
    if let Some(pair) = payload["pair"].as_str().and_then(|text| text.parse::<Id>().ok()) {
        let compare = Link::new(format!("/desk/doubles/{pair}"), t.get("identity-double-open"));
        blocks.push(Block::Links(vec![compare]));
    }
    blocks
}

/// Carries out a decision that two officials have approved.
pub(super) async fn decided(cx: Cx, approval: Id, decision: Decision) -> Result<Reply, Problem> {
    let (receipt, _) = cx.service::<People>()?.decide(&cx.actor, approval, decision).await?;
    done_page(&cx, "identity-double-done", receipt, None)
}
