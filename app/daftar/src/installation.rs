//! An installation put together: the only place that knows every room.

use crate::cli::Place;
use crate::cloud::Shop;
use crate::health::Token;
use crate::services::Services;
use crate::settings;
use anyhow::{Context, Result, anyhow, bail};
use daftar_cloud::Cloud;
use daftar_cloud::power::Power;
use daftar_http::{Live, Site};
use daftar_identity::age::Civil;
use daftar_identity::openid::Provider;
use daftar_identity::verify::Verifier;
use daftar_identity::{Gazetteer, People};
use daftar_kernel::settings::Settings;
use daftar_kernel::{Problem, World};
use daftar_office::{Office, Permission};
use daftar_packs::{Activity, Country, Fault, Source, versions};
use daftar_ports::notify::{Notice, Notifier};
use daftar_post::Post;
use daftar_record::transport::HttpTransport;
use daftar_record::{Record, RecordConfig};
use daftar_store::{Migrations, Store, StoreConfig};
use daftar_ui::{Bundle, Catalog, Options, Overlay};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Migrations of every room, in the order they are applied.
pub const MIGRATIONS: [Migrations; 6] = [
    daftar_record::MIGRATIONS,
    daftar_office::MIGRATIONS,
    daftar_packs::MIGRATIONS,
    daftar_post::MIGRATIONS,
    daftar_identity::MIGRATIONS,
    daftar_cloud::MIGRATIONS,
];

/// Permissions of every room: a country pack may name no others.
#[must_use]
pub fn permissions() -> Vec<Permission> {
    [
        daftar_office::PERMISSIONS,
        daftar_packs::PERMISSIONS,
        daftar_post::PERMISSIONS,
        daftar_identity::permission::PERMISSIONS,
        daftar_cloud::permission::PERMISSIONS,
        OWN,
    ]
    .concat()
}

/// Permissions of the program itself.
const OWN: &[Permission] = &[
    Permission { code: "record.audit", help: "compare the database with the public record" },
    Permission { code: "store.jobs", help: "see failed jobs, retry and discard them" },
];

/// What of the services can rest by itself: a country's order in `power.toml` names each.
#[must_use]
pub fn activities() -> Vec<Activity> {
    [daftar_identity::activity::ACTIVITIES, daftar_cloud::ACTIVITIES].concat()
}

/// Everything the rooms and services tell people: a country pack has a text for each.
#[must_use]
pub fn notices() -> Vec<Notice> {
    [daftar_desk::notices::NOTICES, daftar_identity::notices::NOTICES].concat()
}

/// Texts of every room.
#[must_use]
pub fn bundles() -> Vec<Bundle> {
    let made = [
        daftar_ui::BUNDLES,
        daftar_http::BUNDLES,
        daftar_post::BUNDLES,
        daftar_desk::BUNDLES,
        daftar_identity::pages::BUNDLES,
        daftar_cloud::BUNDLES,
        daftar_cloud::plan::BUNDLES,
        crate::BUNDLES,
    ];
    // The rooms below the pages know no catalogue, only their texts.
    let plain = [
        ("office", daftar_office::LOCALES),
        ("packs", daftar_packs::LOCALES),
        ("ports", daftar_ports::form::MESSAGES),
    ];
    let plain = plain.into_iter().flat_map(|(crate_name, texts)| {
        texts.into_iter().map(move |(lang, text)| Bundle { crate_name, lang, text })
    });
    made.into_iter().flatten().chain(plain).collect()
}

/// Where everything lies.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The data directory.
    pub data: PathBuf,
    /// The country pack.
    pub country: PathBuf,
    /// The witness policy.
    pub policy: PathBuf,
}

impl Paths {
    /// As the settings say.
    #[must_use]
    pub fn of(place: &Place, settings: &Settings) -> Self {
        let data = settings::data_dir(place);
        let or = |key: &str, usual: &str| match settings.get(key) {
            "" => data.join(usual),
            path => PathBuf::from(path),
        };
        Self { country: or("country", "country"), policy: or("record.policy", "policy"), data }
    }
}

