//! What every handler may use.

use daftar_kernel::{Actor, Id, Lang, World};
use daftar_office::{Office, Permission, Roster};
use daftar_packs::Country;
use daftar_ports::PersonTokens;
use daftar_record::Record;
use daftar_store::Store;
use daftar_ui::parts::Link;
use daftar_ui::{Catalog, Frame, Html, RecordClock, SignedIn, Texts};
use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::meter::Meter;
use crate::told::Told;
use crate::{Access, Cx};

/// A link in the pages' navigation; shown to those whom its access rule lets in.
#[derive(Clone, Copy, Debug)]
pub struct NavItem {
    /// Message key of its text.
    pub text: &'static str,
    /// Where it leads.
    pub path: &'static str,
    /// Who sees it.
    pub access: Access,
}

/// The country as it is at the moment: replaced whole when a pack takes effect.
#[derive(Clone)]
pub struct Live {
    /// The pack in force.
    pub country: Arc<Country>,
    /// All texts, with the pack's own words over ours.
    pub catalog: Catalog,
    /// What all pages share.
    pub pages: Arc<daftar_ui::Site>,
}

/// How a service carries out what two officials have approved.
pub type Executor = Arc<dyn Fn(Cx, Id) -> crate::route::Answer + Send + Sync>;

/// How a service says in words what a request asks two officials to approve: from what will happen, exactly.
pub type Explainer = Arc<dyn Fn(&Texts, &serde_json::Value) -> Vec<daftar_ui::Block> + Send + Sync>;

/// How the program makes the demo's strip above each page.
pub type Strip = Box<dyn Fn(&Cx) -> Html + Send + Sync>;

/// What every handler may use. One per running program.
pub struct Site {
    /// The store.
    pub store: Store,
    /// The public record and the access register.
    pub record: Record,
    /// People who work, and everybody's sign-in.
    pub office: Office,
    /// Navigation of all services.
    pub nav: Vec<NavItem>,
    /// What officials can start from their desk; a hint stands under `<text>-hint`.
    pub desk: Vec<NavItem>,
    /// What roles of the country pack may be given: the permissions that services declare.
    pub permissions: Vec<Permission>,
    /// What carries out each kind of approved request.
    pub executors: BTreeMap<&'static str, Executor>,
    /// What explains a kind of request on its page, where the words of the kind do not say enough.
    pub explainers: BTreeMap<&'static str, Explainer>,
    services: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    /// Under which token the record knows a citizen's account.
    pub persons: Option<Arc<dyn PersonTokens>>,
    /// The demo's strip; none in a real country.
    pub strip: Option<Strip>,
    /// Whether we are behind HTTPS, so that cookies and browsers can insist on it.
    pub secure: bool,
    live: RwLock<Live>,
    clock: RwLock<Option<RecordClock>>,
    resting: RwLock<Arc<[String]>>,
    /// Counts what is answered.
    pub meter: Meter,
    requests: AtomicU64,
    failures: AtomicU64,
    told: Told,
}

