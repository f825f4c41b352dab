//! The arguments of `train`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use overhaul_bundle::ModelName;

use crate::data::Dataset;
use crate::data::schema::Columns;
use crate::device;
use crate::model::Architecture;
use crate::train::Settings;
use crate::train::settings::Defaults;

/// A `--model`: one architecture, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelChoice {
    /// One.
    One(Architecture),
    /// Each in turn.
    All,
}

impl ModelChoice {
    /// The architectures it stands for.
    pub fn architectures(self) -> Vec<Architecture> {
        match self {
            Self::One(architecture) => vec![architecture],
            Self::All => Architecture::ALL.to_vec(),
        }
    }
}

impl std::str::FromStr for ModelChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self::All);
        }
        Architecture::from_str(text, true).map(Self::One).map_err(|_| {
            let names: Vec<&str> = Architecture::ALL.iter().map(|architecture| architecture.flag()).collect();
            format!("{text:?} is no model; give {} or all", names.join(", "))
        })
    }
}

/// Arguments that name data.
#[derive(Debug, Clone, Args)]
pub struct DataArguments {
    /// The folder or zip archive that holds `train_SUBSET.txt`, `test_SUBSET.txt` and `RUL_SUBSET.txt`.
    #[arg(long, value_name = "PATH")]
    pub data: PathBuf,
    /// Which subset of the data.
    #[arg(long, default_value = "FD001")]
    pub subset: String,
    /// A TOML file that describes the columns of data that is not C-MAPSS: unit, cycle, features, conditions; the
    /// data is then `train_SUBSET.csv`, with perhaps `test_SUBSET.csv` and `RUL_SUBSET.txt`.
    #[arg(long, value_name = "FILE")]
    pub columns: Option<PathBuf>,
}

impl DataArguments {
    /// Reads the data that they name.
    pub fn load(&self) -> anyhow::Result<Dataset> {
        let columns = self.columns.as_deref().map(Columns::read).transpose()?;
        Dataset::load(&self.data, &self.subset, columns.as_ref())
    }
}

/// Arguments of a run that is kept on disk while it goes on.
#[derive(Debug, Clone, Args)]
pub struct CheckpointArguments {
    /// The folder that keeps a checkpoint of each run until its bundle is written; by default in the user's state.
    #[arg(long, value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
    /// Go on from the checkpoint that the same command left; of --model all or --seeds name the one that was stopped.
    #[arg(long)]
    pub resume: bool,
    /// With --resume: train no more, but take the best epoch of the checkpoint.
    #[arg(long, requires = "resume")]
    pub finish: bool,
}

