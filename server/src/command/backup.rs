//! `overhaul-server backup`.

use std::path::PathBuf;

use overhaul_server::operations::backup::backup;
use overhaul_server::operations::units::{bytes, count};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The file to write; it must not exist. It will hold secrets: keep it where nobody else reads
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    tended: super::Tended,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let registry = self.tended.registry()?;
        let done = super::until_stopped(backup(&registry, &self.file))?;
        println!(
            "backed up {} to {}: the database, {}, and {}, {}, in {:.1} s",
            self.tended.data_dir.display(),
            self.file.display(),
            bytes(done.database_bytes),
            count(done.blobs, "blob"),
            bytes(done.blob_bytes),
            done.took.as_secs_f64(),
        );
        Ok(())
    }
}
