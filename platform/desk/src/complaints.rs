//! Complaints: a citizen writes one, somebody outside the office answers within the deadline, everybody sees the counts.

use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs, with_tx};
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::complaint::{About, Complaint, NewComplaint, Outcome, Words};
use daftar_office::permission::COMPLAINT_ANSWER;
use daftar_office::permit::Ask as PermitAsk;
use daftar_ui::parts::{Choice, Column, Link, SummaryRow, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/me/complaints", Access::Citizen, mine);
    routes.page("GET", "/me/complaints/new", Access::Citizen, |cx| async move { new_page(&cx, None).await });
    routes.page("POST", "/me/complaints/new", Access::Citizen, complain);
    routes.page("GET", "/desk/complaints", Access::Official(COMPLAINT_ANSWER), at_desk);
    routes
        .page("GET", "/desk/complaints/{complaint}", Access::Official(COMPLAINT_ANSWER), open)
        .example("complaint", "$complaint");
    routes
        .page("POST", "/desk/complaints/{complaint}/read", Access::Official(COMPLAINT_ANSWER), read)
        .example("complaint", "$complaint");
    routes
        .page("POST", "/desk/complaints/{complaint}/answer", Access::Official(COMPLAINT_ANSWER), answer)
        .example("complaint", "$complaint");
    routes.page("GET", "/complaints", Access::Public, counts);
}

fn office_label(cx: &Cx, code: &str) -> String {
    cx.site
        .roster()
        .office(code)
        .map_or_else(|| code.to_string(), |office| office.label.get(&cx.lang).to_string())
}

fn agency_label(cx: &Cx, code: &str) -> String {
    cx.site
        .roster()
        .agency(code)
        .map_or_else(|| code.to_string(), |agency| agency.label.get(&cx.lang).to_string())
}

fn facts(cx: &Cx, t: &Texts, complaint: &Complaint) -> Vec<SummaryRow> {
    let state = match (complaint.outcome, complaint.is_late(cx.now())) {
        (Some(outcome), _) => t.get(&format!("desk-outcome-{}", outcome.word())).into_owned(),
        (None, true) => t.get("desk-complaint-late").into_owned(),
        (None, false) => t.get("desk-complaint-open").into_owned(),
    };
    vec![
        SummaryRow::new(t.get("desk-reference"), complaint.reference.clone()),
        SummaryRow::new(
            t.get("desk-about"),
            t.get(&format!("desk-about-{}", complaint.about.word())).into_owned(),
        ),
        SummaryRow::new(t.get("desk-answers"), office_label(cx, &complaint.desk)),
        SummaryRow::new(t.get("desk-due"), t.day(complaint.due)),
        SummaryRow::new(t.get("desk-state"), state),
    ]
}

fn words_rows(t: &Texts, words: &Words) -> Vec<SummaryRow> {
    let mut rows = vec![SummaryRow::new(t.get("desk-complaint-words"), words.complaint.clone())];
    if let Some(answer) = &words.answer {
        rows.push(SummaryRow::new(t.get("desk-answer"), answer.clone()));
    }
    rows
}

async fn mine(cx: Cx) -> Result<Reply, Problem> {
    let citizen = cx.citizen()?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let list = with_tx!(store.read, tx, [office] { office.complaints_of(tx, citizen).await })?;
    let f = cx.frame("desk-complaints-mine");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/me").add(Block::Lead(t.get("desk-complaints-lead").into_owned()));
    sheet = sheet.add(Block::Button(Link::new("/me/complaints/new", t.get("desk-complain")), ""));
    for (complaint, words) in &list {
        let mut rows = facts(&cx, &t, complaint);
        rows.extend(words_rows(&t, words));
        sheet = sheet.add(Block::Heading(complaint.reference.clone())).add(Block::Summary(rows));
    }
    Reply::page(&sheet)
}

