//! Packets from the field: merged without doubles and without losing anybody, whatever happens on the way.

use crate::country::{self, amina, approvers, ask, clerk, registration};
use daftar_identity::People;
use daftar_identity::kit::kits::{Allowed, Country};
use daftar_identity::kit::receive::{State, Taken};
use daftar_identity::kit::{Carried, MAX_KIT_DAYS};
use daftar_identity::person::Entry;
use daftar_identity::search::Query;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::Proven;
use daftar_testing::{TestStore, for_each_engine};
use enrolment_packet::clock::{Moment, Times};
use enrolment_packet::packet::BEGINNING;
use enrolment_packet::statement::{self, Acknowledgement, Authorisation, Operator, Request};
use enrolment_packet::{Attachment, Body, Draft, SealingKey, Signer, hash, seal};

const DAY: i64 = 86_400;

/// A kit in a test: keys, and the state a device keeps.
pub struct Kit {
    device: Signer,
    pub operator: Signer,
    pub installation: [u8; 16],
    pub sequence: u64,
    pub previous: [u8; 32],
    pub times: Times,
    pub registry: SealingKey,
    pub id: Id,
    salt: u8,
}

fn signer(byte: u8) -> Signer {
    Signer::from_seed(&[byte; 32]).unwrap()
}

/// What the device asks for; `wall` is its clock, in days since 1970.
pub fn request(salt: u8, login: &str, wall: i64) -> Vec<u8> {
    let device = signer(salt);
    let request = Request {
        name: format!("Mobile unit {salt}"),
        device: *device.public(),
        nonce: [salt; 16],
        operators: vec![Operator { login: login.into(), key: *signer(salt + 100).public() }],
        made: Moment { wall, boot: "start".into(), uptime: 1_000_000 },
    };
    statement::sign(&request, &device).unwrap()
}

pub fn land() -> Country {
    Country {
        name: "Test".into(),
        zone: "Africa/Tunis".into(),
        places: vec!["north-1".into()],
        ..Country::default()
    }
}

/// A kit that `by` allows for 14 days, with `ben` as its operator and a clock that is so many seconds off.
pub async fn kit(people: &People, by: &Proven, salt: u8, off: i64) -> Kit {
    let wall = people.store().world().now().plus_seconds(off).0;
    let Allowed { kit, authorisation, .. } =
        people.allow_kit(by, &request(salt, "ben", wall), 14, &land()).await.unwrap();
    let registry = *people.kit_statement_key().unwrap().public();
    let allowed: Authorisation = statement::read_by(&authorisation, &registry).unwrap();
    Kit {
        device: signer(salt),
        operator: signer(salt + 100),
        installation: [salt; 16],
        sequence: 0,
        previous: BEGINNING,
        times: Times { made: allowed.since.device.clone(), contact: Some(allowed.since) },
        registry: SealingKey(allowed.registry),
        id: kit,
        salt,
    }
}

impl Kit {
    /// The next packet.
    pub fn packet(&mut self, body: &Body) -> Vec<u8> {
        self.sequence += 1;
        // An hour for each person.
        self.times.made.wall += 3_600_000_000;
        self.times.made.uptime += 3_600_000_000;
        let draft = Draft {
            installation: self.installation,
            sequence: self.sequence,
            previous: self.previous,
            times: self.times.clone(),
            body,
        };
        let ephemeral: [u8; 32] = std::array::from_fn(|i| {
            let at = self.sequence.to_be_bytes();
            self.salt ^ at[i % 8] ^ body.entry.get(i).copied().unwrap_or(0)
        });
        let packet = seal(&draft, (&self.device, &self.operator), &self.registry, &ephemeral).unwrap();
        self.previous = hash(&packet);
        packet
    }
    pub fn enrol(&mut self, entry: Entry) -> Vec<u8> {
        self.packet(&body(entry))
    }
}

pub fn body(person: Entry) -> Body {
    let carried = Carried { person, evidence: "Birth notice 7".into(), ..Carried::default() };
    Body { entry: serde_json::to_vec(&carried).unwrap(), ..Body::default() }
}

/// A document that can be kept.
pub fn scan() -> Attachment {
    Attachment { kind: "birth-certificate".into(), bytes: crate::life::pdf("kit") }
}

