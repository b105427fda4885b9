//! What a quota is counted in, and how much of each a resource takes.

use std::collections::BTreeMap;

/// What a project can have only so much of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Measure {
    /// Computers.
    Instances,
    /// Virtual processors, over all instances.
    Vcpus,
    /// Memory over all instances, in MiB.
    MemoryMib,
    /// Disk over all instances, volumes and snapshots, in MiB.
    DiskMib,
    /// Private networks.
    Networks,
    /// Volumes.
    Volumes,
    /// Snapshots.
    Snapshots,
}

impl Measure {
    /// All of them, in the order pages show them.
    pub const ALL: [Self; 7] = [
        Self::Instances,
        Self::Vcpus,
        Self::MemoryMib,
        Self::DiskMib,
        Self::Networks,
        Self::Volumes,
        Self::Snapshots,
    ];
    /// The word in tables, files and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Vcpus => "vcpus",
            Self::MemoryMib => "memory_mib",
            Self::DiskMib => "disk_mib",
            Self::Networks => "networks",
            Self::Volumes => "volumes",
            Self::Snapshots => "snapshots",
        }
    }
    /// The measure of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.word() == word)
    }
}

/// So much of some measures. What is not named is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts(BTreeMap<Measure, i64>);

impl Amounts {
    /// These amounts.
    pub fn of(amounts: impl IntoIterator<Item = (Measure, i64)>) -> Self {
        Self(amounts.into_iter().collect())
    }
    /// How much of a measure.
    #[must_use]
    pub fn get(&self, measure: Measure) -> i64 {
        self.0.get(&measure).copied().unwrap_or(0)
    }
    /// Sets how much of a measure.
    pub fn set(&mut self, measure: Measure, amount: i64) {
        self.0.insert(measure, amount);
    }
    /// Each measure that is not zero.
    pub fn each(&self) -> impl Iterator<Item = (Measure, i64)> {
        self.0.iter().filter(|(_, amount)| **amount != 0).map(|(measure, amount)| (*measure, *amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back() {
        for measure in Measure::ALL {
            assert_eq!(Measure::from_word(measure.word()), Some(measure));
        }
        assert_eq!(Measure::from_word("Vcpus"), None);
        let amounts = Amounts::of([(Measure::Vcpus, 2), (Measure::Networks, 0)]);
        assert_eq!(amounts.each().collect::<Vec<_>>(), [(Measure::Vcpus, 2)]);
    }
}
