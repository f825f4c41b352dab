//! One simulated unit: its damage over its cycles, and what its sensors read.

use rand::{Rng, RngExt as _};
use rand_distr::StandardNormal;

use super::sensors::SENSORS;

/// A unit's own traits, drawn once; see the formulas in [`super`].
#[derive(Debug, Clone)]
pub(super) struct Simulated {
    start: f64,
    growth: f64,
    wear: f64,
    spool: f64,
    offsets: [f64; SENSORS.len()],
}

impl Simulated {
    /// A unit drawn at random.
    pub(super) fn new(random: &mut impl Rng) -> Self {
        Self {
            start: 0.1 * random.random::<f64>(),
            growth: 0.022 * (0.16 * normal(random)).exp(),
            wear: 0.012 * (0.35 * normal(random)).exp(),
            spool: normal(random),
            offsets: SENSORS.map(|sensor| sensor.noise / 4.0 * normal(random)),
        }
    }

    /// Damage after a cycle: about 0 when new, 1 or more when failed.
    pub(super) fn damage(&self, cycle: usize) -> f64 {
        self.start + self.wear * (self.growth * cycle as f64).exp_m1()
    }

    /// The cycle in which the unit fails: the first whose damage reaches 1. The cut normals keep it above 60.
    pub(super) fn life(&self) -> usize {
        (((1.0 - self.start) / self.wear).ln_1p() / self.growth).ceil() as usize
    }

    /// The reading of a cycle, value and decimals of each column.
    pub(super) fn reading(&self, cycle: usize, random: &mut impl Rng) -> [(f64, usize); SENSORS.len()] {
        let damage = self.damage(cycle).min(1.0);
        let response = 0.8 * damage + 0.2 * damage * damage;
        std::array::from_fn(|index| {
            let sensor = &SENSORS[index];
            let noise: f64 = random.sample(StandardNormal);
            let value = sensor.base
                + self.offsets[index]
                + sensor.drift * response
                + sensor.spool * self.spool * damage
                + sensor.noise * noise;
            (value, sensor.decimals)
        })
    }
}

/// A standard normal, drawn again until it is within 2.5.
fn normal(random: &mut impl Rng) -> f64 {
    loop {
        let value: f64 = random.sample(StandardNormal);
        if value.abs() <= 2.5 {
            return value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn damage_only_grows_and_reaches_one_in_the_last_cycle() {
        let mut random = stream(7, Purpose::TrainUnits);
        for _ in 0..500 {
            let unit = Simulated::new(&mut random);
            let life = unit.life();
            assert!((60..600).contains(&life), "{life}");
            assert!((1..life).all(|cycle| unit.damage(cycle) < unit.damage(cycle + 1)));
            assert!(unit.damage(life) >= 1.0 - 1e-9 && unit.damage(life - 1) < 1.0);
        }
    }
}
