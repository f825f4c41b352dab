//! Numbers as JSON from Protocol Buffers writes them: any number may be a string, and a double may be
//! `"NaN"`, `"Infinity"` or `"-Infinity"` (protobuf.dev/programming-guides/json).

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

/// A double that JSON may not be able to write as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Double(pub(super) f64);

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("NaN"),
            f64::INFINITY => serializer.serialize_str("Infinity"),
            f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            value => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Double {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Double;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Double, E> {
                Ok(Double(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Double, E> {
                Ok(Double(value as f64))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Double, E> {
                Ok(Double(value as f64))
            }

            // What Python's `True` becomes, which is a number there.
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Double, E> {
                Ok(Double(f64::from(value)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Double, E> {
                // `parse` takes other spellings of NaN and the infinities as well, and makes one of 1e999.
                match text {
                    "NaN" => Ok(Double(f64::NAN)),
                    "Infinity" => Ok(Double(f64::INFINITY)),
                    "-Infinity" => Ok(Double(f64::NEG_INFINITY)),
                    _ => text
                        .parse()
                        .ok()
                        .filter(|value: &f64| value.is_finite())
                        .map(Double)
                        .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// A 64-bit integer, as a number or as a string of digits; for `#[serde(deserialize_with)]`.
pub(super) fn int64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    struct Visitor;

    impl de::Visitor<'_> for Visitor {
        type Value = i64;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a whole number of 64 bits")
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<i64, E> {
            Ok(value)
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
            value.try_into().map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<i64, E> {
            // Whole numbers below 2^53 are exact.
            let whole = value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0;
            if whole { Ok(value as i64) } else { Err(E::invalid_value(de::Unexpected::Float(value), &self)) }
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<i64, E> {
            text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_any(Visitor)
}

/// A 64-bit integer that may be missing or null; for `#[serde(default, deserialize_with)]`.
pub(super) fn int64_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(serde::Deserialize)]
    struct Whole(#[serde(deserialize_with = "int64")] i64);
    Ok(Option::<Whole>::deserialize(deserializer)?.map(|whole| whole.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_go_there_and_back_whatever_they_are() {
        for (value, text) in [
            (1.5, "1.5"),
            (-0.0, "-0.0"),
            (f64::INFINITY, "\"Infinity\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
            (f64::NAN, "\"NaN\""),
        ] {
            assert_eq!(serde_json::to_string(&Double(value)).unwrap(), text);
            let back: Double = serde_json::from_str(text).unwrap();
            assert_eq!(back.0.to_bits(), value.to_bits());
        }
    }

    #[test]
    fn a_double_may_be_a_number_in_a_string_but_no_other_text() {
        let double = |text: &str| serde_json::from_str::<Double>(text).map(|double| double.0.to_string());
        assert_eq!(double("\"12.5e1\"").unwrap(), "125");
        assert_eq!(double("true").unwrap(), "1");
        for text in ["\"high\"", "\"\"", "\"nan\"", "\"inf\"", "\"1e999\"", "1e999", "[1]", "{}", "null"] {
            assert!(double(text).is_err(), "{text}");
        }
    }

    #[test]
    fn integers_may_be_strings_but_not_fractions() {
        #[derive(serde::Deserialize)]
        struct Of(#[serde(deserialize_with = "int64")] i64);
        for text in ["7", "\"7\"", "7.0"] {
            assert_eq!(serde_json::from_str::<Of>(text).unwrap().0, 7);
        }
        for text in ["7.5", "\"x\"", "18446744073709551615", "null", "1e300"] {
            assert!(serde_json::from_str::<Of>(text).is_err(), "{text}");
        }
    }
}
