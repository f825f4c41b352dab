//! `overhaul-server restore`.

use std::path::PathBuf;

use overhaul_server::Clock;
use overhaul_server::blobs::BlobPlace;
use overhaul_server::operations::restore::restore;
use overhaul_server::operations::units::{bytes, count};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A file that backup wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The data directory to make, which must be missing or empty
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Where the server will keep files, as its own --blobs will say [default: blobs in the data directory]
    #[arg(long, value_name = "PLACE")]
    blobs: Option<BlobPlace>,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let done =
            super::until_stopped(restore(&self.file, &self.data_dir, self.blobs.as_ref(), &Clock::system()))?;
        println!(
            "restored {} to {} as it was at {:.0}: {} of {}, {}, and {}, {}",
            self.file.display(),
            self.data_dir.display(),
            done.created_at,
            count(done.counts.versions, "version"),
            count(done.counts.models, "registered model"),
            count(done.counts.runs, "run"),
            count(done.blobs, "blob"),
            bytes(done.blob_bytes),
        );
        Ok(())
    }
}
