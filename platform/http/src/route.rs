//! The one list of routes.

use crate::{Cx, Reply};
use daftar_kernel::Problem;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use utoipa::openapi::{RefOr, Schema};

/// What a handler returns.
pub type Answer = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;
/// A handler.
pub type Handler = Arc<dyn Fn(Cx) -> Answer + Send + Sync>;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Anybody signed in.
    SignedIn,
    /// A signed-in citizen, for what is their own.
    Citizen,
    /// An official whose role holds this permission.
    Official(&'static str),
    /// The same, and a second factor given within the last minutes.
    StepUp(&'static str),
    /// A registered program, by an access token of its own. The handler reads the token; no session opens such a route.
    Partner,
}

impl Access {
    /// The permission needed, when one is.
    #[must_use]
    pub const fn permission(self) -> Option<&'static str> {
        match self {
            Self::Official(p) | Self::StepUp(p) => Some(p),
            _ => None,
        }
    }
}

/// What kind of answer a route gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// HTML for people, by cookie, with CSRF tokens on every change.
    Page,
    /// JSON for programs, by bearer token only.
    Api,
    /// Public bytes without session: assets, log tiles.
    File,
}

/// Body limit of a route that takes none of its own, in bytes.
pub const DEFAULT_BODY_BYTES: usize = 64 * 1024;
/// Body limit of a route that takes uploads, in bytes.
pub const UPLOAD_BODY_BYTES: usize = 6 * 1024 * 1024;

/// One route.
#[derive(Clone)]
pub struct Route {
    /// Upper-case method.
    pub method: &'static str,
    /// Path with `{name}` for parameters and `{*name}` for a tail.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// Page, API or file.
    pub kind: RouteKind,
    /// Largest body, in bytes.
    pub body_bytes: usize,
    /// Example values of the path's parameters, for the tests that walk all routes. A value starting with `$` is
    /// looked up among the test's fixtures, e.g. `$person`.
    pub examples: Vec<(&'static str, &'static str)>,
    /// Whether the row behind a parameter belongs to one citizen, so that another must not reach it.
    pub owned: bool,
    /// The part of the program's work it belongs to, which may rest when electricity is short; none: it never rests.
    pub activity: Option<&'static str>,
    /// For the OpenAPI document.
    pub doc: ApiDoc,
    pub(crate) handler: Handler,
}

