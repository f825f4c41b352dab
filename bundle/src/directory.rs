//! A bundle on disk: opened only when every file is the one its manifest lists.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::golden::{self, Golden};
use crate::interval::{self, Interval};
use crate::manifest::{self, FileEntry, Manifest};
use crate::metadata::{self, Metadata};
use crate::mlmodel;
use crate::scaler::{self, Scaler};
use crate::{BundleError, Sha256Digest};

/// The model's file in a bundle: raw readings in, RUL out.
pub const MODEL_FILE: &str = "model.onnx";
/// The weights' file in a bundle, under PyTorch's parameter names.
pub const WEIGHTS_FILE: &str = "weights.safetensors";
/// The training run's report in a bundle, for people.
pub const REPORT_FILE: &str = "report.html";
/// The signature's file in a bundle; it signs the manifest, so the manifest cannot list it.
pub const SIGNATURE_FILE: &str = "signature.json";
/// The files that every bundle has, wherever it is.
pub(crate) const MANDATORY: [&str; 5] =
    [mlmodel::FILE, golden::FILE, metadata::FILE, MODEL_FILE, scaler::FILE];

/// A bundle whose every file matched its manifest when it was opened.
///
/// Files are read into memory and hashed again each time, so that what is used is what was
/// verified, whatever happened on disk in between.
#[derive(Debug, Clone)]
pub struct Bundle {
    directory: PathBuf,
    manifest: Manifest,
    digest: Sha256Digest,
}

impl Bundle {
    /// Opens a directory as a bundle: the manifest is canonical, every required file is there,
    /// each file has its listed size and digest, and nothing else is there.
    pub fn open(directory: &Path) -> Result<Self, BundleError> {
        let bytes = match read_limited(&directory.join(manifest::FILE), manifest::MAX_BYTES) {
            Err(BundleError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(BundleError::NoBundle(directory.to_owned()));
            }
            read => read?,
        };
        let manifest = Manifest::from_bytes(&bytes)?;
        let bundle = Self { directory: directory.to_owned(), manifest, digest: Sha256Digest::of(&bytes) };
        bundle.refuse_extra_files(directory)?;
        for entry in &bundle.manifest.files {
            bundle.verify(entry)?;
        }
        bundle.check_agreement()?;
        Ok(bundle)
    }

    /// The bundle's identity: the digest of its manifest's bytes.
    pub fn digest(&self) -> Sha256Digest {
        self.digest
    }

    /// The directory the bundle lies in.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The bundle's table of contents.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The bytes of `model.onnx`.
    pub fn model(&self) -> Result<Vec<u8>, BundleError> {
        self.read(MODEL_FILE)
    }

    /// What was trained, how, and how good it is.
    pub fn metadata(&self) -> Result<Metadata, BundleError> {
        Metadata::from_bytes(&self.read(metadata::FILE)?)
    }

    /// The normalisation that the model contains.
    pub fn scaler(&self) -> Result<Scaler, BundleError> {
        Scaler::from_bytes(&self.read(scaler::FILE)?)
    }

    /// How to turn a prediction into an interval; `None` when that was not calibrated.
    pub fn interval(&self) -> Result<Option<Interval>, BundleError> {
        if self.manifest.file(interval::FILE).is_none() {
            return Ok(None);
        }
        Interval::from_bytes(&self.read(interval::FILE)?).map(Some)
    }

    /// What the model must answer wherever it runs.
    pub fn golden(&self) -> Result<Golden, BundleError> {
        Golden::from_bytes(&self.read(golden::FILE)?)
    }

    /// The bytes of a listed file, verified as they are read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, BundleError> {
        let entry = self
            .manifest
            .file(path)
            .ok_or_else(|| BundleError::invalid(manifest::FILE, format!("it does not list {path}")))?;
        let place = entry.path.under(&self.directory);
        let bytes = read_limited(&place, entry.size)?;
        check(entry, &place, Sha256Digest::of(&bytes), bytes.len() as u64)?;
        Ok(bytes)
    }

    fn verify(&self, entry: &FileEntry) -> Result<(), BundleError> {
        let place = entry.path.under(&self.directory);
        let file = match fs::symlink_metadata(&place) {
            Ok(found) if !found.is_file() => return Err(BundleError::NotAFile(place)),
            Ok(_) => File::open(&place).map_err(|e| io_error("read", &place, e))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound && entry.required => {
                return Err(BundleError::Missing {
                    directory: self.directory.clone(),
                    path: entry.path.clone(),
                });
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(io_error("read", &place, e)),
        };
        let (found, size) = Sha256Digest::of_reader(file).map_err(|e| io_error("read", &place, e))?;
        check(entry, &place, found, size)
    }

    /// Walks the directory: every plain file must be listed, every folder lead to a listed file.
    fn refuse_extra_files(&self, folder: &Path) -> Result<(), BundleError> {
        let mut listed: BTreeSet<PathBuf> =
            self.manifest.files.iter().map(|entry| entry.path.under(&self.directory)).collect();
        listed.extend([manifest::FILE, SIGNATURE_FILE].map(|name| self.directory.join(name)));
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for item in fs::read_dir(&folder).map_err(|e| io_error("read", &folder, e))? {
                let item = item.map_err(|e| io_error("read", &folder, e))?;
                let kind = item.file_type().map_err(|e| io_error("read", &item.path(), e))?;
                if kind.is_dir() && listed.iter().any(|path| path.starts_with(item.path())) {
                    folders.push(item.path());
                } else if !listed.contains(&item.path()) {
                    return Err(BundleError::Extra(item.path()));
                } else if !kind.is_file() {
                    return Err(BundleError::NotAFile(item.path()));
                }
            }
        }
        Ok(())
    }

    /// The files agree with each other, so that no reader has to ask which one is right.
    fn check_agreement(&self) -> Result<(), BundleError> {
        let metadata = self.metadata()?;
        let scaler = self.scaler()?;
        let golden = self.golden()?;
        self.interval()?;
        let invalid = |file: &str, problem: String| Err(BundleError::invalid(file, problem));
        if metadata.name != self.manifest.name || metadata.version != self.manifest.version {
            return invalid(metadata::FILE, "its name or version is not the manifest's".to_owned());
        }
        let names: Vec<&str> = scaler.features.iter().map(|feature| feature.name.as_str()).collect();
        if names != metadata.feature_columns {
            return invalid(scaler::FILE, "its features are not metadata.json's feature_columns".to_owned());
        }
        if (golden.sequence_length, golden.features) != (metadata.sequence_length, metadata.input_features) {
            return invalid(
                golden::FILE,
                format!(
                    "its windows are {} x {} instead of {} x {} as in metadata.json",
                    golden.sequence_length,
                    golden.features,
                    metadata.sequence_length,
                    metadata.input_features
                ),
            );
        }
        Ok(())
    }
}

fn check(entry: &FileEntry, place: &Path, found: Sha256Digest, found_size: u64) -> Result<(), BundleError> {
    if found == entry.sha256 && found_size == entry.size {
        return Ok(());
    }
    let (size, expected) = (entry.size, entry.sha256);
    Err(BundleError::Tampered { path: place.to_owned(), size, expected, found_size, found })
}

/// Reads at most one byte more than `limit`, so that a file that grew is seen but not swallowed.
fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, BundleError> {
    let file = File::open(path).map_err(|e| io_error("read", path, e))?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| io_error("read", path, e))?;
    Ok(bytes)
}

pub(crate) fn io_error(action: &'static str, path: &Path, source: io::Error) -> BundleError {
    BundleError::Io { action, path: path.to_owned(), source }
}
