//! Every text that the code asks for exists in every language, and none lies unused.

use daftar_identity::activity::ACTIVITIES;
use daftar_identity::assist::{CONSENTS, EVERYTHING, Way, What};
use daftar_identity::bonds::{EndedBy, Kind, Side};
use daftar_identity::double::{self, Decision, FoundBy};
use daftar_identity::kit::rules::Hold;
use daftar_identity::life::Decision as LifeDecision;
use daftar_identity::notices::TOLD;
use daftar_identity::openid::items;
use daftar_identity::pages::{BUNDLES, DESK};
use daftar_identity::person::{FIELDS, Sex, Standing};
use daftar_identity::read::{BONDS, CARD, DOCUMENTS, HISTORY, LOOKS, NUMBER, RECEIPTS};
use daftar_identity::verify::attribute::Attribute;
use daftar_identity::verify::card::Status;
use daftar_identity::version::Cause;
use daftar_identity::weigh::{field_words, level_key};
use daftar_ui::check::{Source, built, check, sources_under, strays};
use enrolment_packet::Fault;
use enrolment_packet::clock::Odd;
use openid::Method;
use std::path::Path;

/// Words that begin as keys do: what certificates, their key and notices are called.
const NAMES: [&str; 10] = [
    "identity-papers",
    "identity-card",
    "identity-certificate",
    "identity-event",
    "identity-merged",
    "identity-split",
    "identity-different",
    "identity-reopened",
    "identity-assisted",
    "identity-passkey",
];
/// The field of a look that the office commits when a complaint is read.
const COMPLAINT: &str = "complaint";
/// Acts about a person that other rooms commit.
const OTHER_ACTS: [&str; 5] = [
    "identity-act-letter-posted",
    "identity-act-passkey-added",
    "identity-act-passkey-removed",
    "identity-act-passkey-only",
    "identity-act-password-again",
];

/// What stands in quotes after each place of a word in the code.
fn quoted_after<'s>(sources: &'s [Source], word: &str) -> Vec<&'s str> {
    let starts =
        sources.iter().flat_map(|source| source.text.match_indices(word).map(|(at, _)| &source.text[at..]));
    starts.filter_map(|rest| rest[word.len()..].split('"').next()).collect()
}

/// Those of kits: why a packet waits, what is odd about its time, why it does not open.
fn of_kits() -> Vec<String> {
    let mut keys = Vec::new();
    keys.extend(Hold::ALL.map(|hold| format!("identity-hold-{}", hold.word())));
    keys.extend([Odd::Early, Odd::Late].map(|odd| format!("identity-kit-odd-{}", odd.word())));
    // What opening a packet whose header reads can find.
    let faults = [
        Fault::OtherKey,
        Fault::Sealed,
        Fault::DeviceSignature,
        Fault::OperatorSignature,
        Fault::Malformed(""),
        Fault::Truncated,
        Fault::Limit(""),
    ];
    keys.extend(faults.map(|fault| format!("identity-unreadable-{}", fault.word())));
    keys
}

