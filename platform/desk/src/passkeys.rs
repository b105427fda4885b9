//! Passkeys: the list of one's own, adding and removing one, and signing in or proving to be there with one.

use crate::sign_in::{DEVICE_COOKIE, name_page, next_of, proven_reply, step_up_page, welcome};
use daftar_http::pipeline::SESSION_COOKIE;
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs, with_tx};
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::passkey::{self, Adding, Answer, CEREMONY_SECONDS, Created, Passkey, Use};
use daftar_office::{Principal, Source};
use daftar_ui::parts::{Link, SummaryRow};
use daftar_ui::passkey::{Ceremony, NewKey, Offer};
use daftar_ui::{Ask, Block, Field, Form, Frame, Html, Sheet, Texts, Tone};

/// Cookie that binds a challenge to the browser it was given to.
const CEREMONY_COOKIE: &str = "daftar_ceremony";

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/passkeys", Access::SignedIn, |cx| async move { list(&cx, None).await });
    routes.page("POST", "/passkeys/new", Access::SignedIn, begin);
    routes.page("POST", "/passkeys", Access::SignedIn, finish);
    routes.page("POST", "/passkeys/only", Access::SignedIn, only);
    routes
        .page("POST", "/passkeys/{passkey}/remove", Access::SignedIn, remove)
        .example("passkey", "$passkey")
        .owned();
    routes.page("POST", "/sign-in/passkey", Access::Public, ask_sign_in);
    routes.page("POST", "/sign-in/passkey/check", Access::Public, sign_in);
    routes.page("POST", "/step-up/passkey", Access::SignedIn, ask_step_up);
    routes.page("POST", "/step-up/passkey/check", Access::SignedIn, step_up);
}

fn principal(cx: &Cx) -> Result<Principal, Problem> {
    cx.session.as_ref().map(|session| session.principal).ok_or_else(Problem::sign_in)
}

async fn own(cx: &Cx) -> Result<(Vec<Passkey>, bool), Problem> {
    let principal = principal(cx)?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.read, tx, [office] {
        Ok((office.passkeys(tx, principal).await?, office.passkeys_only(tx, principal).await?))
    })
}

/// The token under which the record knows a citizen, so that the act is in their list of receipts.
async fn subject(cx: &Cx) -> Result<Option<Id>, Problem> {
    match (&cx.actor, &cx.site.persons) {
        (Actor::Citizen(account), Some(persons)) => persons.record_token_of_account(*account).await,
        _ => Ok(None),
    }
}

/// The button that leads to a passkey; nothing where there are none. Hidden until the script finds that it can work.
pub(crate) fn offer(cx: &Cx, f: &mut Frame, action: &str, label: &str) -> Option<Block> {
    let site = cx.site.office.passkey_site()?;
    f.passkeys = true;
    let offer = Offer {
        origin: site.origin().into(),
        action: action.into(),
        hidden: vec![("next", next_of(cx))],
        button: f.t.get(label).into_owned(),
    };
    Some(Block::Markup(offer.html(f)))
}

/// The page on which the browser asks.
struct Page<'a> {
    title: &'a str,
    back: &'a str,
    action: &'a str,
    lead: &'a str,
    hidden: Vec<(&'static str, String)>,
    known: Vec<String>,
    new: Option<NewKey>,
}

impl Page<'_> {
    fn reply(self, cx: &Cx, ceremony: passkey::Ceremony) -> Result<Reply, Problem> {
        let mut f = cx.frame(self.title);
        f.passkeys = true;
        let t = f.t.clone();
        let form = Ceremony {
            form: Offer {
                origin: ceremony.origin.clone(),
                action: self.action.into(),
                hidden: self.hidden,
                button: t.get("desk-passkey-try").into_owned(),
            },
            rp_id: ceremony.rp_id,
            challenge: ceremony.challenge,
            known: self.known,
            seconds: CEREMONY_SECONDS,
            new: self.new,
            failed: t.get("desk-passkey-failed").into_owned(),
            none: t.one("desk-passkey-none", "address", ceremony.origin.as_str()),
        };
        let markup = form.html(&f);
        let lead = t.get(self.lead).into_owned();
        let sheet = Sheet::new(f).back(self.back).add(Block::Lead(lead)).add(Block::Markup(markup));
        let age = u32::try_from(CEREMONY_SECONDS).ok();
        Ok(Reply::page(&sheet)?.cookie(CEREMONY_COOKIE, &ceremony.browser, age, cx.site.secure))
    }
}