/// What the OpenAPI document says of a route.
#[derive(Clone, Default)]
pub struct ApiDoc {
    /// One line.
    pub summary: &'static str,
    /// The group it is listed in.
    pub tag: &'static str,
    /// Query parameters: name, required, meaning.
    pub query: Vec<(&'static str, bool, &'static str)>,
    /// Header parameters: name, required, meaning.
    pub headers: Vec<(&'static str, bool, &'static str)>,
    /// The JSON body's schema name.
    pub request: Option<String>,
    /// Good answers: status, meaning, schema name or content type.
    pub responses: Vec<(u16, &'static str, Body)>,
    /// The problem statuses it can give besides 400, 401, 403, 404, 413, 429, 500 and 503.
    pub problems: Vec<u16>,
    /// The tokens of programs that open the route, where they are not a partner's: name and description.
    pub tokens: Option<(&'static str, &'static str)>,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
}

/// The body of a documented answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// No body.
    None,
    /// JSON of this schema.
    Schema(String),
    /// Bytes of this content type.
    Bytes(&'static str),
}

impl Route {
    /// With an example value for a path parameter.
    pub fn example(&mut self, name: &'static str, value: &'static str) -> &mut Self {
        self.examples.push((name, value));
        self
    }
    /// The row behind a parameter belongs to one citizen: tests swap it between two and expect 404.
    pub fn owned(&mut self) -> &mut Self {
        self.owned = true;
        self
    }
    /// Takes files.
    pub fn uploads(&mut self) -> &mut Self {
        self.body_bytes = UPLOAD_BODY_BYTES;
        self
    }
    /// Takes a body of at most so many bytes.
    pub fn body_up_to(&mut self, bytes: usize) -> &mut Self {
        self.body_bytes = bytes;
        self
    }
    /// One line for the OpenAPI document, and its group.
    pub fn doc(&mut self, tag: &'static str, summary: &'static str) -> &mut Self {
        self.doc.tag = tag;
        self.doc.summary = summary;
        self
    }
    /// Documents a query parameter.
    pub fn query(&mut self, name: &'static str, required: bool, meaning: &'static str) -> &mut Self {
        self.doc.query.push((name, required, meaning));
        self
    }
    /// Documents the `Idempotency-Key` header, which this route requires.
    pub fn idempotent(&mut self) -> &mut Self {
        let meaning =
            "A key the client makes for this one change; sending it again gives the first answer again.";
        self.doc.headers.push(("Idempotency-Key", true, meaning));
        self.doc.problems.push(409);
        self
    }
    /// Documents what tokens open a route for programs.
    pub fn by_token(&mut self, name: &'static str, description: &'static str) -> &mut Self {
        self.doc.tokens = Some((name, description));
        self
    }
    /// Documents the JSON body.
    pub fn takes<T: utoipa::ToSchema>(&mut self) -> &mut Self {
        self.doc.request = Some(self.schema::<T>());
        self.doc.problems.extend([415, 422]);
        self
    }
    /// Documents a JSON answer.
    pub fn gives<T: utoipa::ToSchema>(&mut self, status: u16, meaning: &'static str) -> &mut Self {
        let body = Body::Schema(self.schema::<T>());
        self.doc.responses.push((status, meaning, body));
        self
    }
    /// Documents an answer of bytes.
    pub fn gives_bytes(&mut self, content_type: &'static str, meaning: &'static str) -> &mut Self {
        self.doc.responses.push((200, meaning, Body::Bytes(content_type)));
        self
    }
    /// Documents an answer without a body.
    pub fn gives_nothing(&mut self, status: u16, meaning: &'static str) -> &mut Self {
        self.doc.responses.push((status, meaning, Body::None));
        self
    }
    /// Documents a further problem status.
    pub fn problem(&mut self, status: u16) -> &mut Self {
        self.doc.problems.push(status);
        self
    }
    fn schema<T: utoipa::ToSchema>(&mut self) -> String {
        let name = T::name().into_owned();
        T::schemas(&mut self.doc.schemas);
        self.doc.schemas.push((name.clone(), T::schema()));
        name
    }
}

/// The list of routes: services add theirs, the program serves them all.
#[derive(Default, Clone)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a page.
    pub fn page<F, A>(&mut self, method: &'static str, path: &'static str, access: Access, f: F) -> &mut Route
    where
        F: Fn(Cx) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        self.add(method, path, access, RouteKind::Page, f)
    }
    /// Adds an API route.
    pub fn api<F, A>(&mut self, method: &'static str, path: &'static str, access: Access, f: F) -> &mut Route
    where
        F: Fn(Cx) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        self.add(method, path, access, RouteKind::Api, f)
    }
    /// Adds public bytes.
    pub fn file<F, A>(&mut self, method: &'static str, path: &'static str, f: F) -> &mut Route
    where
        F: Fn(Cx) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        self.add(method, path, Access::Public, RouteKind::File, f)
    }
    fn add<F, A>(
        &mut self,
        method: &'static str,
        path: &'static str,
        access: Access,
        kind: RouteKind,
        f: F,
    ) -> &mut Route
    where
        F: Fn(Cx) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        let index = self.0.len();
        self.0.push(Route {
            method,
            path,
            access,
            kind,
            body_bytes: DEFAULT_BODY_BYTES,
            examples: Vec::new(),
            owned: false,
            activity: None,
            doc: ApiDoc::default(),
            handler: Arc::new(move |cx| Box::pin(f(cx))),
        });
        &mut self.0[index]
    }
    /// Adds what belongs to an activity (`daftar_packs::Activity`): it rests with it.
    pub fn part(&mut self, activity: &'static str, add: impl FnOnce(&mut Self)) -> &mut Self {
        let before = self.0.len();
        add(self);
        for route in self.0.iter_mut().skip(before) {
            route.activity = Some(activity);
        }
        self
    }
    /// Takes over another list.
    pub fn merge(&mut self, other: Self) -> &mut Self {
        self.0.extend(other.0);
        self
    }
    /// Every route.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }
}
