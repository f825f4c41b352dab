//! What all models of one command share: data, split, component, destination.

use overhaul_bundle::Mistake;
use overhaul_bundle::scaler::Scaler;
use overhaul_edge::sandbox::Sandbox;
use tch::Device;

use super::tracking::Tracking;
use crate::check::Component;
use crate::cli::TrainArguments;
use crate::console::Console;
use crate::data::{Dataset, Split, Unit, split};
use crate::device;
use crate::evaluate;
use crate::publish::Destination;
use crate::train::{Checkpoints, Interrupt};

/// Threads of libtorch on a CPU: these networks gain little from more, lose much when another program wants the
/// same core, and the order of a sum, so its last bit, must not depend on the machine's number of cores.
const THREADS: i32 = 1;

/// What all models of one command share, checked before the first is trained.
pub(super) struct Session<'a> {
    pub(super) arguments: &'a TrainArguments,
    pub(super) console: Console,
    pub(super) dataset: Dataset,
    pub(super) parts: Split,
    pub(super) destination: Destination,
    pub(super) component: Component,
    pub(super) sandbox: Sandbox,
    pub(super) device: Device,
    pub(super) checkpoints: Checkpoints,
    pub(super) interrupt: Interrupt,
    pub(super) tracking: Tracking,
}

impl<'a> Session<'a> {
    pub(super) fn open(arguments: &'a TrainArguments) -> anyhow::Result<Self> {
        for architecture in arguments.model.architectures() {
            arguments.settings(architecture).check()?;
        }
        if !(1..=100).contains(&arguments.seeds) {
            return Err(Mistake::new(format!(
                "--seeds {} is not 1 to 100; give a number in that range",
                arguments.seeds
            ))
            .into());
        }
        if arguments.checkpoint.resume && arguments.has_several_runs() {
            let problem = "--resume goes on with one run, and --model all and --seeds are several";
            return Err(
                Mistake::new(format!("{problem}; give the --model and the --seed that was stopped")).into()
            );
        }
        let dataset = arguments.data.load()?;
        let parts = split::split(dataset.train.clone(), arguments.split_seed)?;
        let destination = Destination::new(arguments.out.clone(), arguments.registry.as_deref())?;
        let device = device::resolve(arguments.device)?;
        let component = Component::find(arguments.component.as_deref())?;
        let sandbox = component.compile()?;
        let folder = arguments.checkpoint.checkpoints.clone().map_or_else(Checkpoints::default_folder, Ok)?;
        let (named, registry) = (arguments.mlflow.as_deref(), arguments.registry.as_deref());
        let tracking = Tracking::find(destination.runtime(), named, registry);
        tch::set_num_threads(THREADS);
        Ok(Self {
            arguments,
            console: Console { json: arguments.json },
            dataset,
            parts,
            destination,
            component,
            sandbox,
            device,
            checkpoints: Checkpoints::new(folder, arguments.checkpoint.resume, arguments.checkpoint.finish),
            interrupt: Interrupt::on_signals()?,
            tracking,
        })
    }

    /// The data, its split and its operating conditions.
    pub(super) fn describe(&self, scaler: &Scaler) {
        let Self { console, dataset, parts, .. } = self;
        let size = |units: &[Unit]| format!("{} units, {} cycles", units.len(), Dataset::cycles(units));
        console.line(format!("data: {} in {}", dataset.subset, self.arguments.data.data.display()));
        let features = dataset.schema.features.len();
        console.line(format!("  run to failure: {}, {features} columns", size(&dataset.train)));
        let held_out = if dataset.held_out { " (held out, each cut off at some cycle)" } else { "" };
        console.line(format!("  test:           {}{held_out}", size(&dataset.test)));
        if let Some(conditions) = &scaler.conditions {
            let names: Vec<&str> = conditions.columns.iter().map(|column| column.name.as_str()).collect();
            console.line(format!(
                "  {} operating conditions by {}: each has its own mean and scale",
                conditions.list.len(),
                names.join(", ")
            ));
        }
        let ignored: Vec<&str> =
            scaler.features.iter().filter(|each| each.ignored).map(|each| each.name.as_str()).collect();
        if !ignored.is_empty() {
            let least = self.arguments.min_correlation;
            console
                .line(format!("  ignored, for a correlation with RUL below {least}: {}", ignored.join(", ")));
        }
        console.line(format!("split by unit, seed {}:", self.arguments.split_seed));
        console.line(format!("  training:    {}", size(&parts.train)));
        console.line(format!("  validation:  {} (choose the epoch)", size(&parts.validation)));
        console.line(format!("  calibration: {} (the interval, nothing else)", size(&parts.calibration)));
        let needed = evaluate::units_needed(evaluate::LEVEL);
        if parts.calibration.len() < needed {
            console.line(format!(
                "  note: a {:.0} % interval needs {needed} calibration units; with fewer it takes the widest residual and promises nothing",
                100.0 * evaluate::LEVEL
            ));
        }
    }
}
