//! Sparkplug B's payload: the messages that are read and written here, by the field numbers of the Sparkplug 3.0
//! specification (section 6.4). What else a payload holds is left alone.

use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;

/// A payload.
#[derive(Clone, PartialEq, Message)]
pub struct Payload {
    /// When it was sent, in milliseconds since 1970.
    #[prost(uint64, optional, tag = "1")]
    pub timestamp: Option<u64>,
    /// Its metrics.
    #[prost(message, repeated, tag = "2")]
    pub metrics: Vec<Metric>,
    /// The number of the message at its edge node, 0 to 255.
    #[prost(uint64, optional, tag = "3")]
    pub seq: Option<u64>,
}

/// A metric.
#[derive(Clone, PartialEq, Message)]
pub struct Metric {
    /// Its name; may be absent beside an alias, but in births.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// A number in place of its name.
    #[prost(uint64, optional, tag = "2")]
    pub alias: Option<u64>,
    /// When its value was taken, in milliseconds since 1970.
    #[prost(uint64, optional, tag = "3")]
    pub timestamp: Option<u64>,
    /// What its value is, one of [`datatype`]; may be absent, but in births.
    #[prost(uint32, optional, tag = "4")]
    pub datatype: Option<u32>,
    /// Whether its value is of an earlier time and was kept back.
    #[prost(bool, optional, tag = "5")]
    pub is_historical: Option<bool>,
    /// Whether it has no value.
    #[prost(bool, optional, tag = "7")]
    pub is_null: Option<bool>,
    /// Its value.
    #[prost(oneof = "Value", tags = "10, 11, 12, 13, 14, 15, 16")]
    pub value: Option<Value>,
}

/// A metric's value.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Value {
    /// Integers of up to 32 bits, negative ones as their two's complement.
    #[prost(uint32, tag = "10")]
    Int(u32),
    /// Integers of 64 bits, negative ones as their two's complement.
    #[prost(uint64, tag = "11")]
    Long(u64),
    /// A number.
    #[prost(float, tag = "12")]
    Float(f32),
    /// A number.
    #[prost(double, tag = "13")]
    Double(f64),
    /// Yes or no.
    #[prost(bool, tag = "14")]
    Boolean(bool),
    /// A text.
    #[prost(string, tag = "15")]
    String(String),
    /// Bytes.
    #[prost(bytes = "vec", tag = "16")]
    Bytes(Vec<u8>),
}

/// What a value is (Sparkplug 3.0, section 6.4.16).
pub mod datatype {
    /// An integer of 8 bits.
    pub const INT8: u32 = 1;
    /// An integer of 16 bits.
    pub const INT16: u32 = 2;
    /// An integer of 32 bits.
    pub const INT32: u32 = 3;
    /// An integer of 64 bits.
    pub const INT64: u32 = 4;
    /// A natural number of 32 bits.
    pub const UINT32: u32 = 7;
    /// A natural number of 64 bits.
    pub const UINT64: u32 = 8;
    /// A number of single precision.
    pub const FLOAT: u32 = 9;
    /// Yes or no.
    pub const BOOLEAN: u32 = 11;
    /// A text.
    pub const STRING: u32 = 12;
}

impl Metric {
    /// A metric with its name, as births have it.
    pub fn named(name: &str, datatype: u32, value: Option<Value>) -> Self {
        let is_null = value.is_none().then_some(true);
        Self { name: Some(name.to_owned()), datatype: Some(datatype), is_null, value, ..Self::default() }
    }

    /// Its value as a number, if it has one and is one. `datatype` counts where the metric does not say its own.
    pub fn number(&self, datatype: Option<u32>) -> Option<f64> {
        if self.is_null == Some(true) {
            return None;
        }
        let datatype = self.datatype.or(datatype);
        match (self.value.as_ref()?, datatype) {
            (Value::Int(int), Some(datatype::INT8)) => Some(f64::from(*int as i8)),
            (Value::Int(int), Some(datatype::INT16)) => Some(f64::from(*int as i16)),
            (Value::Int(int), Some(datatype::INT32)) => Some(f64::from(*int as i32)),
            (Value::Int(int), _) => Some(f64::from(*int)),
            (Value::Long(long), Some(datatype::INT8..=datatype::INT64)) => Some(*long as i64 as f64),
            (Value::Long(long), _) => Some(*long as f64),
            (Value::Float(float), _) => Some(f64::from(*float)),
            (Value::Double(double), _) => Some(*double),
            (Value::Boolean(boolean), _) => Some(f64::from(u8::from(*boolean))),
            (Value::String(_) | Value::Bytes(_), _) => None,
        }
    }
}

/// Now, in milliseconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as u64)
}

#[cfg(test)]
mod tests;
