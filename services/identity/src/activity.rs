//! What of this service can rest by itself when electricity is short.

use daftar_packs::Activity;

/// Public counts.
pub const STATISTICS: &str = "identity.statistics";
/// Filling in the form of enrolment at home.
pub const PREREGISTRATION: &str = "identity.preregistration";
/// A citizen's own pages.
pub const SELF_SERVICE: &str = "identity.self-service";
/// Registering and correcting people, their papers and life events.
pub const ENROLMENT: &str = "identity.enrolment";
/// Signing in to services.
pub const SIGN_IN: &str = "identity.sign-in";
/// Checking who somebody is: by officials, and by partners.
pub const CHECKS: &str = "identity.checks";

/// What this service declares.
pub const ACTIVITIES: &[Activity] = &[
    Activity { code: STATISTICS, help: "public counts", vital: false },
    Activity { code: PREREGISTRATION, help: "filling in the form of enrolment at home", vital: false },
    Activity { code: SELF_SERVICE, help: "citizens' own pages", vital: false },
    Activity {
        code: ENROLMENT,
        help: "registering and correcting people, papers, life events",
        vital: false,
    },
    Activity { code: SIGN_IN, help: "signing in to services with Daftar", vital: true },
    Activity { code: CHECKS, help: "checking who somebody is, by officials and by partners", vital: true },
];
