//! A tensor's numbers as they are written: flat or in nested lists, read straight into one list.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The deepest lists: one for each of a tensor's dimensions, and one more.
const DEPTH: usize = 4;

/// A tensor's numbers.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Numbers {
    /// The numbers before the first thing that is none.
    pub(super) numbers: Vec<f32>,
    /// Whether there was such a thing.
    pub(super) broken: bool,
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut numbers = Self::default();
        Nested { into: &mut numbers, depth: DEPTH }.deserialize(deserializer)?;
        Ok(numbers)
    }
}

/// Reads what is here: a number, or lists that are at most so deep.
struct Nested<'a> {
    into: &'a mut Numbers,
    depth: usize,
}

impl Nested<'_> {
    fn push(self, number: f64) {
        if !self.into.broken {
            // Beyond the range of `f32`, the cast gives infinity, which is refused by its place.
            self.into.numbers.push(number as f32);
        }
    }

    fn refuse(self) {
        self.into.broken = true;
    }
}

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers, flat or in nested lists")
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.push(number);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.push(number as f64);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.push(number as f64);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.refuse();
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.refuse();
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.refuse();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.refuse();
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        let Some(depth) = self.depth.checked_sub(1) else {
            self.refuse();
            while values.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        while values.next_element_seed(Nested { into: &mut *self.into, depth })?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Numbers {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn lists_are_read_in_order_however_they_nest() {
        for json in ["[1,-2,0.5]", "[[1],[-2,0.5]]", "[[[[1,-2]]],0.5]"] {
            assert_eq!(read(json), Numbers { numbers: vec![1.0, -2.0, 0.5], broken: false }, "{json}");
        }
    }

    #[test]
    fn what_is_no_number_ends_them() {
        for other in ["null", "true", "\"3\"", "{\"a\":[1]}", "[[[[1]]]]"] {
            let json = format!("[1,{other},3]");
            assert_eq!(read(&json), Numbers { numbers: vec![1.0], broken: true }, "{json}");
        }
    }
}