/// What a complaint is about when it is one of the citizen's own looks or merges, with the agency and office that did it.
async fn asked_about(cx: &Cx) -> Result<Option<(About, String, String)>, Problem> {
    let asked = |name: &str| {
        cx.form.some(name).or_else(|| cx.query.some(name)).and_then(|text| text.parse::<Id>().ok())
    };
    let Some(persons) = &cx.site.persons else { return Ok(None) };
    let (look, merge) = (asked("look"), asked("merge"));
    if look.is_none() && merge.is_none() {
        return Ok(None);
    }
    let subjects = persons.record_tokens_of_account(cx.citizen()?).await?;
    if subjects.is_empty() {
        return Ok(None);
    }
    for subject in subjects {
        let found = match (look, merge) {
            (Some(look), _) => look_about(cx, subject, look).await?,
            (None, Some(merge)) => merge_about(cx, subject, merge).await?,
            (None, None) => None,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Err(Problem::not_found())
}

async fn look_about(cx: &Cx, subject: Id, look: Id) -> Result<Option<(About, String, String)>, Problem> {
    let looks = cx.site.record.looks_of(subject, None, daftar_record::person::MAX_LOOKS_PER_PAGE).await?;
    let content = looks.rows.into_iter().find(|row| row.id == look).and_then(|row| row.content);
    Ok(content.map(|content| (About::Look(look), content.agency, content.office)))
}

/// A merge is an act about the person, of the kind that every service gives its merges: its word ends in `-merged`.
async fn merge_about(cx: &Cx, subject: Id, merge: Id) -> Result<Option<(About, String, String)>, Problem> {
    let mut before = None;
    loop {
        let acts = cx.site.record.acts_of(subject, before, daftar_record::receipt::MAX_ACTS_PER_PAGE).await?;
        if let Some(act) = acts.iter().find(|act| act.id == merge && act.entry.kind.ends_with("-merged")) {
            let (agency, office) = (act.entry.agency.clone(), act.entry.office.clone());
            return Ok(Some((About::Merge(merge), agency, office)));
        }
        match acts.last() {
            Some(last) if last.id > merge => before = Some(last.id),
            _ => return Ok(None),
        }
    }
}

async fn new_page(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let about = asked_about(cx).await?;
    let f = cx.frame("desk-complain").with_faults(again(cx, "words", problem));
    let t = f.t.clone();
    let mut form = Form::post("/me/complaints/new", t.get("desk-complain-send"));
    match &about {
        Some((about, _, _)) => {
            if let Some(receipt) = about.receipt() {
                form = form.hidden(about.word(), receipt.to_string());
            }
        }
        None => {
            let roster = cx.site.roster();
            let agencies =
                roster.agencies().map(|a| Choice::new(&a.code, a.label.get(&cx.lang), false)).collect();
            form = form.field(Field::new("agency", t.get("desk-complain-agency"), Ask::Select(agencies)));
        }
    }
    form =
        form.field(Field::new("words", t.get("desk-complain-words"), Ask::Lines).value(cx.form.get("words")));
    let mut sheet = Sheet::new(f).back("/me/complaints");
    // A service people sign in to has no office: the form still knows which look it is about.
    if let Some((_, agency, office)) = about.as_ref().filter(|(_, _, office)| !office.is_empty()) {
        let is_merge = about.as_ref().is_some_and(|(about, _, _)| matches!(about, About::Merge(_)));
        sheet = sheet.text(t.two(
            if is_merge { "desk-complain-merge" } else { "desk-complain-look" },
            "agency",
            agency_label(cx, agency),
            "office",
            office_label(cx, office),
        ));
    }
    let sheet = sheet
        .text(t.one("desk-complain-deadline", "days", cx.site.roster().complaints().answer_days))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn complain(cx: Cx) -> Result<Reply, Problem> {
    let citizen = cx.citizen()?;
    let about = asked_about(&cx).await?;
    let words = cx.form.get("words").to_string();
    let new = match about {
        Some((about, agency, office)) => NewComplaint { about, agency, office, words },
        None => NewComplaint {
            about: About::Other,
            agency: cx.form.get("agency").into(),
            office: String::new(),
            words,
        },
    };
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let made = with_tx!(store.write, tx, [office, new] { office.complain(tx, citizen, &new).await });
    match made {
        Ok(complaint) => {
            let f = cx.frame("desk-complaint-sent");
            let t = f.t.clone();
            let title = t.get("desk-complaint-sent").into_owned();
            let sheet = Sheet::new(f)
                .add(Block::Panel(
                    title,
                    Html::text(t.one("desk-complaint-number", "reference", &complaint.reference)),
                ))
                .add(Block::Summary(facts(&cx, &t, &complaint)))
                .add(Block::Links(vec![Link::new("/me/complaints", t.get("desk-complaints-mine"))]));
            Reply::page(&sheet)
        }
        Err(problem) if is_theirs(&problem) => new_page(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn at_desk(cx: Cx) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let list = with_tx!(store.read, tx, [office, actor] { office.complaints_at_desk(tx, &actor).await })?;
    let f = cx.frame("desk-complaints");
    let t = f.t.clone();
    let rows: Vec<Vec<Html>> = list
        .iter()
        .map(|c| {
            let late = if c.is_late(cx.now()) { "desk-complaint-late" } else { "desk-complaint-open" };
            vec![
                Html::trusted(format!(
                    "<a href=\"/desk/complaints/{}\">{}</a>",
                    c.id,
                    Html::text(&c.reference)
                )),
                Html::text(agency_label(&cx, &c.agency)),
                Html::text(t.get(&format!("desk-about-{}", c.about.word()))),
                Html::text(t.day(c.due)),
                Html::text(t.get(late)),
            ]
        })
        .collect();
    let sheet = Sheet::new(f).back("/desk").wide();
    let sheet = if rows.is_empty() {
        sheet.text(t.get("desk-complaints-none").into_owned())
    } else {
        let keys = ["desk-reference", "desk-agency", "desk-about", "desk-due", "desk-state"];
        let columns = keys.map(|key| Column::text(t.get(key))).to_vec();
        sheet.add(Block::Table(Table { caption: t.get("desk-complaints").into_owned(), columns, rows }))
    };
    Reply::page(&sheet)
}

/// Purposes the official may look at persons for, as choices.
#[must_use]
pub fn purposes(cx: &Cx) -> Vec<Choice> {
    let roster = cx.site.roster();
    let role = cx.actor.official().map_or("", |official| official.role.as_str());
    let chosen = cx.form.get("purpose");
    roster
        .purposes_of(role)
        .map(|p| Choice::new(&p.code, p.label.get(&cx.lang), p.code == chosen).hint(&p.basis))
        .collect()
}

/// The complaint without the citizen's words: reading those is a look, and needs its purpose.
async fn open(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("complaint")?;
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let (complaint, _) =
        with_tx!(store.read, tx, [office, actor] { office.complaint_at_desk(tx, &actor, id).await })?;
    let f = cx.frame("desk-complaint");
    let t = f.t.clone();
    let form = Form::post(format!("/desk/complaints/{id}/read"), t.get("desk-read")).field(
        Field::new("purpose", t.get("desk-purpose"), Ask::Radios(purposes(&cx)))
            .hint(t.get("desk-purpose-hint")),
    );
    let sheet = Sheet::new(f)
        .back("/desk/complaints")
        .add(Block::Summary(facts(&cx, &t, &complaint)))
        .add(Block::Form(form));
    Reply::page(&sheet)
}

async fn read(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("complaint")?;
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let (complaint, citizen) =
        with_tx!(store.read, tx, [office, actor] { office.complaint_at_desk(tx, &actor, id).await })?;
    let persons =
        cx.site.persons.as_ref().ok_or_else(|| Problem::internal("no register of people is wired"))?;
    let subject = persons.record_token_of_account(citizen).await?.ok_or_else(Problem::not_found)?;
    let ask = PermitAsk {
        purpose: cx.form.get("purpose").into(),
        // The look is for this complaint; once it is answered, nobody reads it again under its number.
        case: complaint.answered.is_none().then_some(complaint.reference),
        order: None,
    };
    let official = cx.official()?.clone();
    let (complaint, words) = with_tx!(store.write, tx, [office, official, ask] {
        let permit = office.permit(tx, &official, &ask).await?;
        office.read_complaint(tx, &permit, id, subject).await
    })?;
    let f = cx.frame("desk-complaint");
    let t = f.t.clone();
    let mut rows = facts(&cx, &t, &complaint);
    rows.extend(words_rows(&t, &words));
    let mut sheet = Sheet::new(f).back("/desk/complaints").add(Block::Summary(rows));
    if complaint.answered.is_none() {
        sheet = sheet.add(Block::Form(answer_form(&cx, &t, id)));
    }
    Reply::page(&sheet)
}

fn answer_form(cx: &Cx, t: &Texts, id: Id) -> Form {
    let chosen = cx.form.get("outcome");
    let outcomes = [Outcome::Upheld, Outcome::Dismissed]
        .map(|o| Choice::new(o.word(), t.get(&format!("desk-outcome-{}", o.word())), o.word() == chosen))
        .to_vec();
    Form::post(format!("/desk/complaints/{id}/answer"), t.get("desk-answer-send"))
        .field(Field::new("outcome", t.get("desk-outcome"), Ask::Radios(outcomes)))
        .field(Field::new("words", t.get("desk-answer"), Ask::Lines).value(cx.form.get("words")))
}

/// The answer again, with what was typed. The citizen's words are not: reading them anew would be another look.
async fn answer_again(cx: &Cx, field: &str, problem: &Problem) -> Result<Reply, Problem> {
    let id = cx.param_id("complaint")?;
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let (complaint, _) =
        with_tx!(store.read, tx, [office, actor] { office.complaint_at_desk(tx, &actor, id).await })?;
    let f = cx.frame("desk-complaint").with_faults(again(cx, field, Some(problem)));
    let t = f.t.clone();
    let sheet = Sheet::new(f)
        .back("/desk/complaints")
        .add(Block::Summary(facts(cx, &t, &complaint)))
        .add(Block::Form(answer_form(cx, &t, id)));
    Ok(Reply::page(&sheet)?.status(problem.kind.status()))
}

async fn answer(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("complaint")?;
    let outcome = match cx.form.get("outcome") {
        "upheld" => Outcome::Upheld,
        "dismissed" => Outcome::Dismissed,
        _ => return answer_again(&cx, "outcome", &Problem::refused("desk-choose-one")).await,
    };
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    if !matches!(actor, Actor::Official(_)) {
        return Err(Problem::forbidden("for-officials"));
    }
    let words = cx.form.get("words").to_string();
    let answered = with_tx!(store.write, tx, [office, actor, words] { office.answer_complaint(tx, &actor, id, outcome, &words).await });
    match answered {
        Ok(_) => cx.go("/desk/complaints"),
        Err(problem) if is_theirs(&problem) => answer_again(&cx, "words", &problem).await,
        Err(problem) => Err(problem),
    }
}

async fn counts(cx: Cx) -> Result<Reply, Problem> {
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let counts = with_tx!(store.read, tx, [office] { office.complaint_counts(tx).await })?;
    let f = cx.frame("desk-complaint-counts");
    let t = f.t.clone();
    let rows = counts
        .iter()
        .map(|c| {
            let mut row = vec![Html::text(agency_label(&cx, &c.agency))];
            row.extend([c.open, c.open_late, c.in_time, c.late, c.upheld].map(|n| Html::text(t.number(n))));
            row
        })
        .collect::<Vec<_>>();
    let mut columns = vec![Column::text(t.get("desk-agency"))];
    columns.extend(
        [
            "desk-count-open",
            "desk-count-open-late",
            "desk-count-in-time",
            "desk-count-late",
            "desk-count-upheld",
        ]
        .map(|key| Column::number(t.get(key))),
    );
    let sheet = Sheet::new(f).add(Block::Lead(t.get("desk-complaint-counts-lead").into_owned()));
    let sheet = if rows.is_empty() {
        sheet.text(t.get("desk-complaints-none").into_owned())
    } else {
        sheet.add(Block::Table(Table { caption: t.get("desk-complaint-counts").into_owned(), columns, rows }))
    };
    Reply::page(&sheet)
}