impl Paths {
    /// The file whose first line opens `/metrics`.
    #[must_use]
    pub fn metrics_token(&self, settings: &Settings) -> PathBuf {
        match settings.get("metrics.token-file") {
            "" => self.data.join("metrics.token"),
            path => PathBuf::from(path),
        }
    }
}

/// An open installation.
pub struct Installation {
    /// Where it lies.
    pub paths: Paths,
    /// Its settings.
    pub settings: Settings,
    /// Its store.
    pub store: Store,
    /// Its public record.
    pub record: Record,
    /// Its office floor.
    pub office: Office,
    /// The register of people.
    pub people: People,
    /// The watch over this machine's power supply.
    pub power: Option<Power>,
    /// Signing in to services.
    pub openid: Provider,
    /// Agencies' computers.
    pub cloud: Cloud,
    /// What the cloud offers.
    pub shop: Shop,
    /// The places the register knows.
    pub places: Places,
    /// The mail server; none when the country sends letters only.
    pub mail: Option<Arc<dyn Notifier>>,
    /// The country in force.
    pub live: Live,
}

/// The store's address as the settings say.
#[must_use]
pub fn store_config(paths: &Paths, settings: &Settings) -> StoreConfig {
    let url = match settings.get("store.url") {
        "" => format!("sqlite:{}", paths.data.join("daftar.db").display()),
        url => url.to_string(),
    };
    let blobs = Some(settings.get("store.blobs")).filter(|blobs| !blobs.is_empty()).map(str::to_string);
    let archived = url.starts_with("sqlite:") && !settings.get("backup.archive").is_empty();
    let archive = archived.then(|| settings.get("backup.archive"));
    StoreConfig { url, data_dir: paths.data.clone(), blobs, archive: archive.map(str::to_string) }
}

impl Installation {
    /// Opens the installation at a place.
    ///
    /// # Errors
    /// When something is missing or broken; each error names the next step.
    pub async fn open(place: &Place) -> Result<Self> {
        Self::open_with(place, settings::read(place)?).await
    }

    /// Opens the installation at a place by these settings.
    ///
    /// # Errors
    /// When something is missing or broken; each error names the next step.
    pub async fn open_with(place: &Place, settings: Settings) -> Result<Self> {
        let paths = Paths::of(place, &settings);
        let origin = settings.get("record.origin").to_string();
        if origin.is_empty() {
            bail!("{} holds no installation yet. Next: daftar init", paths.data.display());
        }
        let policy = match std::fs::read_to_string(&paths.policy) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "quorum none\n".to_string(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", paths.policy.display())),
        };
        Self::assemble(paths, settings, World::system(), (&origin, &policy)).await
    }

