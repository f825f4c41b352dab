//! The gateway agent: pull a version, verify it, sandbox it, predict with it.
//!
//! | module | holds |
//! | --- | --- |
//! | [`sandbox`] | the component in wasmtime: no imports, a memory cap, a deadline |
//! | [`readings`] | readings from outside, checked at the door |
//! | [`model`] | one version, verified and ready to predict |
//! | [`drift`] | how the readings that come compare with the training's |
//! | [`load`] | from a verified bundle to a model |
//! | [`shadow`] | a candidate beside the version that answers |
//! | [`store`] | the agent's directory |
//! | [`pull`] | from the registry to a verified bundle on disk |
//! | [`reports`] | what happened here, kept and delivered to the registry |
//! | [`follow`] | the loop that follows an alias and swaps versions |
//! | [`agent`] | what all parts of a running agent share |
//! | [`config`] | the agent's settings: flags, environment, file, defaults |
//! | [`summaries`] | what is reported every so often |
//! | [`units`] | each machine's window, RUL, trend and alert |
//! | [`http`] | the agent's HTTP interface |
//! | [`metrics`] | what Prometheus is told |
//! | [`mqtt`] | readings from a broker, predictions to it |
//! | `pause`, `random` | how long to wait before the next try, and what it hangs on |
//! | [`service`] | the log, the service manager's protocol, settings that change while it runs |

pub mod agent;
pub mod config;
pub mod drift;
pub mod follow;
pub mod http;
pub mod load;
pub mod metrics;
pub mod model;
pub mod mqtt;
mod pause;
pub mod pull;
mod random;
pub mod readings;
pub mod reports;
pub mod sandbox;
pub mod service;
pub mod shadow;
pub mod store;
pub mod summaries;
pub mod units;
