//! Everything that is held about a citizen, as a document to read and print: in their language, in any script, page by page.

use super::citizen::{act_words, said_of, sentence};
use super::shown::said;
use crate::bonds::WardData;
use crate::mine::MyData;
use crate::people::People;
use crate::verify::consent::Permission;
use crate::verify::{Verifier, words};
use daftar_http::{Cx, Reply};
use daftar_kernel::lang::Direction as LangDirection;
use daftar_kernel::{Id, Lang, Problem};
use daftar_ports::fonts;
use daftar_ui::Texts;
use pdf_writing::{Align, Direction, Flow, Length, Margins, PdfFault, Role, Size, TextStyle};

/// Looks and acts that the document lists at most, the newest; the JSON file holds the rest. More would pass the limits of a
/// document that a phone still opens.
const ROWS_MAX: usize = 2_000;

/// One piece of the document, in words.
enum Piece {
    Heading(String),
    Text(String),
    Pairs(Vec<(String, String)>),
}

/// `GET /me/data.pdf`.
///
/// # Errors
/// As [`People::my_data`]; 500 when this machine lacks a font, which `daftar doctor` names.
pub(super) async fn page(cx: Cx) -> Result<Reply, Problem> {
    of(&cx, cx.citizen()?).await
}

/// Everything about the holder of an account: for themselves, or for an official who hands it out at their wish.
///
/// # Errors
/// As [`page`].
pub(super) async fn of(cx: &Cx, citizen: Id) -> Result<Reply, Problem> {
    let data = cx.service::<People>()?.my_data(citizen).await?;
    put_together(cx, &data, &[citizen], ("identity-my-data", "my-data.pdf")).await
}

/// Everything about a child that its guardian may take along.
///
/// # Errors
/// As [`page`].
pub(super) async fn of_ward(cx: &Cx, held: &WardData) -> Result<Reply, Problem> {
    put_together(cx, &held.data, &held.accounts, ("identity-ward-data-title", "child-data.pdf")).await
}

async fn put_together(
    cx: &Cx,
    data: &MyData,
    accounts: &[Id],
    (title, file): (&str, &str),
) -> Result<Reply, Problem> {
    let mut allowed = Vec::new();
    for account in accounts {
        allowed.extend(cx.service::<Verifier>()?.permissions(*account).await?);
    }
    let t = cx.texts();
    let mut pieces = pieces(cx, &t, data);
    pieces.extend(permissions(cx, &t, &allowed));
    let title = t.get(title).into_owned();
    let footer = t.two("identity-data-page", "page", "{page}", "pages", "{pages}");
    let lang = cx.lang.clone();
    let made = tokio::task::spawn_blocking(move || written(&lang, (&title, &footer), &pieces));
    let pdf = made.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(Reply::file("application/pdf", file, pdf))
}

fn pieces(cx: &Cx, t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![Piece::Text(t.one("identity-data-made", "when", t.moment(data.made_at)))];
    pieces.extend(record(cx, t, data));
    pieces.extend(cards(t, data));
    pieces.extend(bonds(t, data));
    pieces.extend(guardianships(t, data));
    pieces.extend(documents(cx, t, data));
    pieces.extend(packets(t, data));
    pieces.extend(assistances(cx, t, data));
    pieces.extend(looks(cx, t, data));
    pieces.extend(acts(t, data));
    if data.left_out.is_empty() {
        pieces.extend(complaints(cx, t, data));
        pieces.extend(sessions(t, data));
        pieces.extend(passkeys(t, data));
    } else {
        pieces.push(Piece::Text(t.get("identity-ward-data-left-out").into_owned()));
    }
    pieces
}

fn heading(t: &Texts, key: &str) -> Piece {
    Piece::Heading(t.get(key).into_owned())
}

fn pair(t: &Texts, key: &str, value: impl Into<String>) -> (String, String) {
    (t.get(key).into_owned(), value.into())
}

