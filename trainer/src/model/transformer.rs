//! The Transformer: input projection, learned positions, encoder layers, last step, linear head.
//!
//! Its parameters are named as those of PyTorch's `TransformerEncoder` in a module with `input_proj`,
//! `pos_encoder` and `fc`.

use tch::Tensor;

use super::Shape;
use super::network::{Mode, Parameters};
use super::parameter::{Specification, Start, layer_norm, linear};

/// What layer normalisation adds to the variance.
pub(crate) const EPSILON: f64 = 1e-5;
/// Positions start small beside the projected readings.
const POSITIONS: f32 = 0.02;

/// The prefix of an encoder layer's parameters.
pub(crate) fn layer_name(layer: usize) -> String {
    format!("transformer_encoder.layers.{layer}")
}

/// Projections start as PyTorch's do: the attention's within `sqrt(6 / (inputs + outputs))` (Glorot and Bengio, 2010)
/// with biases at 0.
pub(super) fn parameters(shape: &Shape) -> Vec<Specification> {
    let size = shape.hidden;
    let mut parameters = linear("input_proj", size, shape.features).to_vec();
    let positions = &[1, shape.sequence_length, size];
    parameters.push(Specification::new("pos_encoder", positions, Start::Uniform(POSITIONS)));
    for layer in 0..shape.layers {
        let name = layer_name(layer);
        let glorot = Start::Uniform((6.0 / (4 * size) as f32).sqrt());
        let attention = format!("{name}.self_attn");
        parameters.extend([
            Specification::new(format!("{attention}.in_proj_weight"), &[3 * size, size], glorot.clone()),
            Specification::new(format!("{attention}.in_proj_bias"), &[3 * size], Start::Constant(0.0)),
        ]);
        let [weight, bias] = linear(&format!("{attention}.out_proj"), size, size);
        parameters.extend([weight, Specification { start: Start::Constant(0.0), ..bias }]);
        parameters.extend(linear(&format!("{name}.linear1"), shape.feed_forward, size));
        parameters.extend(linear(&format!("{name}.linear2"), size, shape.feed_forward));
        parameters.extend(layer_norm(&format!("{name}.norm1"), size));
        parameters.extend(layer_norm(&format!("{name}.norm2"), size));
    }
    parameters.extend(linear("fc", 1, size));
    parameters
}

/// From normalised windows `[batch, sequence_length, features]` to `[batch, 1]`. Dropout lies where PyTorch's encoder
/// layer has it: on the attention's weights, after each part, and inside the feed-forward part.
pub(super) fn forward(shape: &Shape, parameters: &Parameters, windows: &Tensor, mode: Mode) -> Tensor {
    let affine = |input: &Tensor, name: &str| {
        input.linear(parameters.get(&format!("{name}.weight")), Some(parameters.get(&format!("{name}.bias"))))
    };
    let norm = |input: &Tensor, name: &str| {
        let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
        let size = [shape.hidden as i64];
        input.layer_norm(size, Some(parameters.get(&weight)), Some(parameters.get(&bias)), EPSILON, true)
    };
    let dropout = |input: Tensor| input.dropout(mode.dropout, mode.train);
    let (batch, length) = (windows.size()[0], windows.size()[1]);
    let (heads, part) = (shape.heads as i64, (shape.hidden / shape.heads) as i64);

    let split = |projected: &Tensor| projected.view([batch, -1, heads, part]).transpose(1, 2);
    let mut stream = affine(windows, "input_proj") + parameters.get("pos_encoder");
    for layer in 0..shape.layers {
        let name = layer_name(layer);
        let weights = parameters.get(&format!("{name}.self_attn.in_proj_weight")).chunk(3, 0);
        let biases = parameters.get(&format!("{name}.self_attn.in_proj_bias")).chunk(3, 0);
        // Only the last step of the last layer is read: only it needs to ask.
        let asking =
            if layer + 1 == shape.layers { stream.narrow(1, length - 1, 1) } else { stream.shallow_clone() };
        let queries = split(&asking.linear(&weights[0], Some(&biases[0])));
        let keys = split(&stream.linear(&weights[1], Some(&biases[1])));
        let values = split(&stream.linear(&weights[2], Some(&biases[2])));
        let scores = queries.matmul(&keys.transpose(-2, -1)) / (part as f64).sqrt();
        let attended = dropout(scores.softmax(-1, None)).matmul(&values);
        let joined = attended.transpose(1, 2).reshape([batch, -1, heads * part]);
        let attended = affine(&joined, &format!("{name}.self_attn.out_proj"));
        stream = norm(&(asking + dropout(attended)), &format!("{name}.norm1"));
        let inside = dropout(affine(&stream, &format!("{name}.linear1")).relu());
        let fed = affine(&inside, &format!("{name}.linear2"));
        stream = norm(&(stream + dropout(fed)), &format!("{name}.norm2"));
    }
    affine(&stream.select(1, -1), "fc")
}
