//! Sizes and counts, as people read them.

/// Bytes in the largest unit that leaves at least one, such as `34.5 MiB`.
pub fn bytes(count: u64) -> String {
    let mut size = count as f64;
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        // What would be shown as 1024.0 is one of the next.
        if size < 1023.95 {
            break;
        }
        size /= 1024.0;
        unit = larger;
    }
    if unit == "B" { format!("{count} B") } else { format!("{size:.1} {unit}") }
}

/// A number and what it counts, such as `1 blob` or `12,000 blobs`.
pub fn count(number: impl TryInto<u64>, one: &str) -> String {
    let number = number.try_into().unwrap_or_default();
    format!("{} {one}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A number with commas, such as `12,000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
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
    fn sizes_read_well_at_every_edge() {
        let read = [0, 1, 1023, 1024, 1536, (1 << 20) - 1, 1 << 20, 5 << 30, 3 << 40].map(bytes);
        let expected =
            ["0 B", "1 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "1.0 MiB", "5.0 GiB", "3.0 TiB"];
        assert_eq!(read, expected);
    }

    #[test]
    fn counts_have_their_plural_and_their_commas() {
        let read = [0_u64, 1, 999, 1000, 1_234_567].map(|number| count(number, "blob"));
        assert_eq!(read, ["0 blobs", "1 blob", "999 blobs", "1,000 blobs", "1,234,567 blobs"]);
    }
}