/// The numbers, and every version of the record: what it said, who wrote it, when, why and on what.
fn record(cx: &Cx, t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-my-record")];
    let mut now: Vec<(String, String)> = Vec::new();
    now.extend(data.number.map(|number| pair(t, "identity-number", number.grouped())));
    pieces.push(Piece::Pairs(now));
    if data.versions.iter().any(|version| version.document.person.photo.is_some()) {
        pieces.push(Piece::Text(t.get("identity-data-photo").into_owned()));
    }
    pieces.push(heading(t, "identity-data-history"));
    pieces.extend(versions(cx, t, &data.versions));
    for record in &data.absorbed {
        pieces.push(heading(t, "identity-absorbed"));
        pieces.push(Piece::Text(t.get("identity-absorbed-text").into_owned()));
        let number = record.number.map(|number| pair(t, "identity-number", number.grouped()));
        pieces.push(Piece::Pairs(number.into_iter().collect()));
        pieces.extend(versions(cx, t, &record.versions));
    }
    pieces
}

/// Versions of a record, the newest first.
fn versions(cx: &Cx, t: &Texts, list: &[crate::version::Version]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for version in list.iter().rev() {
        let document = &version.document;
        pieces.push(Piece::Text(t.one("identity-data-version", "number", version.version)));
        let fields = said(cx, t, &document.person).into_iter();
        let mut pairs: Vec<(String, String)> = fields.map(|(key, lines)| (key, lines.join("\n"))).collect();
        pairs.push(pair(t, "identity-when", t.moment(version.at)));
        let roster = cx.site.roster();
        let office = roster.office(&document.writer.office).map(|office| office.label.get(&cx.lang));
        let writer = [Some(document.writer.name.as_str()), office].into_iter().flatten();
        pairs.push(pair(t, "identity-writer", writer.collect::<Vec<_>>().join(", ")));
        pairs.push(pair(t, "identity-cause", t.get(&format!("identity-cause-{}", document.cause.word()))));
        for (key, words) in [("identity-reason", &document.reason), ("identity-evidence", &document.evidence)]
        {
            if !words.is_empty() {
                pairs.push(pair(t, key, words.as_str()));
            }
        }
        pairs.push(pair(t, "identity-receipt-number", version.receipt.to_string()));
        pieces.push(Piece::Pairs(pairs));
    }
    pieces
}

/// What partners were allowed.
fn permissions(cx: &Cx, t: &Texts, allowed: &[Permission]) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-my-permissions")];
    for Permission { consent, partner } in allowed {
        let state = format!("identity-permission-is-{}", consent.state_word(cx.now()));
        let mut pairs = vec![
            pair(t, "identity-openid-organisation", format!("{} ({})", partner.name, partner.organisation)),
            pair(t, "identity-fields", t.list(&words(t, &consent.attributes))),
            pair(t, "identity-permission-state", t.get(&state)),
        ];
        pairs.extend(consent.given_at.map(|at| pair(t, "identity-permission-answered", t.moment(at))));
        pairs.extend(consent.until.map(|at| pair(t, "identity-permission-until", t.moment(at))));
        pairs.push(pair(t, "identity-permission-used", t.number(consent.uses)));
        pieces.push(Piece::Pairs(pairs));
    }
    or_none(t, pieces)
}

fn cards(t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-data-cards")];
    for held in &data.cards {
        let ended =
            held.ended_at.map_or_else(|| t.get("identity-data-card-until").into_owned(), |at| t.day(at));
        pieces.push(Piece::Pairs(vec![
            pair(t, "identity-card-number", held.card.number.grouped()),
            pair(t, "identity-data-card-issued", t.day(held.card.issued_at)),
            pair(t, "identity-data-card-ended", ended),
        ]));
    }
    or_none(t, pieces)
}

fn bonds(t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-bonds")];
    for bond in &data.bonds {
        let what = t.get(&format!("identity-bond-{}-{}", bond.kind.word(), bond.side.word()));
        let mut pairs = vec![
            pair(t, "identity-data-what", what),
            pair(t, "identity-when", t.moment(bond.since)),
            pair(t, "identity-receipt-number", bond.receipt.to_string()),
        ];
        pairs.extend(bond.ended.map(|(at, _)| pair(t, "identity-data-card-ended", t.day(at))));
        pieces.push(Piece::Pairs(pairs));
    }
    or_none(t, pieces)
}

