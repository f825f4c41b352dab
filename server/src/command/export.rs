//! `overhaul-server export`.

use std::path::PathBuf;

use overhaul_bundle::ModelName;
use overhaul_server::Clock;
use overhaul_server::file_registry::export::{Outcome, export};
use overhaul_server::operations::units::{bytes, count};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder to write v1, v2, … into; made when missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The registry, whose server must not run
    #[command(flatten)]
    tended: super::Tended,
    /// The registered model
    #[arg(long, default_value = super::MODEL)]
    name: ModelName,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { folder, tended, name } = self;
        let (mut all, mut new, mut there) = (0, 0, 0);
        let report = |number, outcome: &Outcome| {
            all += 1;
            match outcome {
                Outcome::Written { bundle, files, bytes: size } => {
                    new += 1;
                    let what = if *bundle { "a bundle of" } else { "without a bundle," };
                    println!("v{number}: written, {what} {}, {}", count(*files, "file"), bytes(*size));
                }
                Outcome::There => {
                    there += 1;
                    println!("v{number}: there already");
                }
                Outcome::Refused(why) => println!("v{number}: refused: {why}"),
            }
        };
        let of = (&name, folder.as_path());
        super::until_stopped(export(&tended.data_dir, tended.blobs.as_ref(), of, &Clock::system(), report))?;
        println!(
            "{name}: {new} written to {}, {there} there already, {} refused",
            folder.display(),
            all - new - there
        );
        super::all_or_mistake(all - new - there, all, "exported")
    }
}
