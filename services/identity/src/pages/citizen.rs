//! The citizen's own pages: my record, who looked, receipts, everything we hold.

use super::shown::{receipt_path, rows};
use crate::mine::MyData;
use crate::openid::Provider;
use crate::people::People;
use crate::verify::Verifier;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Id, Problem};
use daftar_record::LookContent;
use daftar_record::receipt::{Receipt, State};
use daftar_ui::parts::{Link, ReceiptState, SummaryRow, Task};
use daftar_ui::{Block, Html, Sheet, Texts, Tone};

/// Rows of a page of looks or acts.
const PAGE: u32 = 20;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/me", Access::Citizen, home);
    routes.page("GET", "/me/record", Access::Citizen, record);
    routes.page("GET", "/me/photo.jpg", Access::Citizen, photo);
    routes.page("GET", "/me/looks", Access::Citizen, looks);
    routes.page("GET", "/me/looks/proof.json", Access::Citizen, proof);
    routes.page("GET", "/me/receipts", Access::Citizen, receipts);
    routes.page("GET", "/me/data.json", Access::Citizen, data);
    routes.page("GET", "/me/data.pdf", Access::Citizen, super::my_data_pdf::page);
    routes.page("GET", "/receipts/{receipt}", Access::SignedIn, receipt).example("receipt", "$receipt");
    routes
        .page("GET", "/me/receipts/{receipt}/file.json", Access::Citizen, receipt_file)
        .example("receipt", "$receipt")
        .owned();
}

async fn home(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let citizen = cx.citizen()?;
    let name = people.citizen_name(citizen).await?;
    let looks = people.my_looks(citizen, None, 1).await?;
    let f = cx.frame("identity-me");
    let t = f.t.clone();
    let task = |label: &str, href: &str| Task {
        label: t.get(label).into_owned(),
        href: Some(href.into()),
        hint: t.get(&format!("{label}-hint")).into_owned(),
        status: String::new(),
        done: true,
    };
    let count = i64::try_from(looks.total).unwrap_or(i64::MAX);
    let sheet = Sheet::new(f)
        .caption(name)
        .add(Block::Lead(t.one("identity-me-looks-count", "count", count)))
        .add(Block::Tasks(vec![
            task("identity-my-record", "/me/record"),
            task("identity-my-people", "/me/people"),
            task("identity-my-documents", "/me/documents"),
            task("identity-my-looks", "/me/looks"),
            task("identity-my-receipts", "/me/receipts"),
            task("identity-my-assisted", "/me/assisted"),
            task("identity-my-services", "/me/services"),
            task("identity-my-permissions", "/me/permissions"),
            task("identity-my-card", "/me/card.pdf"),
            task("identity-my-certificate", "/me/certificate.pdf"),
            task("identity-my-data-paper", "/me/data.pdf"),
            task("identity-my-data", "/me/data.json"),
            task("identity-my-complaints", "/me/complaints"),
            task("identity-my-sessions", "/sessions"),
            task("identity-my-passkeys", "/passkeys"),
        ]));
    Reply::page(&sheet)
}

async fn record(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let mine = people.my_record(cx.citizen()?).await?;
    let f = cx.frame("identity-my-record");
    let t = f.t.clone();
    let person = &mine.version.document.person;
    let mut summary = rows(&cx, &t, person);
    if let Some(card) = &mine.card {
        let number = Html::ltr(card.number.grouped());
        summary.push(SummaryRow::new(t.get("identity-card-number"), number));
    }
    summary.push(SummaryRow::new(t.get("identity-registered-on"), t.day(mine.registered_at)));
    summary.push(SummaryRow::new(t.get("identity-version"), t.number(mine.version.version)));
    let mut sheet = Sheet::new(f).back("/me");
    if person.photo.is_some() {
        let alt = Html::text(t.get("identity-photo"));
        sheet = sheet.add(Block::Markup(Html::trusted(format!(
            "<p><img src=\"/me/photo.jpg\" alt=\"{alt}\" width=\"160\"></p>"
        ))));
    }
    let marks = mine.version.document.marks;
    if mine.card.is_some() {
        let lost = Link::new("/me/card/lost", t.get("identity-life-card"));
        sheet = sheet.add(Block::Links(vec![lost]));
    }
    for (marked, key) in
        [(marks.suspended, "identity-told-suspended"), (marks.fraud, "identity-told-fraud-found")]
    {
        if marked {
            let recourse = Link::new("/me/complaints/new", t.get("identity-my-complain"));
            sheet = sheet
                .add(Block::Note(Tone::Warning, String::new(), Html::text(t.get(key))))
                .add(Block::Links(vec![recourse]));
        }
    }

    let records = people.own_subjects(cx.citizen()?).await?.len();
    sheet = sheet.add(Block::Summary(summary)).extend(other_records(&t, records, 0));
    let sheet = sheet.add(Block::Note(
        Tone::Info,
        t.get("identity-wrong").into_owned(),
        Html::text(t.get("identity-wrong-text")),
    ));
    Reply::page(&sheet)
}

