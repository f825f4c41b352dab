//! Texts such as `10s` and `512 KiB/s`, read; an error is the mend.

use std::time::Duration;

/// A time from `least` to a day, such as `10s`.
pub(super) fn duration(text: &str, least: Duration, mend: &str) -> Result<Duration, String> {
    let duration: jiff::SignedDuration = text.parse().map_err(|_| mend.to_owned())?;
    let duration = Duration::try_from(duration).map_err(|_| mend.to_owned())?;
    if (least..=Duration::from_hours(24)).contains(&duration) { Ok(duration) } else { Err(mend.to_owned()) }
}

/// A number from 1 up.
pub(super) fn count(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("use a whole number from 1 up".to_owned()),
    }
}

/// Of how many things one is taken; 1 for `all`, 0 for `none`.
pub(super) fn one_in(text: &str) -> Result<u64, String> {
    let many = match text {
        "all" => Some(1),
        "none" => Some(0),
        text => text.strip_prefix("1/").and_then(|many| many.parse().ok()).filter(|many| *many > 0),
    };
    many.ok_or_else(|| "use all, none, or one in so many, such as 1/100".to_owned())
}

/// Bytes: a whole number with `B`, `KiB`, `MiB` or `GiB`; without a unit, it counts `bare` bytes.
pub(super) fn bytes(text: &str, bare: Option<u64>) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim_start() {
        "" => bare?,
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// What `tracing` is to let through: a level, or levels by part.
pub(super) fn level(text: &str) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    // A word alone would be taken for the name of a part.
    let is_level = |text: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(text));
    let is_known = text.split(',').map(str::trim).all(|part| is_level(part) || part.contains('='));
    if is_known && tracing_subscriber::EnvFilter::try_new(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err(format!("use {}, or levels by part, such as info,overhaul_edge=debug", LEVELS.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_and_nothing_else() {
        for (text, bytes_of_it) in [
            ("512 KiB", Some(512 << 10)),
            ("1GiB", Some(1 << 30)),
            ("7 B", Some(7)),
            ("64", Some(64 << 20)),
            ("", None),
            ("KiB", None),
            ("1 KB", None),
            ("-1 KiB", None),
            ("1.5 MiB", None),
            ("99999999999999999999 B", None),
            ("18446744073709551615 KiB", None),
        ] {
            assert_eq!(bytes(text, Some(1 << 20)), bytes_of_it, "{text}");
        }
        assert_eq!(bytes("64", None), None);
    }

    #[test]
    fn a_level_that_is_none_is_not_taken_for_the_name_of_a_part() {
        for good in ["info", "WARN", "off", "info,overhaul_edge=debug", "overhaul_edge::follow=trace"] {
            assert!(level(good).is_ok(), "{good}");
        }
        for bad in ["", "loud", "info,loud", "overhaul_edge=loud", "a=b=c"] {
            assert!(level(bad).unwrap_err().contains("debug"), "{bad}");
        }
    }

    #[test]
    fn times_have_units_and_limits() {
        let read = |text| duration(text, Duration::from_millis(100), "use 100ms to 24h");
        assert_eq!(read("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(read("1m 30s"), Ok(Duration::from_secs(90)));
        for bad in ["soon", "10", "-1s", "99ms", "25h", ""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
