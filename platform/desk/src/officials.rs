//! Accounts of officials: invite, give a role in an office, suspend, resume, send the link again.

use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs, with_tx};
use daftar_kernel::{Id, Problem};
use daftar_office::account::{Account, PAGE, State};
use daftar_office::assignment::{Assignment, NewAssignment};
use daftar_office::permission::{ACCOUNT_CREATE, ACCOUNT_SEE, ACCOUNT_SUSPEND, ASSIGN};
use daftar_ui::parts::{Choice, Column, Link, SummaryRow, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/officials", Access::Official(ACCOUNT_SEE), list);
    routes.page("GET", "/desk/officials/new", Access::Official(ACCOUNT_CREATE), |cx| async move {
        invite_page(&cx, None)
    });
    routes.page("POST", "/desk/officials/new", Access::StepUp(ACCOUNT_CREATE), invite);
    routes
        .page("GET", "/desk/officials/{official}", Access::Official(ACCOUNT_SEE), show)
        .example("official", "$official");
    routes
        .page("POST", "/desk/officials/{official}/link", Access::StepUp(ACCOUNT_CREATE), renew)
        .example("official", "$official");
    routes
        .page("POST", "/desk/officials/{official}/suspend", Access::StepUp(ACCOUNT_SUSPEND), suspend)
        .example("official", "$official");
    routes
        .page("POST", "/desk/officials/{official}/resume", Access::StepUp(ACCOUNT_SUSPEND), resume)
        .example("official", "$official");
    routes
        .page("POST", "/desk/officials/{official}/assign", Access::StepUp(ASSIGN), assign)
        .example("official", "$official");
    routes
        .page("POST", "/desk/officials/{official}/end/{assignment}", Access::StepUp(ASSIGN), end)
        .example("official", "$official")
        .example("assignment", "$assignment");
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let after = cx.query.get("after").to_string();
    let found = with_tx!(store.read, tx, [office, actor, after] { office.officials(tx, &actor, Some(&after)).await })?;
    let f = cx.frame("desk-officials");
    let t = f.t.clone();
    let rows = found
        .iter()
        .map(|(account, assignments)| {
            let places: Vec<String> = assignments.iter().map(|a| place(&cx, a)).collect();
            vec![
                Html::trusted(format!(
                    "<a href=\"/desk/officials/{}\"><bdi>{}</bdi></a>",
                    account.id,
                    Html::text(&account.name)
                )),
                Html::text(&account.login),
                Html::text(places.join("; ")),
                Html::text(state(&t, account.state)),
            ]
        })
        .collect::<Vec<_>>();
    let next = if found.len() < PAGE {
        String::new()
    } else {
        found.last().map_or_else(String::new, |(a, _)| format!("/desk/officials?after={}", a.login))
    };
    let mut sheet = Sheet::new(f).back("/desk").wide();
    if cx.may(ACCOUNT_CREATE) {
        sheet = sheet.add(Block::Button(Link::new("/desk/officials/new", t.get("desk-invite")), ""));
    }
    let table = Table {
        caption: t.get("desk-officials").into_owned(),
        columns: ["desk-name", "desk-login", "desk-works-as", "desk-state"]
            .map(|key| Column::text(t.get(key)))
            .to_vec(),
        rows,
    };
    Reply::page(&sheet.add(Block::Table(table)).add(Block::Pages(String::new(), next)))
}

fn place(cx: &Cx, assignment: &Assignment) -> String {
    let roster = cx.site.roster();
    let role = roster.role(&assignment.role).map_or("", |role| role.label.get(&cx.lang));
    let office = roster.office(&assignment.office).map_or("", |office| office.label.get(&cx.lang));
    format!("{role} · {office}")
}

fn state(t: &Texts, state: State) -> String {
    t.get(&format!("desk-state-{}", state.word())).into_owned()
}

