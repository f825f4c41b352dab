//! The arguments that name a registry, and the commands on its versions.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use overhaul_bundle::{ModelName, VersionNumber};

use super::DataArguments;
use crate::model::Architecture;

/// A registry and a model in it.
#[derive(Debug, Clone, Args)]
pub struct RegistryArguments {
    /// The registry.
    #[arg(long, value_name = "URL", env = "OVERHAUL_REGISTRY")]
    pub registry: String,
    /// The registered model's name.
    #[arg(long, default_value = "RUL-Prediction-Model")]
    pub name: ModelName,
}

/// Arguments of `evaluate`.
#[derive(Debug, Clone, Args)]
pub struct EvaluateArguments {
    /// The registry and the model.
    #[command(flatten)]
    pub registry: RegistryArguments,
    /// The version.
    #[arg(long, value_name = "N")]
    pub version: VersionNumber,
    /// The data.
    #[command(flatten)]
    pub data: DataArguments,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Clone, Args)]
pub struct CompareArguments {
    /// The registry and the model.
    #[command(flatten)]
    pub registry: RegistryArguments,
    /// The first version.
    pub first: VersionNumber,
    /// The second version.
    pub second: VersionNumber,
    /// The data.
    #[command(flatten)]
    pub data: DataArguments,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `load`.
#[derive(Debug, Clone, Args)]
pub struct LoadArguments {
    /// The registry and the model.
    #[command(flatten)]
    pub registry: RegistryArguments,
    /// The version.
    #[arg(long, value_name = "N")]
    pub version: VersionNumber,
    /// Tell what the version is, without fetching its files.
    #[arg(long)]
    pub info_only: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `predict`.
#[derive(Debug, Clone, Args)]
pub struct PredictArguments {
    /// The registry and the model.
    #[command(flatten)]
    pub registry: RegistryArguments,
    /// The version.
    #[arg(long, value_name = "N")]
    pub version: VersionNumber,
    /// A CSV file with a header: the model's columns, and a column `unit` if there is more than one.
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Print one JSON list.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `publish`.
#[derive(Debug, Clone, Args)]
pub struct PublishArguments {
    /// The bundle.
    #[arg(value_name = "DIR")]
    pub bundle: PathBuf,
    /// The registry.
    #[arg(long, value_name = "URL", env = "OVERHAUL_REGISTRY")]
    pub registry: String,
    /// The component that the bundle was checked with; by default the one that `OVERHAUL_COMPONENT` names, or
    /// overhaul-component.wasm beside this program.
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The form that `export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// The bundle, as gateways have it, in the directory itself.
    Bundle,
    /// The registry guide's `models/v{N}/`, with the guide's `metadata.json`, and the bundle beside it.
    Files,
}

/// Arguments of `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArguments {
    /// The registry and the model.
    #[command(flatten)]
    pub registry: RegistryArguments,
    /// The version.
    #[arg(long, value_name = "N")]
    pub version: VersionNumber,
    /// What is written.
    #[arg(long, value_enum, default_value_t = Layout::Bundle)]
    pub layout: Layout,
    /// Where: the bundle's directory, which must not exist yet, or the directory that gets `v{N}`.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Arguments of `register`.
#[derive(Debug, Clone, Args)]
pub struct RegisterArguments {
    /// PyTorch's state dict, `.pth`.
    #[arg(long, value_name = "FILE", required_unless_present = "dir", conflicts_with = "dir")]
    pub model_path: Option<PathBuf>,
    /// scikit-learn's `StandardScaler`, `.pkl`.
    #[arg(long, value_name = "FILE", required_unless_present = "dir", conflicts_with = "dir")]
    pub scaler_path: Option<PathBuf>,
    /// A folder of the registry guide: `model.pth`, `scaler.pkl` and `metadata.json`.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The kind of model.
    #[arg(long, value_enum, ignore_case = true, required_unless_present = "dir")]
    pub model_type: Option<Architecture>,
    /// Its RMSE in cycles, as it was measured where it was trained.
    #[arg(long, requires = "mae")]
    pub rmse: Option<f64>,
    /// Its MAE in cycles.
    #[arg(long, requires = "rmse")]
    pub mae: Option<f64>,
    /// Data to evaluate it on: the folder or zip archive of C-MAPSS.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Which subset of the data.
    #[arg(long, default_value = "FD001")]
    pub subset: String,
    /// Readings in a window; a Transformer's positions tell it.
    #[arg(long)]
    pub sequence_length: Option<usize>,
    /// Attention heads of a Transformer.
    #[arg(long, default_value_t = 4)]
    pub heads: usize,
    /// The registry to publish to; without one the bundle stays in --out.
    #[arg(long, value_name = "URL", env = "OVERHAUL_REGISTRY")]
    pub registry: Option<String>,
    /// The registered model's name.
    #[arg(long, default_value = "RUL-Prediction-Model")]
    pub name: ModelName,
    /// The directory that becomes the bundle; it must not exist yet.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The component to check the export with; by default the one that `OVERHAUL_COMPONENT` names, or
    /// overhaul-component.wasm beside this program.
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}
