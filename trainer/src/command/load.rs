//! `load`: a published version back into libtorch.

use overhaul_bundle::directory::WEIGHTS_FILE;
use overhaul_bundle::{Metadata, Mistake};
use overhaul_client::Registry;
use serde::Serialize;
use tch::{Device, Tensor};

use crate::cli::LoadArguments;
use crate::console::Console;
use crate::model::{Network, Weights, from_metadata};
use crate::pulled::{Pulled, runtime, told};

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    metadata: Metadata,
    /// The largest difference of libtorch's answers from the golden vectors, in cycles; absent with `--info-only`.
    #[serde(skip_serializing_if = "Option::is_none")]
    largest_difference: Option<f32>,
}

pub(super) fn load_command(arguments: &LoadArguments) -> anyhow::Result<()> {
    let console = Console { json: arguments.json };
    let registry = Registry::with_env(&arguments.registry.registry).map_err(told)?;
    let (runtime, name) = (runtime()?, &arguments.registry.name);
    if arguments.info_only {
        let version = runtime.block_on(registry.version(name, arguments.version)).map_err(told)?;
        describe(console, &version.metadata);
        return console.answer(&Answer { metadata: version.metadata, largest_difference: None });
    }
    let pulled = Pulled::fetch(&registry, &runtime, name, arguments.version)?;
    describe(console, &pulled.metadata);
    let network = network(&pulled)?;
    let golden = pulled.bundle.golden()?;
    let dims = [-1, golden.sequence_length as i64, golden.features as i64];
    let answers = network.predict(&Tensor::from_slice(&golden.windows).view(dims));
    let difference = golden.largest_difference(&answers);
    console.line(format!(
        "loaded into libtorch: {} parameters; {} golden vectors answered within {difference:.1e} cycles (at most {:.0e})",
        network.shape().parameter_count(),
        golden.expected.len(),
        golden.tolerance
    ));
    anyhow::ensure!(
        difference <= golden.tolerance,
        "version {} does not answer its golden vectors in libtorch: {difference} cycles off",
        arguments.version
    );
    console.answer(&Answer { metadata: pulled.metadata, largest_difference: Some(difference) })
}

/// The network of a version's weights.
fn network(pulled: &Pulled) -> anyhow::Result<Network> {
    if pulled.bundle.manifest().file(WEIGHTS_FILE).is_none() {
        return Err(Mistake::new(
            "the version has no weights.safetensors, so only its ONNX model can be run; use predict",
        )
        .into());
    }
    let weights = Weights::from_safetensors(&pulled.bundle.read(WEIGHTS_FILE)?)?;
    let (shape, output) = from_metadata(&pulled.metadata, &weights)?;
    Network::with_weights(shape, &pulled.bundle.scaler()?, output, &weights, Device::Cpu)
}

fn describe(console: Console, metadata: &Metadata) {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let version = metadata.version.map(|version| version.to_string());
    let origin = if metadata.imported { ", imported" } else { "" };
    console.line(format!("{} version {}: {}{origin}", metadata.name, or_dash(version), metadata.model_type));
    let parameters = metadata.parameters;
    let size = metadata.layers.zip(metadata.hidden_size);
    let size = size.map(|(layers, width)| format!("{layers} layers of {width}, {parameters} parameters"));
    let errors = |rmse: Option<f64>, mae: Option<f64>| {
        or_dash(rmse.zip(mae).map(|(rmse, mae)| format!("{rmse:.2}, {mae:.2} cycles")))
    };
    let rows = [
        ("window", format!("{} readings of {} columns", metadata.sequence_length, metadata.input_features)),
        ("size", or_dash(size)),
        (
            "trained",
            format!("{} on {}", metadata.timestamp.strftime("%Y-%m-%d %H:%M:%S UTC"), metadata.dataset),
        ),
        ("RMSE, MAE (capped RUL)", errors(metadata.rmse, metadata.mae)),
        ("RMSE, MAE (RUL as it is)", errors(metadata.rmse_raw, metadata.mae_raw)),
        ("NASA score", or_dash(metadata.nasa_score.map(|score| format!("{score:.0}")))),
        ("validation RMSE", or_dash(metadata.validation_rmse.map(|rmse| format!("{rmse:.2} cycles")))),
        ("RUL cap", or_dash(metadata.rul_cap.map(|cap| format!("{cap} cycles")))),
    ];
    for (name, value) in rows {
        console.line(format!("  {name:26} {value}"));
    }
}
