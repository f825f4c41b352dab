//! Who may do what: access tokens, their roles, and what each route asks for.
//!
//! | module | holds |
//! | --- | --- |
//! | [`secret`] | what a token looks like, and what is kept of it |
//! | [`grant`] | making and revoking tokens |
//! | [`policy`] | the one table of what each route asks for |
//! | `check` | the check of every request against that table |
//! | [`host`] | whether a request was meant for this registry |

mod check;
pub mod grant;
pub mod host;
pub mod policy;
pub mod secret;

pub(crate) use check::check;
pub use host::AllowedHost;
