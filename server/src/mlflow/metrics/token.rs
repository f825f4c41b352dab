//! Where the next page of a history begins: after the last value of this page, so that values that are logged
//! meanwhile neither hide others nor bring them twice.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::api::ApiError;
use crate::store::metrics::Point;

/// The token for what comes after a value.
pub(super) fn after(point: Point) -> String {
    let Point { value, timestamp, step } = point;
    URL_SAFE_NO_PAD.encode(format!("{timestamp} {step} {:x}", value.to_bits()))
}

/// The value that a token stands for.
pub(super) fn parse(token: &str) -> Result<Point, ApiError> {
    point(token).ok_or_else(|| {
        ApiError::invalid(format!(
            "page_token {token:?} is not valid; send a next_page_token as it was answered"
        ))
    })
}

fn point(token: &str) -> Option<Point> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let mut parts = text.split(' ');
    let mut part = || parts.next();
    let (timestamp, step) = (part()?.parse().ok()?, part()?.parse().ok()?);
    let value = f64::from_bits(u64::from_str_radix(part()?, 16).ok()?);
    part().is_none().then_some(Point { value, timestamp, step })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_there_and_back_and_others_are_refused() {
        for value in [1.5, -0.0, f64::NAN, f64::NEG_INFINITY] {
            let back = parse(&after(Point { value, timestamp: 1, step: -7 })).unwrap();
            assert_eq!((back.value.to_bits(), back.timestamp, back.step), (value.to_bits(), 1, -7));
        }
        for token in ["nonsense", "", "MSAy", "eyJvZmZzZXQiOiAxfQ=="] {
            assert!(parse(token).is_err(), "{token}");
        }
    }
}
