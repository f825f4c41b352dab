//! Windows out of the input example, as MLflow writes it for serving: `{"inputs": [[[…]]]}`, or with one input by
//! its name, `{"inputs": {"window": [[[…]]]}}`.

use overhaul_bundle::Mistake;
use serde::Deserialize;
use serde_json::Value;

/// The most windows that become golden vectors: the first ones.
pub const MAX_WINDOWS: usize = 32;

#[derive(Deserialize)]
struct Serving {
    inputs: Value,
}

/// The windows as row-major `[count, length, features]`, at most [`MAX_WINDOWS`] of them.
pub fn windows(bytes: &[u8], length: usize, features: usize) -> Result<Vec<f32>, Mistake> {
    let asked = || format!("log it with input_example=<array of shape [n, {length}, {features}]>");
    let Serving { inputs } = serde_json::from_slice(bytes)
        .map_err(|e| Mistake::new(format!("the input example is no array of windows ({e}); {}", asked())))?;
    let inputs = match inputs {
        Value::Object(named) if named.len() == 1 => named.into_values().next().unwrap_or_default(),
        other => other,
    };
    let shape = shape(&inputs);
    let fits = matches!(shape[..], [count, l, f] if count > 0 && (l, f) == (length, features));
    if !fits {
        return Err(Mistake::new(format!("the input example has shape {shape:?}; {}", asked())));
    }
    let mut values = Vec::new();
    for window in inputs.as_array().into_iter().flatten().take(MAX_WINDOWS) {
        for row in window.as_array().into_iter().flatten() {
            for value in row.as_array().into_iter().flatten() {
                let number = value.as_f64().map(|value| value as f32).filter(|value| value.is_finite());
                let refused = || {
                    Mistake::new(format!("the input example holds {value}, which is no number; {}", asked()))
                };
                values.push(number.ok_or_else(refused)?);
            }
        }
    }
    let count = values.len() / (length * features);
    if values.len() != count * length * features || count != shape[0].min(MAX_WINDOWS) {
        return Err(Mistake::new(format!("the input example's rows differ in length; {}", asked())));
    }
    Ok(values)
}

/// The shape by the first element of each dimension.
fn shape(value: &Value) -> Vec<usize> {
    std::iter::successors(Some(value), |value| value.as_array()?.first())
        .map_while(|value| Some(value.as_array()?.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_with_and_without_the_inputs_name() {
        for text in [r#"{"inputs": [[[1, 2.5], [3, 4]]]}"#, r#"{"inputs": {"x": [[[1, 2.5], [3, 4]]]}}"#] {
            assert_eq!(windows(text.as_bytes(), 2, 2).unwrap(), [1.0, 2.5, 3.0, 4.0]);
        }
    }

    #[test]
    fn only_the_first_windows_are_taken() {
        let many = serde_json::json!({ "inputs": vec![[[1.0]]; 1000] }).to_string();
        assert_eq!(windows(many.as_bytes(), 1, 1).unwrap().len(), MAX_WINDOWS);
    }

    #[test]
    fn what_is_no_array_of_windows_is_refused_with_the_shape_asked_for() {
        for text in [
            r#"{"inputs": [[1, 2], [3, 4]]}"#,
            r#"{"inputs": [[[1, 2], [3]]]}"#,
            r#"{"inputs": [[[1, 2], [3, "x"]]]}"#,
            r#"{"inputs": [[[1, 2], [3, null]]]}"#,
            r#"{"inputs": [[[1, 2], [3, 1e300]]]}"#,
            r#"{"inputs": []}"#,
            r#"{"inputs": {"a": [], "b": []}}"#,
            r#"{"dataframe_split": {"columns": ["a"], "data": [[1]]}}"#,
            "nonsense",
        ] {
            let error = windows(text.as_bytes(), 2, 2).unwrap_err().to_string();
            assert!(error.contains("[n, 2, 2]") && error.lines().count() == 1, "{text}: {error}");
        }
    }
}
