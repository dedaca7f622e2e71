//! Writing a message: canonical records → the partner's tree → bytes.

use super::path::Step;
use super::plan::SetPlan;

/// What `[write]` says.
#[derive(Debug)]
pub(super) struct WritePlan {
    /// What stands for an absent value; none leaves it out.
    pub null: Option<String>,
    /// Paths whose order among siblings is fixed.
    pub order: Vec<Vec<Step>>,
    pub set: Vec<SetPlan>,
}
