//! Webhooks: what is told to whoever subscribed, as `MLflow` tells it.
//!
//! A change announces an [`Event`] in its own transaction: one row of `deliveries` for each webhook that
//! subscribed to its kind. The [`Worker`] sends the rows, one at a time and in order for each webhook, until
//! the receiver takes them or ten attempts have failed. Every delivery is sent at least once, under an id
//! that stays the same from attempt to attempt.
//!
//! The registry stands in networks that whoever may create a webhook does not always reach. So a request
//! goes to public addresses only, unless the server was started with `--allow-private-webhooks`: the
//! resolver that connections are made with answers no other ones, so that no name can point elsewhere
//! between a check and a connection.
//!
//! | module | holds |
//! | --- | --- |
//! | `event` | what can happen, and what is said of it |
//! | `target` | the URLs that requests may go to |
//! | `address` | the addresses that are not public, with their sources |
//! | `resolve` | names to addresses, none of which is refused |
//! | `sign` | secrets, and the signatures that receivers check |
//! | `send` | one request and its answer |
//! | `retry` | when a delivery is tried again |
//! | `worker` | the task that sends what is due |

mod address;
mod event;
mod resolve;
mod retry;
mod send;
mod sign;
mod target;
mod worker;

pub use event::{Event, EventKind};
pub use send::{Answer, Envelope, SendError, Sender};
pub use sign::Secret;
pub use target::{Reach, Target, TargetError};
pub use worker::Worker;