/// Every key that the pages put together, from the values they are put together of.
fn put_together(sources: &[Source]) -> Vec<String> {
    let mut keys = Vec::new();
    keys.extend(Sex::ALL.map(|sex| format!("identity-sex-{}", sex.word())));
    keys.extend(Standing::ALL.map(|standing| format!("identity-standing-{}", standing.word())));
    let fields = FIELDS.iter().chain(&[
        daftar_identity::preregister::FORM,
        NUMBER,
        CARD,
        HISTORY,
        DOCUMENTS,
        BONDS,
        LOOKS,
        RECEIPTS,
        COMPLAINT,
        EVERYTHING,
        CONSENTS,
        daftar_post::FIELD,
    ]);
    keys.extend(fields.map(|field| format!("identity-field-{}", field.replace('_', "-"))));
    keys.extend(DESK.iter().map(|item| format!("{}-hint", item.text)));
    keys.extend(ACTIVITIES.iter().map(|one| format!("{}-activity", one.code.replace('.', "-"))));
    let acts = quoted_after(sources, "kind: \"identity.");
    let tasks = quoted_after(sources, "task(\"identity-my-");
    assert!(acts.len() >= 5 && tasks.len() >= 5, "the code is written differently: {acts:?} {tasks:?}");
    let causes =
        [Cause::Registered, Cause::Offline, Cause::Imported, Cause::MadeUp, Cause::Corrected, Cause::Born];
    let causes: Vec<Cause> = causes.into_iter().chain(Cause::EVENTS).collect();
    keys.extend(causes.iter().map(|cause| format!("identity-cause-{}", cause.word())));
    let written = causes.iter().filter_map(|cause| cause.act().split('.').nth(1));
    keys.extend(written.map(|act| format!("identity-act-{act}")));
    // Acts in the lists of those who are bound.
    let bound = ["guardian-named", "parent-named", "introduction-made"];
    keys.extend(bound.map(|act| format!("identity-act-{act}")));
    let passkeys = daftar_office::passkey::Told::ALL;
    keys.extend(passkeys.map(|told| format!("identity-passkey-told-{}", told.word())));
    keys.extend(TOLD.map(|word| format!("identity-told-{word}")));
    for kind in Kind::ALL {
        keys.extend(Side::ALL.map(|side| format!("identity-bond-{}-{}", kind.word(), side.word())));
    }
    keys.extend(EndedBy::ALL.map(|by| format!("identity-bond-by-{}", by.word())));
    // Acts in the lists of guardians when a court decided.
    keys.extend(["guardianship-taken", "ward-shared"].map(|act| format!("identity-act-{act}")));
    for decision in LifeDecision::ALL {
        let key = format!("identity-decide-{}", decision.word());
        keys.extend([format!("{key}-hint"), key]);
    }
    keys.extend(OTHER_ACTS.map(str::to_string));
    keys.extend(acts.iter().map(|act| format!("identity-act-{act}")));
    let own = ["consent-given", "consent-revoked", "services-locked", "services-unlocked"];
    keys.extend(own.map(|act| format!("identity-act-{act}")));
    keys.extend(items::all_words().iter().map(|word| format!("identity-item-{word}")));
    keys.extend(Method::ALL.map(|method| format!("identity-clients-method-{}", method.word())));
    keys.extend(
        ["profile", "email", "phone", "address"].map(|scope| format!("identity-clients-scope-{scope}")),
    );
    keys.extend(tasks.iter().map(|task| format!("identity-my-{task}-hint")));
    keys.extend(of_kits());
    keys.extend(of_assistance());
    keys.extend(of_verification());
    keys.extend(of_doubles());
    keys
}

/// The same of comparing two records.
fn of_doubles() -> Vec<String> {
    let mut keys = Vec::new();
    let levels = record_linkage::words().into_iter().filter(|word| !word.ends_with(" part"));
    keys.extend(levels.map(|word| format!("identity-level-{}", level_key(word))));
    keys.extend(
        field_words().iter().chain(&["relatives", "prior"]).map(|word| format!("identity-weigh-{word}")),
    );
    for decision in Decision::ALL {
        let word = decision.approval().trim_start_matches("identity.");
        keys.extend(["", "-means"].map(|end| format!("identity-double-{word}{end}")));
        keys.push(format!("identity-act-{}", decision.act().trim_start_matches("identity.")));
    }
    keys.extend(FoundBy::ALL.map(|found| format!("identity-double-found-{}", found.word())));
    keys.extend(double::Standing::ALL.map(|state| format!("identity-double-state-{}", state.word())));
    keys
}

/// The same of acting for somebody.
fn of_assistance() -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for what in What::ALL {
        let parts = ["what", "words", "do", "done"];
        keys.extend(parts.map(|part| format!("identity-assist-{part}-{}", what.word())));
    }
    keys.extend(Way::ALL.map(|way| format!("identity-assist-way-{}", way.word())));
    keys
}

/// The same of what partners ask.
fn of_verification() -> Vec<String> {
    let dashed = |word: &str| word.replace('_', "-");
    let mut keys: Vec<String> = Vec::new();
    keys.extend(Attribute::ALL.map(|one| format!("identity-attribute-{}", dashed(one.word()))));
    keys.extend(Attribute::ALL.map(|one| format!("identity-field-{}", dashed(one.checked_field()))));
    keys.extend(
        ["asked", "given", "declined", "revoked", "expired", "used-up"]
            .map(|state| format!("identity-permission-is-{state}")),
    );
    keys.extend(["given", "declined", "revoked"].map(|act| format!("identity-act-permission-{act}")));
    keys.extend(["consent", "law"].map(|ground| format!("identity-partner-ground-{ground}")));
    let statuses = [Status::Valid, Status::Replaced, Status::Ended, Status::Unknown];
    keys.extend(statuses.map(|status| format!("identity-card-is-{}", status.word())));
    keys
}

#[test]
fn the_texts_are_whole() {
    let mut sources = sources_under(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut findings = strays(&BUNDLES, &NAMES, &sources);
    let keys = put_together(&sources);
    sources.push(built(keys));
    let shared = [daftar_ui::BUNDLES, daftar_http::BUNDLES].concat();
    findings.extend(check(&BUNDLES, &shared, &sources));
    assert!(findings.is_empty(), "{findings:#?}");
}
