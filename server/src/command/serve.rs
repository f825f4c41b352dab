//! `overhaul-server serve`.

use std::path::PathBuf;

use overhaul_server::{Clock, Options, Server};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where everything is kept; created when missing, held by one server at a time
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5000")]
    listen: String,
    /// The most bytes that one uploaded file may have
    #[arg(long, value_name = "BYTES", default_value_t = overhaul_server::blobs::DEFAULT_MAX_BYTES)]
    max_blob_bytes: u64,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { data_dir, listen, max_blob_bytes } = self;
        let options = Options { data_dir, listen, max_blob_bytes, clock: Clock::system() };
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let stop = overhaul_server::serve::stop_signal()?;
            let server = Server::open(options).await?;
            // Whoever started this process reads the port from this line.
            println!("listening on http://{}", server.address());
            server.run(stop).await
        })
    }
}
