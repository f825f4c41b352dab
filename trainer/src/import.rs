//! A model that PyTorch trained elsewhere, as one of ours: its weights, its scaler, and what the registry guide
//! wrote beside them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use overhaul_bundle::scaler::{FeatureScale, Scaler};
use serde::Deserialize;

use crate::data::Schema;
use crate::legacy::{self, LegacyError, StandardScaler};
use crate::model::infer::{Given, infer};
use crate::model::{Architecture, Head, Output, Parameter, Shape, Weights};

/// Readings in a window of the registry guide's models.
const GUIDES_WINDOW: usize = 30;
/// What PyTorch's `DataParallel` puts before each name.
const PARALLEL: &str = "module.";

/// What the guide's networks answer: cycles themselves, which nothing keeps from falling below 0.
pub const OUTPUT: Output = Output { cycles: 1.0, clipped: false };

/// The files of a model from elsewhere, and what they do not say.
#[derive(Debug, Clone)]
pub struct Source {
    /// The state dict.
    pub model: PathBuf,
    /// The scaler.
    pub scaler: PathBuf,
    /// The kind of model.
    pub architecture: Architecture,
    /// Readings in a window; by default what a Transformer's positions tell, else 30.
    pub sequence_length: Option<usize>,
    /// Attention heads of a Transformer.
    pub heads: usize,
    /// The readings' columns, where the scaler does not name them.
    pub columns: Option<Vec<String>>,
}

/// A model from elsewhere.
#[derive(Debug)]
pub struct Imported {
    /// Its sizes.
    pub shape: Shape,
    /// Its weights.
    pub weights: Weights,
    /// Its normalisation.
    pub scaler: Scaler,
}

/// The guide's `metadata.json`; every field may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct GuidesMetadata {
    /// Such as `lstm`.
    pub model_type: Option<String>,
    /// RMSE in cycles.
    pub rmse: Option<f64>,
    /// MAE in cycles.
    pub mae: Option<f64>,
    /// When it was trained, perhaps without a time zone.
    pub timestamp: Option<String>,
    /// Readings in a window.
    pub sequence_length: Option<usize>,
    /// Columns of a reading.
    pub feature_columns: Option<Vec<String>>,
    /// Epochs trained.
    pub epochs: Option<u32>,
    /// Windows in a batch.
    pub batch_size: Option<u32>,
    /// Learning rate.
    pub learning_rate: Option<f64>,
    /// Loss of the last epoch.
    pub final_loss: Option<f64>,
}

impl GuidesMetadata {
    /// Reads a `metadata.json`.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).map_err(|e| {
            Mistake::new(format!("cannot read {}: {e}; a folder of the guide has one", path.display()))
        })?;
        serde_json::from_slice(&bytes).map_err(|e| {
            Mistake::new(format!("{} is not the registry guide's metadata: {e}; mend it", path.display()))
                .into()
        })
    }

    /// The architecture it names.
    pub fn architecture(&self) -> Option<Architecture> {
        Architecture::from_name(self.model_type.as_deref()?)
    }

    /// The time it names; one without a zone is taken for UTC.
    pub fn time(&self) -> Option<jiff::Timestamp> {
        let text = self.timestamp.as_deref()?;
        let civil = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
        text.parse().ok().or_else(|| Some(civil()?.timestamp()))
    }
}

/// Reads the files without executing anything in them; what does not fit the kind of model is refused by name.
pub fn import(source: &Source) -> anyhow::Result<Imported> {
    let bytes = |path: &Path| {
        std::fs::read(path)
            .map_err(|e| Mistake::new(format!("cannot read {}: {e}; name the file", path.display())))
    };
    let told = |error: LegacyError| Mistake::new(error.to_string());
    let tensors = legacy::read_state_dict(&source.model, &bytes(&source.model)?).map_err(told)?;
    let parallel = tensors.keys().all(|name| name.starts_with(PARALLEL));
    let own = |name: String| if parallel { name[PARALLEL.len()..].to_owned() } else { name };
    let parameter = |tensor: legacy::Tensor| Parameter { dims: tensor.dims, values: tensor.values };
    let weights = Weights(tensors.into_iter().map(|(name, tensor)| (own(name), parameter(tensor))).collect());

    let fitted = legacy::read_scaler(&source.scaler, &bytes(&source.scaler)?).map_err(told)?;
    let features = fitted.mean.len();
    refuse_other_length(source, &weights, features)?;
    let positions = weights.0.get("pos_encoder").and_then(|parameter| parameter.dims.get(1).copied());
    let given = Given {
        architecture: source.architecture,
        sequence_length: source.sequence_length.or(positions).unwrap_or(GUIDES_WINDOW),
        features,
        heads: source.heads,
        head: Head::WindowsLastStep,
    };
    let shape =
        infer(&given, &weights).map_err(|e| Mistake::new(format!("{}: {e}", source.model.display())))?;
    let scaler = scaler(source, fitted)?;
    Ok(Imported { shape, weights, scaler })
}

/// A scaler for other columns than the network's first layer takes is the likeliest mistake: it gets its own line.
fn refuse_other_length(source: &Source, weights: &Weights, features: usize) -> Result<(), Mistake> {
    let names = ["input_proj.weight", "lstm.weight_ih_l0", "gru.weight_ih_l0"];
    let first = names.iter().find_map(|name| Some((name, weights.0.get(*name)?)));
    match first {
        Some((name, parameter)) if parameter.dims.get(1).is_some_and(|&inputs| inputs != features) => {
            Err(Mistake::new(format!(
                "{} scales {features} columns where tensor {name} of {} is {:?}, for {} columns; name the scaler that it was trained with",
                source.scaler.display(),
                source.model.display(),
                parameter.dims,
                parameter.dims[1]
            )))
        }
        _ => Ok(()),
    }
}

/// The scaler with names: its own, else those that were given, else C-MAPSS's when there are as many.
fn scaler(source: &Source, fitted: StandardScaler) -> anyhow::Result<Scaler> {
    let count = fitted.mean.len();
    let fits = |names: &Vec<String>| names.len() == count;
    let names = fitted.features.filter(fits).or(source.columns.clone().filter(fits));
    let names = names.or(Some(Schema::c_mapss().features).filter(fits)).with_context(|| {
        format!("{} names no columns for its {count}; fit it on a DataFrame, or name feature_columns in metadata.json", source.scaler.display())
    });
    let names = names.map_err(|e| Mistake::new(e.to_string()))?;
    let features = names
        .into_iter()
        .zip(fitted.mean.into_iter().zip(fitted.scale))
        .map(|(name, (mean, scale))| FeatureScale { name, mean, scale, distribution: None, ignored: false })
        .collect();
    Ok(Scaler { features, conditions: None })
}

#[cfg(test)]
mod tests;
