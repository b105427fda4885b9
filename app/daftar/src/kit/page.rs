//! The kit's own pages, for the operator at this machine alone: the country's registration form, one thing at a time. What is
//! being entered lies in memory only, and is gone with the program or once its packet is sealed.
//!
//! Only this machine is answered, under its own name, to whoever opened the address that the program printed: another page in the
//! same browser can neither read nor send anything.

use super::enrol::Enrolment;
use super::folder::Kit;
use crate::installation::{live, permissions};
use anyhow::{Context, Result, anyhow, ensure};
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use daftar_http::Reply;
use daftar_http::decode::{self, Fields, Upload};
use daftar_http::forms::{CountryLists, FormPage, check_html};
use daftar_http::headers::finish;
use daftar_http::route::UPLOAD_BODY_BYTES;
use daftar_identity::answers::from_answers;
use daftar_identity::documents::sniff;
use daftar_identity::kit::Carried;
use daftar_kernel::{Lang, Problem, Timestamp, World, hex};
use daftar_packs::{Country, Source};
use daftar_ports::form::{AnswerFault, Answers, Form as Declared};
use daftar_ui::parts::{Choice, Link, SummaryRow};
use daftar_ui::{Ask, Block, Fault, Field, Form, Frame, Html, Sheet, Texts, Tone, assets};
use enrolment_packet::packet::{DOCUMENT_BYTES_MAX, DOCUMENTS_MAX, is_kind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The form of the country pack.
const FORM: &str = "person-registration";
/// Media types of documents.
const DOCUMENT_TYPES: &str = "image/jpeg,image/png,application/pdf";
/// The cookie that the printed address gives.
const COOKIE: &str = "kit";
const LANG_COOKIE: &str = "kit_lang";

/// What the operator is at.
#[derive(Default)]
struct Desk {
    operator: Option<(String, String)>,
    answers: Answers,
    photo: Option<Vec<u8>>,
    documents: Vec<(String, Vec<u8>)>,
    /// The number of the last person's paper.
    last: Option<String>,
}

/// The pages of a kit.
pub struct Pages {
    kit: Mutex<Kit>,
    live: daftar_http::Live,
    key: String,
    csrf: String,
    desk: Mutex<Desk>,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages")
    }
}

/// What was just sent to a page of the form, when it is shown again, and its faults.
type Again<'a> = (Option<&'a [(String, String)]>, &'a [AnswerFault]);

/// One request, decoded.
struct Asked {
    post: bool,
    path: String,
    fields: Fields,
    uploads: Vec<Upload>,
    t: Texts,
}

impl Pages {
    /// The pages of a kit that is allowed, in the words of its country.
    ///
    /// # Errors
    /// When the kit is not allowed yet, or its authorisation brought no country.
    pub fn new(kit: Kit, world: &World) -> Result<Self> {
        let files = kit.authorisation()?.files;
        ensure!(
            !files.is_empty(),
            "the authorisation brought no form. Next: enrol with daftar kit add, or have the kit allowed anew"
        );
        let country = Country::from_source(&Source::of(files), &permissions()).map_err(|faults| {
            anyhow!(
                "the country of the authorisation does not read: {}",
                faults.first().map_or_else(String::new, ToString::to_string)
            )
        })?;
        let mut live = live(country)?;
        // Links of the installation lead nowhere here.
        let pages = daftar_ui::Site { footer: Vec::new(), crest: None, ..(*live.pages).clone() };
        live.pages = Arc::new(pages);
        let secret = || hex::encode(&world.bytes::<16>());
        let desk = Mutex::new(Desk::default());
        Ok(Self { kit: Mutex::new(kit), live, key: secret(), csrf: secret(), desk })
    }

    /// What the program prints behind the address.
    #[must_use]
    pub fn entrance(&self) -> String {
        format!("/?key={}", self.key)
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let reply = match self.try_answer(request).await {
            Ok(reply) => reply,
            Err(problem) => {
                tracing::info!(%problem, "a page of the kit was not served");
                let words = self.live.catalog.english().problem(&problem);
                Reply::new("text/plain; charset=utf-8", format!("{}\n{}\n", words.what, words.next))
                    .status(problem.kind.status())
            }
        };
        finish(reply, false, false, false)
    }

