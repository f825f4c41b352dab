//! Connections: accepted, secured, and bounded in number and in time.
//!
//! | module | holds |
//! | --- | --- |
//! | [`limits`] | how many of everything there may be, and for how long |
//! | `connections` | the loop that accepts them, and how each is served and ended |
//! | `stall` | the end of connections whose other end reads no more |
//! | [`tls`] | certificates, read again on SIGHUP, and handshakes |

mod connections;
pub mod limits;
mod stall;
pub mod tls;

pub(crate) use connections::serve;
pub use limits::Limits;
pub use tls::TlsFiles;
