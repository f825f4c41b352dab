//! An answer as the bytes in the column `log.answer`, and values as those in `log.readings`.
//!
//! All numbers are little-endian. A missing one is NaN, or the largest where it is an integer.
//!
//! | offset | bytes | what |
//! | --- | --- | --- |
//! | 0 | 8 | turn |
//! | 8 | 8 | milliseconds since 1970 |
//! | 16 | 4 | version |
//! | 20 | 16 | RUL, lower end, upper end, smoothed RUL, as `f32` |
//! | 36 | 8 | the cycle since which the alert is up |
//! | 44 | 1 | predictions in a row that spoke for changing the alert |
//! | 45 | 2 | marks |
//! | 47 | 8 | the oldest cycle of the readings that were kept |

use jiff::Timestamp;

use crate::units::alert::Alert;
use crate::units::history::Point;
use crate::units::marks::Marks;
use crate::units::unit::Last;

/// The length of an answer.
pub(super) const LENGTH: usize = 55;

/// An answer as bytes. Its cycle is a column of its own.
pub(super) fn encode(point: &Point, last: &Last) -> [u8; LENGTH] {
    let (lower, upper) = point.interval.unwrap_or((f32::NAN, f32::NAN));
    let ends = [point.rul, lower, upper, last.smoothed.unwrap_or(f32::NAN)];
    let mut bytes = [0; LENGTH];
    let mut at = 0;
    let mut put = |part: &[u8]| {
        bytes[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    };
    put(&last.turn.to_le_bytes());
    put(&last.at.as_millisecond().to_le_bytes());
    put(&point.version.to_le_bytes());
    for end in ends {
        put(&end.to_le_bytes());
    }
    put(&last.alert.since_cycle.unwrap_or(u64::MAX).to_le_bytes());
    put(&[last.alert.streak]);
    put(&last.marks.bits().to_le_bytes());
    put(&last.kept_from.to_le_bytes());
    bytes
}

/// An answer from its bytes; `None` if this program did not write them.
pub(super) fn decode(cycle: u64, bytes: &[u8]) -> Option<(Point, Last)> {
    let bytes: &[u8; LENGTH] = bytes.try_into().ok()?;
    let long = |at: usize| bytes[at..].first_chunk().copied().map(u64::from_le_bytes);
    let float = |at: usize| bytes[at..].first_chunk().copied().map(f32::from_le_bytes);
    let known = |value: f32| (!value.is_nan()).then_some(value);
    let (rul, lower, upper, smoothed) = (float(20)?, float(24)?, float(28)?, float(32)?);
    let since_cycle = long(36).filter(|since| *since != u64::MAX);
    let point = Point {
        cycle,
        rul,
        interval: known(lower).zip(known(upper)),
        version: u32::from_le_bytes(*bytes[16..].first_chunk()?),
    };
    let last = Last {
        turn: long(0)?,
        cycle,
        at: Timestamp::from_millisecond(long(8)? as i64).ok()?,
        smoothed: known(smoothed),
        alert: Alert { active: since_cycle.is_some(), since_cycle, streak: bytes[44] },
        marks: Marks::from_bits(u16::from_le_bytes(*bytes[45..].first_chunk()?)),
        kept_from: long(47)?,
    };
    Some((point, last))
}

/// A reading's values as bytes.
pub(super) fn encode_values(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A reading's values from their bytes, in the place of what was in `values`; `None` if this program did not write
/// them.
pub(super) fn decode_values(bytes: &[u8], values: &mut Vec<f32>) -> Option<()> {
    let (parts, rest) = bytes.as_chunks::<4>();
    values.clear();
    values.extend(parts.iter().map(|part| f32::from_le_bytes(*part)));
    rest.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            (turn, cycle, at, version) in
                (0..u64::MAX, 0..u64::MAX, -1_000_000_000_i64..10_000_000_000_000, any::<u32>()),
            (rul, interval, smoothed) in
                (0_f32..500.0, proptest::option::of((0_f32..500.0, 0_f32..500.0)), proptest::option::of(0_f32..500.0)),
            (since_cycle, streak, marks, kept_from) in
                (proptest::option::of(0..u64::MAX), any::<u8>(), any::<u16>(), any::<u64>()),
        ) {
            let point = Point { cycle, rul, interval, version };
            let alert = Alert { active: since_cycle.is_some(), since_cycle, streak };
            let at = Timestamp::from_millisecond(at).unwrap();
            let last = Last { turn, cycle, at, smoothed, alert, marks: Marks::from_bits(marks), kept_from };
            prop_assert_eq!(decode(cycle, &encode(&point, &last)), Some((point, last)));
        }

        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let answer = decode(1, &bytes);
            prop_assert!(bytes.len() == LENGTH || answer.is_none());
            let mut values = Vec::new();
            prop_assert_eq!(decode_values(&bytes, &mut values).is_some(), bytes.len() % 4 == 0);
        }
    }

    #[test]
    fn missing_values_stay_missing() {
        let mut values = Vec::new();
        decode_values(&encode_values(&[1.5, f32::NAN]), &mut values).unwrap();
        assert!((values[0] - 1.5).abs() < f32::EPSILON && values[1].is_nan());
    }
}
