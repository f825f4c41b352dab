//! A model's weights as plain numbers under PyTorch's names, and their file.

use std::collections::BTreeMap;

use anyhow::Context as _;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

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

    /// Reads the bytes of `weights.safetensors`.
    pub fn from_safetensors(bytes: &[u8]) -> anyhow::Result<Self> {
        let tensors = SafeTensors::deserialize(bytes).context("weights.safetensors is not readable")?;
        let mut weights = Self::default();
        for (name, view) in tensors.iter() {
            anyhow::ensure!(
                view.dtype() == Dtype::F32,
                "parameter {name} is {:?} instead of F32",
                view.dtype()
            );
            let values =
                view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            weights.0.insert(name.to_owned(), Parameter { dims: view.shape().to_vec(), values });
        }
        Ok(weights)
    }
}
