use crate::{changed, country, demo, permissions};
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_office::assignment::NewAssignment;
use daftar_office::{Office, Principal, Proven, Session};
use daftar_packs::{Country, Source, versions};
use daftar_record::transport::{Answer, Transport, TransportError};
use daftar_record::{Record, RecordConfig};
use daftar_store::{BoxFuture, Tx, params, sql};
use daftar_testing::{TestStore, for_each_engine};
use jiff::civil::date;
use std::sync::Arc;

const MIGRATIONS: &[daftar_store::Migrations] =
    &[daftar_record::MIGRATIONS, daftar_office::MIGRATIONS, daftar_packs::MIGRATIONS];

struct NoWitness;
impl Transport for NoWitness {
    fn post(&self, _: &str, _: &[u8], _: usize) -> Result<Answer, TransportError> {
        Err(TransportError::Authorities("a test has no witness".into()))
    }
    fn get(&self, url: &str, limit_bytes: usize) -> Result<Answer, TransportError> {
        self.post(url, &[], limit_bytes)
    }
}

/// An installation that has begun with the demo's pack.
struct Installation {
    store: TestStore,
    office: Office,
    source: Source,
    country: Country,
}

impl Installation {
    async fn begin(store: TestStore) -> Self {
        let config = RecordConfig::new("packs.test", "quorum none", Arc::new(NoWitness));
        let record = Record::open(store.store(), config).await.unwrap();
        let source = demo();
        let country = country(&source).unwrap();
        let office = Office::new(store.store(), record.clone(), Arc::clone(&country.roster), "Test");
        let this = Self { store, office, source, country };
        let (office, source, country) = (this.office.clone(), this.source.clone(), this.country.clone());
        this.write(move |tx| {
            let (office, source, country) = (office.clone(), source.clone(), country.clone());
            let record = office.record().clone();
            Box::pin(async move {
                office.mark_demo(tx).await?;
                let now = record.store().world().now();
                versions::begin(tx, &record, &source, &country, now).await?;
                let twice = versions::begin(tx, &record, &source, &country, now).await.unwrap_err();
                assert_eq!(twice.code, "packs-begun");
                Ok(())
            })
        })
        .await
        .unwrap();
        this
    }

    async fn write<T: Send + 'static>(
        &self,
        run: impl for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        self.store.write(run).await
    }

    /// An official at work, freshly proven.
    async fn official(&self, login: &'static str, role: &'static str, place: &'static str) -> Session {
        let office = self.office.clone();
        let token = self
            .write(move |tx| {
                let office = office.clone();
                Box::pin(async move {
                    let by = Proven::system("test");
                    let account = office.invite(tx, &by, login, login).await?.account;
                    let (office_code, role) = (place.to_string(), role.to_string());
                    let new = NewAssignment { account, office: office_code, role, since: None, until: None };
                    office.assign(tx, &by, &new).await?;
                    // A demo account is opened without its link.
                    tx.execute(
                        sql!("update office_account set state = 'active' where id = $1"),
                        &params![account],
                    )
                    .await?;
                    Ok(office.demo_sign_in(tx, Principal::Official(account), "test", None).await?.token)
                })
            })
            .await
            .unwrap();
        self.office.session(&token).await.unwrap().unwrap()
    }

    async fn propose(
        &self,
        by: &Session,
        source: &Source,
        day: (i16, i8, i8),
    ) -> Result<versions::Version, Problem> {
        let (office, actor, current) = (self.office.clone(), by.actor.clone(), self.country.clone());
        let (source, new) = (source.clone(), country(source).unwrap());
        self.write(move |tx| {
            let (office, actor, current) = (office.clone(), actor.clone(), current.clone());
            let (source, new) = (source.clone(), new.clone());
            let day = date(day.0, day.1, day.2);
            Box::pin(
                async move { versions::propose(tx, &office, &actor, (&source, &new), (&current, day)).await },
            )
        })
        .await
    }

    async fn approve(&self, by: &Session, approval: Id) -> Result<(), Problem> {
        let (office, proven) = (self.office.clone(), by.proven(self.store.world().now()).unwrap());
        self.write(move |tx| {
            let (office, proven) = (office.clone(), proven.clone());
            Box::pin(async move {
                let digest = office.approval(tx, proven.actor(), approval).await?.digest;
                office.approve(tx, &proven, approval, &digest).await
            })
        })
        .await
    }

    async fn publish(&self, by: &Actor, approval: Id) -> Result<versions::Version, Problem> {
        let (office, actor) = (self.office.clone(), by.clone());
        self.write(move |tx| {
            let (office, actor) = (office.clone(), actor.clone());
            Box::pin(async move { versions::publish_approved(tx, &office, &actor, approval).await })
        })
        .await
    }

    async fn in_force(&self, at: Timestamp) -> Result<Option<String>, Problem> {
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    Ok(versions::load(tx, at, &permissions()).await?.map(|(_, country)| country.version))
                })
            })
            .await
    }
}

