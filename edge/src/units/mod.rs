//! Units: each machine's readings by cycle, its window, its predictions, its alert.
//!
//! | module | holds |
//! | --- | --- |
//! | `registry` | all units of a gateway: [`Units`] |
//! | `post` | from a body to an answer |
//! | [`body`] | readings as JSON, NDJSON or CSV |
//! | [`rules`] | which readings a unit takes: newer, late, doubled, too old, after a gap |
//! | [`window`] | the readings that are kept of one unit |
//! | [`prepare`] | from these to the window that a model takes: columns by name, missing values, wild and stuck ones |
//! | [`smooth`] | remaining life falls by one each cycle |
//! | [`alert`] | raised when life is short, with hysteresis |
//! | [`history`] | predictions by cycle, their trend, and how right they were in the end |
//! | [`marks`] | what is to be said of an answer |
//! | [`mod@unit`] | all of that for one unit |
//! | [`layout`], [`versions`] | what values belong to, and who predicted |
//! | [`answer`] | what is answered |
//! | [`settings`] | what can be set |
//! | `log` | the same on disk |

pub mod alert;
pub mod answer;
pub mod body;
mod error;
pub mod history;
pub mod layout;
mod log;
pub mod marks;
mod post;
pub mod prepare;
mod registry;
pub mod rules;
pub mod settings;
pub mod smooth;
pub mod unit;
pub mod versions;
pub mod window;

pub use error::UnitError;
pub use layout::{Layout, Layouts};
pub use log::LogError;
pub use registry::{Forgotten, NewStart, Units};
pub use settings::UnitSettings;
pub use unit::Unit;
pub use versions::{Coverage, Version, Versions};