    /// Opens it in this world, with this name and policy of its record.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn assemble(
        paths: Paths,
        settings: Settings,
        world: World,
        (origin, policy): (&str, &str),
    ) -> Result<Self> {
        let shared = crate::up::cluster::shared_keys(&settings)?;
        let store = Store::open_shared(store_config(&paths, &settings), world, &MIGRATIONS, shared).await?;
        let mut config =
            RecordConfig::new(origin, policy, Arc::new(HttpTransport::new(&authorities(&settings)?)?));
        config.mark_dir = Some(paths.data.join("mark"));
        let record = Record::open(store.clone(), config).await?;
        let country = country_in_force(&store, &record, &paths.country).await?;
        let live = live(country)?;
        let country = Arc::clone(&live.country);
        let issuer = country.names.get(&daftar_kernel::Lang::english()).to_string();
        let office = Office::new(store.clone(), record.clone(), Arc::clone(&country.roster), issuer);
        let zone = country.time_zone.clone();
        let shop = Shop::new(&country)?;
        let engine = crate::cloud::engine(settings.get("cloud.engine"), store.world())?;
        let cloud = Cloud::new(office.clone(), engine, Arc::new(shop.clone()));
        let places = Places::new(country);
        let people = People::new(office.clone(), Arc::new(places.clone()), &zone);
        let mail = crate::mail::server(&settings)?.map(|mail| Arc::new(mail) as Arc<dyn Notifier>);
        let openid = Provider::new(people.clone());
        match settings.get("openid.issuer") {
            "" => {}
            issuer => openid.set_issuer(issuer)?,
        }
        set_passkey_origin(&office, &settings)?;
        let power = match settings.get("power.supply") {
            "" => None,
            address => Some(Power::new(record.clone(), address)?),
        };
        Ok(Self {
            paths,
            settings,
            store,
            record,
            office,
            people,
            openid,
            cloud,
            shop,
            power,
            places,
            mail,
            live,
        })
    }

    /// The country's name, for the operator.
    #[must_use]
    pub fn name(&self) -> &str {
        self.live.country.names.get(&daftar_kernel::Lang::english())
    }

    /// What handlers may use.
    #[must_use]
    pub fn site(&self) -> Site {
        self.site_of(Services::ALL)
    }

    /// What handlers of these services may use.
    #[must_use]
    pub fn site_of(&self, services: Services) -> Site {
        let mut site =
            Site::new(self.store.clone(), self.record.clone(), self.office.clone(), self.live.clone());
        site.add_service(services);
        let reach = Arc::new(daftar_identity::notices::Reach(self.people.clone()));
        site.add_service(Post::new(reach, self.mail.clone()));
        if services.identity {
            site.add_service(self.people.clone());
            site.add_service(self.openid.clone());
            site.add_service(Verifier::new(self.openid.clone()));
            site.persons = Some(Arc::new(daftar_identity::pages::Tokens(self.people.clone())));
        }
        if services.cloud {
            site.add_service(self.cloud.clone());
        }
        if let Some(power) = &self.power {
            site.add_service(power.clone());
        }
        site.nav = services.nav(self.cloud.is_on());
        site.desk = services.desk(self.cloud.is_on());
        match Token::read(&self.paths.metrics_token(&self.settings)) {
            Ok(Some(token)) => site.add_service(token),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "/metrics is off"),
        }
        site.permissions = permissions();
        site.executors = crate::serving::executors();
        site.explainers = crate::serving::explainers();
        site
    }
}

/// Turns passkeys on at the address of the settings. An issuer without a name of its own, such as an IP address, gives none.
fn set_passkey_origin(office: &Office, settings: &Settings) -> Result<()> {
    match (settings.get("passkeys.origin"), settings.get("openid.issuer")) {
        ("", "") => Ok(()),
        ("", issuer) => {
            if office.set_passkey_origin(issuer).is_err() {
                tracing::warn!(
                    "passkeys are off: openid.issuer has no host name, and passkeys.origin is empty"
                );
            }
            Ok(())
        }
        (origin, _) => Ok(office.set_passkey_origin(origin)?),
    }
}

/// Certificates of the authorities we believe when a witness is reached over HTTPS; none when the file is not there.
///
/// # Errors
/// When the file cannot be read.
pub fn authorities(settings: &Settings) -> Result<Vec<u8>> {
    let file = settings.get("http.authorities");
    match std::fs::read(file) {
        Ok(pem) => Ok(pem),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("reading {file}")),
    }
}

/// The version of the country pack in force; on the first start the folder's, as the first version.
async fn country_in_force(store: &Store, record: &Record, folder: &Path) -> Result<Country> {
    let now = store.world().now();
    let known = permissions();
    let found = store
        .read(move |tx| {
            let known = known.clone();
            Box::pin(async move { versions::load(tx, now, &known).await })
        })
        .await?;
    if let Some((_, country)) = found {
        return Ok(country);
    }
    let country = load_country(folder)?;
    let source = Source::read(folder).map_err(|faults| faulty(folder, &faults))?;
    let (record, first, source) = (record.clone(), Arc::new(country.clone()), Arc::new(source));
    store
        .write(move |tx| {
            let (record, first, source) = (record.clone(), Arc::clone(&first), Arc::clone(&source));
            Box::pin(async move {
                versions::begin(tx, &record, &source, &first, now).await?;
                Ok::<_, Problem>(())
            })
        })
        .await?;
    Ok(country)
}

