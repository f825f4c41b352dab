//! Numbers as people read them.

/// A number with digits after the point, and thousands apart: `12,345.7`. Never `-0`.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let sign = if value < 0.0 && digits.contains(|digit| ('1'..='9').contains(&digit)) { "−" } else { "" };
    format!("{sign}{}{rest}", grouped(whole))
}

/// A whole number with thousands apart.
pub(super) fn whole(value: u64) -> String {
    grouped(&value.to_string())
}

/// A number of cycles, with two digits after the point.
pub(super) fn cycles(value: f64) -> String {
    fixed(value, 2)
}

/// A number of cycles that may be unknown.
pub(super) fn maybe_cycles(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), cycles)
}

/// A difference with its sign: `+3.1`, `−0.4`, `0.0`.
pub(super) fn signed(value: f64) -> String {
    let text = fixed(value, 1);
    if value > 0.0 && text != "0.0" { format!("+{text}") } else { text }
}

/// An edge between ranges: without digits that say nothing.
pub(super) fn edge(value: f64) -> String {
    let text = fixed(value, 1);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A share as a percentage: `92 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", fixed(100.0 * share, 0))
}

/// A count of things: `1 unit`, `12 units`.
pub(super) fn count(count: usize, thing: &str) -> String {
    format!("{} {thing}{}", whole(count as u64), if count == 1 { "" } else { "s" })
}

/// A time in seconds as people say it: `8.4 s`, `12 min 5 s`, `3 h 20 min`.
pub(super) fn duration(seconds: f64) -> String {
    let rounded = seconds.max(0.0).round() as u64;
    match rounded {
        0..60 => format!("{} s", fixed(seconds, 1)),
        60..3600 => format!("{} min {} s", rounded / 60, rounded % 60),
        _ => format!("{} h {} min", whole(rounded / 3600), rounded % 3600 / 60),
    }
}

/// The mean of some values, and their sample standard deviation; `None` without values, and a deviation
/// of 0 for a single one.
pub(crate) fn mean_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (!values.is_empty()).then(|| (mean, (squares / (count - 1.0).max(1.0)).sqrt()))
}

/// The root of the mean of squares; `None` without values.
pub(super) fn root_mean_square(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().map(|value| value * value).sum();
    (!values.is_empty()).then(|| (sum / values.len() as f64).sqrt())
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart_and_nothing_is_minus_zero() {
        assert_eq!(fixed(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(fixed(-999.9, 0), "−1,000");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!((signed(0.04), signed(-2.0), signed(3.06)), ("0.0".into(), "−2.0".into(), "+3.1".into()));
        assert_eq!((edge(12.5), edge(25.0)), ("12.5".into(), "25".into()));
    }

    #[test]
    fn a_time_is_said_in_its_two_largest_units() {
        assert_eq!(duration(8.44), "8.4 s");
        assert_eq!(duration(59.6), "1 min 0 s");
        assert_eq!(duration(12_034.0), "3 h 20 min");
    }

    #[test]
    fn the_deviation_is_the_sample_s() {
        assert_eq!(mean_and_deviation(&[1.0, 2.0, 3.0]), Some((2.0, 1.0)));
        assert_eq!(mean_and_deviation(&[7.0]), Some((7.0, 0.0)));
        assert_eq!(mean_and_deviation(&[]), None);
    }
}