/// Arguments of `train`. What has no default here has one for each kind of model.
#[derive(Debug, Clone, Args)]
pub struct TrainArguments {
    /// The kind of model: lstm, bilstm, gru, transformer, trend, or all of them in turn.
    #[arg(long)]
    pub model: ModelChoice,
    /// The data.
    #[command(flatten)]
    pub data: DataArguments,
    /// Passes over the training windows.
    #[arg(long)]
    pub epochs: Option<u32>,
    /// Epochs without a better validation RMSE after which training ends.
    #[arg(long, default_value_t = 10)]
    pub patience: u32,
    /// Windows in a training batch.
    #[arg(long)]
    pub batch_size: Option<u32>,
    /// Peak learning rate of the one-cycle schedule.
    #[arg(long, allow_negative_numbers = true)]
    pub lr: Option<f64>,
    /// Weight decay of `AdamW`.
    #[arg(long, allow_negative_numbers = true)]
    pub weight_decay: Option<f64>,
    /// The share of activations that training leaves out.
    #[arg(long, allow_negative_numbers = true)]
    pub dropout: Option<f64>,
    /// The share of training windows that are shown with less history than there is, as a gateway has it that met
    /// the unit a few cycles ago.
    #[arg(long, default_value_t = 0.1, allow_negative_numbers = true)]
    pub cold_start: f64,
    /// Columns whose normalised readings correlate with capped RUL by less than this are ignored; 0 keeps all.
    #[arg(long, default_value_t = 0.1, allow_negative_numbers = true)]
    pub min_correlation: f64,
    /// Readings in a window.
    #[arg(long)]
    pub sequence_length: Option<usize>,
    /// The ceiling on training targets, in cycles.
    #[arg(long, default_value_t = 125.0, allow_negative_numbers = true)]
    pub rul_cap: f64,
    /// Decides weights, order and dropout; the same seed gives the same bits on a CPU.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Trains with this many seeds from --seed on, reports mean and standard deviation, and keeps the one that is
    /// best on the validation units.
    #[arg(long, default_value_t = 1)]
    pub seeds: u32,
    /// Decides which units train, validate and calibrate.
    #[arg(long, default_value_t = 1)]
    pub split_seed: u64,
    /// Width of the layers.
    #[arg(long)]
    pub hidden_size: Option<usize>,
    /// Layers, one on top of the other.
    #[arg(long)]
    pub layers: Option<usize>,
    /// Attention heads of a Transformer.
    #[arg(long, default_value_t = 4)]
    pub heads: usize,
    /// Width inside a Transformer's feed-forward part.
    #[arg(long, default_value_t = 128)]
    pub feed_forward: usize,
    /// Where to train: cpu, cuda or cuda:N; by default a GPU if there is one.
    #[arg(long)]
    pub device: Option<device::Choice>,
    /// The registry to publish to; without one the bundle stays in --out.
    #[arg(long, value_name = "URL", env = "OVERHAUL_REGISTRY")]
    pub registry: Option<String>,
    /// The MLflow server to log runs to; by default the registry, if it speaks MLflow's tracking API.
    #[arg(long, value_name = "URL", env = "MLFLOW_TRACKING_URI")]
    pub mlflow: Option<String>,
    /// The registered model's name.
    #[arg(long, default_value = "RUL-Prediction-Model")]
    pub name: ModelName,
    /// The directory that becomes the bundle; it must not exist yet. With several models it holds one bundle each.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Point production at the best version of this run by validation RMSE, if it is better than the production
    /// version on the same validation units.
    #[arg(long, requires = "registry")]
    pub auto_promote: bool,
    /// Where the run is kept while it goes on.
    #[command(flatten)]
    pub checkpoint: CheckpointArguments,
    /// The component to check the export with; by default the one that `OVERHAUL_COMPONENT` names, or
    /// overhaul-component.wasm beside this program.
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
    /// Print one JSON object on standard output at the end, and everything else on standard error.
    #[arg(long)]
    pub json: bool,
}

impl TrainArguments {
    /// True when more than one network is trained.
    pub fn has_several_runs(&self) -> bool {
        self.seeds > 1 || self.model == ModelChoice::All
    }

    /// The training settings for one kind of model, not checked yet.
    pub fn settings(&self, architecture: Architecture) -> Settings {
        let defaults = Defaults::of(architecture);
        Settings {
            architecture,
            epochs: self.epochs.unwrap_or(defaults.epochs),
            patience: self.patience,
            batch_size: self.batch_size.unwrap_or(defaults.batch_size),
            learning_rate: self.lr.unwrap_or(defaults.learning_rate),
            weight_decay: self.weight_decay.unwrap_or(defaults.weight_decay),
            dropout: self.dropout.unwrap_or(defaults.dropout),
            cold_start: self.cold_start,
            min_correlation: self.min_correlation,
            sequence_length: self.sequence_length.unwrap_or(defaults.sequence_length),
            rul_cap: self.rul_cap,
            seed: self.seed,
            split_seed: self.split_seed,
            hidden_size: self.hidden_size.unwrap_or(defaults.hidden_size),
            layers: self.layers.unwrap_or(defaults.layers),
            heads: self.heads,
            feed_forward: self.feed_forward,
        }
    }
}
