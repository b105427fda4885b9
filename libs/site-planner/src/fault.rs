//! What is wrong with a question, where, and what to do about it.

use std::fmt;

/// One finding about a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, as the caller named it.
    pub file: String,
    /// Its line from 1; 0 when it is about the whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    /// A finding about the whole of a file.
    pub fn whole(file: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, message: message.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}. {}", self.message, self.remedy)
    }
}
impl std::error::Error for Fault {}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The files are not right; every finding at once.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<Fault>),
    /// A cell that the plan needs is not in the assumptions.
    #[error("the assumptions have no cell '{0}'. Add it, or take the assumptions that come with the program")]
    NoCell(String),
    /// A cell that is divided by is not above zero.
    #[error("the cell '{0}' must be above zero. Mend it where it is given")]
    NotAboveZero(String),
    /// A cell asks for a measurement that is not among the results.
    #[error("the results of the benches have no {1} for '{0}'. Run the bench, or give the cell as a number")]
    NotMeasured(String, &'static str),
    /// The load does not fit into the shape that was asked for.
    #[error("{0} does not hold this load: {1}. Ask for shape = \"{2}\", or leave the shape out")]
    DoesNotFit(&'static str, String, &'static str),
    /// Sun and battery alone cannot carry it there.
    #[error(
        "sun and battery alone cannot carry it through the darkest month there. Ask for power = \"mixed\""
    )]
    TooDark,
    /// More than anybody builds.
    #[error("{0} servers are more than a plan holds ({1}). Look for a figure with too many zeros")]
    TooLarge(u64, u64),
    /// A payment that never ends, or one that cannot be drawn.
    #[error("{0}")]
    Offer(String),
    /// A chart that cannot be drawn.
    #[error(transparent)]
    Chart(#[from] svg_chart::ChartFault),
}

impl PlanError {
    /// The findings about files; none when the files are right and the plan is not possible.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        if let Self::Faults(faults) = self { faults } else { &[] }
    }
}