    async fn try_answer(&self, request: Request<Body>) -> Result<Reply, Problem> {
        let (head, body) = request.into_parts();
        let header =
            |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let path = head.uri.path().to_string();
        if let Some(asset) = assets().into_iter().find(|asset| asset.path == path) {
            return Ok(Reply::new(asset.content_type, asset.bytes.clone()));
        }
        // A name that somebody else's server answers to must not lead here.
        let host = header("host").rsplit_once(':').map_or(header("host"), |(host, _)| host);
        if !matches!(host, "127.0.0.1" | "localhost" | "[::1]") {
            return Err(Problem::not_found());
        }
        let cookies = decode::cookies(header("cookie"));
        let query = decode::urlencoded(head.uri.query().unwrap_or_default().as_bytes())?;
        if query.get("key") == self.key {
            let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict", self.key);
            return Ok(Reply::redirect("/").header("set-cookie", cookie));
        }
        if cookies.get(COOKIE).is_none_or(|sent| *sent != self.key) {
            return Err(Problem::sign_in());
        }
        let chosen = Some(query.get("lang")).filter(|lang| !lang.is_empty());
        let lang = chosen.or_else(|| cookies.get(LANG_COOKIE).map(String::as_str));
        let t = self.texts(lang);
        let bytes = to_bytes(body, UPLOAD_BODY_BYTES).await;
        let bytes =
            bytes.map_err(|_| Problem::new(daftar_kernel::problem::Kind::TooLarge, "body-too-large"))?;
        let (fields, uploads) = decoded(header("content-type"), &bytes)?;
        let post = head.method == axum::http::Method::POST;
        if post && fields.get("csrf") != self.csrf {
            return Err(Problem::forbidden("csrf"));
        }
        let reply = self.page(Asked { post, path, fields, uploads, t })?;
        Ok(match chosen {
            Some(lang) => reply.cookie(LANG_COOKIE, lang, None, false),
            None => reply,
        })
    }

    fn texts(&self, lang: Option<&str>) -> Texts {
        let country = &self.live.country;
        let wanted = lang.and_then(Lang::parse);
        let offered = country.languages.iter().map(|language| &language.lang);
        let lang =
            offered.clone().find(|lang| wanted.as_ref() == Some(lang)).or_else(|| offered.clone().next());
        lang.and_then(|lang| self.live.catalog.texts(lang)).unwrap_or_else(|| self.live.catalog.english())
    }

    fn kit(&self) -> MutexGuard<'_, Kit> {
        self.kit.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn frame(&self, asked: &Asked, title: &str) -> Frame {
        let mut frame =
            Frame::new(asked.t.clone(), Arc::clone(&self.live.pages), asked.t.get(title).into_owned());
        frame.offer_sign_in = false;
        frame.csrf.clone_from(&self.csrf);
        frame.here.clone_from(&asked.path);
        frame
    }

    fn lists(&self) -> Result<CountryLists, Problem> {
        let now = self.kit().now().map_err(Problem::internal)?;
        let country = Arc::clone(&self.live.country);
        Ok(CountryLists { today: country.day(Timestamp(now)), country })
    }

    fn form(&self) -> Result<Arc<Declared>, Problem> {
        self.live.country.forms.get(FORM).cloned().ok_or_else(Problem::not_found)
    }

    fn page(&self, asked: Asked) -> Result<Reply, Problem> {
        let path = asked.path.clone();
        match (asked.post, path.as_str()) {
            (false, "/") => self.home(&asked, None),
            (true, "/sign-in") => self.sign_in(&asked),
            (true, "/sign-out") => {
                *self.desk() = Desk::default();
                Ok(Reply::redirect("/"))
            }
            _ if self.desk().operator.is_none() => Ok(Reply::redirect("/")),
            (true, "/enrol") => {
                let first = self.form()?.pages.first().map(|page| page.id.clone());
                let mut desk = self.desk();
                (desk.answers, desk.photo, desk.documents) = (Answers::default(), None, Vec::new());
                Ok(Reply::redirect(&format!("/enrol/{}", first.unwrap_or_default())))
            }
            (false, "/enrol/documents") => self.documents(&asked, None),
            (true, "/enrol/documents") => self.attach(&asked),
            (false, "/enrol/check") => self.check(&asked),
            (true, "/enrol/check") => self.enrol(&asked),
            (post, path) => match path.strip_prefix("/enrol/") {
                Some(page) if post => self.take(&asked, page),
                Some(page) => self.show(&asked, page),
                None => Err(Problem::not_found()),
            },
        }
    }

