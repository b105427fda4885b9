//! Every failure this service reports, each with its stable code. What a person reads lies in `locales/`.

daftar_kernel::problems! {
    entry Refused "identity-entry" "The entry breaks rules; the faults name the fields.";
    key_missing Malformed "identity-key-missing" "The request needs an idempotency key of 1 to 200 characters.";
    key_used Conflict "identity-key-used" "The idempotency key was used for another request.";
    candidates Conflict "identity-candidates" "The person may be registered already; a reason is needed to go on.";
    reason_text Refused "identity-reason" "The reason is empty, longer than 500 characters, or does not print.";
    evidence_text Refused "identity-evidence" "The evidence is empty, longer than 500 characters, or does not print.";
    unknown NotFound "identity-unknown" "There is no such person, or the data was erased.";
    changed Conflict "identity-changed" "The record was changed meanwhile: look at the new version first.";
    unchanged Refused "identity-unchanged" "The correction changes nothing.";
    numbers_out Unavailable "identity-numbers-out" "No free number was found in 64 draws.";
    search_attributes Refused "identity-search-attributes" "A search needs two attributes, and a name of more than one letter.";
    search_many Refused "identity-search-many" "More than 20 people match; add an attribute.";
    card_none Conflict "identity-card-none" "The person has no valid card.";
    photo Refused "identity-photo" "The file is no photo that can be kept.";
    document Refused "identity-document" "The file is no document that can be kept; the faults say why.";
    documents_many Refused "identity-documents-many" "A person has at most 100 documents, an act at most 10.";
    document_unknown NotFound "identity-document-unknown" "The person has no such document.";
    card_unknown Refused "identity-card-unknown" "Nobody holds a valid card of this number.";
    guardian_needed Refused "identity-guardian-needed" "A child needs a guardian, or a sentence that says why there is none and who brings it.";
    guardian_adult Refused "identity-guardian-adult" "Nobody need answer for the person: they are of age, or have died.";
    guardian_child Refused "identity-guardian-child" "Whoever answers or vouches for somebody must be of age.";
    guardian_already Refused "identity-guardian-already" "This person answers for the child already.";
    guardian_taken Refused "identity-guardian-taken" "A court took this child's guardianship from this person: only a decision of two gives it back.";
    guardianship_court Refused "identity-guardianship-court" "A court's decision needs the court, its number, its date, what it says and the document.";
    guardianship_nothing Refused "identity-guardianship-nothing" "The decision ends nobody's guardianship and names nobody.";
    guardianship_bond Conflict "identity-guardianship-bond" "This person does not answer for the child any more: look again who does.";
    guardianship_altered Conflict "identity-guardianship-altered" "What was asked for was altered in the database: nothing is decided on it.";
    guardianship_unknown NotFound "identity-guardianship-unknown" "Nothing of the sort is asked for about this child.";
    guardians_many Refused "identity-guardians-many" "A child has at most 4 guardians.";
    introductions_many Refused "identity-introductions-many" "This person has introduced as many people this year as one may.";
    bonds_many Refused "identity-bonds-many" "A person has at most 1000 bonds.";
    dead Conflict "identity-dead" "The person has died, as the record says.";
    decision_moot Conflict "identity-decision-moot" "There is nothing to decide: the record stands so already.";
    parents_same Refused "identity-parents-same" "Mother and father are the same person.";
    suspended Conflict "identity-suspended" "The record is suspended: no card holds until two officials lift that.";
    erase_payload Conflict "identity-erase-payload" "What was approved is not the erasure of this person.";
    double_altered Conflict "identity-double-altered" "The pair was altered in the database: nothing is decided on it.";
    double_changed Conflict "identity-double-changed" "The pair or one of the records was changed after the decision was asked for.";
    double_state Conflict "identity-double-state" "The pair stands otherwise: that cannot be decided now.";
    learn_few Refused "identity-learn-few" "The register has fewer than 1,000 people: nothing is learned from so few.";
    desk_unknown Refused "identity-desk-unknown" "The country has no such office, or no purpose duplicate-review.";
    refusal_reason Refused "identity-refusal-reason" "The reason for a refusal is none of the country's.";
    refusal_code Refused "identity-refusal-code" "The number and the code of a refusal do not belong together.";
    refusal_complained Conflict "identity-refusal-complained" "There is a complaint about this refusal already.";
    preregistration_code Refused "identity-preregistration-code" "The number and the code of a pre-registration do not belong together, or it is over.";
    preregistration_large TooLarge "identity-preregistration-large" "The answers of a pre-registration take more than 32 KiB.";
    preregistration_over Conflict "identity-preregistration-over" "The pre-registration was taken back or used meanwhile.";
    import_running Conflict "identity-import-running" "The file is being imported with another mapping.";
    import_done Conflict "identity-import-done" "The file was imported already.";
    openid_off NotFound "identity-openid-off" "Sign in with Daftar is off here: the installation names no issuer.";
    openid_issuer Refused "identity-openid-issuer" "Not an issuer: https and a host, without path or slash at the end; or an address of this machine.";
    openid_over NotFound "identity-openid-over" "The sign-in to a service was begun too long ago, in another browser, or was answered already.";
    openid_client Refused "identity-openid-client" "The registration of the service cannot stand; the faults name the fields.";
    openid_clients_many Refused "identity-openid-clients-many" "As many services are registered as can be; withdraw one first.";
    verify_token SignIn "identity-verify-token" "The token is missing, not one of ours, over or revoked.";
    verify_scope Forbidden "identity-verify-scope" "The token was not asked for with scope=verify.";
    verify_partner Forbidden "identity-verify-partner" "The client may not ask about people, or not any more.";
    verify_attribute Forbidden "identity-verify-attribute" "The client may not ask about one of these attributes.";
    verify_ask Refused "identity-verify-ask" "The question breaks rules; the faults name the fields.";
    verify_pace TooMany "identity-verify-pace" "The requests of this minute are used up.";
    verify_quota TooMany "identity-verify-quota" "The requests of this day are used up.";
    verify_misses TooMany "identity-verify-misses" "Too many cards of nobody were named today.";
    verify_busy Unavailable "identity-verify-busy" "As many questions are being answered as can be at once.";
    verify_registration Refused "identity-verify-registration" "What the service may ask about people cannot stand; the faults name the fields.";
    consent_needed Refused "identity-consent-needed" "The client's questions need the person's consent, and none was named.";
    consent_not_needed Conflict "identity-consent-not-needed" "The client's questions rest on law; nobody is asked for consent.";
    consent_unknown NotFound "identity-consent-unknown" "There is no such consent for this client.";
    consent_waits Conflict "identity-consent-waits" "The person has not answered yet.";
    consent_declined Forbidden "identity-consent-declined" "The person said no.";
    consent_revoked Forbidden "identity-consent-revoked" "The consent was taken back.";
    consent_expired Forbidden "identity-consent-expired" "The consent's time is over.";
    consent_used_up Forbidden "identity-consent-used-up" "The consent was used as often as it may be.";
    consent_attribute Forbidden "identity-consent-attribute" "The consent does not cover this.";
    consent_locked Forbidden "identity-consent-locked" "The person has locked services out.";
    consent_over NotFound "identity-consent-over" "No question of this code waits for an answer.";
    card_code Refused "identity-card-code" "The text is not the code of a card that was signed here.";
    card_code_needed Refused "identity-card-code-needed" "The card's code is needed: its number alone says nothing about whether it was shown.";
    kit_request Refused "identity-kit-request" "The file is no request of a kit, or its signature does not hold.";
    kit_operator Refused "identity-kit-operator" "An operator of the kit has no role in your agency that may register people.";
    kit_withdrawn Conflict "identity-kit-withdrawn" "The kit was withdrawn; it must be set up anew, with a new key.";
    kit_days Refused "identity-kit-days" "A kit is allowed for 1 to 90 days.";
    kits_many Refused "identity-kits-many" "As many kits are allowed as can be; withdraw one first.";
    kits_busy Unavailable "identity-kits-busy" "Too many packets arrive at once; send again in a moment.";
    packet_decided Conflict "identity-packet-decided" "The packet is not held: somebody has decided about it already.";
    packet_own Forbidden "identity-packet-own" "Whoever enrolled somebody does not decide about the packet.";
    packet_choice Refused "identity-packet-choice" "The decision must be one of those offered, and the person one of those shown.";
    packet_entry Refused "identity-packet-entry" "What the packet says breaks the rules, so nobody can be registered by it.";
    assist_what Refused "identity-assist-what" "That is nothing that can be done for somebody else.";
    assist_unknown NotFound "identity-assist-unknown" "This official has asked this person nothing of the sort.";
    assist_other Conflict "identity-assist-other" "The person agreed to something else.";
    assist_over Conflict "identity-assist-over" "The agreement was not given, was used, or its time is over.";
    assist_account Refused "identity-assist-account" "The person has no account that gives one-time codes.";
    assist_slip Refused "identity-assist-slip" "The number is not the one on the slip.";
    assist_witness Refused "identity-assist-witness" "The witness is not named, or is the official who acts.";
    assist_consent Refused "identity-assist-consent" "The person allows no such service anything now.";
    assist_look Refused "identity-assist-look" "This person has no look of this number.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        daftar_testing::check_codes(ALL, include_str!("../README.md"));
    }

    #[test]
    fn every_language_has_every_text() {
        let texts = [
            ("en", include_str!("../locales/en.ftl")),
            ("fr", include_str!("../locales/fr.ftl")),
            ("ar", include_str!("../locales/ar.ftl")),
        ];
        let rules = [
            include_str!("entry.rs"),
            include_str!("number.rs"),
            include_str!("name/mod.rs"),
            include_str!("documents/sniff.rs"),
            include_str!("documents/mod.rs"),
            include_str!("bonds/tie.rs"),
            include_str!("life/birth.rs"),
            include_str!("life/guardianship/mod.rs"),
        ];
        let words = rules.iter().flat_map(|source| source.split('"'));
        let messages: Vec<&str> = words
            .filter(|word| word.starts_with("identity-fault-") && word.len() > "identity-fault-".len())
            .collect();
        assert!(messages.len() > 20);
        for (lang, text) in texts {
            let has = |key: &str| format!("\n{text}").contains(&format!("\n{key} ="));
            for (code, _) in ALL {
                assert!(has(&format!("problem-{code}")), "{lang} lacks problem-{code}");
                assert!(has(&format!("problem-{code}-next")), "{lang} lacks problem-{code}-next");
            }
            for message in &messages {
                assert!(has(message), "{lang} lacks {message}");
            }
        }
    }
}
