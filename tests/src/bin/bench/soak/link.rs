//! The link between a gateway and its registry, which can be cut.

use std::net::TcpListener as StdListener;
use std::thread;

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A link. It lasts as long as the process.
pub(super) struct Link {
    pub(super) url: String,
    up: watch::Sender<bool>,
}

impl Link {
    /// A link to a registry's address, which is up.
    pub(super) fn to(registry: &str) -> Result<Self> {
        let listener = StdListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let (up, state) = watch::channel(true);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let registry = registry.to_owned();
        thread::spawn(move || runtime.block_on(carry(listener, &registry, &state)));
        Ok(Self { url, up })
    }

    /// Cuts it, with every connection, or mends it.
    pub(super) fn set(&self, up: bool) {
        self.up.send_replace(up);
    }
}

async fn carry(listener: StdListener, registry: &str, up: &watch::Receiver<bool>) -> Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (mut gateway, _) = listener.accept().await?;
        if !*up.borrow() {
            continue;
        }
        let (registry, mut up) = (registry.to_owned(), up.clone());
        tokio::spawn(async move {
            let Ok(mut registry) = TcpStream::connect(&registry).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut gateway, &mut registry) => {}
                _ = up.wait_for(|up| !up) => {}
            }
        });
    }
}
