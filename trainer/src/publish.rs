//! A draft to a bundle on disk, and to the registry if there is one.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::{Bundle, Draft, Mistake, ModelName, VersionNumber};
use overhaul_client::Registry;

use crate::pulled::{runtime, told};

/// Where a bundle goes, checked before training starts.
#[derive(Debug)]
pub struct Destination {
    out: Option<PathBuf>,
    registry: Option<Registry>,
    runtime: tokio::runtime::Runtime,
}

/// Makes the report of a version, or of one without a number; there may be none.
pub type Report<'a> = &'a dyn Fn(Option<VersionNumber>) -> anyhow::Result<Option<Vec<u8>>>;

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
        out.as_deref().map_or(Ok(()), refuse_taken)?;
        let runtime = runtime()?;
        let registry = registry.map(Registry::with_env).transpose().map_err(told)?;
        if let Some(registry) = &registry
            && let Err(error) = runtime.block_on(registry.health())
        {
            eprintln!("warning: {error}; training goes on, publishing will be tried at its end");
        }
        Ok(Self { out, registry, runtime })
    }

    /// The registry, if one was named.
    pub fn registry(&self) -> Option<&Registry> {
        self.registry.as_ref()
    }

    /// What the registry's calls run on.
    pub fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }

    /// Writes the bundle and publishes it. If the registry fails, the bundle stays on disk and the error says where.
    /// With `folder` the bundle becomes that folder in the directory, which then holds several.
    /// `report` makes the page that goes with it, once the version's number is known; `run_id` is the run that made
    /// it, if that was logged at the registry.
    pub fn deliver(
        &self,
        mut draft: Draft,
        component: &Path,
        folder: Option<&str>,
        report: Report<'_>,
        run_id: Option<&str>,
    ) -> anyhow::Result<Written> {
        let out = self.out.as_ref().map(|out| folder.map_or_else(|| out.clone(), |folder| out.join(folder)));
        let Some(registry) = &self.registry else {
            let Some(out) = &out else { anyhow::bail!("the bundle has nowhere to go") };
            draft.report = report(None)?;
            return Ok(Written { bundle: draft.write(out)?, kept: true });
        };
        let place = Place::new(out.as_deref(), &draft.metadata.name)?;
        self.runtime.block_on(publish(registry, draft, component, place, report, run_id))
    }
}

/// Refuses a place for a new directory where something is already, or where none can be.
pub(crate) fn refuse_taken(place: &Path) -> Result<(), Mistake> {
    let shown = place.display();
    if place.symlink_metadata().is_ok() {
        let problem = "exists already, and a bundle is never overwritten; name a new directory";
        return Err(Mistake::new(format!("--out: {shown} {problem}")));
    }
    match place.ancestors().find(|ancestor| ancestor.exists()).filter(|found| !found.is_dir()) {
        Some(file) => Err(Mistake::new(format!(
            "--out: {} is no directory, so {shown} cannot be made; name another",
            file.display()
        ))),
        None => Ok(()),
    }
}

async fn publish(
    registry: &Registry,
    mut draft: Draft,
    component: &Path,
    place: Place,
    report: Report<'_>,
    run_id: Option<&str>,
) -> anyhow::Result<Written> {
    let version = match registry.reserve_version(&draft.metadata.name).await {
        Ok(version) => version,
        Err(error) => {
            draft.report = report(None)?;
            draft.write(place.path())?;
            return Err(place.unpublished(error));
        }
    };
    draft.metadata.version = Some(version);
    draft.report = report(Some(version))?;
    let bundle = draft.write(place.path())?;
    if let Err(error) = registry.publish_of_run(&bundle, component, run_id).await {
        return Err(place.unpublished(error));
    }
    Ok(Written { bundle, kept: place.temporary.is_none() })
}

/// A bundle is on disk, whole, and was not published.
#[derive(Debug, thiserror::Error)]
#[error("not published; `overhaul-trainer publish DIR` finishes later; the bundle stays in {}", .0.display())]
pub struct Unpublished(PathBuf);

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
        anyhow::Error::new(error).context(Unpublished(self.path))
    }
}

/// Publishes a bundle that stayed on disk. One without a number gets one first, and takes its place on disk with it,
/// so that a second try goes on under the same number.
pub fn publish_bundle(
    registry: &Registry,
    runtime: &tokio::runtime::Runtime,
    directory: &Path,
    component: &Path,
) -> anyhow::Result<Bundle> {
    let mut bundle = Bundle::open(directory)?;
    if bundle.manifest().version.is_none() {
        // What lies beside `DIR/` or `.` is told by its real path only.
        let directory = &directory
            .canonicalize()
            .with_context(|| format!("cannot tell where {} is", directory.display()))?;
        let mut draft = Draft::of(&bundle)?;
        let version = runtime.block_on(registry.reserve_version(&draft.metadata.name)).map_err(told)?;
        draft.metadata.version = Some(version);
        let beside = |kind: &str| {
            let mut name = directory.as_os_str().to_owned();
            name.push(format!(".{kind}-{version}"));
            PathBuf::from(name)
        };
        let (numbered, old) = (beside("numbered"), beside("unnumbered"));
        draft.write(&numbered)?;
        std::fs::rename(directory, &old)
            .and_then(|()| std::fs::rename(&numbered, directory))
            .with_context(|| format!("cannot replace {}", directory.display()))?;
        std::fs::remove_dir_all(&old).with_context(|| format!("cannot remove {}", old.display()))?;
        bundle = Bundle::open(directory)?;
    }
    runtime.block_on(registry.publish(&bundle, component)).map_err(told)?;
    Ok(bundle)
}