fn used(cx: &Cx) -> Use {
    Use {
        browser: cx.cookie(CEREMONY_COOKIE).map(str::to_string),
        answer: Answer {
            id: cx.form.get("id").into(),
            client_data: cx.form.get("client").into(),
            data: cx.form.get("data").into(),
            signature: cx.form.get("signature").into(),
            user: cx.form.get("user").into(),
        },
        source: Source::of(cx.address),
        device: cx.cookie(DEVICE_COOKIE).map(str::to_string),
        device_label: cx.browser.clone(),
        replaces: cx.cookie(SESSION_COOKIE).map(str::to_string),
    }
}

/// The cookie has done its work.
fn done(cx: &Cx, reply: Reply) -> Reply {
    reply.cookie(CEREMONY_COOKIE, "", Some(0), cx.site.secure)
}

async fn ask_sign_in(cx: Cx) -> Result<Reply, Problem> {
    let ceremony = cx.site.office.begin_passkey_sign_in().await?;
    let page = Page {
        title: "desk-passkey-sign-in",
        back: "/sign-in",
        action: "/sign-in/passkey/check",
        lead: "desk-passkey-ask",
        hidden: vec![("next", next_of(&cx))],
        known: Vec::new(),
        new: None,
    };
    page.reply(&cx, ceremony)
}

async fn sign_in(cx: Cx) -> Result<Reply, Problem> {
    match cx.site.office.sign_in_passkey(&used(&cx)).await {
        Ok(signed_in) => Ok(done(&cx, welcome(&cx, &signed_in, &next_of(&cx)))),
        Err(problem) if is_theirs(&problem) => Ok(done(&cx, name_page(&cx, Some(&problem))?)),
        Err(problem) => Err(problem),
    }
}

async fn ask_step_up(cx: Cx) -> Result<Reply, Problem> {
    let asked = cx.site.office.begin_passkey_step_up(principal(&cx)?).await?;
    let page = Page {
        title: "desk-step-up",
        back: "/step-up",
        action: "/step-up/passkey/check",
        lead: "desk-step-up-why",
        hidden: vec![("next", next_of(&cx))],
        known: asked.known,
        new: None,
    };
    page.reply(&cx, asked.ceremony)
}

async fn step_up(cx: Cx) -> Result<Reply, Problem> {
    let token = cx.session_token().ok_or_else(Problem::sign_in)?;
    match cx.site.office.step_up_passkey(token, &used(&cx)).await {
        Ok(token) => Ok(done(&cx, proven_reply(&cx, &token))),
        Err(problem) if is_theirs(&problem) => Ok(done(&cx, step_up_page(&cx, Some(&problem)).await?)),
        Err(problem) => Err(problem),
    }
}

