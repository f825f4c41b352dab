//! `export`: a published version on disk.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use overhaul_bundle::{Bundle, BundleError, Metadata};
use overhaul_client::Registry;
use serde_json::json;

use crate::cli::ExportArguments;
use crate::cli::registry::Layout;
use crate::publish::refuse_taken;
use crate::pulled::{Pulled, runtime, told};

/// The folder of the bundle in `models/v{N}/`.
const BUNDLE: &str = "bundle";

pub(super) fn export_command(arguments: &ExportArguments) -> anyhow::Result<()> {
    let registry = Registry::with_env(&arguments.registry.registry).map_err(told)?;
    let place = match arguments.layout {
        Layout::Bundle => arguments.out.clone(),
        Layout::Files => arguments.out.join(format!("v{}", arguments.version)),
    };
    refuse_taken(&place)?;
    let pulled = Pulled::fetch(&registry, &runtime()?, &arguments.registry.name, arguments.version)?;
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    // Written beside its place and renamed: whoever looks sees the whole version or none.
    let partial = tempfile::Builder::new()
        .prefix(".export-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir_in(parent)
        .with_context(|| format!("cannot write in {}", parent.display()))?;
    match arguments.layout {
        Layout::Bundle => copy(&pulled.bundle, partial.path())?,
        Layout::Files => {
            let bundle = partial.path().join(BUNDLE);
            fs::create_dir(&bundle).context("cannot create the bundle's folder")?;
            copy(&pulled.bundle, &bundle)?;
            let text = serde_json::to_string_pretty(&guides(&pulled.metadata))? + "\n";
            fs::write(partial.path().join("metadata.json"), text).context("cannot write metadata.json")?;
        }
    }
    fs::rename(partial.path(), &place).with_context(|| format!("cannot write {}", place.display()))?;
    // The directory has moved away: there is nothing left to clean up.
    let _ = partial.keep();
    println!("{}", place.display());
    Ok(())
}

/// Copies a bundle's files as they were verified.
fn copy(bundle: &Bundle, to: &Path) -> anyhow::Result<()> {
    for entry in &bundle.manifest().files {
        let place = entry.path.under(to);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        let bytes = bundle.read(entry.path.as_ref())?;
        fs::write(&place, bytes).with_context(|| format!("cannot write {}", place.display()))?;
    }
    fs::write(to.join(overhaul_bundle::manifest::FILE), bundle.manifest().to_bytes()?)
        .context("cannot write the manifest")?;
    Bundle::open(to).map(drop).map_err(|e: BundleError| e.into())
}

/// The registry guide's `metadata.json`: its twelve fields and no other.
fn guides(metadata: &Metadata) -> serde_json::Value {
    json!({
        "version": metadata.version,
        "model_type": metadata.model_type,
        "rmse": metadata.rmse,
        "mae": metadata.mae,
        "timestamp": metadata.timestamp,
        "sequence_length": metadata.sequence_length,
        "input_features": metadata.input_features,
        "feature_columns": metadata.feature_columns,
        "epochs": metadata.epochs,
        "batch_size": metadata.batch_size,
        "learning_rate": metadata.learning_rate,
        "final_loss": metadata.final_loss,
    })
}