fn next_version() -> Source {
    changed("country.toml", |text| text.replace("2026.1", "2027.1"))
}

#[tokio::test]
async fn two_people_publish_and_a_date_brings_it_into_force() {
    for_each_engine(MIGRATIONS, async |store| {
        let here = Installation::begin(store).await;
        let admin = here.official("admin", "administrator", "interior-systems").await;
        let senior = here.official("senior", "senior-registrar", "civil-registry-central").await;
        let clerk = here.official("clerk", "registrar", "civil-registry-north").await;
        let new = next_version();

        let code = |outcome: Result<versions::Version, Problem>| outcome.unwrap_err().code;
        assert_eq!(code(here.propose(&clerk, &new, (2027, 1, 1)).await), "office-not-permitted");
        assert_eq!(code(here.propose(&admin, &new, (2026, 11, 22)).await), "packs-day");
        let foreign = changed("country.toml", |text| text.replace("\"QZ\"", "\"QY\""));
        assert_eq!(code(here.propose(&admin, &foreign, (2027, 1, 1)).await), "packs-foreign");

        let proposed = here.propose(&admin, &new, (2027, 1, 1)).await.unwrap();
        let approval = proposed.approval.unwrap();
        assert_eq!(code(here.publish(&admin.actor, approval).await), "office-approval-open");
        here.approve(&admin, approval).await.unwrap();
        assert_eq!(here.approve(&admin, approval).await.unwrap_err().code, "office-approval-twice");
        assert_eq!(code(here.publish(&admin.actor, approval).await), "office-approval-open");
        here.approve(&senior, approval).await.unwrap();
        let published = here.publish(&senior.actor, approval).await.unwrap();
        assert!(published.receipt.is_some());
        assert_eq!(published.digest, new.manifest().digest());

        let begins = here.country.day_begins(date(2027, 1, 1));
        let version = async |at: Timestamp| here.in_force(at).await.unwrap();
        assert_eq!(version(Timestamp(0)).await, None);
        assert_eq!(version(Timestamp(begins.0 - 1)).await.as_deref(), Some("2026.1"));
        assert_eq!(version(begins).await.as_deref(), Some("2027.1"));
        let (next, known) = here
            .store
            .read(|tx| {
                Box::pin(async move {
                    let next = versions::next_change(tx, daftar_testing::START).await?;
                    Ok::<_, Problem>((next, versions::list(tx).await?.len()))
                })
            })
            .await
            .unwrap();
        assert_eq!((next, known), (Some(begins), 2));
    })
    .await;
}

#[tokio::test]
async fn rows_edited_behind_the_approval_are_found() {
    for_each_engine(MIGRATIONS, async |store| {
        let here = Installation::begin(store).await;
        let admin = here.official("admin", "administrator", "interior-systems").await;
        let senior = here.official("senior", "senior-registrar", "civil-registry-central").await;
        let tampering = [
            sql!("update packs_version set effective = effective - 1 where state = 'proposed'"),
            sql!("update packs_version set label = 'x' where state = 'proposed'"),
            sql!("update packs_version set manifest = 'daftar-country-manifest/1' where state = 'proposed'"),
            sql!("delete from packs_file where digest in (select digest from packs_file order by digest limit 1)"),
        ];
        for tamper in tampering {
            let approval = here.propose(&admin, &next_version(), (2027, 1, 1)).await.unwrap().approval.unwrap();
            here.approve(&admin, approval).await.unwrap();
            here.approve(&senior, approval).await.unwrap();
            here.write(move |tx| Box::pin(async move { Ok(tx.execute(tamper, &[]).await?) })).await.unwrap();
            assert_eq!(here.publish(&admin.actor, approval).await.unwrap_err().code, "packs-altered", "{tamper:?}");
        }
        // Now a file of the version in force itself.
        let edit = sql!("update packs_file set content = $1");
        here.write(move |tx| Box::pin(async move { Ok(tx.execute(edit, &params![b"x".as_slice()]).await?) }))
            .await
            .unwrap();
        let now = here.store.world().now();
        assert_eq!(here.in_force(now).await.unwrap_err().code, "packs-altered");
    })
    .await;
}