    fn home(&self, asked: &Asked, fault: Option<&str>) -> Result<Reply, Problem> {
        let t = &asked.t;
        let (waiting, allowed) = {
            let kit = self.kit();
            let waiting = kit.packets().map_err(Problem::internal)?.len();
            (waiting, kit.authorisation().map_err(Problem::internal)?)
        };
        let faults = fault.map(|key| Fault { field: "pin".into(), message: t.get(key).into_owned() });
        let mut frame = self.frame(asked, "app-kit").with_faults(faults.into_iter().collect());
        frame.title.clone_from(&allowed.name);
        let mut sheet = Sheet::new(frame);
        let (operator, last) = {
            let desk = self.desk();
            (desk.operator.as_ref().map(|(login, _)| login.clone()), desk.last.clone())
        };
        if let Some(last) = last {
            sheet = sheet
                .add(Block::Heading(t.get("app-kit-done").into_owned()))
                .add(Block::Inset(Html::ltr(last)));
        }
        let mut rows = vec![
            SummaryRow::new(t.get("app-kit-waiting"), t.number(i64::try_from(waiting).unwrap_or(i64::MAX))),
            SummaryRow::new(t.get("app-kit-until"), t.moment(Timestamp(allowed.until))),
        ];
        rows.extend(
            operator.as_ref().map(|login| SummaryRow::new(t.get("app-kit-operator"), Html::isolated(login))),
        );
        sheet = sheet.add(Block::Summary(rows));
        sheet = match operator {
            Some(_) => sheet
                .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("app-kit-memory"))))
                .add(Block::Act("/enrol".into(), t.get("app-kit-enrol").into_owned(), ""))
                .add(Block::Act("/sign-out".into(), t.get("ui-sign-out").into_owned(), "second")),
            None => {
                let chosen = asked.fields.get("operator");
                let logins = allowed.operators.iter().map(|one| one.login.as_str());
                let choices = logins.map(|login| Choice::new(login, login, login == chosen)).collect();
                let form = Form::post("/sign-in", t.get("app-kit-begin"))
                    .field(Field::new("operator", t.get("app-kit-operator"), Ask::Radios(choices)))
                    .field(Field::new("pin", t.get("app-kit-pin"), Ask::Password));
                sheet.add(Block::Form(form))
            }
        };
        Ok(Reply::page(&sheet)?.status(if fault.is_some() { 422 } else { 200 }))
    }

    fn sign_in(&self, asked: &Asked) -> Result<Reply, Problem> {
        let (login, pin) = (asked.fields.get("operator"), asked.fields.get("pin"));
        if self.kit().operator(login, pin).is_err() {
            return self.home(asked, Some("app-kit-pin-wrong"));
        }
        *self.desk() = Desk { operator: Some((login.into(), pin.into())), ..Desk::default() };
        Ok(Reply::redirect("/"))
    }

    fn show(&self, asked: &Asked, page: &str) -> Result<Reply, Problem> {
        let answers = self.desk().answers.clone();
        self.shown(asked, page, &answers, (None, &[]))
    }

    fn shown(
        &self,
        asked: &Asked,
        page: &str,
        answers: &Answers,
        (submitted, faults): Again<'_>,
    ) -> Result<Reply, Problem> {
        let form = self.form()?;
        let page = form.page(page).ok_or_else(Problem::not_found)?;
        let before = form.previous_page(&page.id, answers);
        let back = before.map_or_else(|| "/".to_string(), |page| format!("/enrol/{}", page.id));
        let action = format!("/enrol/{}", page.id);
        let drawn = FormPage { form: &form, page, answers, submitted, faults, action: &action, back: &back };
        let html = drawn.html(&self.frame(asked, "ui-check-title"), &self.lists()?, false)?;
        Ok(Reply::html(html.as_str()).status(if faults.is_empty() { 200 } else { 422 }))
    }

    fn take(&self, asked: &Asked, page: &str) -> Result<Reply, Problem> {
        let (form, lists) = (self.form()?, self.lists()?);
        let declared = form.page(page).ok_or_else(Problem::not_found)?;
        let mut submitted = asked.fields.0.clone();
        let photo =
            match asked.uploads.iter().find(|upload| upload.field == "photo" && !upload.bytes.is_empty()) {
                Some(upload) => {
                    let photo = pdf_writing::photo::normalise(&upload.bytes);
                    Some(photo.map_err(|fault| daftar_identity::problems::photo().detail(fault))?.jpeg)
                }
                None => None,
            };
        if let Some(photo) = &photo {
            submitted.retain(|(name, _)| name != "photo");
            submitted.push(("photo".into(), hex::encode(&enrolment_packet::hash(photo))));
        }
        let mut desk = self.desk();
        let entered = form.parse_page(declared, &submitted, &desk.answers, &lists);
        desk.answers.apply(&entered);
        if photo.is_some() {
            desk.photo = photo;
        }
        let answers = desk.answers.clone();
        drop(desk);
        if !entered.faults.is_empty() {
            return self.shown(asked, page, &answers, (Some(&submitted), &entered.faults));
        }
        let next = form.next_page(page, &answers).map_or("documents", |page| page.id.as_str());
        Ok(Reply::redirect(&format!("/enrol/{next}")))
    }

    /// Documents that were seen, photographed or scanned; nobody needs one.
    fn documents(&self, asked: &Asked, fault: Option<&str>) -> Result<Reply, Problem> {
        let t = &asked.t;
        let faults = fault.map(|key| Fault { field: "file".into(), message: t.get(key).into_owned() });
        let frame = self.frame(asked, "app-kit-documents").with_faults(faults.into_iter().collect());
        let kinds = kinds(&self.live.country, t.lang());
        let label = |kind: &String| {
            let known = kinds.iter().find(|(value, _)| value == kind);
            known.map_or_else(|| kind.clone(), |(_, label)| label.clone())
        };
        let attached: Vec<String> = self.desk().documents.iter().map(|(kind, _)| label(kind)).collect();
        let mut sheet = Sheet::new(frame).add(Block::Lead(t.get("app-kit-documents-lead").into_owned()));
        if !attached.is_empty() {
            let rows = vec![SummaryRow::new(t.get("app-kit-documents"), Html::lines(&attached))];
            sheet = sheet.add(Block::Summary(rows));
        }
        let choices = kinds.iter().map(|(value, label)| Choice::new(value, label, false)).collect();
        let form = Form {
            multipart: true,
            ..Form::post("/enrol/documents", t.get("app-kit-document-attach"))
                .field(Field::new("kind", t.get("app-kit-document-kind"), Ask::Select(choices)))
                .field(Field::new("file", t.get("app-kit-document-file"), Ask::File(DOCUMENT_TYPES)))
                .kind("second")
        };
        let on = Link::new("/enrol/check", t.get("app-kit-document-on"));
        let sheet = sheet.add(Block::Form(form)).add(Block::Button(on, ""));
        Ok(Reply::page(&sheet)?.status(if fault.is_some() { 422 } else { 200 }))
    }

    fn attach(&self, asked: &Asked) -> Result<Reply, Problem> {
        let kind = asked.fields.get("kind");
        let known = kinds(&self.live.country, asked.t.lang()).iter().any(|(value, _)| value == kind);
        let file = asked.uploads.iter().find(|upload| upload.field == "file" && !upload.bytes.is_empty());
        let fits = |upload: &&Upload| upload.bytes.len() <= DOCUMENT_BYTES_MAX;
        let cleaned = file.filter(fits).filter(|_| known).map(|upload| sniff::clean(upload.bytes.clone()));
        let Some(Ok((_, bytes))) = cleaned else {
            return self.documents(asked, Some("app-kit-document-fault"));
        };
        let mut desk = self.desk();
        if desk.documents.len() >= DOCUMENTS_MAX {
            drop(desk);
            return self.documents(asked, Some("app-kit-document-many"));
        }
        desk.documents.push((kind.into(), bytes));
        Ok(Reply::redirect("/enrol/documents"))
    }

    fn check(&self, asked: &Asked) -> Result<Reply, Problem> {
        let (form, lists, answers) = (self.form()?, self.lists()?, self.desk().answers.clone());
        if let Some(open) = form.first_open_page(&answers, &lists) {
            return Ok(Reply::redirect(&format!("/enrol/{}", open.id)));
        }
        let frame = self.frame(asked, "ui-check-title");
        let seal = asked.t.get("app-kit-seal").into_owned();
        Ok(Reply::html(check_html(&frame, &lists, (&form, &answers), ("/enrol/", "/", &seal))?.as_str()))
    }

    fn enrol(&self, asked: &Asked) -> Result<Reply, Problem> {
        let (form, lists) = (self.form()?, self.lists()?);
        let mut desk = self.desk();
        if let Some(open) = form.first_open_page(&desk.answers, &lists) {
            return Ok(Reply::redirect(&format!("/enrol/{}", open.id)));
        }
        let Some((login, pin)) = desk.operator.clone() else { return Ok(Reply::redirect("/")) };
        let read = from_answers(&desk.answers);
        let carried = Carried { person: read.entry, evidence: read.evidence, beside: read.ties };
        let entry = serde_json::to_vec(&carried).map_err(Problem::internal)?;
        let enrolment = Enrolment { entry, photo: desk.photo.clone(), documents: desk.documents.clone() };
        let done = self.kit().enrol((&login, &pin), &enrolment);
        match done {
            Ok(done) => {
                *desk = Desk { operator: Some((login, pin)), last: Some(done.reference), ..Desk::default() };
                Ok(Reply::redirect("/"))
            }
            Err(error) => {
                drop(desk);
                let frame = self.frame(asked, "app-kit-failed");
                let note = Block::Note(Tone::Warning, String::new(), Html::ltr(format!("{error:#}")));
                Ok(Reply::page(&Sheet::new(frame).back("/enrol/check").add(note))?.status(422))
            }
        }
    }
}

