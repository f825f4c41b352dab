//! One training run, logged to `MLflow`'s tracking server when there is one.
//!
//! | module | holds |
//! | --- | --- |
//! | [`server`] | [`Mlflow`]: one tracking server by its URL, and how requests are sent |
//! | [`probe`] | whether a server speaks the tracking API at all |
//! | `experiment` | an experiment by its name, made if it is new |
//! | [`run`] | [`Run`]: from its start to its end, with the link to the model's version |
//! | [`entry`] | parameters, tags and metrics, and how `MLflow` writes numbers that JSON cannot |
//! | `batch` | `log-batch`, within the server's limits |
//! | `artifact` | files of a run, through the server's own artifact store |
//! | [`token`] | who asks, never shown |
//! | [`error`] | what can go wrong, with the URL, the status and the mend |

mod artifact;
mod batch;
pub mod entry;
pub mod error;
mod experiment;
pub mod probe;
pub mod run;
pub mod server;
pub mod token;

pub use entry::{Entry, Metric};
pub use error::MlflowError;
pub use probe::Probe;
pub use run::{NewRun, Outcome, Run};
pub use server::Mlflow;
pub use token::Token;
