//! The address to answer at, and why it cannot be had.

use std::io;
use std::net::SocketAddr;

use overhaul_bundle::Mistake;

/// What the system says about an address, with the mend.
pub fn refused(address: SocketAddr, error: io::Error) -> anyhow::Error {
    let mend = match error.kind() {
        io::ErrorKind::AddrInUse => "is in use; stop what uses it, or name another with --listen",
        io::ErrorKind::AddrNotAvailable => "is not an address of this machine; name one with --listen",
        io::ErrorKind::PermissionDenied => {
            "is not allowed to this user; name a port above 1023 with --listen"
        }
        _ => return anyhow::Error::new(error).context(format!("cannot listen on {address}")),
    };
    Mistake::new(format!("the address {address} {mend}")).into()
}
