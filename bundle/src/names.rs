//! Names of models, aliases, versions, gateways and units: parsed at the door, valid ever after.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is no valid name: what it was meant to be, the text, and what a valid one looks like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {value:?} is not valid: {rule}")]
pub struct InvalidName {
    pub(crate) kind: &'static str,
    pub(crate) value: String,
    pub(crate) rule: &'static str,
}

/// The name of a registered model: 1 to 256 characters, none of them `/`, `\`, `:` or a control
/// character, no space at either end, and neither `.` nor `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(
        value_type = String,
        min_length = 1,
        max_length = 256,
        pattern = r"^[^/\\:\x00-\x1f\x7f-\x9f]+$",
        example = "RUL-Prediction-Model"
    )
)]
#[serde(try_from = "String", into = "String")]
pub struct ModelName(String);

impl FromStr for ModelName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let length = text.chars().count();
        let ok = (1..=256).contains(&length)
            && !text.chars().any(|c| matches!(c, '/' | '\\' | ':') || c.is_control())
            && text.trim() == text
            && text != "."
            && text != "..";
        if ok {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName {
            kind: "model name",
            value: shortened(text),
            rule: "use 1 to 256 characters without '/', '\\', ':' or control characters, no space at either end",
        })
    }
}

/// A name for a version of a model that can be moved to another version, such as `production`:
/// 1 to 255 letters, digits, `_` or `-`; `latest` and `v1`, `v2`, … are MLflow's and reserved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, min_length = 1, max_length = 255, example = "production")
)]
#[serde(try_from = "String", into = "String")]
pub struct Alias(String);

impl FromStr for Alias {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let ok = (1..=255).contains(&text.chars().count())
            && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
            && !Self::is_reserved(text);
        if ok {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName {
            kind: "alias",
            value: shortened(text),
            rule: "use 1 to 255 letters, digits, '_' or '-', but not 'latest' or 'v' and a number",
        })
    }
}

impl Alias {
    /// Whether a text is MLflow's own name for a version, in any case: `latest`, or `v` and a number.
    pub fn is_reserved(text: &str) -> bool {
        let number = text.strip_prefix(['v', 'V']).unwrap_or_default();
        text.eq_ignore_ascii_case("latest") || (!number.is_empty() && number.chars().all(char::is_numeric))
    }
}

/// The number of a version of a model: 1, 2, 3, …, handed out by the registry and never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = u32, format = Int64, minimum = 1, maximum = 4_294_967_295_u32, example = 17)
)]
#[serde(transparent)]
pub struct VersionNumber(NonZeroU32);

impl VersionNumber {
    /// The first version of a model.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The number as an integer, at least 1.
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// The number after this one, or `None` after the last one there can be.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl FromStr for VersionNumber {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        // `u32::from_str` would take "+3" and "003" as well; one version has one spelling.
        let canonical = !text.starts_with(['0', '+']);
        text.parse().ok().filter(|_| canonical).map(Self).ok_or_else(|| InvalidName {
            kind: "version",
            value: shortened(text),
            rule: "use a whole number from 1 to 4294967295",
        })
    }
}

impl TryFrom<u32> for VersionNumber {
    type Error = InvalidName;

    fn try_from(number: u32) -> Result<Self, InvalidName> {
        NonZeroU32::new(number).map(Self).ok_or(InvalidName {
            kind: "version",
            value: "0".to_owned(),
            rule: "use a whole number from 1 to 4294967295",
        })
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id that a gateway is enrolled under: 1 to 128 ASCII letters, digits, `.`, `_` or `-`, the first one a
/// letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", example = "gw-0017")
)]
#[serde(try_from = "String", into = "String")]
pub struct GatewayId(String);

impl FromStr for GatewayId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        identifier("gateway id", text).map(Self)
    }
}

/// The name of an access token, by which the audit trail calls who holds it: 1 to 128 ASCII letters, digits, `.`,
/// `_` or `-`, the first one a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", example = "ci")
)]
#[serde(try_from = "String", into = "String")]
pub struct TokenName(String);

impl FromStr for TokenName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        identifier("token name", text).map(Self)
    }
}

/// The id of a gateway's queue of reports: 32 lower-case hexadecimal digits, drawn at random when the queue is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, pattern = "^[0-9a-f]{32}$", example = "8f14e45fceea167a5a36dedd4bea2543")
)]
#[serde(try_from = "String", into = "String")]
pub struct QueueId(String);

impl QueueId {
    /// The id that 128 random bits make.
    pub fn from_random(bits: u128) -> Self {
        Self(format!("{bits:032x}"))
    }
}

impl FromStr for QueueId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName {
            kind: "queue id",
            value: shortened(text),
            rule: "use 32 lower-case hexadecimal digits",
        })
    }
}

/// What a machine is called whose readings a gateway keeps: 1 to 128 characters, none of them `/` or a control
/// character, no space at either end, and neither `.` nor `..`, so that it is one segment of a URL or a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, min_length = 1, max_length = 128, pattern = r"^[^/\x00-\x1f\x7f-\x9f]+$", example = "engine-17")
)]
#[serde(try_from = "String", into = "String")]
pub struct UnitId(String);

