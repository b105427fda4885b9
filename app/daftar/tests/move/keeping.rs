//! The housekeeper's passes on a country whose time is moved.

use daftar::housekeeping::Housekeeper;
use daftar::installation::{Installation, Paths};
use daftar::settings::KNOWN;
use daftar_http::with_tx;
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_kernel::settings::Settings;
use daftar_kernel::{Actor, Problem};
use daftar_store::idempotency::{self, Idempotent};
use daftar_testing::{Engine, Place, world};
use std::path::Path;
use std::sync::Arc;

const DAY: i64 = 86_400;

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_renewed_old_ones_destroyed_and_everybody_stays_readable() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let place = Place::on(engine).await;
        let (world, clock) = world();
        let data = place.dir().join("country-data");
        let url = ("DAFTAR_STORE_URL".to_string(), place.config().url.clone());
        let settings = Settings::read(KNOWN, None, [url]).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let paths = Paths { country: root.join("country/demo"), policy: data.join("policy"), data };
        let names = ("test.example/1", "quorum none\n");
        let installation = Installation::assemble(paths, settings, world, names).await.unwrap();
        let entry = Entry {
            name: "Amina Diallo".into(),
            sex: "female".into(),
            standing: "citizen".into(),
            ..Entry::default()
        };
        let registration = Registration { entry, idempotency_key: "k".into(), ..Registration::default() };
        let one = installation.people.register(&Actor::System("test"), registration).await.unwrap();
        let citizen = installation.people.office_token(one.person).await.unwrap();

        let mut keeper = Housekeeper::new(&installation, Arc::new(installation.site())).unwrap();
        let (store, keys) = (installation.store.clone(), installation.paths.data.join("keys"));
        let (first, second) = (keys.join("epoch-000001.key"), keys.join("epoch-000002.key"));
        keeper.pass().await;
        assert!(first.exists() && !second.exists(), "nothing is due on the first day");

        let answer = with_tx!(store.write, tx, [] {
            let (now, digest) = (tx.world().now(), [1; 32]);
            idempotency::begin(tx, "test", "key", &digest, now).await?;
            idempotency::finish(tx, "test", "key", b"answer").await?;
            Ok::<_, Problem>(())
        });
        answer.unwrap();
        clock.advance_seconds(8 * DAY);
        keeper.pass().await;
        assert!(first.exists() && second.exists(), "{engine:?}: a new epoch, the old one is kept for now");
        assert_eq!(store.vault().epoch_began(&store).await.unwrap(), store.world().now());
        let again = with_tx!(store.write, tx, [] {
            let now = tx.world().now();
            Ok::<_, Problem>(idempotency::begin(tx, "test", "key", &[2; 32], now).await?)
        });
        assert_eq!(again.unwrap(), Idempotent::New, "the old answer is forgotten");

        clock.advance_seconds(29 * DAY);
        keeper.pass().await;
        assert!(first.exists(), "29 days are not 30");
        clock.advance_seconds(2 * DAY);
        keeper.pass().await;
        assert!(!first.exists(), "{engine:?}: destroyed");
        let mine = installation.people.my_record(citizen).await.unwrap();
        assert_eq!(mine.version.document.person.name.as_str(), "Amina Diallo");
    }
}
