//! A bundle in the making: its parts in memory, written as one verified directory or not at all.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::directory::{MODEL_FILE, REPORT_FILE, WEIGHTS_FILE, io_error};
use crate::golden::{self, Golden};
use crate::interval::{self, Interval};
use crate::manifest::{self, ComponentEntry, FileEntry, Manifest};
use crate::metadata::{self, Metadata};
use crate::scaler::{self, Scaler};
use crate::{Bundle, BundleError, BundlePath, Sha256Digest, mlmodel};

/// The parts of a bundle before they are written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What was trained; its name and version become the bundle's.
    pub metadata: Metadata,
    /// The normalisation inside the graph.
    pub scaler: Scaler,
    /// How to turn a prediction into an interval, if that was calibrated.
    pub interval: Option<Interval>,
    /// What the model must answer wherever it runs.
    pub golden: Golden,
    /// The bytes of `model.onnx`.
    pub model: Vec<u8>,
    /// The bytes of `weights.safetensors`, which gateways do not pull.
    pub weights: Option<Vec<u8>>,
    /// The bytes of `report.html`, which gateways do not pull.
    pub report: Option<Vec<u8>>,
    /// The component that the golden vectors were checked with.
    pub component: ComponentEntry,
}

impl Draft {
    /// The parts of a bundle that is there, to write it anew under another number.
    pub fn of(bundle: &Bundle) -> Result<Self, BundleError> {
        let manifest = bundle.manifest();
        // A file that gateways do not pull may be listed and not there.
        let extra = |path: &str| {
            let listed =
                manifest.file(path).is_some_and(|entry| entry.path.under(bundle.directory()).is_file());
            listed.then(|| bundle.read(path)).transpose()
        };
        Ok(Self {
            metadata: bundle.metadata()?,
            scaler: bundle.scaler()?,
            interval: bundle.interval()?,
            golden: bundle.golden()?,
            model: bundle.model()?,
            weights: extra(WEIGHTS_FILE)?,
            report: extra(REPORT_FILE)?,
            component: manifest.component.clone(),
        })
    }

    /// Writes the bundle as `directory`, which must not exist yet, and opens it.
    ///
    /// The files are written beside it and renamed into place when all are on disk: whoever looks
    /// sees the whole bundle or none.
    pub fn write(&self, directory: &Path) -> Result<Bundle, BundleError> {
        if fs::symlink_metadata(directory).is_ok() {
            return Err(BundleError::invalid(
                &directory.display().to_string(),
                "it exists already, and a bundle is never overwritten; name a new directory",
            ));
        }
        let parent =
            directory.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|e| io_error("create", parent, e))?;
        let partial = tempfile::Builder::new()
            .prefix(".bundle-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .tempdir_in(parent)
            .map_err(|e| io_error("create a directory in", parent, e))?;
        let mut files = Vec::new();
        for (name, bytes) in self.contents()? {
            let path: BundlePath =
                name.parse().map_err(|e: crate::names::InvalidName| BundleError::invalid(name, e))?;
            write_durably(&path.under(partial.path()), &bytes)?;
            files.push(FileEntry {
                required: ![WEIGHTS_FILE, REPORT_FILE].contains(&name),
                sha256: Sha256Digest::of(&bytes),
                size: bytes.len() as u64,
                path,
            });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let manifest = Manifest {
            format_version: manifest::FORMAT_VERSION,
            name: self.metadata.name.clone(),
            version: self.metadata.version,
            component: self.component.clone(),
            files,
        };
        write_durably(&partial.path().join(manifest::FILE), &manifest.to_bytes()?)?;
        Bundle::open(partial.path())?;
        fs::rename(partial.path(), directory).map_err(|e| io_error("write", directory, e))?;
        // The directory has moved away: there is nothing left to clean up.
        let _ = partial.keep();
        sync(parent)?;
        Bundle::open(directory)
    }

    fn contents(&self) -> Result<Vec<(&'static str, Vec<u8>)>, BundleError> {
        let mut contents = vec![
            (mlmodel::FILE, mlmodel::text(&self.metadata).into_bytes()),
            (golden::FILE, self.golden.to_bytes()?),
            (metadata::FILE, self.metadata.to_bytes()?),
            (MODEL_FILE, self.model.clone()),
            (scaler::FILE, self.scaler.to_bytes()?),
        ];
        if let Some(interval) = &self.interval {
            contents.push((interval::FILE, interval.to_bytes()?));
        }
        contents.extend(self.weights.clone().map(|bytes| (WEIGHTS_FILE, bytes)));
        contents.extend(self.report.clone().map(|bytes| (REPORT_FILE, bytes)));
        Ok(contents)
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    let mut file = File::create_new(path).map_err(|e| io_error("write", path, e))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| io_error("write", path, e))
}

fn sync(directory: &Path) -> Result<(), BundleError> {
    File::open(directory).and_then(|file| file.sync_all()).map_err(|e| io_error("write", directory, e))
}
