//! Many people at once: the demo's population, and the figures about it.

use crate::country::{self, amina, clerk, registration};
use daftar_identity::Desk;
use daftar_identity::person::Entry;
use daftar_identity::population::{HomePlace, NamePool, Recipe};
use daftar_identity::statistics::suppress::Shown;
use daftar_testing::for_each_engine;

/// Who settles, with names enough to teach a model.
pub fn recipe() -> Recipe {
    let pool = "format = 1\nlanguage = 'fr'\nshare = 1\nfemale = ['Claire', 'Zoé', 'Fatou', 'Amina', 'Khadija', 'Salma']\n\
                male = ['Jean', 'Moussa', 'Yusuf', 'Khalid']\n\
                family = ['Dubois', 'Traoré', 'Keita', 'Diallo', 'Haddad', 'Jaziri', 'Sow', 'Ba', 'Camara']\n";
    let home = |code: &str, weight| HomePlace { code: code.into(), weight };
    Recipe {
        seed: 7,
        this_year: 2026,
        pools: vec![NamePool::parse(pool).unwrap()],
        places: vec![home("north-1", 3), home("south-1", 1)],
    }
}

#[tokio::test]
async fn a_population_settles_and_is_counted() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let desk = Desk::program("demo", "registry", "registry-north");
        let mut steps = Vec::new();
        let settled = people.settle(&desk, recipe(), (1200, 5), |n| steps.push(n)).await.unwrap();
        assert_eq!(steps, [500, 1000, 1200]);
        assert_eq!(settled.iter().map(|s| s.number).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        let figures = people.figures().await.unwrap();
        assert_eq!(figures.districts.rows, ["north", "south"]);
        let total = figures.districts.cells.last().and_then(|row| row.last()).unwrap();
        assert_eq!(*total, Shown::Count(1200));
        let citizen = people.office_token(settled[0].person).await.unwrap();
        assert_eq!(people.my_acts(citizen, None, 5).await.unwrap().len(), 1, "everybody holds a receipt");
        let buckets = people.bucket_sizes().await.unwrap();
        assert!(buckets.iter().map(|b| b.people * b.keys).sum::<i64>() > 3000);
    })
    .await;
}

/// In a large register hundreds bear a frequent name: whoever was born on the same day is found among them all the same.
#[tokio::test]
async fn namesakes_do_not_push_out_the_double() {
    use crate::country::{ask, registrar};
    use daftar_identity::register::Registration;
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let pool = "format = 1\nlanguage = 'fr'\nshare = 1\nfemale = ['Amina']\nmale = ['Amina']\nfamily = ['Diallo']\n";
        let recipe = Recipe { this_year: 2009, pools: vec![NamePool::parse(pool).unwrap()], ..recipe() };
        let desk = Desk::program("demo", "registry", "registry-north");
        people.settle(&desk, recipe, (1500, 0), |_| {}).await.unwrap();
        let despite = "another of this name".to_string();
        let own = Registration { despite, ..registration(amina(), "k1") };
        let own = people.register(&clerk(), own).await.unwrap().person;
        let twin =
            Entry { name: "AMINA DIALO".into(), given: String::new(), family: String::new(), ..amina() };
        let shown = people.candidates(&registrar(), &ask(), &twin).await.unwrap();
        assert_eq!(shown.first().map(|one| one.found.person), Some(own));
    })
    .await;
}

#[tokio::test]
async fn a_correction_moves_somebody_between_counters() {
    use daftar_identity::correct::Correction;
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let mut newest = None;
        for n in 0..6 {
            let entry = Entry { name: format!("Person Number{n}"), born: format!("{}", 1950 + n), ..amina() };
            newest = Some(people.register(&clerk(), registration(entry, &format!("k{n}"))).await.unwrap());
        }
        let north = |figures: &daftar_identity::figures::Figures| figures.districts.cells[0][4];
        assert_eq!(north(&people.figures().await.unwrap()), Shown::Count(6));
        let correction = Correction {
            person: newest.unwrap().person,
            expected_version: 1,
            entry: Entry {
                name: "Person Number5".into(),
                born: "1955".into(),
                died: "2020".into(),
                ..amina()
            },
            photo: Default::default(),
            reason: "died".into(),
            evidence: "death certificate".into(),
            idempotency_key: "c1".into(),
        };
        people.correct(&clerk(), correction).await.unwrap();
        assert_eq!(north(&people.figures().await.unwrap()), Shown::Count(5), "the dead are not counted");
    })
    .await;
}

/// After a change of the rules the keys are made anew, however often the command is cut off.
#[tokio::test]
async fn keys_are_made_anew() {
    use crate::country::{ask, registrar};
    use daftar_identity::search::Query;
    use daftar_store::{StoreError, params, sql};
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let lose = store.write(|tx| {
            Box::pin(async move {
                tx.execute(sql!("delete from identity_index where 1 = 1"), &params![]).await?;
                Ok::<_, StoreError>(())
            })
        });
        lose.await.unwrap();
        let query = Query { name: "Amina Diallo".into(), born: "1990".into(), ..Query::default() };
        assert!(people.search(&registrar(), &ask(), &query).await.unwrap().is_empty());
        assert_eq!(people.reindex(None).await.unwrap(), Some(one.person));
        assert_eq!(people.reindex(Some(one.person)).await.unwrap(), None);
        assert_eq!(people.search(&registrar(), &ask(), &query).await.unwrap().len(), 1);
    })
    .await;
}
