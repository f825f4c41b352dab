//! The guide's folders `v{N}`, to be imported, and what an export made of them.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use overhaul_bundle::Sha256Digest;
use tempfile::TempDir;

use super::tending::{Tended, tend};
use super::{COMPONENT, files_under, sample};

/// A folder of versions and a data directory beside it.
pub(crate) struct Place {
    pub(crate) root: TempDir,
    pub(crate) folder: PathBuf,
    pub(crate) data: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (folder, data) = (root.path().join("models"), root.path().join("data"));
        fs::create_dir(&folder).unwrap();
        Self { root, folder, data }
    }

    /// Writes `v{number}` as a bundle of that number.
    pub(crate) fn bundle(&self, number: u32, model: &[u8]) {
        self.bundle_at(&format!("v{number}"), number, model);
    }

    pub(crate) fn bundle_at(&self, at: &str, number: u32, model: &[u8]) {
        let sample = sample(Some(number), model);
        let to = self.folder.join(at);
        fs::create_dir_all(&to).unwrap();
        for file in files_under(sample.bundle.directory()) {
            fs::copy(sample.bundle.directory().join(&file), to.join(&file)).unwrap();
        }
    }

    /// Writes `v{number}` as the guide does.
    pub(crate) fn guides(&self, number: u32) {
        let to = self.folder.join(format!("v{number}"));
        fs::create_dir_all(to.join("logs")).unwrap();
        let metadata = format!(
            r#"{{"version": {number}, "model_type": "lstm", "rmse": 24.04, "mae": 17.5, "timestamp": "2024-01-15T10:30:45.5",
                "sequence_length": 30, "input_features": 2, "feature_columns": ["a", "b"], "epochs": 15,
                "batch_size": 256, "learning_rate": 0.001, "final_loss": 0.2}}"#
        );
        fs::write(to.join("metadata.json"), metadata).unwrap();
        fs::write(to.join("model.pth"), format!("weights {number}")).unwrap();
        fs::write(to.join("logs/a file.txt"), "logs").unwrap();
    }

    pub(crate) fn component(&self) -> PathBuf {
        let file = self.folder.join("../component.wasm");
        fs::write(&file, COMPONENT).unwrap();
        file
    }

    pub(crate) fn import(&self, more: &[&str]) -> Tended {
        let fixed =
            ["import".as_ref(), self.folder.as_os_str(), "--data-dir".as_ref(), self.data.as_os_str()];
        tend(fixed.into_iter().chain(more.iter().map(AsRef::as_ref)))
    }

    /// The same with the component.
    pub(crate) fn import_all(&self) -> Tended {
        self.import(&["--component", self.component().to_str().unwrap()])
    }
}

pub(crate) fn export(data: &Path, to: &Path) -> Tended {
    tend(["export".as_ref(), to.as_os_str(), "--data-dir".as_ref(), data.as_os_str()])
}

/// Every file of a folder with its digest.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Sha256Digest> {
    let digest = |file: &PathBuf| Sha256Digest::of(&fs::read(folder.join(file)).unwrap());
    files_under(folder).into_iter().map(|file| (file.clone(), digest(&file))).collect()
}
