//! Every failure this service reports, each with its stable code. What a person reads lies in `locales/`.

daftar_kernel::problems! {
    off NotFound "cloud-off" "This installation has no cloud: the setting cloud.engine is empty.";
    no_catalogue NotFound "cloud-no-catalogue" "The country pack has no cloud.toml, so nothing can be ordered.";
    no_price Conflict "cloud-no-price" "No price holds on a day that is billed.";
    receipt_wait Unavailable "cloud-receipt-wait" "The receipt is not signed yet.";
    part Forbidden "cloud-part" "The member's part in the project does not allow this.";
    entry Refused "cloud-entry" "The order breaks rules; the faults name the fields.";
    key_missing Malformed "cloud-key-missing" "The request needs an idempotency key of 1 to 200 characters.";
    key_used Conflict "cloud-key-used" "The idempotency key was used for another request.";
    quota Refused "cloud-quota" "The project's quota does not reach for this.";
    name_taken Conflict "cloud-name-taken" "The project, or the agency, has something of this kind and name already.";
    projects_many Refused "cloud-projects-many" "The agency has as many open projects as can be.";
    members_many Refused "cloud-members-many" "The project has as many members as can be.";
    member_unknown Refused "cloud-member-unknown" "No official of the agency with this sign-in name may use the cloud.";
    last_owner Conflict "cloud-last-owner" "The project would be without an owner.";
    not_empty Conflict "cloud-not-empty" "Something is still in the project: remove it first.";
    attached Conflict "cloud-attached" "Something else stands on it: remove or detach that first.";
    leaving Conflict "cloud-leaving" "It is being removed.";
    not_stopped Conflict "cloud-not-stopped" "The instance must be stopped first.";
    not_running Conflict "cloud-not-running" "The instance does not run now.";
    engine Unavailable "cloud-engine" "The engine that makes the computers cannot be reached now.";
    engine_refused Conflict "cloud-engine-refused" "The engine refused.";
    blocks_out Unavailable "cloud-blocks-out" "Every block of addresses is given to a network.";
    order_over Conflict "cloud-order-over" "The order was carried out, refused, or is not the one approved.";
    token SignIn "cloud-token" "The token is missing, not one of ours, over or revoked.";
    token_reads Forbidden "cloud-token-reads" "The token was made to read only.";
    tokens_many Refused "cloud-tokens-many" "As many tokens hold as can be; revoke one first.";
    orphan_gone Conflict "cloud-orphan-gone" "It is not among what nobody wants any more.";
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
        for (lang, text) in [
            ("en", include_str!("../locales/en.ftl")),
            ("fr", include_str!("../locales/fr.ftl")),
            ("ar", include_str!("../locales/ar.ftl")),
        ] {
            for (code, _) in ALL {
                for key in [format!("\nproblem-{code} ="), format!("\nproblem-{code}-next =")] {
                    assert!(format!("\n{text}").contains(&key), "{lang} lacks {key}");
                }
            }
        }
    }
}
