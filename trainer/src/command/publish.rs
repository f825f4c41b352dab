//! `publish`: a bundle that stayed on disk.

use overhaul_client::Registry;
use serde::Serialize;

use crate::cli::PublishArguments;
use crate::console::Console;
use crate::publish::publish_bundle;
use crate::pulled::{runtime, told};

#[derive(Serialize)]
struct Answer {
    name: overhaul_bundle::ModelName,
    version: Option<overhaul_bundle::VersionNumber>,
    bundle_sha256: overhaul_bundle::Sha256Digest,
}

pub(super) fn publish_command(arguments: &PublishArguments) -> anyhow::Result<()> {
    let console = Console { json: arguments.json };
    let registry = Registry::with_env(&arguments.registry).map_err(told)?;
    let component = overhaul_bundle::component::locate(arguments.component.as_deref())?;
    let bundle = publish_bundle(&registry, &runtime()?, &arguments.bundle, &component)?;
    let manifest = bundle.manifest();
    if let Some(version) = manifest.version {
        console.line(format!("published: {} version {version}", manifest.name));
    }
    console.answer(&Answer {
        name: manifest.name.clone(),
        version: manifest.version,
        bundle_sha256: bundle.digest(),
    })
}
