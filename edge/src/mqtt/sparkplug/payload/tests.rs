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
