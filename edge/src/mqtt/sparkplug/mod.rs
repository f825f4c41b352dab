//! Sparkplug B: readings from a group's devices in, predictions as an edge node's devices out.
//!
//! | module | holds |
//! | --- | --- |
//! | [`payload`] | the payload's messages |
//! | `topic` | the topics |
//! | `device` | a device's metrics with their last values |
//! | `host` | what is known of the group's nodes, and when to ask one to tell all again |
//! | `node` | the edge node that the gateway is |
//! | `session` | the connection |

mod device;
mod host;
mod node;
pub mod payload;
mod session;
mod topic;

pub(super) use session::Session;