pub fn somebody(number: usize) -> Entry {
    let given = ["Tariq", "Zainab", "Omar", "Layla", "Karim", "Salma", "Idris", "Hawa", "Musa", "Noor"];
    let family = [
        "Haddad", "Mansouri", "Tlili", "Rekik", "Jaziri", "Gharbi", "Mokrani", "Derbali", "Zitouni", "Ayari",
    ];
    // No two share a date, and who shares a name was born in another month of another year.
    let year = 1930 + number / 84 * 5 + number % 7;
    Entry {
        name: format!("{} {}", given[number % 10], family[number / 10 % 10]),
        born: format!("{year}-{:02}-{:02}", 1 + number % 12, 1 + number % 28),
        birth_place: "north-1".into(),
        ..Entry::default()
    }
}

pub async fn take(people: &People, packet: &[u8]) -> Taken {
    people.take_packet(packet.to_vec()).await.unwrap()
}

/// How many people of this name and year are in the register.
pub async fn found(people: &People, name: &str, born: &str) -> usize {
    let query = Query { name: name.into(), born: born.into(), ..Query::default() };
    people.search(&country::registrar(), &ask(), &query).await.unwrap().len()
}

/// Moves to the evening after the third day in the field.
fn three_days(store: &TestStore) {
    store.clock.advance_seconds(3 * DAY);
}

#[tokio::test]
async fn what_was_enrolled_offline_is_registered_in_the_operators_name() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        three_days(&store);
        let mut body = body(amina());
        body.documents.push(scan());
        let taken = take(&people, &unit.packet(&body)).await;
        assert_eq!((taken.state, taken.reason.as_str(), taken.kept), (State::Merged, "", true));
        assert_eq!(found(&people, "Amina Diallo", "1990").await, 1);
        let view = people.kit_view(by[0].actor(), unit.id).await.unwrap();
        let row = &view.settled[0];
        assert_eq!(
            (row.operator_name.as_str(), row.reference.clone()),
            ("A colleague", taken.reference.clone())
        );
        let expected = people.store().world().now().plus_seconds(-3 * DAY + 3_600);
        assert_eq!((row.made_at, row.time_odd.as_str()), (expected, ""), "an hour after it was allowed");

        // The person sees who enrolled them, with which kit, and has receipts of both acts.
        let person = row.person.unwrap();
        let citizen = people.office_token(person).await.unwrap();
        let data = people.my_data(citizen).await.unwrap();
        let written = &data.versions[0].document;
        assert_eq!(written.writer.name, "A colleague");
        assert_eq!(written.evidence, format!("Birth notice 7 · Mobile unit 3 · {}", taken.reference));
        assert_eq!((data.packets.len(), data.packets[0].documents), (1, 1));
        assert_eq!((data.documents.len(), data.documents[0].kind.as_str()), (1, "birth-certificate"));
        let kinds: Vec<&str> = data.acts.iter().map(|act| act.entry.kind.as_str()).collect();
        assert!(kinds.contains(&"identity.packet-taken") && kinds.contains(&"identity.person-registered"));
        assert!(data.number.is_some() && !data.cards.is_empty());
        let key = *people.kit_statement_key().unwrap().public();
        let ack: Acknowledgement = statement::read_by(&taken.statement, &key).unwrap();
        assert_eq!(ack.receipt, row.receipt.to_string());
    })
    .await;
}

#[tokio::test]
async fn the_same_person_from_two_kits_is_registered_once_and_never_lost() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let (mut a, mut b) = (kit(&people, &by[0], 3, 0).await, kit(&people, &by[0], 4, 0).await);
        three_days(&store);
        let slip = Entry { born: "1990-02-14".into(), ..amina() };
        assert_eq!(take(&people, &a.enrol(amina())).await.state, State::Merged);
        let second = take(&people, &b.enrol(slip)).await;
        assert_eq!((second.state, second.reason.as_str(), second.kept), (State::Held, "double", true));
        // Somebody whom a desk registered meanwhile.
        let omar = somebody(2);
        people.register(&clerk(), registration(omar.clone(), "desk")).await.unwrap();
        assert_eq!(take(&people, &b.enrol(omar)).await.reason, "double");
        assert_eq!(found(&people, "Amina Diallo", "1990").await, 1);
        let view = people.kit_view(by[0].actor(), b.id).await.unwrap();
        assert_eq!(view.held.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_clock_three_days_off_is_put_right_and_one_that_cannot_be_is_marked() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let began = people.store().world().now();
        let mut unit = kit(&people, &by[0], 3, 3 * DAY).await;
        three_days(&store);
        let first = unit.enrol(somebody(1));
        // Another start of the device: only the clock, with the error it had.
        unit.times.made.boot = "again".into();
        unit.times.made.uptime = 5;
        let second = unit.enrol(somebody(2));
        // Then the battery is flat: the clock begins in 1970.
        unit.times.made = Moment { wall: 0, boot: "third".into(), uptime: 5 };
        let third = unit.enrol(somebody(3));
        for packet in [&first, &second, &third] {
            assert_eq!(take(&people, packet).await.state, State::Merged);
        }
        let mut rows = people.kit_view(by[0].actor(), unit.id).await.unwrap().settled;
        rows.sort_by_key(|row| row.sequence);
        let times: Vec<(Timestamp, &str)> =
            rows.iter().map(|row| (row.made_at, row.time_odd.as_str())).collect();
        let hour = |n: i64| began.plus_seconds(3_600 * n);
        assert_eq!(times, [(hour(1), ""), (hour(2), ""), (hour(2), "early")]);
    })
    .await;
}

