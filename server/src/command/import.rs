//! `overhaul-server import`.

use std::path::PathBuf;

use overhaul_bundle::ModelName;
use overhaul_server::Clock;
use overhaul_server::blobs::BlobPlace;
use overhaul_server::file_registry::import::{Outcome, import};
use overhaul_server::operations::units::{bytes, count};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder that holds v1, v2, …
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The data directory, of which no server may run; created when missing
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    #[arg(long, value_name = "PLACE", help = super::BLOBS)]
    blobs: Option<BlobPlace>,
    /// The registered model
    #[arg(long, default_value = super::MODEL)]
    name: ModelName,
    /// A component that bundles run on and that is not in DIR/components; may be given several times
    #[arg(long = "component", value_name = "FILE")]
    components: Vec<PathBuf>,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { folder, data_dir, blobs, name, components } = self;
        let (mut all, mut new, mut there) = (0, 0, 0);
        let report = |number, outcome: &Outcome| {
            all += 1;
            match outcome {
                Outcome::Bundle { files, bytes: size, others } => {
                    new += 1;
                    println!("v{number}: imported, a bundle of {}, {}", count(*files, "file"), bytes(*size));
                    if !others.is_empty() {
                        println!("v{number}: not part of the bundle and left out: {}", others.join(", "));
                    }
                }
                Outcome::Files { files, bytes: size, tags } => {
                    new += 1;
                    println!(
                        "v{number}: imported without a bundle, {}, {}, {}",
                        count(*files, "file"),
                        bytes(*size),
                        count(*tags, "tag")
                    );
                }
                Outcome::There => {
                    there += 1;
                    println!("v{number}: there already");
                }
                Outcome::Refused(why) => println!("v{number}: refused: {why}"),
            }
        };
        let from = (folder.as_path(), &name, components.as_slice());
        let others = super::until_stopped(import(&data_dir, blobs.as_ref(), from, &Clock::system(), report))?;
        if !others.is_empty() {
            println!("no versions, and left alone: {}", others.join(", "));
        }
        println!("{name}: {new} imported, {there} there already, {} refused", all - new - there);
        super::all_or_mistake(all - new - there, all, "imported")
    }
}
