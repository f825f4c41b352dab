//! What makes the agent a service: its log, the service manager's protocol, settings that change while it runs.
//!
//! | module | holds |
//! | --- | --- |
//! | [`log`] | lines for people or for programs; the level can change |
//! | [`access`] | the registry, with the token and the authorities that the settings name |

pub mod access;
pub mod log;