async fn photo(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let photo = people.my_photo(cx.citizen()?).await?.ok_or_else(Problem::not_found)?;
    Ok(Reply::new("image/jpeg", photo.jpeg))
}

async fn looks(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let before = cx.query.some("before").and_then(|text| text.parse().ok());
    let records = people.own_subjects(cx.citizen()?).await?.len();
    let record = which_record(&cx);
    let looks = people.looks_at_record(cx.citizen()?, record, before, PAGE).await?;
    let f = cx.frame("identity-my-looks");
    let t = f.t.clone();
    let count = i64::try_from(looks.total).unwrap_or(i64::MAX);
    let mut sheet =
        Sheet::new(f).back("/me").add(Block::Lead(t.one("identity-me-looks-count", "count", count)));
    sheet = sheet.extend(other_records(&t, records, record));
    if looks.sealed > 0 {
        let sealed = i64::try_from(looks.sealed).unwrap_or(i64::MAX);
        sheet = sheet.add(Block::Note(
            Tone::Info,
            String::new(),
            Html::text(t.one("identity-looks-sealed", "count", sealed)),
        ));
    }
    if looks.prolonged > 0 {
        let count = i64::try_from(looks.prolonged).unwrap_or(i64::MAX);
        sheet = sheet.text(t.one("identity-looks-prolonged", "count", count));
    }
    for gap in cx.site.record.successions().await?.iter().filter(|one| one.lost_looks()) {
        let from = gap.kept_until.map_or_else(|| "–".to_string(), |at| t.moment(at));
        let text = t.two("identity-looks-gap", "from", from, "to", t.moment(gap.at));
        sheet = sheet.add(Block::Note(Tone::Warning, String::new(), Html::text(text)));
    }
    for row in &looks.rows {
        sheet = sheet.add(Block::Heading(t.moment(row.at)));
        sheet = match &row.content {
            Some(content) => sheet
                .add(Block::Text(Html::text(sentence(&cx, &t, content))))
                .add(Block::Summary(facts(&cx, &t, content))),
            None => sheet.text(t.get("identity-look-hidden").into_owned()),
        };
        sheet = sheet.add(Block::Links(vec![
            Link::new(receipt_path(row.id), t.get("identity-look-receipt")),
            Link::new(format!("/me/complaints/new?look={}", row.id), t.get("identity-look-unknown")),
        ]));
    }
    let older =
        looks.next.map_or_else(String::new, |next| format!("/me/looks?record={record}&before={next}"));
    let sheet = sheet
        .add(Block::Pages(String::new(), older))
        .add(Block::Note(
            Tone::Info,
            t.get("identity-complete").into_owned(),
            Html::text(t.get("identity-complete-text")),
        ))
        .add(Block::Links(vec![Link::new(
            format!("/me/looks/proof.json?record={record}"),
            t.get("identity-proof"),
        )]));
    Reply::page(&sheet)
}

