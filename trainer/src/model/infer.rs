//! A model's sizes from its weights.

use overhaul_bundle::{Metadata, Mistake};

use super::{Architecture, Head, Output, Shape, Weights, recurrent, transformer, trend};

/// What weights alone do not tell.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    /// The kind of model.
    pub architecture: Architecture,
    /// Readings in a window; a Transformer's positions must agree.
    pub sequence_length: usize,
    /// Numbers in a reading.
    pub features: usize,
    /// Attention heads of a Transformer.
    pub heads: usize,
    /// Where the head reads.
    pub head: Head,
}

/// The shape of a model with these weights. Every parameter must be there with its dimensions, and no other: what
/// does not fit is refused by its name and both shapes.
pub fn infer(given: &Given, weights: &Weights) -> Result<Shape, Mistake> {
    let dims = |name: &str| -> Result<&[usize], Mistake> {
        let found = weights.0.get(name).map(|parameter| parameter.dims.as_slice());
        found.ok_or_else(|| {
            let there: Vec<&str> = weights.0.keys().map(String::as_str).take(6).collect();
            Mistake::new(format!(
                "{} has a tensor {name}, and the weights have none; they have {}, …: name the right --model-type",
                given.architecture.with_article(),
                there.join(", ")
            ))
        })
    };
    let count = |name: &dyn Fn(usize) -> String| {
        (0..weights.0.len()).take_while(|&layer| weights.0.contains_key(&name(layer))).count()
    };
    let (hidden, layers, feed_forward) = match given.architecture {
        Architecture::Gru | Architecture::Lstm | Architecture::Bilstm => {
            let module = recurrent::module(given.architecture);
            let first = dims(&format!("{module}.weight_hh_l0"))?;
            (first.last().copied().unwrap_or(0), count(&|layer| format!("{module}.weight_hh_l{layer}")), 1)
        }
        Architecture::Transformer => {
            let inside = |layer: usize| format!("{}.linear1.weight", transformer::layer_name(layer));
            let hidden = dims("input_proj.weight")?.first().copied().unwrap_or(0);
            (hidden, count(&inside), dims(&inside(0))?.first().copied().unwrap_or(0))
        }
        Architecture::Trend => {
            let layers = count(&|layer| format!("{}.weight", trend::layer_name(layer)));
            (dims(&format!("{}.weight", trend::layer_name(0)))?.first().copied().unwrap_or(0) / 2, layers, 1)
        }
    };
    let Given { architecture, sequence_length, features, heads, head } = *given;
    let shape = Shape { architecture, sequence_length, features, hidden, layers, heads, feed_forward, head };
    if architecture == Architecture::Transformer && (heads == 0 || !hidden.is_multiple_of(heads)) {
        return Err(Mistake::new(format!(
            "{heads} heads do not part a width of {hidden} evenly; give --heads"
        )));
    }
    let specifications = shape.parameters();
    for specification in &specifications {
        let found = dims(&specification.name)?;
        if found != specification.dims {
            return Err(Mistake::new(format!(
                "tensor {} is {found:?} where {} for {features} columns and windows of {sequence_length} has {:?}; name the right --model-type, --scaler-path or --sequence-length",
                specification.name,
                architecture.with_article(),
                specification.dims
            )));
        }
    }
    let known = |name: &String| specifications.iter().any(|specification| specification.name == *name);
    match weights.0.keys().find(|name| !known(name)) {
        Some(name) => Err(Mistake::new(format!(
            "{} has no tensor {name}, and the weights have one; name the right --model-type",
            architecture.with_article()
        ))),
        None => Ok(shape),
    }
}

/// Shape and output of a version that this trainer wrote.
pub fn from_metadata(metadata: &Metadata, weights: &Weights) -> Result<(Shape, Output), Mistake> {
    let architecture = Architecture::from_name(&metadata.model_type).ok_or_else(|| {
        Mistake::new(format!(
            "{} is no kind of model that this trainer knows; use a newer one, or predict",
            metadata.model_type
        ))
    })?;
    let head = if metadata.imported { Head::WindowsLastStep } else { Head::OwnLastStep };
    let given = Given {
        architecture,
        sequence_length: metadata.sequence_length,
        features: metadata.input_features,
        heads: metadata.heads.unwrap_or(1) as usize,
        head,
    };
    let output = Output { cycles: metadata.rul_cap.unwrap_or(1.0), clipped: !metadata.imported };
    Ok((infer(&given, weights)?, output))
}