#[tokio::test]
async fn a_directory_that_is_read_again_answers_the_same_and_changes_nothing() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        three_days(&store);
        let mut packets: Vec<Vec<u8>> = (0..5).map(|n| unit.enrol(somebody(n))).collect();
        packets.push(unit.enrol(somebody(0)));
        let mut first = Vec::new();
        for packet in &packets {
            first.push(take(&people, packet).await);
        }
        // The stick is read in another order, hours later, and one packet comes twice at once.
        store.clock.advance_seconds(7_200);
        let key = *people.kit_statement_key().unwrap().public();
        let read = |taken: &Taken| statement::read_by::<Acknowledgement>(&taken.statement, &key).unwrap();
        for (packet, before) in packets.iter().zip(&first).rev() {
            let (one, two) = tokio::join!(Box::pin(take(&people, packet)), Box::pin(take(&people, packet)));
            for again in [one, two] {
                let (before, again) = (read(before), read(&again));
                assert_eq!(Acknowledgement { answered_at: before.answered_at, ..again }, before);
            }
        }
        let view = people.kit_view(by[0].actor(), unit.id).await.unwrap();
        assert_eq!((view.counts["merged"], view.counts["held"]), (5, 1));
        assert_eq!(view.installations[0].missing, []);
    })
    .await;
}

#[tokio::test]
async fn reinstalled_copied_and_incomplete_kits_show() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        three_days(&store);
        // Number 2 stays on the road for now.
        let one = unit.enrol(somebody(1));
        let two = unit.enrol(somebody(2));
        let three = unit.enrol(somebody(3));
        for packet in [&three, &one] {
            assert_eq!(take(&people, packet).await.state, State::Merged);
        }
        let view = people.kit_view(by[0].actor(), unit.id).await.unwrap();
        assert_eq!(view.installations[0].missing, [(2, 2)]);

        // The device was set back to number 1 and writes another number 2.
        let mut copy = kit(&people, &by[0], 3, 0).await;
        copy.sequence = 1;
        copy.previous = hash(&one);
        let forked = copy.enrol(somebody(4));
        assert_eq!(take(&people, &forked).await.reason, "fork", "the third follows another second");
        assert_eq!(take(&people, &two).await.state, State::Merged, "the real second comes after all");
        assert_eq!(take(&people, &forked).await.reason, "fork");
        let view = people.kit_view(by[0].actor(), unit.id).await.unwrap();
        assert_eq!((view.installations[0].missing.len(), view.held.len()), (0, 1));
        assert_eq!(
            found(&people, &somebody(4).name, &somebody(4).born[..4]).await,
            0,
            "held, not registered"
        );

        // Reinstalled: numbers begin anew, and that is fine.
        unit.installation = [77; 16];
        (unit.sequence, unit.previous) = (0, BEGINNING);
        assert_eq!(take(&people, &unit.enrol(somebody(5))).await.state, State::Merged);
        assert_eq!(people.kit_view(by[0].actor(), unit.id).await.unwrap().installations.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn hostile_packets_are_refused_with_a_reason_and_nothing_else_is_lost() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        three_days(&store);
        let good = unit.enrol(somebody(1));
        let reason = |taken: Taken| {
            assert_eq!((taken.state, taken.kept), (State::Refused, false));
            taken.reason
        };
        assert_eq!(reason(take(&people, b"").await), "truncated");
        assert_eq!(reason(take(&people, b"%PDF-1.7 not a packet at all").await), "not-a-packet");
        assert_eq!(reason(take(&people, &good[..good.len() - 1]).await), "truncated");
        assert_eq!(reason(take(&people, &vec![0; 8 * 1024 * 1024 + 1]).await), "too-large");
        let mut changed = good.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(reason(take(&people, &changed).await), "sealed");
        assert_eq!(reason(take(&people, &changed).await), "sealed", "the same answer again");
        let mut stranger = kit(&people, &by[0], 9, 0).await;
        stranger.device = signer(50);
        assert_eq!(reason(take(&people, &stranger.enrol(somebody(8))).await), "unknown-device");
        let own = unit.registry;
        unit.registry = SealingKey([9; 32]);
        let elsewhere = unit.enrol(somebody(2));
        assert_eq!(reason(take(&people, &elsewhere).await), "other-key");
        unit.registry = own;
        unit.sequence = daftar_identity::kit::MAX_SEQUENCE;
        assert_eq!(reason(take(&people, &unit.enrol(somebody(2))).await), "limit");
        assert_eq!(take(&people, &good).await.state, State::Merged, "and the good one is taken as ever");
        let view = people.kit_view(by[0].actor(), unit.id).await.unwrap();
        let mut listed: Vec<&str> = view.unreadable.iter().map(|one| one.reason.as_str()).collect();
        listed.sort_unstable();
        assert_eq!(listed, ["limit", "other-key", "sealed"], "what claims to be this kit's is listed");
    })
    .await;
}

