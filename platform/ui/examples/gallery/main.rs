//! Writes every component as static pages, in three languages: `cargo run -p daftar-ui --example gallery -- DIR`.
//! For eyes; the pages link to their stylesheet by a relative path, so that a browser can open them as files.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use askama::Template;
use daftar_kernel::{Lang, PartialDate, Problem, Timestamp};
use daftar_ui::form_view::{
    AnswerView, FieldKind, FieldView, OptionView, PageView, SummaryView, check_page, form_page,
};
use daftar_ui::parts::{Choice, Column, Link, ReceiptState, SummaryRow, Table, Task, Tile};
use daftar_ui::{
    BUNDLES, Bundle, Catalog, Frame, Html, Notice, RecordClock, SignedIn, Site, Texts, Tone, assets,
    problem_page,
};

const OWN: [Bundle; 3] = [
    Bundle { crate_name: "gallery", lang: "en", text: include_str!("en.ftl") },
    Bundle { crate_name: "gallery", lang: "fr", text: include_str!("fr.ftl") },
    Bundle { crate_name: "gallery", lang: "ar", text: include_str!("ar.ftl") },
];

/// 27 November 2026, 10:31.
const NOW: Timestamp = Timestamp::from_seconds(1_795_775_495);

#[derive(Template)]
#[template(path = "gallery-start.html")]
struct Start<'a> {
    f: &'a Frame,
    tiles: Vec<Tile>,
}

#[derive(Template)]
#[template(path = "gallery-record.html")]
struct Record<'a> {
    f: &'a Frame,
    crumbs: Vec<Link>,
    rows: Vec<SummaryRow>,
    looks: Table,
    pending: ReceiptState,
    signed: ReceiptState,
    cosigned: ReceiptState,
}

#[derive(Template)]
#[template(path = "gallery-parts.html")]
struct Parts<'a> {
    f: &'a Frame,
    tasks: Vec<Task>,
    choices: Vec<Choice>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("say where: cargo run -p daftar-ui --example gallery -- DIR")?;
    let dir = Path::new(&dir);
    std::fs::create_dir_all(dir.join("assets"))?;
    for asset in assets() {
        std::fs::write(dir.join(asset.path.trim_start_matches('/')), &asset.bytes)?;
    }
    let bundles: Vec<Bundle> = BUNDLES.iter().chain(&OWN).copied().collect();
    let catalog = Catalog::new(&bundles).map_err(|faults| format!("{faults:?}"))?;
    for tag in ["en", "fr", "ar"] {
        let t = Lang::parse(tag).and_then(|lang| catalog.texts(&lang)).ok_or("language")?;
        let f = frame(&t);
        let pages = [
            ("start", start(&f)?),
            ("record", record(&f)?),
            ("form", form_page(&f, &form(&t, false), "/x", "/", true)?),
            ("faults", form_page(&f, &form(&t, true), "/x", "/", true)?),
            ("one", form_page(&f, &one_question(&t), "/x", "/", false)?),
            ("check", check_page(&f, &answers(&t), "/x/", "/x", "/", &t.get("gallery-register"))?),
            ("parts", parts(&f)?),
            ("problem", problem_page(&f, &Problem::not_found())?),
        ];
        for (name, html) in pages {
            let page = html.as_str().replace("\"/assets/", "\"assets/");
            std::fs::write(dir.join(format!("{name}-{tag}.html")), page)?;
        }
    }
    Ok(())
}

fn frame(t: &Texts) -> Frame {
    let languages = [("en", "English"), ("fr", "Français"), ("ar", "العربية")];
    let names =
        [("en", "Republic of Sahel Bay"), ("fr", "République de Sahel Bay"), ("ar", "جمهورية خليج الساحل")];
    let pairs = |list: [(&str, &str); 3]| {
        list.into_iter()
            .filter_map(|(tag, name)| Some((Lang::parse(tag)?, name.to_string())))
            .collect::<Vec<_>>()
    };
    let site = Site {
        names: pairs(names).into_iter().collect(),
        languages: pairs(languages),
        footer: vec![("/complaints".into(), "gallery-complaint".into())],
        ..Site::default()
    };
    let mut f = Frame::new(t.clone(), Arc::new(site), t.get("gallery-start"));
    f.signed_in = Some(SignedIn {
        name: "Leila Ben Ali".into(),
        role: t.get("gallery-role").into(),
        href: "/account".into(),
    });
    f.nav = vec![
        Link::new("#", t.get("gallery-people")).current(true),
        Link::new("#", t.get("gallery-card")),
        Link::new("#", t.get("gallery-complaint")),
    ];
    f.record =
        Some(RecordClock { published: Some(NOW.plus_seconds(-12)), now: NOW, witnesses: 2, quorum: 2 });
    f
}

fn start(f: &Frame) -> Result<Html, askama::Error> {
    let tile = |label: &str, count: i64| Tile {
        label: f.t.get(label).into(),
        value: f.t.number(count),
        note: f.t.one("gallery-of", "n", count * 3 / 2),
        href: None,
    };
    let tiles =
        vec![tile("gallery-births", 1204), tile("gallery-looks", 48_210), tile("gallery-answered", 97)];
    Start { f, tiles }.render().map(Html::trusted)
}

