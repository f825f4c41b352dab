//! `overhaul-server verify`.

use anyhow::bail;
use overhaul_server::operations::units::{bytes, count, grouped};
use overhaul_server::operations::verify::verify;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tended: super::Tended,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let registry = self.tended.registry()?;
        let found = super::until_stopped(verify(&registry))?;
        let counts = found.counts;
        println!(
            "database: {}, {} ({} with a bundle), {}, {}, {}, {}",
            count(counts.models, "registered model"),
            count(counts.versions, "version"),
            counts.bundles,
            if counts.aliases == 1 { "1 alias".to_owned() } else { format!("{} aliases", counts.aliases) },
            count(counts.experiments, "experiment"),
            count(counts.runs, "run"),
            count(counts.artifacts, "artifact"),
        );
        println!(
            "blobs: {} hashed, {} in {:.1} s; {} that nothing needs",
            grouped(found.blobs),
            bytes(found.bytes),
            found.took.as_secs_f64(),
            grouped(found.unneeded),
        );
        for problem in &found.problems {
            println!("problem: {problem}");
        }
        if !found.problems.is_empty() {
            bail!("{} in {}", count(found.problems.len(), "problem"), self.tended.data_dir.display());
        }
        println!("no problems");
        Ok(())
    }
}