/// Which of the citizen's records a page is about: 0 is the one that stands.
fn which_record(cx: &Cx) -> usize {
    cx.query.some("record").and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Where the looks at the citizen's other records are, when records were found to be one person's.
fn other_records(t: &Texts, records: usize, shown: usize) -> Vec<Block> {
    if records < 2 {
        return Vec::new();
    }
    let links = (0..records)
        .filter(|record| *record != shown)
        .map(|record| match record {
            0 => Link::new("/me/looks", t.get("identity-absorbed-standing")),
            other => Link::new(
                format!("/me/looks?record={other}"),
                t.one("identity-absorbed-looks", "number", other),
            ),
        })
        .collect();
    vec![Block::Text(Html::text(t.get("identity-absorbed-text"))), Block::Links(links)]
}

/// Whether it was a service the citizen signed in to.
fn is_service(look: &LookContent) -> bool {
    look.purpose == crate::openid::PURPOSE && look.basis == crate::openid::BASIS
}

/// Whether it was a guardian's.
fn is_guardian(look: &LookContent) -> bool {
    look.purpose == crate::bonds::PURPOSE && look.basis == crate::bonds::BASIS
}

/// Whether it was a program that asks in its own name: no official has neither role nor office.
fn is_partner(look: &LookContent) -> bool {
    look.role.is_empty() && look.office.is_empty() && !is_service(look) && !is_guardian(look)
}

/// One plain sentence: who, of which office, why.
pub(super) fn sentence(cx: &Cx, t: &Texts, look: &LookContent) -> String {
    if is_service(look) {
        return t.one("identity-look-service", "who", look.reader.as_str());
    }
    if is_guardian(look) {
        return t.one("identity-look-guardian", "who", look.reader.as_str());
    }
    if look.purpose == crate::verify::CHECK {
        return t.get("identity-look-card-check").into_owned();
    }
    let roster = cx.site.roster();
    if is_partner(look) {
        let purpose = roster.purpose(&look.purpose).map_or(look.purpose.as_str(), |p| p.label.get(&cx.lang));
        return t.two("identity-look-partner", "who", look.reader.as_str(), "purpose", purpose);
    }
    let office =
        roster.office(&look.office).map_or(look.office.as_str(), |office| office.label.get(&cx.lang));
    let purpose =
        roster.purpose(&look.purpose).map_or(look.purpose.as_str(), |purpose| purpose.label.get(&cx.lang));
    let args = [("who", look.reader.as_str().into()), ("office", office.into()), ("purpose", purpose.into())];
    t.with("identity-look-sentence", &args)
}

fn facts(cx: &Cx, t: &Texts, look: &LookContent) -> Vec<SummaryRow> {
    said_of(cx, t, look)
        .into_iter()
        .map(|(key, value)| SummaryRow::new(key, Html::isolated(&value)))
        .collect()
}

/// What a look says besides its sentence, in words.
pub(super) fn said_of(cx: &Cx, t: &Texts, look: &LookContent) -> Vec<(String, String)> {
    let roster = cx.site.roster();
    let agency =
        roster.agency(&look.agency).map_or(look.agency.as_str(), |agency| agency.label.get(&cx.lang));
    let role = roster.role(&look.role).map_or(look.role.as_str(), |role| role.label.get(&cx.lang));
    let fields: Vec<String> = look
        .fields
        .iter()
        .map(|field| {
            let key = format!("identity-field-{}", field.replace('_', "-"));
            if t.has(&key) { t.get(&key).into_owned() } else { field.clone() }
        })
        .collect();
    let row = |key: &str, value: String| (t.get(key).into_owned(), value);
    let mut rows = Vec::new();
    if is_service(look) {
        rows.push(row("identity-basis", t.get("identity-look-consent").into_owned()));
    } else if is_guardian(look) {
        rows.push(row("identity-basis", t.get("identity-look-guardianship").into_owned()));
    } else if is_partner(look) {
        if !agency.is_empty() {
            rows.push(row("identity-agency", agency.to_string()));
        }
        let basis = match look.basis.as_str() {
            crate::verify::CONSENT => t.get("identity-look-permission").into_owned(),
            crate::verify::SHOWN => t.get("identity-look-shown").into_owned(),
            law => law.to_string(),
        };
        rows.push(row("identity-basis", basis));
    } else {
        rows.push(row("identity-agency", agency.to_string()));
        rows.push(row("identity-role", role.to_string()));
        rows.push(row("identity-basis", look.basis.clone()));
    }
    rows.push(row("identity-fields", t.list(&fields)));
    rows.extend(look.case.clone().map(|case| row("identity-case", case)));
    rows
}

/// What an act was, in words.
pub(super) fn act_words(t: &Texts, kind: &str) -> String {
    let key = format!("identity-act-{}", kind.rsplit('.').next().unwrap_or_default());
    if t.has(&key) { t.get(&key).into_owned() } else { kind.to_string() }
}

async fn proof(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let subjects = people.own_subjects(cx.citizen()?).await?;
    let subject = subjects.get(which_record(&cx)).copied().ok_or_else(Problem::not_found)?;
    let found = cx.site.record.person_proof(subject).await?;
    let (_, proof) = found.ok_or_else(|| Problem::unavailable("identity-proof-wait").retry_after(5))?;
    let body = serde_json::to_vec_pretty(&proof).map_err(Problem::internal)?;
    Ok(Reply::file("application/json", "looks.proof.json", body))
}

async fn receipts(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let before = cx.query.some("before").and_then(|text| text.parse::<Id>().ok());
    let acts = people.my_acts(cx.citizen()?, before, PAGE).await?;
    let f = cx.frame("identity-my-receipts");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/me").add(Block::Lead(t.get("identity-receipts-lead").into_owned()));
    for act in &acts {
        sheet = sheet
            .add(Block::Heading(act_words(&t, &act.entry.kind)))
            .text(t.moment(act.at))
            .add(Block::Links(links_of(&t, act)));
    }
    let full = u32::try_from(acts.len()).is_ok_and(|n| n == PAGE);
    let older = acts
        .last()
        .filter(|_| full)
        .map_or_else(String::new, |last| format!("/me/receipts?before={}", last.id));
    Reply::page(&sheet.add(Block::Pages(String::new(), older)))
}

/// Where a receipt leads; a merge can be complained about there.
fn links_of(t: &Texts, act: &daftar_record::receipt::ActRow) -> Vec<Link> {
    let mut links = vec![Link::new(receipt_path(act.id), t.get("identity-receipt-open"))];
    if act.entry.kind == crate::double::Decision::Merge.act() {
        let complain = format!("/me/complaints/new?merge={}", act.id);
        links.push(Link::new(complain, t.get("identity-merge-complain")));
    }
    links
}

/// How far a receipt is. Officials see the state of the acts they did; citizens can download their own.
async fn receipt(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("receipt")?;
    let mine = match cx.actor.citizen() {
        Some(citizen) => {
            let people = cx.service::<People>()?;
            if !people.is_my_receipt(citizen, id).await? {
                return Err(Problem::not_found());
            }
            true
        }
        None => false,
    };
    let receipt = cx.site.record.public_receipt(id).await?;
    let f = cx.frame("identity-receipt");
    let t = f.t.clone();
    let file = (mine && receipt.state != State::Pending).then(|| format!("/me/receipts/{id}/file.json"));
    Reply::page(&Sheet::new(f).extend(receipt_blocks(&t, &receipt, id, file)))
}

/// How far a receipt is, and its file for whom it is about, once there is one.
pub(super) fn receipt_blocks(t: &Texts, receipt: &Receipt, id: Id, file: Option<String>) -> Vec<Block> {
    let (state, explain) = match receipt.state {
        State::Pending => (ReceiptState::Pending, "identity-receipt-pending"),
        State::Signed => (ReceiptState::Signed, "identity-receipt-signed"),
        State::Cosigned => (ReceiptState::Cosigned, "identity-receipt-cosigned"),
    };
    let rows = vec![
        SummaryRow::new(t.get("identity-receipt-number"), Html::ltr(id)),
        SummaryRow::new(t.get("identity-when"), t.moment(receipt.at)),
    ];
    let mut blocks =
        vec![Block::Receipt(state), Block::Text(Html::text(t.get(explain))), Block::Summary(rows)];
    if let Some(file) = file {
        blocks.extend([
            Block::Button(Link::new(file, t.get("identity-receipt-download")), ""),
            Block::Text(Html::text(t.get("identity-receipt-how"))),
            Block::Links(vec![
                Link::new("/trust/policy", t.get("identity-policy")),
                Link::new("/trust", t.get("identity-trust")),
            ]),
        ]);
    }
    blocks
}

async fn receipt_file(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("receipt")?;
    let people = cx.service::<People>()?;
    if !people.is_my_receipt(cx.citizen()?, id).await? {
        return Err(Problem::not_found());
    }
    let receipt = cx.site.record.receipt(id).await?;
    let body = receipt.json().ok_or_else(|| Problem::unavailable("identity-proof-wait").retry_after(5))?;
    Ok(Reply::file("application/json", &receipt.file_name(), body))
}

async fn data(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let citizen = cx.citizen()?;
    let data = people.my_data(citizen).await?;
    let mut accounts = people.own_accounts(citizen).await?;
    // The account that is signed in comes first, also when its record was absorbed.
    accounts.sort_by_key(|account| *account != citizen);
    everything(&cx, &data, &accounts, "my-data.json").await
}

/// Everything about somebody as one file, with what services and partners may know under each of their accounts.
pub(super) async fn everything(
    cx: &Cx,
    data: &MyData,
    accounts: &[Id],
    name: &str,
) -> Result<Reply, Problem> {
    let mut data = data.json();
    let (provider, verifier) = (cx.service::<Provider>()?, cx.service::<Verifier>()?);
    // Whose records were joined has an account of each, with consents of its own.
    let (mut services, mut permissions) = (Vec::new(), Vec::new());
    for account in accounts {
        services.push(provider.my_data(*account).await?);
        permissions.push(verifier.my_data(*account).await?);
    }
    data["services_of_other_accounts"] = services.split_off(services.len().min(1)).into();
    data["permissions_of_other_accounts"] = permissions.split_off(permissions.len().min(1)).into();
    data["services"] = services.pop().unwrap_or_default();
    data["permissions"] = permissions.pop().unwrap_or_default();
    let body = serde_json::to_vec_pretty(&data).map_err(Problem::internal)?;
    Ok(Reply::file("application/json", name, body))
}
