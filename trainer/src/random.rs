//! Everything random, from one seed: one independent stream for each purpose.

use rand::SeedableRng as _;
use rand::rngs::Xoshiro256PlusPlus;

/// What a stream of random numbers is for. Streams of one seed do not depend on each other, so a
/// change in how one is used leaves the others' numbers alone.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Which unit goes into which part of the split.
    Split,
    /// The weights before training.
    Weights,
    /// The order of windows in each epoch.
    Order,
    /// The simulator's training units.
    TrainUnits,
    /// The simulator's test units.
    TestUnits,
    /// Which windows training shows with less history, and with how much.
    ColdStart,
    /// Which activations training leaves out, in each epoch.
    Dropout,
    /// Which units are held out for a test, and where each is cut off.
    HoldOut,
    /// What a bootstrap draws.
    Bootstrap,
}

/// The stream of random numbers of one seed for one purpose: xoshiro256++, the same on every machine.
pub fn stream(seed: u64, purpose: Purpose) -> Xoshiro256PlusPlus {
    // The odd constant is 2^64 divided by the golden ratio, as SplitMix64 uses it to part its streams.
    Xoshiro256PlusPlus::seed_from_u64(
        seed.wrapping_add((purpose as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)),
    )
}