async fn list(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (passkeys, only) = own(cx).await?;
    let f = cx.frame("desk-passkeys").with_faults(again(cx, "name", problem));
    let t = f.t.clone();
    let proven = cx.stepped_up();
    let mut sheet =
        Sheet::new(f).back(crate::home::of(cx)).add(Block::Lead(t.get("desk-passkeys-lead").into_owned()));
    let Some(site) = cx.site.office.passkey_site() else {
        return Reply::page(&sheet.text(t.get("desk-passkeys-off").into_owned()));
    };
    if !proven {
        let link = Link::new("/step-up?next=/passkeys", t.get("desk-passkeys-confirm"));
        sheet = sheet.add(Block::Button(link, ""));
    }
    for passkey in &passkeys {
        sheet = shown(sheet, &t, passkey, proven);
    }
    if proven {
        let form = Form::post("/passkeys/new", t.get("desk-passkey-add")).field(
            Field::new("name", t.get("desk-passkey-name"), Ask::Line)
                .hint(t.get("desk-passkey-name-hint"))
                .value(cx.form.get("name")),
        );
        sheet = sheet
            .add(Block::Heading(t.get("desk-passkey-add").into_owned()))
            .text(t.one("desk-passkey-where", "address", site.origin()))
            .add(Block::Form(form));
    }
    if !passkeys.is_empty() {
        sheet = about_only(sheet, &t, only, proven);
    }
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn shown(sheet: Sheet, t: &Texts, passkey: &Passkey, proven: bool) -> Sheet {
    let last = passkey.used.map_or_else(|| t.get("desk-never").into_owned(), |at| t.moment(at));
    let lives = if passkey.copied { "desk-passkey-several" } else { "desk-passkey-one" };
    let rows = vec![
        SummaryRow::new(t.get("desk-passkey-added"), t.moment(passkey.created)),
        SummaryRow::new(t.get("desk-passkey-used"), last),
        SummaryRow::new(t.get("desk-passkey-lives"), t.get(lives)),
    ];
    let mut sheet = sheet.add(Block::Heading(passkey.name.clone())).add(Block::Summary(rows));
    if let Some(at) = passkey.blocked {
        let words = Html::text(t.one("desk-passkey-blocked", "when", t.moment(at)));
        sheet = sheet.add(Block::Note(Tone::Warning, String::new(), words));
    }
    if proven {
        let action = format!("/passkeys/{}/remove", passkey.id);
        let label = t.one("desk-passkey-remove", "name", passkey.name.as_str());
        sheet = sheet.add(Block::Act(action, label, "second"));
    }
    sheet
}

/// Whether the password is taken too.
fn about_only(sheet: Sheet, t: &Texts, only: bool, proven: bool) -> Sheet {
    let (now, button, value) = if only {
        ("desk-passkeys-only-on", "desk-password-again", "off")
    } else {
        ("desk-passkeys-only-off", "desk-passkeys-only-set", "on")
    };
    let sheet = sheet.add(Block::Heading(t.get("desk-passkeys-only").into_owned()));
    let sheet = sheet.text(t.get(now).into_owned());
    if !proven {
        return sheet;
    }
    let form = Form::post("/passkeys/only", t.get(button)).hidden("only", value).kind("second");
    sheet.add(Block::Form(form))
}

/// The page on which the browser makes one.
async fn begin(cx: Cx) -> Result<Reply, Problem> {
    match cx.site.office.begin_passkey(&cx.proven()?, cx.form.get("name")).await {
        Ok(adding) => make_page(&cx, adding),
        Err(problem) if is_theirs(&problem) => list(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

fn make_page(cx: &Cx, adding: Adding) -> Result<Reply, Problem> {
    let country = cx.site.live().pages.name(&cx.lang).to_string();
    let page = Page {
        title: "desk-passkey-add",
        back: "/passkeys",
        action: "/passkeys",
        lead: "desk-passkey-make",
        hidden: vec![("name", adding.name)],
        known: adding.known,
        new: Some(NewKey {
            rp_name: country,
            user: adding.user,
            user_name: adding.user_name,
            algorithms: passkey::ALGORITHMS.to_vec(),
        }),
    };
    page.reply(cx, adding.ceremony)
}

async fn finish(cx: Cx) -> Result<Reply, Problem> {
    let created = Created {
        browser: cx.cookie(CEREMONY_COOKIE).map(str::to_string),
        name: cx.form.get("name").into(),
        client_data: cx.form.get("client").into(),
        attestation: cx.form.get("data").into(),
    };
    let (by, subject) = (cx.proven()?, subject(&cx).await?);
    match cx.site.office.add_passkey(&by, subject, &created).await {
        Ok(_) => Ok(done(&cx, Reply::redirect("/passkeys"))),
        Err(problem) if is_theirs(&problem) || problem.code == "office-passkey-known" => {
            Ok(done(&cx, list(&cx, Some(&problem)).await?))
        }
        Err(problem) => Err(problem),
    }
}

async fn remove(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("passkey")?;
    let (by, subject) = (cx.proven()?, subject(&cx).await?);
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, by] { office.remove_passkey(tx, &by, subject, id).await })?;
    cx.go("/passkeys")
}

async fn only(cx: Cx) -> Result<Reply, Problem> {
    let on = match cx.form.get("only") {
        "on" => true,
        "off" => false,
        _ => return Err(Problem::refused("desk-choose-one")),
    };
    let (by, subject) = (cx.proven()?, subject(&cx).await?);
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, by] { office.set_passkeys_only(tx, &by, subject, on).await })?;
    cx.go("/passkeys")
}