impl Site {
    /// A site serving this country.
    #[must_use]
    pub fn new(store: Store, record: Record, office: Office, live: Live) -> Self {
        Self {
            store,
            record,
            office,
            nav: Vec::new(),
            desk: Vec::new(),
            permissions: Vec::new(),
            executors: BTreeMap::new(),
            explainers: BTreeMap::new(),
            services: HashMap::new(),
            persons: None,
            strip: None,
            secure: false,
            live: RwLock::new(live),
            clock: RwLock::new(None),
            resting: RwLock::new(Arc::from([])),
            meter: Meter::default(),
            requests: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            told: Told::default(),
        }
    }
    /// Makes a service's own handle reachable from its handlers, by its type.
    pub fn add_service<T: Any + Send + Sync>(&mut self, service: T) {
        self.services.insert(TypeId::of::<T>(), Arc::new(service));
    }
    /// A service's own handle.
    #[must_use]
    pub fn service<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.services.get(&TypeId::of::<T>()).and_then(|service| Arc::clone(service).downcast().ok())
    }
    /// Time and randomness.
    #[must_use]
    pub fn world(&self) -> &World {
        self.store.world()
    }
    /// The country in force, with its texts.
    #[must_use]
    pub fn live(&self) -> Live {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// The pack in force.
    #[must_use]
    pub fn country(&self) -> Arc<Country> {
        self.live().country
    }
    /// Agencies, offices, roles and purposes.
    #[must_use]
    pub fn roster(&self) -> Arc<Roster> {
        self.office.roster()
    }
    /// A new version of the country takes effect.
    pub fn set_live(&self, live: Live) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
    }
    /// The texts of a language; English for one the country does not speak.
    #[must_use]
    pub fn texts(&self, lang: &Lang) -> Texts {
        let catalog = self.live().catalog;
        catalog.texts(lang).unwrap_or_else(|| catalog.english())
    }
    /// How fresh the public record was when last looked at.
    #[must_use]
    pub fn record_clock(&self) -> Option<RecordClock> {
        let seen = *self.clock.read().unwrap_or_else(PoisonError::into_inner);
        seen.map(|clock| RecordClock { now: self.world().now(), ..clock })
    }
    /// The public record has moved on (or has not).
    pub fn set_record_clock(&self, clock: RecordClock) {
        *self.clock.write().unwrap_or_else(PoisonError::into_inner) = Some(clock);
    }
    /// What rests at the moment, in the order it came to rest: codes of `daftar_packs::Activity`.
    #[must_use]
    pub fn resting(&self) -> Arc<[String]> {
        Arc::clone(&self.resting.read().unwrap_or_else(PoisonError::into_inner))
    }
    /// From now on this rests and nothing else: routes of these activities answer that they rest.
    pub fn set_resting(&self, activities: Vec<String>) {
        *self.resting.write().unwrap_or_else(PoisonError::into_inner) = activities.into();
    }
    pub(crate) fn count_request(&self, status: u16) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if status >= 500 {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }
    /// Notes that somebody was told to come back: the operator's log gets one line a second with their number.
    pub fn told_to_come_back(&self, area: &str) {
        if let Some(count) = self.told.note(self.world().now().seconds()) {
            tracing::warn!(count, area, "requests are told to come back");
        }
    }
    /// Requests answered since the start, and how many of them failed through our fault.
    #[must_use]
    pub fn requests(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.failures.load(Ordering::Relaxed))
    }

    /// What the layout of a page needs.
    pub(crate) fn frame(&self, cx: &Cx, title: String) -> Frame {
        let live = self.live();
        let texts = live.catalog.texts(&cx.lang).unwrap_or_else(|| live.catalog.english());
        let mut frame = Frame::new(texts, live.pages, title);
        frame.here = cx.here();
        frame.csrf = cx.csrf();
        let open: Vec<&NavItem> =
            self.nav.iter().filter(|item| crate::pipeline::allowed(item.access, cx).is_ok()).collect();
        let current = current(open.iter().map(|item| item.path), &cx.path);
        frame.nav = open
            .iter()
            .map(|item| Link::new(item.path, frame.t.get(item.text)).current(current == Some(item.path)))
            .collect();
        frame.signed_in = signed_in(cx, &self.roster());
        frame.record = self.record_clock();
        frame.strip = self.strip.as_ref().map(|strip| strip(cx));
        frame
    }
}

fn signed_in(cx: &Cx, roster: &Roster) -> Option<SignedIn> {
    match &cx.actor {
        Actor::Official(official) => {
            let role = roster.role(&official.role).map_or("", |role| role.label.get(&cx.lang));
            let office = roster.office(&official.office).map_or("", |office| office.label.get(&cx.lang));
            Some(SignedIn {
                name: official.name.clone(),
                role: format!("{role} · {office}"),
                href: "/desk".into(),
            })
        }
        Actor::Citizen(_) => {
            let name = cx.site.texts(&cx.lang).get("http-my-account").into_owned();
            Some(SignedIn { name, role: String::new(), href: "/me".into() })
        }
        Actor::Public | Actor::System(_) => None,
    }
}

/// The link of the navigation that a page belongs to: the longest one that the page's path lies under.
fn current<'a>(links: impl Iterator<Item = &'a str>, path: &str) -> Option<&'a str> {
    let lies_under =
        |link: &str| path.strip_prefix(link).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    links.filter(|link| lies_under(link)).max_by_key(|link| link.len())
}

#[cfg(test)]
mod tests {
    use super::current;

    #[test]
    fn one_link_of_the_navigation_is_the_current_one() {
        let links = || ["/me", "/me/looks", "/people/search"].into_iter();
        assert_eq!(current(links(), "/me/looks/proof"), Some("/me/looks"));
        assert_eq!(current(links(), "/me/record"), Some("/me"));
        assert_eq!(current(links(), "/menu"), None);
    }
}
