//! "Be someone": the demo's start page, and the one click that signs in.

use super::cast::Cast;
use daftar_desk::welcome;
use daftar_http::pipeline::{LANG_COOKIE, SESSION_COOKIE};
use daftar_http::reply::is_local;
use daftar_http::{Access, Cx, Reply, Routes, with_tx};
use daftar_identity::People;
use daftar_kernel::Problem;
use daftar_office::Principal;
use daftar_ui::parts::Link;
use daftar_ui::{Block, Html, Sheet, Texts, key};

/// Keeps the visitor's own language while they are somebody who reads another.
const OWN_LANG_COOKIE: &str = "daftar_demo_lang";
/// How long languages are kept, in seconds: a year.
const LANG_SECONDS: u32 = 31_536_000;

/// Somebody one can be.
struct Part {
    who: &'static str,
    role: &'static str,
    about: &'static str,
    button: &'static str,
    next: &'static str,
    /// The language they read, when they do not read the visitor's.
    lang: &'static str,
}

const PARTS: [Part; 5] = [
    Part {
        who: "citizen",
        role: key!("app-demo-role-citizen"),
        about: key!("app-demo-citizen"),
        button: key!("app-demo-be-citizen"),
        next: "/me",
        lang: "ar",
    },
    Part {
        who: "registrar",
        role: key!("app-demo-role-registrar"),
        about: key!("app-demo-registrar"),
        button: key!("app-demo-be-registrar"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "police",
        role: key!("app-demo-role-police"),
        about: key!("app-demo-police"),
        button: key!("app-demo-be-police"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "auditor",
        role: key!("app-demo-role-auditor"),
        about: key!("app-demo-auditor"),
        button: key!("app-demo-be-auditor"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "operator",
        role: key!("app-demo-role-operator"),
        about: key!("app-demo-operator"),
        button: key!("app-demo-be-operator"),
        next: "/demo/operator",
        lang: "",
    },
];

/// Those whom the tour does not need.
const OTHERS: [Part; 9] = [
    Part {
        who: "ombudsman",
        role: key!("app-demo-role-ombudsman"),
        about: key!("app-demo-ombudsman"),
        button: key!("app-demo-be-ombudsman"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "investigator",
        role: key!("app-demo-role-investigator"),
        about: key!("app-demo-investigator"),
        button: key!("app-demo-be-investigator"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "court",
        role: key!("app-demo-role-court"),
        about: key!("app-demo-court"),
        button: key!("app-demo-be-court"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "senior",
        role: key!("app-demo-role-senior"),
        about: key!("app-demo-senior"),
        button: key!("app-demo-be-senior"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "second",
        role: key!("app-demo-role-second"),
        about: key!("app-demo-second"),
        button: key!("app-demo-be-second"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "cloud",
        role: key!("app-demo-role-cloud"),
        about: key!("app-demo-cloud"),
        button: key!("app-demo-be-cloud"),
        next: "/cloud",
        lang: "",
    },
    Part {
        who: "engineer",
        role: key!("app-demo-role-engineer"),
        about: key!("app-demo-engineer"),
        button: key!("app-demo-be-engineer"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "second-engineer",
        role: key!("app-demo-role-second-engineer"),
        about: key!("app-demo-second-engineer"),
        button: key!("app-demo-be-second-engineer"),
        next: "/desk",
        lang: "",
    },
    Part {
        who: "administrator",
        role: key!("app-demo-role-administrator"),
        about: key!("app-demo-administrator"),
        button: key!("app-demo-be-administrator"),
        next: "/desk",
        lang: "",
    },
];

/// What the button says that makes one somebody; none for nobody one can be.
pub fn button(who: &str) -> Option<&'static str> {
    PARTS.iter().chain(&OTHERS).find(|part| part.who == who).map(|part| part.button)
}

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/demo", Access::Public, |cx| async move { start_page(&cx).await });
    routes.page("POST", "/demo/be/{who}", Access::Public, be).example("who", "citizen");
}

/// The demo's start page.
///
/// # Errors
/// When the page cannot be written.
pub async fn start_page(cx: &Cx) -> Result<Reply, Problem> {
    let mut f = cx.frame("app-demo-start");
    // Everybody signs in here with a click.
    f.offer_sign_in = false;
    let (t, csrf) = (f.t.clone(), f.csrf.clone());
    let sheet = Sheet::new(f)
        .add(Block::Lead(t.get("app-demo-lead").into_owned()))
        .add(Block::Markup(cards(&t, &csrf, &PARTS)))
        .add(Block::Heading(t.get("app-demo-tour").into_owned()))
        .text(t.get("app-demo-tour-lead").into_owned())
        .add(Block::Button(Link::new("/demo/tour", t.get("app-demo-tour-begin")), ""))
        .add(Block::Heading(t.get("app-demo-others").into_owned()))
        .add(Block::Markup(cards(&t, &csrf, &OTHERS)))
        .add(Block::Links(vec![
            Link::new("/demo/clinic", t.get("app-demo-clinic")),
            Link::new("/pre-registration", t.get("app-demo-pre")),
            Link::new("/demo/outbox", t.get("app-demo-outbox")),
            Link::new("/statistics", t.get("app-statistics")),
            Link::new("/trust", t.get("app-trust")),
        ]));
    Reply::page(&sheet)
}

fn cards(t: &Texts, csrf: &str, parts: &[Part]) -> Html {
    let mut out = String::from("<ul class=\"cards\">");
    for part in parts {
        let kind = if part.who == "operator" { "danger" } else { "second" };
        out.push_str(&format!(
            "<li><h2>{}</h2><div class=\"field\"><p>{}</p></div><form method=\"post\" action=\"/demo/be/{}\">\
             <input type=\"hidden\" name=\"csrf\" value=\"{}\"><input type=\"hidden\" name=\"next\" value=\"{}\">\
             <input type=\"hidden\" name=\"in\" value=\"{}\"><button class=\"{kind}\">{}</button></form></li>",
            Html::text(t.get(part.role)),
            Html::text(t.get(part.about)),
            part.who,
            Html::text(csrf),
            part.next,
            part.lang,
            Html::text(t.get(part.button)),
        ));
    }
    out.push_str("</ul>");
    Html::trusted(out)
}

/// One click signs in: only in a store that is marked as a demo.
async fn be(cx: Cx) -> Result<Reply, Problem> {
    let cast = cx.service::<Cast>()?;
    let who = cx.param("who");
    let principal = match who {
        "citizen" => Principal::Citizen(cx.service::<People>()?.office_token(cast.citizen).await?),
        // Whoever runs the machine has an account like others; what they do past it needs none.
        "operator" => Principal::Official(cast.official("administrator")?),
        official => Principal::Official(cast.official(official)?),
    };
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let (device, replaces) = (cx.browser.clone(), cx.cookie(SESSION_COOKIE).map(str::to_string));
    let signed_in = with_tx!(store.write, tx, [office, device, replaces] {
        office.demo_sign_in(tx, principal, &device, replaces.as_deref()).await
    })?;
    if who == "citizen" {
        let now = cx.now().0;
        cx.service::<super::journal::Journal>()?.note(|done| done.was_citizen = Some(now))?;
    }
    let next = cx.form.some("next").filter(|next| is_local(next)).unwrap_or_default();
    let reply = welcome(&cx, &signed_in, next);
    Ok(in_language(&cx, reply))
}

/// In the language of whoever one is now; back in the visitor's own when that person reads it.
fn in_language(cx: &Cx, reply: Reply) -> Reply {
    let secure = cx.site.secure;
    let offers = |tag: &str| cx.site.live().pages.languages.iter().any(|(lang, _)| lang.tag() == tag);
    let own = cx.cookie(OWN_LANG_COOKIE).filter(|tag| offers(tag));
    match cx.form.some("in").filter(|tag| offers(tag)) {
        Some(theirs) if theirs != cx.lang.tag() => reply
            .cookie(OWN_LANG_COOKIE, own.unwrap_or(cx.lang.tag()), Some(LANG_SECONDS), secure)
            .cookie(LANG_COOKIE, theirs, Some(LANG_SECONDS), secure),
        Some(_) => reply,
        None => match own {
            Some(own) => reply.cookie(LANG_COOKIE, own, Some(LANG_SECONDS), secure).cookie(
                OWN_LANG_COOKIE,
                "",
                Some(0),
                secure,
            ),
            None => reply,
        },
    }
}
