//! `AdamW` (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019) over all parameters at once.
//!
//! Parameters lie in one tensor, so that a step is a dozen operations however many layers there are: small
//! models are bound by the number of operations, on a GPU above all. libtorch's own optimisers neither do so nor
//! hand out their moments for a checkpoint.

use tch::Tensor;

use crate::model::Network;

/// Decay of the gradient's mean and of its square's; and what keeps a division from 0: PyTorch's defaults.
const BETAS: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-8;
/// What the running mean of the parameters keeps of itself in a step, once there were enough of them: it takes the
/// noise of the last batches out (Polyak and Juditsky, 1992).
const AVERAGING: f64 = 0.99;
/// The gradient's norm is cut to this, against the rare step that a recurrent network explodes in.
const MAX_GRADIENT_NORM: f64 = 1.0;

/// The optimiser's state.
#[derive(Debug)]
pub(super) struct Optimiser {
    /// Running mean of the parameters, which is what predicts, `[parameters]`.
    pub(super) average: Tensor,
    /// Running mean of the gradient, `[parameters]`.
    pub(super) mean: Tensor,
    /// Running mean of the gradient's square, `[parameters]`.
    pub(super) square: Tensor,
    /// Steps taken.
    pub(super) steps: i32,
    weight_decay: f64,
}

impl Optimiser {
    pub(super) fn new(network: &Network, weight_decay: f64) -> Self {
        let zeros = || network.parameters().flat().zeros_like();
        let average = network.snapshot();
        Self { average, mean: zeros(), square: zeros(), steps: 0, weight_decay }
    }

    /// One step down the gradient of `loss`, with the gradient's norm cut to 1.
    pub(super) fn step(&mut self, network: &Network, loss: &Tensor, rate: f64) {
        let parameters = network.parameters();
        let gradients = Tensor::run_backward(&[loss], parameters.leaves(), false, false);
        tch::no_grad(|| {
            let flat: Vec<Tensor> = gradients.iter().map(|gradient| gradient.reshape([-1])).collect();
            let gradient = Tensor::cat(&flat, 0);
            let share = (MAX_GRADIENT_NORM / (gradient.norm() + 1e-6)).clamp_max(1.0);
            let gradient = gradient * share;
            self.steps += 1;
            let (first, second) = BETAS;
            let _ = self.mean.lerp_(&gradient, 1.0 - first);
            self.square *= second;
            self.square += gradient.square() * (1.0 - second);
            let corrections = (1.0 - first.powi(self.steps), 1.0 - second.powi(self.steps));
            let spread = (&self.square / corrections.1).sqrt() + EPSILON;
            let mut numbers = parameters.flat().shallow_clone();
            // In place: the leaves show what is written here.
            let _ = numbers.addcmul_(&(parameters.matrices() * (-rate * self.weight_decay)), &numbers.copy());
            numbers -= (&self.mean / spread) * (rate / corrections.0);
            let steps = f64::from(self.steps);
            let _ = self.average.lerp_(&numbers, 1.0 - AVERAGING.min(steps / (9.0 + steps)));
        });
    }
}
