//! Reports for the tests: a plausible run, and the smallest one.

use super::{Epoch, Header, Interval, Life, Prediction, Report, Reproduce, Run, Score, TestUnit};

/// Noise between -1 and 1, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    /// About normal, with deviation 1.
    fn normal(&mut self) -> f64 {
        (0..3).map(|_| self.next()).sum()
    }
}

pub(super) fn score(rmse: f64) -> Score {
    Score {
        rmse_capped: rmse,
        mae_capped: 0.74 * rmse,
        nasa_score: 1.9 * rmse * rmse,
        rmse_raw: rmse + 1.2,
        mae_raw: 0.74 * rmse + 0.9,
        near_failure_rmse: Some(0.3 * rmse),
        validation_rmse: Some(rmse + 0.5),
    }
}

fn prediction(truth: f64, predicted: f64) -> Prediction {
    let predicted = predicted.clamp(0.5, 126.0);
    let (lower, upper) = match predicted {
        ..25.0 => (-8.0, 8.0),
        ..62.5 => (-17.0, 19.0),
        ..112.5 => (-26.0, 30.0),
        _ => (-19.0, 6.0),
    };
    Prediction { predicted, truth, ends: Some(((predicted + lower).max(0.0), (predicted + upper).max(0.0))) }
}

/// A run that looks like one on real data, with this many test units and validation units.
pub(super) fn plausible(test: u32, validation: u32) -> Report {
    let mut noise = Noise(7);
    let test = (1..=test).map(|unit| {
        let truth = (75.0 + 75.0 * noise.next()).round().clamp(7.0, 145.0);
        let spread = (0.16 * truth).min(16.0) + 1.0;
        TestUnit { unit, last: prediction(truth, truth.min(125.0) + spread * noise.normal()) }
    });
    let test = test.collect();
    let lives = (1..=validation).map(|unit| {
        let cycles = (220.0 + 90.0 * noise.next()) as u32;
        let lean = 9.0 * noise.normal();
        let mut drift = 0.0;
        let windows = (1..=cycles).rev().map(|cycle| {
            let truth = f64::from(cycle - 1);
            drift = 0.85 * drift + 1.6 * noise.normal();
            let share = (truth / 100.0).min(1.0);
            prediction(truth, truth.min(122.0) + share * (lean + drift))
        });
        Life { unit: 3 * unit, first_cycle: 1, windows: windows.collect() }
    });
    let lives = lives.collect();
    let epochs = (0..15u32).map(|epoch| {
        let share = f64::from(epoch) / 14.0;
        Epoch {
            loss: 0.012 + 0.16 * (-5.0 * share).exp() + 0.0006 * noise.next(),
            validation_rmse: 14.2
                + 17.0 * (-6.0 * share).exp()
                + 3.0 * (share - 0.65).max(0.0).powi(2) * 10.0,
            learning_rate: Some(2e-3 * (std::f64::consts::PI * (0.1 + 0.9 * share)).sin().abs().max(0.0005)),
        }
    });
    let owned = str::to_owned;
    Report {
        header: Header {
            name: owned("RUL-Prediction-Model"),
            version: Some(12),
            architecture: owned("GRU"),
            dataset: owned("FD001"),
            window: 50,
            features: 24,
            parameters: 42_433,
            device: owned("cpu"),
            training_seconds: 127.4,
            timestamp: owned("2026-03-21 14:05 UTC"),
            trainer: owned("overhaul-trainer 0.1.0"),
        },
        rul_cap: 125.0,
        near_failure: 30.0,
        run: Run { seed: 1, score: score(13.13) },
        other_runs: vec![Run { seed: 2, score: score(12.84) }, Run { seed: 3, score: score(13.42) }],
        ridge: Some(score(14.74)),
        constant: score(42.04),
        epochs: epochs.collect(),
        best_epoch: 10,
        test,
        interval: Some(Interval { level: 0.9, edges: vec![12.5, 25.0, 43.75, 62.5, 87.5, 112.5] }),
        lives,
        reproduce: Reproduce {
            command: owned(
                "overhaul-trainer train --model gru --data data --subset FD001 --epochs 15 --lr 2e-3 --sequence-length 50 --seed 1",
            ),
            settings: [
                ("epochs", "15"),
                ("batch size", "256"),
                ("peak learning rate", "0.002"),
                ("hidden size", "64"),
                ("layers", "2"),
            ]
            .map(|(name, value)| (owned(name), owned(value)))
            .to_vec(),
            dataset_sha256: owned("9f2c1d7a5e0b48c3a6d4f1e27b90c8853e6a1f4d2c7b905e8a3d6f1b4c2e7a90"),
            git_commit: Some(owned("4f1c2ab9")),
            training_units: 68,
            validation_units: 16,
            calibration_units: 16,
        },
    }
}

/// A run of which there is as little as there can be.
pub(super) fn smallest() -> Report {
    let alone = Prediction { predicted: 40.0, truth: 40.0, ends: None };
    let score = Score { near_failure_rmse: None, validation_rmse: None, ..score(0.0) };
    let full = plausible(0, 0);
    Report {
        header: Header { version: None, ..full.header },
        run: Run { seed: 1, score: score.clone() },
        other_runs: Vec::new(),
        ridge: None,
        constant: score,
        epochs: vec![Epoch { loss: 0.0, validation_rmse: 14.0, learning_rate: None }],
        best_epoch: 1,
        test: vec![TestUnit { unit: 1, last: alone.clone() }],
        interval: None,
        lives: vec![Life { unit: 1, first_cycle: 30, windows: vec![alone] }],
        reproduce: Reproduce { settings: Vec::new(), git_commit: None, ..full.reproduce },
        ..full
    }
}
