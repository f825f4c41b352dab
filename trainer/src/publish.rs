//! A draft to a bundle on disk, and to the registry if there is one.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::{Bundle, Draft, Mistake, ModelName};
use overhaul_client::Registry;

/// Where a bundle goes, checked before training starts.
#[derive(Debug)]
pub struct Destination {
    out: Option<PathBuf>,
    registry: Option<Registry>,
    runtime: tokio::runtime::Runtime,
}

/// A bundle that was written, and perhaps published.
#[derive(Debug)]
pub struct Written {
    /// The bundle as it was written, with the version's number if it was published.
    pub bundle: Bundle,
    /// True if its directory stays.
    pub kept: bool,
}

impl Destination {
    /// A directory that does not exist yet, a registry's URL, or both. A registry that does not answer now is
    /// only warned of: it may be back when training is over.
    pub fn new(out: Option<PathBuf>, registry: Option<&str>) -> anyhow::Result<Self> {
        if out.is_none() && registry.is_none() {
            let problem = "the bundle has nowhere to go; give --out DIR, --registry URL or both";
            return Err(Mistake::new(problem).into());
        }
        if let Some(out) = &out {
            if out.symlink_metadata().is_ok() {
                let problem = "exists already, and a bundle is never overwritten; name a new directory";
                return Err(Mistake::new(format!("--out {} {problem}", out.display())).into());
            }
            if let Some(file) =
                out.ancestors().find(|ancestor| ancestor.exists()).filter(|found| !found.is_dir())
            {
                let problem =
                    format!("--out {}: {} is no directory; name another", out.display(), file.display());
                return Err(Mistake::new(problem).into());
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start tokio")?;
        let registry = registry.map(Registry::new).transpose();
        // A URL that is none is the user's to mend.
        let registry =
            registry.map_err(|e| e.mistake().map_or_else(|| anyhow::Error::new(e), anyhow::Error::new))?;
        if let Some(registry) = &registry
            && let Err(error) = runtime.block_on(registry.health())
        {
            eprintln!("warning: {error}; training goes on, publishing will be tried at its end");
        }
        Ok(Self { out, registry, runtime })
    }

    /// Writes the bundle and publishes it. If the registry fails, the bundle stays on disk and the error says where.
    pub fn deliver(&self, draft: Draft, component: &Path) -> anyhow::Result<Written> {
        let Some(registry) = &self.registry else {
            let Some(out) = &self.out else { anyhow::bail!("the bundle has nowhere to go") };
            return Ok(Written { bundle: draft.write(out)?, kept: true });
        };
        let place = Place::new(self.out.as_deref(), &draft.metadata.name)?;
        self.runtime.block_on(publish(registry, draft, component, place))
    }
}

async fn publish(
    registry: &Registry,
    mut draft: Draft,
    component: &Path,
    place: Place,
) -> anyhow::Result<Written> {
    let version = match registry.reserve_version(&draft.metadata.name).await {
        Ok(version) => version,
        Err(error) => {
            draft.write(place.path())?;
            return Err(place.unpublished(error));
        }
    };
    draft.metadata.version = Some(version);
    let bundle = draft.write(place.path())?;
    if let Err(error) = registry.publish(&bundle, component).await {
        return Err(place.unpublished(error));
    }
    Ok(Written { bundle, kept: place.temporary.is_none() })
}

/// Where a bundle is written to be published: the user's directory, or one that is removed afterwards.
struct Place {
    path: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

impl Place {
    fn new(out: Option<&Path>, name: &ModelName) -> anyhow::Result<Self> {
        if let Some(out) = out {
            return Ok(Self { path: out.to_owned(), temporary: None });
        }
        let temporary = tempfile::Builder::new()
            .prefix("overhaul-")
            .tempdir()
            .context("cannot create a directory for the bundle")?;
        Ok(Self { path: temporary.path().join(name.as_str()), temporary: Some(temporary) })
    }

    fn path(&self) -> &Path {
        &self.path
    }

    /// The error of a bundle that is on disk and not published; a temporary directory stays for good.
    fn unpublished(self, error: overhaul_client::ClientError) -> anyhow::Error {
        if let Some(temporary) = self.temporary {
            // The path of what stays is already known.
            let _ = temporary.keep();
        }
        anyhow::Error::new(error)
            .context(format!("not published; the bundle stays in {}", self.path.display()))
    }
}
