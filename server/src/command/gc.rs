//! `overhaul-server gc`.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use overhaul_server::blobs::Listed;
use overhaul_server::operations::gc::{DELIVERIES, UPLOADS, collect};
use overhaul_server::operations::units::{bytes, count};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tended: super::Tended,
    /// How long a blob that nothing needs is left alone, such as 24h or 7d; less than 1h only while no server runs
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = age)]
    older_than: Duration,
    /// List what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

fn age(text: &str) -> Result<Duration, String> {
    let invalid = |_| "give a time such as 24h, 90m or 7d".to_owned();
    let span: Span = text.parse().map_err(invalid)?;
    let age = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(invalid)?;
    age.try_into().map_err(invalid)
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { tended, older_than, dry_run } = self;
        let registry = tended.registry()?;
        let found = super::until_stopped(collect(&registry, older_than, dry_run))?;
        let done = if dry_run { "would delete" } else { "deleted" };
        if dry_run {
            for blob in &found.blobs {
                println!(
                    "would delete blob {}, {}, last used {:.0}",
                    blob.sha256,
                    bytes(blob.size),
                    blob.last_modified
                );
            }
        }
        let grace = friendly(older_than);
        println!(
            "{done} {} older than {grace} that nothing needs, {}",
            count(found.blobs.len(), "blob"),
            sum(&found.blobs)
        );
        println!(
            "{done} {} of broken uploads, {}",
            count(found.leftovers.count, "leftover"),
            bytes(found.leftovers.bytes)
        );
        println!("{done} {} older than {}", count(found.uploads, "unfinished upload"), friendly(UPLOADS));
        println!(
            "{done} {} older than {}",
            count(found.deliveries, "finished webhook call"),
            friendly(DELIVERIES)
        );
        if !found.young.is_empty() {
            println!(
                "left {} that nothing needs and that {} younger, {}",
                count(found.young.len(), "blob"),
                if found.young.len() == 1 { "is" } else { "are" },
                sum(&found.young)
            );
        }
        Ok(())
    }
}

fn sum(blobs: &[Listed]) -> String {
    bytes(blobs.iter().map(|blob| blob.size).sum())
}

fn friendly(age: Duration) -> String {
    match SignedDuration::try_from(age) {
        Ok(age) => format!("{age:#}"),
        Err(_) => format!("{age:?}"),
    }
}