fn record(f: &Frame) -> Result<Html, askama::Error> {
    let t = &f.t;
    let mut f = f.clone().titled("ሰላማዊት ተስፋዬ");
    f.notice = Some(Notice { tone: Tone::Good, text: t.get("gallery-saved").into() });
    let row = |key: &str, value: Html| SummaryRow::new(t.get(key), value);
    let rows = vec![
        row("gallery-name", Html::isolated("ሰላማዊት ተስፋዬ")).action("#", t.get("ui-change")),
        row("gallery-born", t.date("1956-06".parse().unwrap_or(PartialDate::Unknown)).into()),
        row("gallery-home", Html::lines(["حي النخيل، خلف المسجد الأزرق", "Sahel Bay North"]))
            .action("#", t.get("ui-change")),
        row("gallery-number", Html::code("7F3K-92QM-4X")),
    ];
    let look = |seconds: i64, who: &str, why: &str, state: ReceiptState| {
        let tag = format!("<strong class=\"tag receipt {}\">{}</strong>", state.tone(), t.get(state.key()));
        let at = Html::from(t.moment(NOW.plus_seconds(-seconds)));
        vec![at, t.get(who).into(), t.get(why).into(), Html::trusted(tag)]
    };
    let looks = Table {
        caption: t.get("gallery-who-looked").into(),
        columns: ["gallery-when", "gallery-who", "gallery-why", "gallery-receipt"]
            .map(|k| Column::text(t.get(k)))
            .into(),
        rows: vec![
            look(60, "gallery-officer", "gallery-reason-a", ReceiptState::Pending),
            look(90_000, "gallery-police", "gallery-reason-b", ReceiptState::Cosigned),
        ],
    };
    let crumbs = vec![Link::new("/", f.country()), Link::new("#", t.get("gallery-people"))];
    let [pending, signed, cosigned] = [ReceiptState::Pending, ReceiptState::Signed, ReceiptState::Cosigned];
    Record { f: &f, crumbs, rows, looks, pending, signed, cosigned }.render().map(Html::trusted)
}

fn parts(f: &Frame) -> Result<Html, askama::Error> {
    let t = &f.t;
    let task = |label: &str, status: &str, href: Option<&str>, done| Task {
        label: t.get(label).into(),
        href: href.map(Into::into),
        hint: String::new(),
        status: t.get(status).into(),
        done,
    };
    let tasks = vec![
        task("gallery-task-who", "gallery-status-done", Some("#"), true),
        task("gallery-task-parents", "gallery-status-todo", Some("#"), false),
        task("gallery-task-check", "gallery-status-later", None, true),
    ];
    let choices = vec![
        Choice::new("a", t.get("gallery-active"), true).hint(t.get("gallery-card-help")),
        Choice::new("b", t.get("gallery-suspended"), false),
    ];
    Parts { f: &f.clone().titled(t.get("gallery-done")), tasks, choices }.render().map(Html::trusted)
}

fn field(t: &Texts, name: &str, kind: FieldKind, label: &str, values: &[&str]) -> FieldView {
    let options = [("1", "Sahel Bay North"), ("2", "جنوب الخليج")];
    FieldView {
        name: name.into(),
        kind,
        label: t.get(label).into(),
        help: String::new(),
        required: true,
        values: values.iter().map(ToString::to_string).collect(),
        options: options
            .into_iter()
            .map(|(v, l)| OptionView { value: v.into(), label: l.into(), chosen: values.contains(&v) })
            .collect(),
        max_chars: 500,
        fault: String::new(),
    }
}

fn form(t: &Texts, faults: bool) -> PageView {
    let mut name = field(t, "name", FieldKind::Name, "gallery-name", &["سعاد"]);
    name.help = t.get("gallery-name-help").into();
    let mut born = field(t, "born", FieldKind::PartialDate, "gallery-born", &["31", "6", "1956"]);
    born.help = t.get("gallery-born-help").into();
    if faults {
        name.values.clear();
        name.fault = t.get("gallery-fault-name").into();
        born.fault = t.get("gallery-fault-born").into();
    }
    let mut sex = field(t, "sex", FieldKind::Choice, "gallery-sex", &["1"]);
    sex.options[0].label = t.get("gallery-female").into();
    sex.options[1].label = t.get("gallery-male").into();
    let mut phone = field(t, "phone", FieldKind::Phone, "gallery-phone", &["+216 20 123 456"]);
    phone.required = false;
    PageView {
        form: "f".into(),
        page: "p".into(),
        title: t.get("gallery-task-who").into(),
        help: String::new(),
        step: 2,
        steps: 5,
        fields: vec![
            name,
            born,
            sex,
            field(t, "place", FieldKind::Place, "gallery-place", &["2"]),
            field(t, "home", FieldKind::Address, "gallery-home", &["خلف المسجد الأزرق", "2"]),
            phone,
            field(t, "papers", FieldKind::YesNo, "gallery-papers", &["no"]),
            field(t, "photo", FieldKind::Photo, "gallery-photo", &["x"]),
            field(t, "notes", FieldKind::LongText, "gallery-notes", &[""]),
        ],
    }
}

fn one_question(t: &Texts) -> PageView {
    let mut view = form(t, false);
    view.fields.retain(|field| field.name == "born");
    view.title = t.get("gallery-born").into();
    view
}

fn answers(t: &Texts) -> SummaryView {
    let answer = |label: &str, lines: &[&str]| AnswerView {
        page: "p".into(),
        field: "x".into(),
        label: t.get(label).into(),
        lines: lines.iter().map(ToString::to_string).collect(),
    };
    SummaryView {
        form: "f".into(),
        title: t.get("gallery-register").into(),
        sections: vec![(
            t.get("gallery-task-who").into(),
            vec![
                answer("gallery-name", &["Ngũgĩ"]),
                answer("gallery-born", &[&t.date("1956-06-20".parse().unwrap_or(PartialDate::Unknown))]),
                answer("gallery-home", &["حي النخيل، خلف المسجد الأزرق", "Sahel Bay North"]),
                answer("gallery-phone", &[]),
            ],
        )],
    }
}
