//! Payloads as they are read and written.

use proptest::prelude::*;

use super::*;

#[test]
fn a_payload_is_read_as_it_was_written() {
    let metrics = vec![
        Metric::named("RUL", datatype::FLOAT, Some(Value::Float(112.5))),
        Metric::named("Alert", datatype::BOOLEAN, Some(Value::Boolean(false))),
        Metric::named("RUL lower", datatype::FLOAT, None),
    ];
    let payload = Payload { timestamp: Some(1_700_000_000_000), metrics, seq: Some(255) };
    let read = Payload::decode(payload.encode_to_vec().as_slice()).unwrap();
    assert_eq!(read, payload);
    assert_eq!(read.metrics[2].is_null, Some(true));
}

#[test]
fn integers_have_the_sign_that_their_type_says() {
    let metric = |datatype, value| Metric::named("a", datatype, Some(value)).number(None);
    // Some encoders extend the sign of short integers, some do not.
    for minus_one in [0xff, 0xffff_ffff] {
        assert_eq!(metric(datatype::INT8, Value::Int(minus_one)), Some(-1.0));
    }
    for minus_two in [0xfffe, 0xffff_fffe] {
        assert_eq!(metric(datatype::INT16, Value::Int(minus_two)), Some(-2.0));
    }
    assert_eq!(metric(datatype::INT32, Value::Int(u32::MAX)), Some(-1.0));
    assert_eq!(metric(datatype::UINT32, Value::Int(u32::MAX)), Some(4_294_967_295.0));
    assert_eq!(metric(datatype::INT64, Value::Long(u64::MAX)), Some(-1.0));
    assert_eq!(metric(datatype::UINT64, Value::Long(7)), Some(7.0));
    assert_eq!(metric(datatype::BOOLEAN, Value::Boolean(true)), Some(1.0));
    assert_eq!(metric(12, Value::String("7".to_owned())), None);
    let aliased = Metric { alias: Some(1), value: Some(Value::Int(u32::MAX)), ..Metric::default() };
    assert_eq!(aliased.number(Some(datatype::INT32)), Some(-1.0));
    let null = Metric { is_null: Some(true), ..aliased };
    assert_eq!(null.number(Some(datatype::INT32)), None);
}

proptest! {
    #[test]
    fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(payload) = Payload::decode(bytes.as_slice()) {
            for metric in &payload.metrics {
                let _ = metric.number(None);
            }
        }
    }
}

/// A device's birth, written by the Python package pysparkplug 0.3.2.
const FOREIGN: &str = "0880d095ffbc3112140a056379636c6510091880d095ffbc312008580c121a0a0873656e736f725f3110011880d095ff\
    bc312009650000003f121e0a0873656e736f725f3210021880d095ffbc31200a69000000000000f4bf12190a0873656e736f725f3310031880\
    d095ffbc31200250fdff0312160a05737461746510041880d095ffbc31200c7a026f6b12160a0772756e6e696e6710051880d095ffbc31200b\
    70011807";

#[test]
fn another_programs_birth_is_read_and_written_alike() {
    let byte = |at| u8::from_str_radix(&FOREIGN[at..at + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..FOREIGN.len()).step_by(2).map(byte).collect();
    let payload = Payload::decode(bytes.as_slice()).unwrap();
    assert_eq!((payload.timestamp, payload.seq), (Some(1_700_000_000_000), Some(7)));
    let read: Vec<_> = payload
        .metrics
        .iter()
        .map(|metric| (metric.name.as_deref().unwrap(), metric.alias.unwrap(), metric.number(None)))
        .collect();
    let wanted = [
        ("cycle", 9, Some(12.0)),
        ("sensor_1", 1, Some(0.5)),
        ("sensor_2", 2, Some(-1.25)),
        ("sensor_3", 3, Some(-3.0)),
        ("state", 4, None),
        ("running", 5, Some(1.0)),
    ];
    assert_eq!(read, wanted);
    assert_eq!(payload.encode_to_vec(), bytes);
}
