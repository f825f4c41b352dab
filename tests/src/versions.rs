//! Small real bundles to publish, made from `models/v1`.

use std::path::Path;

use anyhow::Result;
use overhaul_bundle::component;
use overhaul_bundle::{Bundle, Draft, VersionNumber};

use crate::{MODEL, programs};

/// The bundle in the checkout that all of them are made from.
pub fn example() -> Result<Bundle> {
    Ok(Bundle::open(&programs::checkout().join("models/v1"))?)
}

/// A version of [`MODEL`] in a new directory: the example's network under another number, on the
/// component that was built with these programs. Two numbers share no file but scaler and intervals.
pub fn numbered(directory: &Path, number: VersionNumber) -> Result<Bundle> {
    renumbered(&example()?, directory, number)
}

/// The same of any bundle.
pub fn renumbered(of: &Bundle, directory: &Path, number: VersionNumber) -> Result<Bundle> {
    let mut metadata = of.metadata()?;
    metadata.name = MODEL.parse()?;
    metadata.version = Some(number);
    let mut model = of.model()?;
    // ONNX's `ModelProto.producer_version`, field 3; a later one replaces an earlier one.
    let producer = format!("test {number}");
    model.extend([0x1a, u8::try_from(producer.len())?]);
    model.extend(producer.as_bytes());
    let draft = Draft {
        metadata,
        scaler: of.scaler()?,
        interval: of.interval()?,
        golden: of.golden()?,
        model,
        weights: None,
        report: None,
        component: component::read(&programs::component()?)?.1,
    };
    Ok(draft.write(directory)?)
}

/// One window of readings, and what the example's network says of it, in cycles.
#[derive(Debug, Clone)]
pub struct Known {
    /// The body of a request.
    pub body: String,
    /// The answer.
    pub expected: f64,
}

/// Windows whose answers are known: the example's golden vectors.
pub fn known() -> Result<Vec<Known>> {
    let golden = example()?.golden()?;
    let windows = golden.windows.chunks(golden.sequence_length * golden.features);
    let known = windows.zip(&golden.expected).map(|(window, expected)| {
        let rows: Vec<&[f32]> = window.chunks(golden.features).collect();
        Known {
            body: serde_json::json!({ "sensor_data": rows }).to_string(),
            expected: f64::from(expected.max(0.0)),
        }
    });
    Ok(known.collect())
}