/// Decisions of a court that wait for two officials; the heading only when there is one.
fn guardianships(t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for waiting in &data.guardianships {
        if pieces.is_empty() {
            pieces.push(heading(t, "identity-guardianship-waits"));
        }
        let said = |key: &str| waiting["decision"][key].as_str().unwrap_or_default().to_string();
        let mut pairs = vec![
            pair(t, "identity-guardianship-court", said("court")),
            pair(t, "identity-guardianship-number", said("number")),
            pair(t, "identity-guardianship-day", said("date")),
            pair(t, "identity-guardianship-words", said("words")),
        ];
        let beside = waiting["beside"].as_str().filter(|words| !words.is_empty());
        pairs.extend(beside.map(|words| pair(t, "identity-guardianship-alone", words)));
        pieces.push(Piece::Pairs(pairs));
    }
    pieces
}

fn documents(cx: &Cx, t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-documents")];
    for held in &data.documents {
        pieces.push(Piece::Pairs(vec![
            pair(t, "identity-document-kind", super::wards::kind_words(cx, &held.kind)),
            pair(t, "identity-when", t.moment(held.at)),
            pair(t, "identity-version", t.number(held.version)),
            pair(t, "identity-receipt-number", held.receipt.to_string()),
        ]));
    }
    or_none(t, pieces)
}

/// What kits brought about the citizen; the heading only when there is something, since most people come to a desk.
fn packets(t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for packet in &data.packets {
        if pieces.is_empty() {
            pieces.push(heading(t, "identity-kit-mine"));
        }
        pieces.push(Piece::Pairs(vec![
            pair(t, "identity-kit-reference", packet.reference.clone()),
            pair(t, "identity-kit-name", packet.kit.clone()),
            pair(t, "identity-kit-operator", packet.operator.clone()),
            pair(t, "identity-kit-made", t.moment(packet.made_at)),
            pair(t, "identity-kit-arrived", t.moment(packet.received_at)),
            pair(t, "identity-kit-documents", t.number(packet.documents)),
            pair(t, "identity-receipt-number", packet.receipt.to_string()),
        ]));
    }
    pieces
}

fn assistances(cx: &Cx, t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-my-assisted")];
    pieces.extend(data.assistances.iter().map(|one| Piece::Pairs(super::assist::pairs(cx, t, one))));
    or_none(t, pieces)
}

fn looks(cx: &Cx, t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-my-looks")];
    if data.looks_still_sealed > 0 {
        let sealed = i64::try_from(data.looks_still_sealed).unwrap_or(i64::MAX);
        pieces.push(Piece::Text(t.one("identity-looks-sealed", "count", sealed)));
    }
    let (shown, left_out) = newest(&data.looks, ROWS_MAX);
    for row in shown {
        let mut pairs = vec![pair(t, "identity-when", t.moment(row.at))];
        match &row.content {
            Some(content) => {
                pairs.push(pair(t, "identity-data-what", sentence(cx, t, content)));
                pairs.extend(said_of(cx, t, content));
            }
            None => pairs.push(pair(t, "identity-data-what", t.get("identity-look-hidden"))),
        }
        pairs.push(pair(t, "identity-receipt-number", row.id.to_string()));
        pieces.push(Piece::Pairs(pairs));
    }
    pieces.extend(more(t, left_out));
    or_none(t, pieces)
}

fn acts(t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-my-receipts")];
    let (shown, left_out) = newest(&data.acts, ROWS_MAX);
    for act in shown {
        pieces.push(Piece::Pairs(vec![
            pair(t, "identity-when", t.moment(act.at)),
            pair(t, "identity-data-what", act_words(t, &act.entry.kind)),
            pair(t, "identity-receipt-number", act.id.to_string()),
        ]));
    }
    pieces.extend(more(t, left_out));
    or_none(t, pieces)
}

