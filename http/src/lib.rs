//! What the HTTP servers of registry and gateway share: connections that are accepted, secured, and bounded in number
//! and in time, and the page that shows an API in a browser.
//!
//! | module | holds |
//! | --- | --- |
//! | [`limits`] | how many of everything there may be, and for how long |
//! | `connections` | the loop that accepts them, and how each is served and ended |
//! | `stall` | the end of connections whose other end reads no more |
//! | [`tls`] | certificates, read again when told to, and handshakes |
//! | `fixed` | content that is part of a program, as an answer |
//! | [`page`] | the page that shows an OpenAPI document with Swagger UI |
#![forbid(unsafe_code)]

mod connections;
mod fixed;
pub mod limits;
pub mod page;
mod stall;
pub mod tls;

pub use connections::serve;
pub use fixed::{Fixed, matches_none};
pub use limits::Limits;
pub use tls::{Tls, TlsFiles};
