//! Why a request about a unit is not answered; in every case nothing was kept.

use overhaul_bundle::UnitId;

use super::body::BodyError;
use super::log::LogError;
use super::prepare::Unfit;
use super::rules::TooFarAhead;
use crate::agent::PredictError;

/// Why a request about a unit is not answered.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// The body holds no readings that can be taken.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// A reading's cycle cannot be right.
    #[error(transparent)]
    TooFarAhead(#[from] TooFarAhead),
    /// The window is not given to the model.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// There is no prediction.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// It could not be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// There is no such unit.
    #[error("there is no unit {:?}; GET /units lists them", .0.as_str())]
    Unknown(UnitId),
    /// There are too many units already.
    #[error("{most} units are kept already, and {:?} would be one more; DELETE those that are no more", unit.as_str())]
    TooMany {
        /// The new one.
        unit: UnitId,
        /// The most there may be.
        most: usize,
    },
    /// An end of life that no counter reaches by running.
    #[error("the end of life at cycle {cycle} is {} ahead of the unit's newest, {newest}; mend the cycle", cycle - newest)]
    EndTooFar {
        /// The end that was told.
        cycle: u64,
        /// The unit's newest cycle.
        newest: u64,
    },
    /// The windows of an earlier run are still being read.
    #[error("the units' windows are still being read from disk; send it again in a moment")]
    Loading,
    /// The program is ending.
    #[error("the agent is shutting down; nothing was kept")]
    Ending,
}