fn complaints(cx: &Cx, t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-data-complaints")];
    let roster = cx.site.roster();
    for (complaint, words) in &data.complaints {
        let agency = roster.agency(&complaint.agency).map_or("", |agency| agency.label.get(&cx.lang));
        let desk = roster.office(&complaint.desk).map_or("", |office| office.label.get(&cx.lang));
        let mut pairs = vec![
            pair(t, "identity-receipt-number", complaint.reference.clone()),
            pair(t, "identity-when", t.moment(complaint.opened)),
            pair(t, "identity-agency", agency),
            pair(t, "identity-data-words", words.complaint.clone()),
            pair(t, "identity-data-desk", desk),
            pair(t, "identity-data-due", t.day(complaint.due)),
        ];
        pairs.extend(complaint.answered.map(|at| pair(t, "identity-data-answered", t.moment(at))));
        pairs.extend(words.answer.clone().map(|answer| pair(t, "identity-data-answer", answer)));
        pieces.push(Piece::Pairs(pairs));
    }
    or_none(t, pieces)
}

fn sessions(t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-data-sessions")];
    for session in &data.sessions {
        pieces.push(Piece::Pairs(vec![
            pair(t, "identity-data-device", session.device.clone()),
            pair(t, "identity-when", t.moment(session.created)),
            pair(t, "identity-data-seen", t.moment(session.seen)),
        ]));
    }
    or_none(t, pieces)
}

fn passkeys(t: &Texts, data: &MyData) -> Vec<Piece> {
    let mut pieces = vec![heading(t, "identity-data-passkeys")];
    for passkey in &data.passkeys {
        let mut pairs = vec![
            pair(t, "identity-data-passkey", passkey.name.clone()),
            pair(t, "identity-data-added", t.moment(passkey.created)),
        ];
        pairs.extend(passkey.used.map(|at| pair(t, "identity-data-used", t.moment(at))));
        pieces.push(Piece::Pairs(pairs));
    }
    or_none(t, pieces)
}

/// The newest rows of a list that begins with them, and how many are left out.
fn newest<T>(rows: &[T], most: usize) -> (&[T], usize) {
    let shown = rows.get(..most).unwrap_or(rows);
    (shown, rows.len() - shown.len())
}

fn more(t: &Texts, left_out: usize) -> Option<Piece> {
    (left_out > 0).then(|| Piece::Text(t.one("identity-data-more", "count", left_out)))
}

/// A part that holds nothing says so.
fn or_none(t: &Texts, mut pieces: Vec<Piece>) -> Vec<Piece> {
    if pieces.len() == 1 {
        pieces.push(Piece::Text(t.get("identity-data-none").into_owned()));
    }
    pieces
}

fn written(lang: &Lang, (title, footer): (&str, &str), pieces: &[Piece]) -> Result<Vec<u8>, PdfFault> {
    let way = match lang.direction() {
        LangDirection::Ltr => Direction::Ltr,
        LangDirection::Rtl => Direction::Rtl,
    };
    let mut flow = Flow::new(fonts::of_system(), (title, lang.tag(), way), Size::A4, Margins::default())?;
    flow.footer(footer, TextStyle::footer());
    let text = TextStyle::new(Length::points(10));
    let label = text.clone().bold();
    // Names, codes and what people wrote run their own way, whatever the document's language, but stand at one edge.
    let edge = if way == Direction::Rtl { Align::Right } else { Align::Left };
    let value = text.clone().direction(Direction::Auto).align(edge);
    flow.text(title, &TextStyle::new(Length::points(18)).bold(), Role::Heading1)?;
    flow.space(Length::points(6));
    for piece in pieces {
        match piece {
            Piece::Heading(words) => {
                flow.space(Length::points(10));
                flow.text(words, &TextStyle::new(Length::points(13)).bold(), Role::Heading2)?;
            }
            Piece::Text(words) => flow.text(words, &text, Role::Paragraph)?,
            Piece::Pairs(pairs) => flow.pairs(pairs, &label, &value)?,
        }
        flow.space(Length::points(6));
    }
    flow.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_rows_are_listed_and_the_rest_is_counted() {
        let rows = vec![0; ROWS_MAX + 1];
        assert_eq!(newest(&rows[..0], ROWS_MAX), (&rows[..0], 0));
        assert_eq!(newest(&rows[..ROWS_MAX], ROWS_MAX), (&rows[..ROWS_MAX], 0));
        assert_eq!(newest(&rows, ROWS_MAX), (&rows[..ROWS_MAX], 1));
    }
}