/// The country's places as the register needs them; replaced when a new version takes effect.
#[derive(Clone)]
pub struct Places(Arc<RwLock<Arc<Country>>>);

impl Places {
    fn new(country: Arc<Country>) -> Self {
        Self(Arc::new(RwLock::new(country)))
    }
    /// A new version of the country takes effect.
    pub fn set(&self, country: Arc<Country>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = country;
    }
    fn get(&self) -> Arc<Country> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Gazetteer for Places {
    fn knows(&self, code: &str) -> bool {
        self.get().places.get(code).is_some()
    }
    fn district_of(&self, code: &str) -> Option<String> {
        let country = self.get();
        let district = country.places.path(code).iter().find(|place| place.kind == "district")?.code.clone();
        Some(district)
    }
    fn civil(&self) -> Civil {
        let country = self.get();
        Civil {
            age_of_majority: country.civil.age_of_majority,
            introductions_a_year: country.civil.introductions_a_year,
            documents: country.civil.documents.iter().map(|document| document.kind.clone()).collect(),
        }
    }
}

/// Reads a country pack.
///
/// # Errors
/// All its faults, one a line.
pub fn load_country(folder: &Path) -> Result<Country> {
    let country = Country::load(folder, &permissions()).map_err(|faults| faulty(folder, &faults))?;
    complete(&country).map_err(|faults| faulty(folder, &faults))?;
    Ok(country)
}

/// Whether the pack says everything that people are told, names all that can rest when electricity is short, and what services
/// read in it stands.
fn complete(country: &Country) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    for notice in notices() {
        match country.notice(notice) {
            Ok(Some(_)) => {}
            Ok(None) => {
                let remedy = "Write it, with a subject and a body in every language of the country";
                faults.push(Fault::of_file(format!("notices/{}.toml", notice.id), "is missing", remedy));
            }
            Err(found) => faults.extend(found),
        }
    }
    if let Some(law) = &country.power {
        faults.extend(law.check(&activities()).err().unwrap_or_default());
    }
    faults.extend(crate::cloud::catalogue(country).err().into_iter().flatten());
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Reads a country pack and its files as bytes, and checks that this program can serve it.
///
/// # Errors
/// All its faults, one a line.
pub fn load_pack(folder: &Path) -> Result<(Source, Country)> {
    let source = Source::read(folder).map_err(|faults| faulty(folder, &faults))?;
    let country = Country::from_source(&source, &permissions()).map_err(|faults| faulty(folder, &faults))?;
    complete(&country).map_err(|faults| faulty(folder, &faults))?;
    live(country.clone())?;
    Ok((source, country))
}

fn faulty(folder: &Path, faults: &[Fault]) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    anyhow!("the country pack in {} has faults:\n{}", folder.display(), lines.join("\n"))
}

/// The country with its texts.
///
/// # Errors
/// When the pack's words do not fit ours.
pub fn live(country: Country) -> Result<Live> {
    let overlays = country
        .locales
        .iter()
        .map(|(lang, text)| Overlay {
            file: format!("locales/{lang}.ftl"),
            lang: lang.clone(),
            text: text.clone(),
        })
        .collect();
    let reviewed = country.languages.iter().filter(|l| l.reviewed).map(|l| l.lang.clone()).collect();
    let options = Options { overlays, zone: country.time_zone.clone(), reviewed, ..Options::default() };
    let catalog = Catalog::with(&bundles(), &options).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("the texts have faults:\n{}", lines.join("\n"))
    })?;
    let pages = daftar_ui::Site {
        names: country.names.0.clone(),
        crest: country.crest.as_ref().map(|_| "/crest.svg".to_string()),
        languages: country.languages.iter().map(|l| (l.lang.clone(), l.name.clone())).collect(),
        footer: vec![
            ("/statistics".into(), "app-statistics".into()),
            ("/status".into(), "app-status".into()),
            ("/api".into(), "app-api".into()),
        ],
    };
    Ok(Live { country: Arc::new(country), catalog, pages: Arc::new(pages) })
}