/// The kinds of documents the country keeps, with their words.
fn kinds(country: &Country, lang: &Lang) -> Vec<(String, String)> {
    let known = country.civil.documents.iter().filter(|one| is_kind(&one.kind));
    known.map(|one| (one.kind.clone(), one.label.get(lang).to_string())).collect()
}

fn decoded(content_type: &str, body: &[u8]) -> Result<(Fields, Vec<Upload>), Problem> {
    let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    match boundary.map(|text| text.trim_matches('"')).filter(|text| (1..=70).contains(&text.len())) {
        Some(boundary) => decode::multipart(boundary, body),
        None => Ok((decode::urlencoded(body)?, Vec::new())),
    }
}

/// Serves the pages until the program is told to stop. `ready` learns the address to open.
///
/// # Errors
/// When the address is taken, or is not of this machine.
pub async fn serve(
    pages: Arc<Pages>,
    listen: &str,
    ready: impl FnOnce(&str),
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let address: std::net::SocketAddr =
        listen.parse().with_context(|| format!("{listen} is no address. Next: write 127.0.0.1:8070"))?;
    ensure!(
        address.ip().is_loopback(),
        "{listen} would serve the kit's pages to others. Next: choose an address of this machine, such as 127.0.0.1:8070"
    );
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {listen}. Next: choose another port"))?;
    ready(&format!("http://{}{}", listener.local_addr()?, pages.entrance()));
    let router = axum::Router::new().fallback(move |request: Request<Body>| {
        let pages = Arc::clone(&pages);
        async move { pages.answer(request).await }
    });
    axum::serve(listener, router).with_graceful_shutdown(stopped).await?;
    Ok(())
}
