//! Raw readings to normalised ones.

use overhaul_bundle::scaler::Scaler;

use super::build::integer;
use super::graph::Graph;
use crate::model::{ConditionConstants, single_condition};

/// `window` to `normalised`, both `[batch, sequence_length, features]`.
///
/// A feature that is ignored has 0 in the place of one over its scale.
///
/// With operating conditions each reading's weights over them, 1 for its own and 0 for the others, are a softmax
/// of a linear function of the reading (see [`ConditionConstants`]), and choose its row of means and scales:
///
/// ```text
/// weights = Softmax(window x logits + bias)
/// normalised = (window - weights x mean) * (weights x 1/scale)
/// ```
pub(super) fn normalise(graph: &mut Graph, scaler: &Scaler) -> String {
    let features = scaler.features.len();
    let Some(conditions) = &scaler.conditions else {
        let (mean, inverse) = single_condition(scaler);
        let mean = graph.floats("mean", &[features], &mean);
        let inverse = graph.floats("inverse_scale", &[features], &inverse);
        let centred = graph.node("Sub", &["window", &mean], "centred", vec![]);
        return graph.node("Mul", &[&centred, &inverse], "normalised", vec![]);
    };
    let count = conditions.list.len();
    let constants = ConditionConstants::new(scaler, conditions);
    let logits = graph.floats("condition.logits", &[features, count], &constants.logits);
    let bias = graph.floats("condition.bias", &[count], &constants.bias);
    let mean = graph.floats("condition.mean", &[count, features], &constants.mean);
    let inverse = graph.floats("condition.inverse_scale", &[count, features], &constants.inverse);

    let product = graph.node("MatMul", &["window", &logits], "condition.product", vec![]);
    let distance = graph.node("Add", &[&product, &bias], "condition.closeness", vec![]);
    let weights = graph.node("Softmax", &[&distance], "condition.weights", vec![integer("axis", -1)]);
    let mean = graph.node("MatMul", &[&weights, &mean], "own_mean", vec![]);
    let inverse = graph.node("MatMul", &[&weights, &inverse], "own_inverse_scale", vec![]);
    let centred = graph.node("Sub", &["window", &mean], "centred", vec![]);
    graph.node("Mul", &[&centred, &inverse], "normalised", vec![])
}