impl FromStr for UnitId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let ok = (1..=128).contains(&text.chars().take(129).count())
            && !text.chars().any(|c| c == '/' || c.is_control())
            && text.trim() == text
            && text != "."
            && text != "..";
        if ok {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName {
            kind: "unit id",
            value: shortened(text),
            rule: "use 1 to 128 characters without '/' or control characters, no space at either end",
        })
    }
}

fn identifier(kind: &'static str, text: &str) -> Result<String, InvalidName> {
    let ok = (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if ok {
        return Ok(text.to_owned());
    }
    Err(InvalidName {
        kind,
        value: shortened(text),
        rule: "use 1 to 128 ASCII letters, digits, '.', '_' or '-', the first one a letter or digit",
    })
}

/// The text as an error message shows it: at most 80 characters of it.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 {
        return text.to_owned();
    }
    text.chars().take(77).chain("...".chars()).collect()
}

/// `Display`, `AsRef<str>` and the conversions that serde uses, for a checked `String`.
macro_rules! checked_string {
    ($type:ty) => {
        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = $crate::names::InvalidName;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    };
}
pub(crate) use checked_string;

checked_string!(ModelName);
checked_string!(Alias);
checked_string!(GatewayId);
checked_string!(QueueId);
checked_string!(TokenName);
checked_string!(UnitId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_name_that_could_be_a_path_is_refused() {
        for bad in ["", ".", "..", "a/b", "a\\b", "a:b", " a", "a ", "a\nb", "a\0", &"x".repeat(257)] {
            assert!(bad.parse::<ModelName>().is_err(), "{bad:?}");
        }
        for good in ["RUL-Prediction-Model", "Pumpe Nord 3", "ポンプ", &"x".repeat(256)] {
            assert_eq!(good.parse::<ModelName>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn a_gateway_id_or_token_name_that_could_be_read_as_something_else_is_refused() {
        for bad in ["", ".", "-a", "a b", "a:b", "a/b", "ä", "a\n", &"x".repeat(129)] {
            assert!(bad.parse::<GatewayId>().is_err(), "{bad:?}");
            assert!(bad.parse::<TokenName>().is_err(), "{bad:?}");
        }
        for good in ["gw-0017", "7", "hall.2_line-3", &"x".repeat(128)] {
            assert_eq!(good.parse::<TokenName>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn a_queue_id_has_one_spelling() {
        for bad in ["", "8F14E45FCEEA167A5A36DEDD4BEA2543", "8f14", &"g".repeat(32), &"0".repeat(33)] {
            assert!(bad.parse::<QueueId>().is_err(), "{bad:?}");
        }
        for bits in [0, 1, u128::MAX] {
            let id = QueueId::from_random(bits);
            assert_eq!(id.as_str().parse().as_ref(), Ok(&id));
        }
    }

    #[test]
    fn a_unit_id_that_is_no_segment_of_a_path_is_refused() {
        for bad in ["", ".", "..", "a/b", "/", " a", "a ", "a\nb", "a\0", "\u{85}", &"x".repeat(129)] {
            assert!(bad.parse::<UnitId>().is_err(), "{bad:?}");
        }
        for good in ["1", "engine 17", "Halle 2: Pumpe Süd", "a.b", "ポンプ", &"ü".repeat(128)] {
            assert_eq!(good.parse::<UnitId>().unwrap().as_str(), good);
        }
        let line = "x".repeat(10_240).parse::<UnitId>().unwrap_err().to_string();
        assert!(
            line.len() < 250 && line.contains("xxx...") && line.contains("1 to 128 characters"),
            "{line}"
        );
    }

    #[test]
    fn mlflows_reserved_aliases_are_refused() {
        for bad in ["latest", "Latest", "v1", "V27", "v१"] {
            assert!(bad.parse::<Alias>().is_err() && Alias::is_reserved(bad), "{bad:?}");
        }
        for bad in ["", "a b", "a/b", "a.b", "..", "a@b", "🚂", "a\u{202e}b", &"x".repeat(256)] {
            assert!(bad.parse::<Alias>().is_err() && !Alias::is_reserved(bad), "{bad:?}");
        }
        for good in ["production", "v", "v1a", "wave-2", "Shadow_1", "1", "Prüfung", &"ü".repeat(255)] {
            assert!(good.parse::<Alias>().is_ok() && !Alias::is_reserved(good), "{good:?}");
        }
    }

    #[test]
    fn a_version_has_one_spelling() {
        for bad in ["", "0", "-1", "+1", "01", "1.0", "4294967296", "one", " 1"] {
            assert!(bad.parse::<VersionNumber>().is_err(), "{bad:?}");
        }
        assert_eq!("17".parse::<VersionNumber>().unwrap().get(), 17);
        assert_eq!(serde_json::from_str::<VersionNumber>("0").ok(), None);
    }

    #[test]
    fn a_refusal_names_the_thing_the_value_and_the_mend() {
        let message = "a/b".parse::<ModelName>().unwrap_err().to_string();
        assert!(message.contains("model name \"a/b\"") && message.contains("use 1 to 256"), "{message}");
    }
}
