//! Who may do what: access tokens, their roles, and what each route asks for.
//!
//! | module | holds |
//! | --- | --- |
//! | [`secret`] | what a token looks like, and what is kept of it |
//! | [`grant`] | making and revoking tokens |
//! | [`policy`] | the one table of what each route asks for |
//! | `check` | the check of every request against that table |

mod check;
pub mod grant;
pub mod policy;
pub mod secret;

pub(crate) use check::check;
