//! `golden.safetensors`: windows with their expected outputs, replayed before a bundle is used.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::BundleError;

/// The file's name in a bundle.
pub const FILE: &str = "golden.safetensors";

/// Golden vectors: what a model must answer, within a tolerance, wherever it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Golden {
    /// Readings in one window.
    pub sequence_length: usize,
    /// Numbers in one reading.
    pub features: usize,
    /// Row-major `[count, sequence_length, features]`, raw readings.
    pub windows: Vec<f32>,
    /// The trained network's own answers, one a window, in cycles.
    pub expected: Vec<f32>,
    /// The largest difference from `expected` that is taken for equal, in cycles.
    pub tolerance: f32,
}

impl Golden {
    /// The largest absolute difference between answers and `expected`, in cycles; infinite when
    /// their numbers differ or an answer is not finite.
    pub fn largest_difference(&self, answers: &[f32]) -> f32 {
        if answers.len() != self.expected.len() || answers.iter().any(|answer| !answer.is_finite()) {
            return f32::INFINITY;
        }
        answers.iter().zip(&self.expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    /// Reads golden vectors from the bytes of `golden.safetensors`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        let invalid = |problem: String| BundleError::invalid(FILE, problem);
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| invalid(e.to_string()))?;
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| invalid(e.to_string()))?;
        let tolerance: f32 = header
            .metadata()
            .as_ref()
            .and_then(|metadata| metadata.get("tolerance")?.parse().ok())
            .filter(|tolerance: &f32| tolerance.is_finite() && *tolerance > 0.0)
            .ok_or_else(|| invalid("its header lacks a `tolerance` above 0".to_owned()))?;
        let (shape, windows) = floats(&tensors, "windows")?;
        let (expected_shape, expected) = floats(&tensors, "expected")?;
        let [count, sequence_length, features] = shape[..] else {
            return Err(invalid(format!(
                "`windows` has shape {shape:?} instead of [count, sequence_length, features]"
            )));
        };
        if expected_shape != [count, 1] || count == 0 {
            return Err(invalid(format!("`expected` has shape {expected_shape:?} for {count} windows")));
        }
        if windows.iter().chain(&expected).any(|value| !value.is_finite()) {
            return Err(invalid("it holds a value that is not finite".to_owned()));
        }
        Ok(Self { sequence_length, features, windows, expected, tolerance })
    }

    /// The bytes of `golden.safetensors`.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BundleError> {
        let invalid = |e: safetensors::SafeTensorError| BundleError::invalid(FILE, e);
        let count = self.expected.len();
        let windows = to_le_bytes(&self.windows);
        let expected = to_le_bytes(&self.expected);
        let tensors = [
            (
                "windows",
                TensorView::new(Dtype::F32, vec![count, self.sequence_length, self.features], &windows)
                    .map_err(invalid)?,
            ),
            ("expected", TensorView::new(Dtype::F32, vec![count, 1], &expected).map_err(invalid)?),
        ];
        let header = HashMap::from([("tolerance".to_owned(), self.tolerance.to_string())]);
        safetensors::serialize(tensors, Some(header)).map_err(invalid)
    }
}

/// A float tensor's shape and values by name.
fn floats(tensors: &SafeTensors<'_>, name: &str) -> Result<(Vec<usize>, Vec<f32>), BundleError> {
    let tensor = tensors.tensor(name).map_err(|e| BundleError::invalid(FILE, e))?;
    if tensor.dtype() != Dtype::F32 {
        return Err(BundleError::invalid(FILE, format!("`{name}` is {:?} instead of F32", tensor.dtype())));
    }
    let values = tensor.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Ok((tensor.shape().to_vec(), values))
}

fn to_le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn golden() -> Golden {
        Golden {
            sequence_length: 2,
            features: 1,
            windows: vec![1.0, 2.0, 3.0, 4.0],
            expected: vec![7.5, 8.0],
            tolerance: 1e-3,
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(Golden::from_bytes(&golden().to_bytes().unwrap()).unwrap(), golden());
    }

    #[test]
    fn a_wrong_missing_or_infinite_answer_is_no_match() {
        assert!(golden().largest_difference(&[7.5, 8.0005]) <= golden().tolerance);
        assert!(golden().largest_difference(&[7.5, 8.1]) > golden().tolerance);
        assert!(golden().largest_difference(&[7.5]).is_infinite());
        assert!(golden().largest_difference(&[7.5, f32::NAN]).is_infinite());
    }

    #[test]
    fn vectors_with_a_nan_or_without_windows_are_refused() {
        let nan = Golden { expected: vec![f32::NAN, 1.0], ..golden() };
        assert!(Golden::from_bytes(&nan.to_bytes().unwrap()).is_err());
        let none = Golden { expected: vec![], windows: vec![], ..golden() };
        assert!(Golden::from_bytes(&none.to_bytes().unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn foreign_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..300usize) {
            let _ = Golden::from_bytes(&bytes);
            let mut real = golden().to_bytes().unwrap();
            real.truncate(cut);
            bytes.extend(real);
            let _ = Golden::from_bytes(&bytes);
        }
    }
}