fn invite_page(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let f = cx.frame("desk-invite").with_faults(again(cx, "login", problem));
    let t = f.t.clone();
    let form = Form::post("/desk/officials/new", t.get("desk-invite"))
        .field(Field::new("name", t.get("desk-name"), Ask::Name).value(cx.form.get("name")))
        .field(
            Field::new("login", t.get("desk-login"), Ask::Line)
                .hint(t.get("desk-login-choose"))
                .value(cx.form.get("login")),
        );
    let sheet = Sheet::new(f).back("/desk/officials").add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn invite(cx: Cx) -> Result<Reply, Problem> {
    let proven = cx.proven()?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let (login, name) = (cx.form.get("login").to_string(), cx.form.get("name").to_string());
    let made = with_tx!(store.write, tx, [office, proven, login, name] { office.invite(tx, &proven, &login, &name).await });
    match made {
        Ok(invitation) => link_page(&cx, invitation.account, &invitation.link),
        Err(problem) if is_theirs(&problem) || problem.kind.status() == 409 => {
            invite_page(&cx, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

/// The one time the link is shown: to be handed over in person.
fn link_page(cx: &Cx, account: Id, link: &str) -> Result<Reply, Problem> {
    let f = cx.frame("desk-link");
    let t = f.t.clone();
    let path = format!("/enrol/{link}");
    let sheet = Sheet::new(f)
        .add(Block::Panel(t.get("desk-link").into_owned(), Html::text(t.get("desk-link-text"))))
        .add(Block::Inset(Html::code(path)))
        .add(Block::Links(vec![Link::new(format!("/desk/officials/{account}"), t.get("desk-assign-now"))]));
    Reply::page(&sheet)
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("official")?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let (account, assignments) = with_tx!(store.read, tx, [office] {
        let account = office.official(tx, id).await?;
        Ok::<_, Problem>((account, office.all_assignments(tx, id).await?))
    })?;
    let f = cx.frame("desk-official");
    let t = f.t.clone();
    let mut rows = vec![
        SummaryRow::new(t.get("desk-name"), account.name.clone()),
        SummaryRow::new(t.get("desk-login"), account.login.clone()),
        SummaryRow::new(t.get("desk-state"), state(&t, account.state)),
    ];
    if let Some(at) = account.signed_in {
        rows.push(SummaryRow::new(t.get("desk-last-sign-in"), t.moment(at)));
    }
    let mut sheet = Sheet::new(f).back("/desk/officials").add(Block::Summary(rows));
    sheet = sheet.add(Block::Heading(t.get("desk-works-as").into_owned()));
    for assignment in assignments.iter().filter(|a| a.holds(cx.now())) {
        sheet = sheet.text(place(&cx, assignment));
        if cx.may(ASSIGN) {
            let action = format!("/desk/officials/{id}/end/{}", assignment.id);
            sheet = sheet.add(Block::Act(action, t.get("desk-end-assignment").into_owned(), "second"));
        }
    }
    Reply::page(&sheet.extend(actions(&cx, &t, &account)))
}

fn actions(cx: &Cx, t: &Texts, account: &Account) -> Vec<Block> {
    let path = format!("/desk/officials/{}", account.id);
    let mut blocks = Vec::new();
    if cx.may(ASSIGN) {
        let roster = cx.site.roster();
        let roles =
            roster.roles().map(|role| Choice::new(&role.code, role.label.get(&cx.lang), false)).collect();
        let offices = roster
            .offices()
            .map(|office| Choice::new(&office.code, office.label.get(&cx.lang), false))
            .collect();
        let form = Form::post(format!("{path}/assign"), t.get("desk-assign"))
            .field(Field::new("role", t.get("desk-role"), Ask::Select(roles)))
            .field(Field::new("office", t.get("desk-office"), Ask::Select(offices)));
        blocks.push(Block::Heading(t.get("desk-assign").into_owned()));
        blocks.push(Block::Form(form));
    }
    if cx.may(ACCOUNT_SUSPEND) {
        match account.state {
            State::Suspended => {
                blocks.push(Block::Act(format!("{path}/resume"), t.get("desk-resume").into_owned(), "second"))
            }
            _ => blocks.push(Block::Act(
                format!("{path}/suspend"),
                t.get("desk-suspend").into_owned(),
                "danger",
            )),
        }
    }
    if cx.may(ACCOUNT_CREATE) {
        blocks.push(Block::Act(format!("{path}/link"), t.get("desk-renew-link").into_owned(), "second"));
    }
    blocks.push(Block::Note(Tone::Info, String::new(), Html::text(t.get("desk-acts-public"))));
    blocks
}

async fn renew(cx: Cx) -> Result<Reply, Problem> {
    let (id, proven) = (cx.param_id("official")?, cx.proven()?);
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let link = with_tx!(store.write, tx, [office, proven] { office.renew_link(tx, &proven, id).await })?;
    link_page(&cx, id, &link)
}

async fn suspend(cx: Cx) -> Result<Reply, Problem> {
    let (id, proven) = (cx.param_id("official")?, cx.proven()?);
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, proven] { office.suspend(tx, &proven, id).await })?;
    cx.go(&format!("/desk/officials/{id}"))
}

async fn resume(cx: Cx) -> Result<Reply, Problem> {
    let (id, proven) = (cx.param_id("official")?, cx.proven()?);
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, proven] { office.resume(tx, &proven, id).await })?;
    cx.go(&format!("/desk/officials/{id}"))
}

async fn assign(cx: Cx) -> Result<Reply, Problem> {
    let (account, proven) = (cx.param_id("official")?, cx.proven()?);
    let new = NewAssignment {
        account,
        office: cx.form.get("office").into(),
        role: cx.form.get("role").into(),
        since: None,
        until: None,
    };
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, proven, new] { office.assign(tx, &proven, &new).await })?;
    cx.go(&format!("/desk/officials/{account}"))
}

async fn end(cx: Cx) -> Result<Reply, Problem> {
    let (account, id, proven) = (cx.param_id("official")?, cx.param_id("assignment")?, cx.proven()?);
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, proven] { office.end_assignment(tx, &proven, id).await })?;
    cx.go(&format!("/desk/officials/{account}"))
}
