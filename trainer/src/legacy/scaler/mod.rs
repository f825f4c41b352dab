//! scikit-learn's `StandardScaler`, by pickle or joblib.

mod compressed;

use std::path::Path;

use super::error::{LegacyError, Refusal, shown};
use super::numpy;
use super::pickle::{Dialect, Global, Heap, Machine, Object, Value};

/// How many features a scaler may have.
const MOST_FEATURES: usize = 1 << 14;
/// Bytes of the longest feature's name.
const LONGEST_NAME: usize = 256;
const MEND: &str = "save the fitted StandardScaler alone with joblib.dump or pickle.dump";

/// What a fitted scaler does: `(reading - mean) / scale`, feature by feature.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardScaler {
    /// What is subtracted; 0 where the scaler was made with `with_mean=False`.
    pub mean: Vec<f64>,
    /// What divides, above 0; 1 where the scaler was made with `with_std=False`.
    pub scale: Vec<f64>,
    /// The columns' names, when the scaler was fitted on a table that has them.
    pub features: Option<Vec<String>>,
    /// scikit-learn's version, as the file gives it.
    pub sklearn_version: Option<String>,
}

/// The `StandardScaler` in the bytes of a `.pkl`; `path` is for messages only.
pub fn read_scaler(path: &Path, bytes: &[u8]) -> Result<StandardScaler, LegacyError> {
    read(bytes).map_err(|refusal| refusal.in_file(path, MEND))
}

fn read(bytes: &[u8]) -> Result<StandardScaler, Refusal> {
    let bytes = compressed::expand(bytes)?;
    let mut machine = Machine::new(Dialect::Sklearn, &bytes);
    let root = machine.load()?;
    let heap = machine.heap();
    match heap.object(root) {
        Some(Object::Made { of: Global::StandardScaler, state: Some(state), .. }) => fitted(heap, *state),
        _ => Refusal::unsupported(format!("holds {} instead of a StandardScaler", heap.describe(root))),
    }
}

fn fitted<'a>(heap: &Heap<'a>, state: Value<'a>) -> Result<StandardScaler, Refusal> {
    let (mean, scale) =
        (switched(heap, state, "with_mean", "mean_")?, switched(heap, state, "with_std", "scale_")?);
    let declared = heap.get(state, "n_features_in_").and_then(Value::count);
    let count = match mean.as_ref().or(scale.as_ref()).map(Vec::len).or(declared) {
        None => return Refusal::unsupported("holds a StandardScaler that was never fitted"),
        Some(count) if count > MOST_FEATURES => {
            return Refusal::unsupported(format!(
                "scales {count} features, at most {MOST_FEATURES} are read"
            ));
        }
        Some(count) => count,
    };
    let features = match heap.get(state, "feature_names_in_") {
        None | Some(Value::None) => None,
        Some(names) => Some(names_of(heap, names)?),
    };
    let mean = mean.unwrap_or_else(|| vec![0.0; count]);
    let scale = scale.unwrap_or_else(|| vec![1.0; count]);
    let named = features.as_ref().map_or(count, Vec::len);
    if mean.len() != count || scale.len() != count || named != count || declared.unwrap_or(count) != count {
        return Refusal::damaged(format!(
            "it has {} means, {} scales and {named} names of {} features",
            mean.len(),
            scale.len(),
            declared.unwrap_or(count)
        ));
    }
    if let Some(bad) = (0..count).find(|&i| !(mean[i].is_finite() && scale[i].is_finite() && scale[i] > 0.0))
    {
        return Refusal::unsupported(format!(
            "scales feature {bad} by mean {} and scale {}; fit it on finite numbers",
            mean[bad], scale[bad]
        ));
    }
    let version = heap.get(state, "_sklearn_version").and_then(|version| heap.text(version));
    Ok(StandardScaler { mean, scale, features, sklearn_version: version.map(shown) })
}

/// The array `name`, or none where the scaler does not use it: scikit-learn keeps `mean_` also
/// when `with_mean=False`, and then does not subtract it.
fn switched<'a>(
    heap: &Heap<'a>,
    state: Value<'a>,
    switch: &str,
    name: &str,
) -> Result<Option<Vec<f64>>, Refusal> {
    match (heap.get(state, switch), heap.get(state, name)) {
        (Some(Value::Bool(false)), _) | (_, Some(Value::None)) => Ok(None),
        (_, Some(array)) => numpy::numbers(heap, array).map(Some),
        (_, None) => Refusal::unsupported("holds a StandardScaler that was never fitted"),
    }
}

/// The features' names: an array of `str` objects.
fn names_of<'a>(heap: &Heap<'a>, value: Value<'a>) -> Result<Vec<String>, Refusal> {
    let Some(values) = numpy::objects(heap, value).filter(|values| values.len() <= MOST_FEATURES) else {
        return Refusal::damaged("its features' names are no array of objects");
    };
    let name = |value: &Value<'a>| match heap.text(*value) {
        Some(name) if name.len() <= LONGEST_NAME => Ok(name.to_owned()),
        Some(name) => Refusal::unsupported(format!("names a feature with {} bytes", name.len())),
        None => Refusal::damaged(format!("a feature's name is {}", heap.describe(*value))),
    };
    values.iter().map(name).collect()
}
