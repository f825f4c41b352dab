//! A run on disk after each epoch, to go on from after a kill.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::{Mistake, Sha256Digest};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use super::Settings;
use super::epochs::Epoch;
use crate::data::windows::to_vec;

/// The key of a checkpoint's own record in the file's header.
const RECORD: &str = "overhaul.checkpoint";

/// Where runs keep their checkpoints, and whether one that is there is gone on from.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    folder: PathBuf,
    /// Go on from the checkpoint of the same run.
    pub resume: bool,
    /// Train no more, but take the best epoch of the checkpoint.
    pub finish: bool,
}

/// A run after some epoch.
#[derive(Debug)]
pub(super) struct Checkpoint {
    pub(super) record: Record,
    /// `[parameters]` each: the weights, the best epoch's, the averaged ones, and the optimiser's two moments.
    pub(super) tensors: [Tensor; 5],
}

/// What a checkpoint says besides numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// The epochs that are over, in order.
    pub(super) epochs: Vec<Epoch>,
    /// The optimiser's steps.
    pub(super) steps: i32,
}

const NAMES: [&str; 5] = ["weights", "best", "average", "mean", "square"];

impl Checkpoints {
    /// Checkpoints in a folder, which is made when the first is written.
    pub fn new(folder: PathBuf, resume: bool, finish: bool) -> Self {
        Self { folder, resume, finish }
    }

    /// The folder of this user's checkpoints: `overhaul/checkpoints` where the XDG base directory specification has
    /// state.
    pub fn default_folder() -> Result<PathBuf, Mistake> {
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
        let state = state.or_else(home);
        let state =
            state.ok_or_else(|| Mistake::new("HOME is not set; name a folder with --checkpoints DIR"))?;
        Ok(state.join("overhaul/checkpoints"))
    }

    /// The file of one run: the same settings on the same data are the same run.
    pub(super) fn file(&self, settings: &Settings, data: &Sha256Digest, device: Device) -> PathBuf {
        let run = format!("{}\n{data}\n{device:?}", serde_json::json!(settings));
        self.folder.join(format!("{:.16}.safetensors", Sha256Digest::of(run.as_bytes()).to_string()))
    }
}

impl Checkpoint {
    /// Writes the checkpoint so that a kill leaves the one before or this one.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let failed = || format!("cannot write the checkpoint {}", path.display());
        std::fs::create_dir_all(folder).with_context(failed)?;
        let bytes = self
            .tensors
            .each_ref()
            .map(|tensor| to_vec(tensor).into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>());
        let views = NAMES
            .iter()
            .zip(&bytes)
            .map(|(name, bytes)| Ok((*name, TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
        let header = HashMap::from([(RECORD.to_owned(), serde_json::to_string(&self.record)?)]);
        let mut partial = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
        partial.write_all(&safetensors::serialize(views, Some(header))?).with_context(failed)?;
        partial.as_file().sync_all().with_context(failed)?;
        partial.persist(path).with_context(failed)?;
        Ok(())
    }

    /// The checkpoint of a file, for a model of `parameters` numbers.
    pub(super) fn read(path: &Path, parameters: usize) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).map_err(|e| {
            Mistake::new(format!(
                "--resume: there is no checkpoint of these settings on this data, {} ({e}); give the same flags as before, or leave --resume out",
                path.display()
            ))
        })?;
        let broken = |problem: String| {
            let mend = "remove it and train from the start";
            Mistake::new(format!("the checkpoint {} is damaged: {problem}; {mend}", path.display()))
        };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|e| broken(e.to_string()))?;
        let record = header.metadata().as_ref().and_then(|metadata| metadata.get(RECORD));
        let record = record.ok_or_else(|| broken("it has no record".to_owned()))?;
        let record: Record = serde_json::from_str(record).map_err(|e| broken(e.to_string()))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|e| broken(e.to_string()))?;
        let mut tensors = Vec::new();
        for name in NAMES {
            let view = file.tensor(name).map_err(|e| broken(e.to_string()))?;
            if view.dtype() != Dtype::F32 || view.shape() != [parameters] {
                return Err(broken(format!("{name} is {:?} of {:?}", view.dtype(), view.shape())).into());
            }
            let values: Vec<f32> =
                view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            tensors.push(Tensor::from_slice(&values));
        }
        let tensors = tensors.try_into().map_err(|_| broken("tensors are missing".to_owned()))?;
        Ok(Self { record, tensors })
    }
}