#[tokio::test]
async fn what_a_kit_may_not_is_refused_before_it_leaves() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let allow = async |by: &Proven, request: &[u8], days| {
            people
                .allow_kit(by, request, days, &land())
                .await
                .map(|_| ())
                .map_err(|problem: Problem| problem.code)
        };
        let good = request(3, "ben", 0);
        assert_eq!(allow(&by[0], &good, 0).await, Err("identity-kit-days"));
        assert_eq!(allow(&by[0], &good, MAX_KIT_DAYS + 1).await, Err("identity-kit-days"));
        assert_eq!(allow(&by[0], b"{}", 14).await, Err("identity-kit-request"));
        assert_eq!(allow(&by[0], &request(3, "nobody", 0), 14).await, Err("identity-kit-operator"));
        assert_eq!(allow(&by[0], &good, MAX_KIT_DAYS).await, Ok(()));
        let police = daftar_kernel::Actor::Official(country::official("Sami", "officer"));
        assert_eq!(people.kits(&police).await.unwrap_err().kind.status(), 403);
        let id = people.kits(by[0].actor()).await.unwrap()[0].id;
        people.withdraw_kit(&by[0], id, "Left on a bus").await.unwrap();
        assert_eq!(allow(&by[0], &good, 14).await, Err("identity-kit-withdrawn"));
    })
    .await;
}

#[tokio::test]
async fn two_hundred_packets_are_merged_without_doubles() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let (mut a, mut b) = (kit(&people, &by[0], 3, 0).await, kit(&people, &by[0], 4, -DAY).await);
        three_days(&store);
        // Two hundred people; the second kit met twenty of them again.
        let mut packets: Vec<Vec<u8>> = Vec::new();
        for number in 0..100 {
            packets.push(a.enrol(somebody(number)));
            packets.push(b.enrol(somebody(if number < 20 { number } else { number + 100 })));
        }
        let mut states = Vec::new();
        for packet in packets.iter().rev() {
            states.push(take(&people, packet).await.state);
        }
        let merged = states.iter().filter(|state| **state == State::Merged).count();
        let held = states.len() - merged;
        assert_eq!(states.len(), 200);
        let counts = async |id| people.kit_view(by[0].actor(), id).await.unwrap().counts;
        let (a, b) = (counts(a.id).await, counts(b.id).await);
        let of = |state: &str| a.get(state).copied().unwrap_or(0) + b.get(state).copied().unwrap_or(0);
        assert_eq!(
            (of("merged"), of("held")),
            (i64::try_from(merged).unwrap(), i64::try_from(held).unwrap())
        );
        assert!(held >= 20, "everybody who was met twice waits: {held}");
        for number in 0..20 {
            let one = somebody(number);
            assert_eq!(found(&people, &one.name, &one.born).await, 1, "{number}");
        }
    })
    .await;
}
