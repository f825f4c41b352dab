//! How a feature's values are spread over the training data, in bins; and how far others are from that.

use serde::{Deserialize, Serialize};

/// A share that is 0 counts as this, so that one value in an empty bin does not make the index infinite.
const LEAST_SHARE: f64 = 1e-4;
/// The most bins of a fitted distribution.
const BINS: usize = 10;
/// The most edges that are read.
const MAX_EDGES: usize = 1000;

/// Shares of values in bins between rising edges. Bin `n` holds the values above edge `n - 1` and up to edge `n`; the
/// last holds those above all edges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Distribution {
    edges: Vec<f64>,
    shares: Vec<f64>,
}

/// What is read before it is checked.
#[derive(Deserialize)]
struct Raw {
    edges: Vec<f64>,
    shares: Vec<f64>,
}

impl TryFrom<Raw> for Distribution {
    type Error = String;

    fn try_from(Raw { edges, shares }: Raw) -> Result<Self, String> {
        let rise = edges.iter().all(|edge| edge.is_finite()) && edges.is_sorted_by(|a, b| a < b);
        if edges.is_empty() || edges.len() > MAX_EDGES || !rise {
            return Err(format!(
                "a distribution has 1 to {MAX_EDGES} finite edges that rise, not {}",
                edges.len()
            ));
        }
        let sum: f64 = shares.iter().sum();
        let are_shares = shares.iter().all(|share| (0.0..=1.0).contains(share)) && (sum - 1.0).abs() < 1e-6;
        if shares.len() != edges.len() + 1 || !are_shares {
            return Err(format!(
                "a distribution with {} edges has {} shares that add up to 1, not {} that add up to {sum}",
                edges.len(),
                edges.len() + 1,
                shares.len()
            ));
        }
        Ok(Self { edges, shares })
    }
}

impl Distribution {
    /// The distribution of values over bins that hold a tenth of them each, or more where values repeat; `None`
    /// without finite values. The values are sorted on the way.
    pub fn fit(values: &mut [f32]) -> Option<Self> {
        values.sort_by(f32::total_cmp);
        let (&least, &most) = (values.first()?, values.last()?);
        if !least.is_finite() || !most.is_finite() {
            return None;
        }
        // What is below and what is above a value that never changes are bins of their own.
        let mut edges =
            if least.to_bits() == most.to_bits() { vec![least.next_down(), least] } else { vec![] };
        edges.extend((1..BINS).map(|tenth| values[values.len() * tenth / BINS]));
        edges.dedup();
        // An edge at the largest value would leave the last bin to nothing that training knows, as it should be.
        let edges: Vec<f64> = edges.into_iter().map(f64::from).collect();
        let mut counts = vec![0_u64; edges.len() + 1];
        for &value in values.iter() {
            counts[bin(&edges, value)] += 1;
        }
        let shares = counts.iter().map(|&count| count as f64 / values.len() as f64).collect();
        Some(Self { edges, shares })
    }

    /// How many bins there are.
    pub fn bins(&self) -> usize {
        self.shares.len()
    }

    /// The bin of a value, from 0.
    pub fn bin(&self, value: f32) -> usize {
        bin(&self.edges, value)
    }

    /// The population stability index of values that were counted by bin: the sum over bins of
    /// `(a - e) ln(a / e)`, with `a` the share of these values and `e` that of the training's. 0 where both agree;
    /// above 0.1 is usually called a moderate shift, above 0.25 a large one (Siddiqi, Credit Risk Scorecards, 2006).
    /// `None` without values, or with counts for other bins.
    pub fn stability(&self, counts: &[u64]) -> Option<f64> {
        let total: u64 = counts.iter().sum();
        if total == 0 || counts.len() != self.bins() {
            return None;
        }
        let pairs = counts.iter().zip(&self.shares).map(|(&count, &expected)| {
            let (actual, expected) =
                ((count as f64 / total as f64).max(LEAST_SHARE), expected.max(LEAST_SHARE));
            (actual - expected) * (actual / expected).ln()
        });
        Some(pairs.sum())
    }
}

fn bin(edges: &[f64], value: f32) -> usize {
    edges.partition_point(|&edge| f64::from(value) > edge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(distribution: &Distribution, values: impl Iterator<Item = f32>) -> Vec<u64> {
        let mut counts = vec![0; distribution.bins()];
        for value in values {
            counts[distribution.bin(value)] += 1;
        }
        counts
    }

    #[test]
    fn the_training_values_themselves_are_stable_and_shifted_ones_are_not() {
        let mut values: Vec<f32> = (0..1000_u16).map(|n| f32::from(n) * 0.1).collect();
        let distribution = Distribution::fit(&mut values).unwrap();
        let index = |shift: f32| {
            distribution.stability(&counts(&distribution, values.iter().map(|value| value + shift))).unwrap()
        };
        assert!(index(0.0).abs() < 1e-12);
        assert!(index(1.0) < 0.1 && index(10.0) > 0.1 && index(50.0) > 1.0, "{} {}", index(1.0), index(10.0));
    }

    #[test]
    fn a_value_that_never_changed_is_watched_on_both_sides() {
        let distribution = Distribution::fit(&mut [518.67; 50]).unwrap();
        let index = |value: f32| {
            distribution.stability(&counts(&distribution, std::iter::repeat_n(value, 50))).unwrap()
        };
        assert!(index(518.67).abs() < 1e-12);
        assert!(index(518.6) > 5.0 && index(518.7) > 5.0);
    }

    #[test]
    fn nothing_can_be_said_of_nothing() {
        assert_eq!(Distribution::fit(&mut []), None);
        assert_eq!(Distribution::fit(&mut [1.0, f32::NAN]), None);
        let distribution = Distribution::fit(&mut [1.0, 2.0]).unwrap();
        assert_eq!(distribution.stability(&vec![0; distribution.bins()]), None);
        assert_eq!(distribution.stability(&[1]), None);
    }

    #[test]
    fn edges_that_fall_and_shares_that_do_not_add_up_are_refused() {
        let read = |json: &str| serde_json::from_str::<Distribution>(json).map_err(|e| e.to_string());
        assert!(read(r#"{"edges": [1, 2], "shares": [0.5, 0.25, 0.25]}"#).is_ok());
        assert!(read(r#"{"edges": [2, 1], "shares": [0.5, 0.25, 0.25]}"#).unwrap_err().contains("rise"));
        assert!(read(r#"{"edges": [], "shares": [1]}"#).unwrap_err().contains("rise"));
        assert!(read(r#"{"edges": [1], "shares": [0.5, 0.4]}"#).unwrap_err().contains("add up to 1"));
        assert!(read(r#"{"edges": [1], "shares": [1.0]}"#).unwrap_err().contains("2 shares"));
    }

    proptest! {
        #[test]
        fn a_fitted_distribution_is_read_back_as_it_is(mut values in proptest::collection::vec(-1e6_f32..1e6, 1..300)) {
            let distribution = Distribution::fit(&mut values).unwrap();
            let json = serde_json::to_string(&distribution).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Distribution>(&json).unwrap(), &distribution);
            let own = distribution.stability(&counts(&distribution, values.iter().copied())).unwrap();
            prop_assert!(own.abs() < 1e-9, "{}", own);
        }
    }
}
