//! Why a matcher did not do what it was asked: the codes of the ABIS API, *Failure Reasons*.

/// A reason, by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure(u8);

/// Code, meaning, and whether asking again later may help.
const REASONS: [(u8, &str, bool); 18] = [
    (1, "an error of the matcher's own", true),
    (2, "the matcher gave up", true),
    (3, "something unexpected at the matcher", true),
    (4, "the question is not built as it should be", false),
    (5, "the reference is missing", false),
    (6, "the number of the question is missing", false),
    (7, "the capture could not be fetched", true),
    (8, "the address of the capture is missing", false),
    (9, "the time of the question is missing", false),
    (10, "there is a record of this reference already", false),
    (11, "the capture holds nothing", false),
    (12, "there is no record of this reference", false),
    (13, "the version of the question is unknown", false),
    (14, "the operation is unknown", false),
    (15, "the time of the question is not written as it should be", false),
    (16, "the capture is not built as it should be", false),
    (17, "the address of the capture has expired", true),
    (18, "the capture is not good enough", false),
];

impl Failure {
    /// Something unexpected at the matcher: what a code nobody knows counts as.
    pub const UNEXPECTED: Self = Self(3);
    /// The question is not built as it should be.
    pub const STRUCTURE: Self = Self(4);
    /// The reference is missing.
    pub const NO_REFERENCE: Self = Self(5);
    /// The number of the question is missing.
    pub const NO_NUMBER: Self = Self(6);
    /// The address of the capture is missing.
    pub const NO_CAPTURE: Self = Self(8);
    /// The time of the question is missing.
    pub const NO_TIME: Self = Self(9);
    /// There is a record of this reference already.
    pub const EXISTS: Self = Self(10);
    /// There is no record of this reference.
    pub const NOT_FOUND: Self = Self(12);
    /// The version of the question is unknown.
    pub const VERSION: Self = Self(13);
    /// The operation is unknown.
    pub const OPERATION: Self = Self(14);
    /// The time of the question is not written as it should be.
    pub const TIME: Self = Self(15);

    /// The reason of a code; [`UNEXPECTED`](Self::UNEXPECTED) for one that nobody knows.
    #[must_use]
    pub fn of(code: u64) -> Self {
        let known = REASONS.iter().find(|(known, ..)| u64::from(*known) == code);
        known.map_or(Self::UNEXPECTED, |(code, ..)| Self(*code))
    }
    /// Its code.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0
    }
    /// What it means, in one English phrase for logs and operators.
    #[must_use]
    pub fn means(self) -> &'static str {
        self.row().1
    }
    /// Whether asking again later may help.
    #[must_use]
    pub fn passes(self) -> bool {
        self.row().2
    }
    fn row(self) -> (u8, &'static str, bool) {
        let [_, _, unexpected, ..] = REASONS;
        REASONS.into_iter().find(|(code, ..)| *code == self.0).unwrap_or(unexpected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own() {
        for code in 1..=18_u8 {
            let failure = Failure::of(code.into());
            assert_eq!(failure.code(), code);
            assert_eq!(failure.row().0, code);
        }
        for unknown in [0, 19, 999, u64::MAX] {
            assert_eq!(Failure::of(unknown), Failure::UNEXPECTED);
        }
        assert!(Failure::of(7).passes() && !Failure::EXISTS.passes());
    }
}
