//! A model's weights as plain numbers under PyTorch's names, and their file.

use std::collections::BTreeMap;

use anyhow::Context as _;
use safetensors::tensor::{Dtype, TensorView};

/// One parameter: its dimensions and its numbers, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Dimensions, outermost first.
    pub dims: Vec<usize>,
    /// As many numbers as the dimensions' product.
    pub values: Vec<f32>,
}

/// All parameters by their PyTorch name, such as `gru.weight_ih_l0`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weights(pub BTreeMap<String, Parameter>);

impl Weights {
    /// A parameter by name; a name that is not there is a fault of the program.
    pub fn get(&self, name: &str) -> anyhow::Result<&Parameter> {
        self.0.get(name).with_context(|| format!("the model has no parameter {name}"))
    }

    /// The bytes of `weights.safetensors`; the same weights give the same bytes.
    pub fn to_safetensors(&self) -> anyhow::Result<Vec<u8>> {
        let bytes: Vec<(&String, &Parameter, Vec<u8>)> = self
            .0
            .iter()
            .map(|(name, parameter)| {
                (name, parameter, parameter.values.iter().flat_map(|value| value.to_le_bytes()).collect())
            })
            .collect();
        let views = bytes
            .iter()
            .map(|(name, parameter, bytes)| {
                Ok((name.as_str(), TensorView::new(Dtype::F32, parameter.dims.clone(), bytes)?))
            })
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
        Ok(safetensors::serialize(views, None)?)
    }
}
