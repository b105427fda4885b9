//! Every failure this crate reports, in one place, each with its stable code. What a person reads lies in `locales/`.

use daftar_kernel::Problem;

daftar_kernel::problems! {
    busy Unavailable "office-busy" "Too many sign-ins at once; nothing was counted as a failure.";
    sign_in_wrong Refused "office-sign-in-wrong" "Name and password do not belong together, or there is no such account.";
    code_wrong Refused "office-code-wrong" "The one-time or recovery code is wrong, old, or was used before.";
    slow TooMany "office-slow" "Too many wrong tries from here or for this account; the answer says when to try again.";
    challenge_over Refused "office-challenge-over" "The first step of signing in is too long ago or was used; start again.";
    suspended Forbidden "office-account-suspended" "The password is right, but the account is suspended.";
    no_assignment Forbidden "office-no-assignment" "The official has no role in any office at present.";
    assignment_chosen Conflict "office-assignment-chosen" "The session already works in an office; sign in again for another.";
    step_up Forbidden "office-step-up" "The act is dangerous: a fresh one-time code is needed first.";
    not_permitted Forbidden "office-not-permitted" "The role does not hold the permission.";
    not_official Forbidden "office-not-official" "Only an official at work may do this.";
    own_account Refused "office-own-account" "Nobody changes their own account, role or complaint.";
    not_demo Forbidden "office-not-demo" "Signing in without credentials works only in a demo country.";
    not_empty Conflict "office-not-empty" "A store with accounts cannot become a demo country.";
    login_bad Refused "office-login-bad" "Not a sign-in name: 3 to 100 characters without blanks.";
    login_taken Conflict "office-login-taken" "The sign-in name is taken.";
    name_bad Refused "office-name-bad" "Not a name: 1 to 120 characters that print.";
    password_short Refused "office-password-short" "Fewer than 12 characters.";
    password_long Refused "office-password-long" "More than 256 characters.";
    password_control Refused "office-password-control" "It holds characters that no keyboard types.";
    password_common Refused "office-password-common" "A guesser would try it early.";
    link_over NotFound "office-link-over" "The link was used, has expired or never existed.";
    enrol_order Conflict "office-enrol-order" "A password is chosen before the one-time code is confirmed.";
    admin_exists Conflict "office-admin-exists" "There is an administrator already; ask them for an account.";
    no_admin_role Refused "office-no-admin-role" "The country pack has no role that creates accounts, or no office for it.";
    activation_wrong Refused "office-activation-wrong" "The activation code is wrong, dead, used or too old.";
    state Conflict "office-state" "The account, case, complaint or request is no longer in the state this needs.";
    roster_unknown Refused "office-roster-unknown" "The country has no such role or office, or not the one in the other.";
    dates Refused "office-dates" "The end lies before the beginning or in the past.";
    assigned_already Conflict "office-assigned-already" "The official has this role in this office already.";
    approval_payload Refused "office-approval-payload" "What is to be approved is too large or holds a fraction.";
    approval_twice Conflict "office-approval-twice" "The same official cannot approve twice.";
    approval_open Conflict "office-approval-open" "Two officials have not approved yet.";
    approval_closed Conflict "office-approval-closed" "The request was executed, rejected or has expired.";
    approval_altered Conflict "office-approval-altered" "The stored request is not what was approved: somebody changed the row.";
    purpose_unknown Forbidden "office-purpose" "The role may not look at persons for this purpose.";
    case_needed Refused "office-case-needed" "The purpose needs the number of an open case of the own agency.";
    case_bad Refused "office-case-bad" "Not a case number: 1 to 60 characters that print.";
    case_taken Conflict "office-case-taken" "The agency has a case of this number already.";
    court_needed Refused "office-court-needed" "The purpose needs the reference of a court's order and an unseal date.";
    unseal_date Refused "office-unseal-date" "The unseal date must lie in the future and within 12 months.";
    seal_over Conflict "office-seal-over" "The look is open: its date has passed.";
    seal_final Refused "office-seal-final" "The country allows no later date for looks of this purpose.";
    seal_second Conflict "office-seal-second" "A later date needs an official of the agency that looked and one of the second institution.";
    not_sealed Refused "office-not-sealed" "Looks for this purpose cannot be hidden from the person.";
    same_office Forbidden "office-same-office" "An office does not review its own looks.";
    no_desk Unavailable "office-no-desk" "The country pack names no desk outside the agency complained about.";
    complaint_text Refused "office-complaint-text" "The text is empty, longer than 4,000 characters, or does not print.";
    complaints_many TooMany "office-complaints-many" "Too many open complaints of one person.";
    draft_large TooLarge "office-draft-large" "The draft is larger than 256 KiB.";
    drafts_many Refused "office-drafts-many" "Twenty drafts lie there already; finish or delete one.";
    passkey_off NotFound "office-passkey-off" "This country is opened under no name of its own, so passkeys cannot be used.";
    passkey_origin Refused "office-passkey-origin" "Not an origin for passkeys: https and a host name, or http://localhost.";
    passkey_over Refused "office-passkey-over" "The passkey's answer came too late, twice, or from another browser.";
    passkey_wrong Refused "office-passkey-wrong" "The passkey's answer is not one to what was asked, or the passkey is not known.";
    passkey_unverified Refused "office-passkey-unverified" "The authenticator did not ask who its holder is.";
    passkey_unfit Refused "office-passkey-unfit" "The authenticator signs in a way that is not taken.";
    passkey_blocked Refused "office-passkey-blocked" "The passkey's counter went back: there may be a copy of it.";
    passkey_known Conflict "office-passkey-known" "The passkey is registered already.";
    passkey_name_bad Refused "office-passkey-name-bad" "Not a name for a passkey: 1 to 40 characters that print.";
    passkeys_many Refused "office-passkeys-many" "Ten passkeys are there already; remove one.";
    passkey_only Refused "office-passkey-only" "The password is right, but the account signs in with passkeys only.";
    passkey_none Conflict "office-passkey-none" "The account has no passkey that works.";
}

/// [`slow`] with the seconds to wait, also in whole minutes for the text.
#[must_use]
pub fn slow_for(seconds: u32) -> Problem {
    slow().retry_after(seconds).arg("minutes", seconds.div_ceil(60))
}

/// A problem that is the fault of one field of a form: its message is the problem's own.
#[must_use]
pub fn in_field(problem: Problem, field: &str) -> Problem {
    let message = format!("problem-{}", problem.code);
    problem.field(field, message)
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
        let english = include_str!("../locales/en.ftl");
        for (lang, text) in [
            ("en", english),
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
