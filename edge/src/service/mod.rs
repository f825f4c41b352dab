//! What makes the agent a service: its log, the service manager's protocol, settings that change while it runs.
//!
//! | module | holds |
//! | --- | --- |
//! | [`log`] | lines for people or for programs; the level can change |
//! | [`access`] | the registry, with the token and the authorities that the settings name |
//! | [`listen`] | the address to answer at |
//! | [`notify`] | what the service manager is told |
//! | `alive` | whether the agent still does its work |
//! | [`reload`] | settings that change while the agent runs |

pub mod access;
mod alive;
pub mod listen;
pub mod log;
pub mod notify;
pub mod reload;
