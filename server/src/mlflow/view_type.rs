//! Which experiments or runs a search is about: those that are active, those that were deleted, or all.

use serde::de::{self, Deserialize, Deserializer};

use crate::store::search::View;

/// The protocol's view type, by its name or its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct ViewType(pub(super) View);

impl Default for ViewType {
    fn default() -> Self {
        Self(View::Active)
    }
}

impl<'de> Deserialize<'de> for ViewType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = ViewType;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("ACTIVE_ONLY, DELETED_ONLY or ALL")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<ViewType, E> {
                match name {
                    "ACTIVE_ONLY" | "1" => Ok(ViewType(View::Active)),
                    "DELETED_ONLY" | "2" => Ok(ViewType(View::Deleted)),
                    "ALL" | "3" => Ok(ViewType(View::All)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(name), &self)),
                }
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ViewType, E> {
                self.visit_str(&number.to_string())
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}
