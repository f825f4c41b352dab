//! Each shape is read, and each bad input refused with its reading, column and value.

use proptest::prelude::*;

use super::*;

fn columns() -> Vec<String> {
    ["altitude", "sensor_2", "sensor_3"].map(str::to_owned).to_vec()
}

fn read(format: Format, body: &str) -> Result<Vec<Incoming>, BodyError> {
    readings(format, body.as_bytes(), &"engine-1".parse().unwrap(), &columns())
}

/// The readings with `None` for a missing value, so that they can be compared.
fn taken(format: Format, body: &str) -> Vec<(Option<u64>, Vec<Option<f32>>)> {
    let some = |value: f32| (!value.is_nan()).then_some(value);
    let readings = read(format, body).unwrap().into_iter();
    readings.map(|one| (one.cycle, one.values.into_iter().map(some).collect())).collect()
}

fn refusal(format: Format, body: &str) -> String {
    match read(format, body).unwrap_err() {
        BodyError::Invalid(line) => line,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_content_type_decides_and_none_is_json() {
    for (text, format) in [
        (None, Format::Json),
        (Some(""), Format::Json),
        (Some("application/json; charset=utf-8"), Format::Json),
        (Some("Application/X-NDJSON"), Format::Ndjson),
        (Some("text/csv;header=present"), Format::Csv),
    ] {
        assert_eq!(Format::of(text), Ok(format), "{text:?}");
    }
    let line = Format::of(Some("application/x-www-form-urlencoded")).unwrap_err().to_string();
    assert!(
        line.contains("application/x-www-form-urlencoded") && line.contains("send application/json"),
        "{line}"
    );
}

#[test]
fn json_is_one_reading_a_list_or_an_object_with_a_list_by_place_or_by_name() {
    let whole = (Some(12), vec![Some(1.0), Some(2.5), Some(-3.0)]);
    let positional = r#"{"cycle": 12, "values": [1, 2.5, -3e0]}"#;
    let named =
        r#"{"cycle": 12.0, "values": {"sensor_3": -3, "altitude": 1, "sensor_2": 2.5, "colour": "red"}}"#;
    for one in [positional, named] {
        assert_eq!(taken(Format::Json, one), std::slice::from_ref(&whole));
        assert_eq!(taken(Format::Json, &format!("[{one}, {one}]")), [whole.clone(), whole.clone()]);
        assert_eq!(taken(Format::Json, &format!(r#"{{"readings": [{one}]}}"#)), std::slice::from_ref(&whole));
        assert_eq!(taken(Format::Ndjson, &format!("{one}\r\n\n{one}\n")), [whole.clone(), whole.clone()]);
    }
    // Another version of the same body, without a cycle, and with what is missing left out or null.
    assert_eq!(
        taken(Format::Json, r#"[{"values": [null, 2, null]}, {"cycle": null, "values": {"sensor_2": 2}}]"#),
        vec![(None, vec![None, Some(2.0), None]); 2]
    );
}

#[test]
fn csv_has_named_columns_in_any_order_and_empty_or_nan_is_missing() {
    let text = "sensor_3,colour,cycle,altitude\n3,red,7,1\nNaN,red,8.0,\n nan ,red,,2\n";
    assert_eq!(
        taken(Format::Csv, text),
        [
            (Some(7), vec![Some(1.0), None, Some(3.0)]),
            (Some(8), vec![None, None, None]),
            (None, vec![Some(2.0), None, None]),
        ]
    );
    assert_eq!(taken(Format::Csv, "unit,altitude\nengine-1,5\n")[0].1[0], Some(5.0));
}

#[test]
fn json_that_is_no_reading_is_refused_with_its_place_and_value() {
    for (body, line) in [
        (r#"{"cycle": 1, "values": [1, 2]}"#, "reading 0 has 2 values; the model takes 3, with null"),
        (r#"[{"values": [1, 2, 3]}, {"values": [1, 2, 3, 4]}]"#, "reading 1 has 4 values; the model takes 3"),
        (
            r#"{"values": [1, "2", 3]}"#,
            r#"reading 0, value 1 (sensor_2) is the text "2"; send a finite number, or null"#,
        ),
        (r#"{"values": [1, 2, 1e300]}"#, "reading 0, value 2 (sensor_3) is 1e+300; send a finite number"),
        (r#"{"values": {"sensor_2": true}}"#, "reading 0, sensor_2 is true; send a finite number"),
        (
            r#"{"values": {"Sensor_2": 1}}"#,
            "reading 0 names none of the model's columns; they are altitude, sensor_2",
        ),
        (r#"{"values": {}}"#, "names none of the model's columns"),
        (r#"{"values": 3}"#, "reading 0 has 3 as values; send a list of 3 numbers, or an object"),
        (r#"{"cycle": 3}"#, "reading 0 lacks values; send {"),
        (r#"{"cycle": 1.5, "values": [1, 2, 3]}"#, "reading 0 has cycle 1.5; send a whole number from 0 to"),
        (r#"{"cycle": -1, "values": [1, 2, 3]}"#, "reading 0 has cycle -1; send a whole number"),
        (r#"{"cycle": 1e18, "values": [1, 2, 3]}"#, "send a whole number from 0 to 9007199254740991"),
        (
            r#"{"cycle": "7", "values": [1, 2, 3]}"#,
            r#"reading 0 has cycle the text "7"; send a whole number"#,
        ),
        (r#"{"readings": []}"#, "the body holds no readings; send 1 to 10000"),
        ("[]", "the body holds no readings"),
        (r#"{"readings": 3}"#, "readings is 3; send {"),
        ("[1]", "reading 0 is 1; send {"),
        ("3", "the body is 3; send {"),
        (
            r#"{"unit": "engine-2", "values": [1, 2, 3]}"#,
            "is of unit \"engine-2\", this is unit \"engine-1\"",
        ),
        (r#"{"unit": 2, "readings": [{"values": [1, 2, 3]}]}"#, "the body is of unit \"2\""),
    ] {
        let said = refusal(Format::Json, body);
        assert!(said.contains(line) && !said.contains('\n'), "{body}: {said}");
    }
    let said = refusal(Format::Ndjson, "{\"values\": [1, 2, 3]}\n\n{\"values\": [1, 2]}");
    assert!(said.starts_with("line 3 has 2 values"), "{said}");
    assert!(refusal(Format::Ndjson, "\n \n").contains("no readings"));
}

#[test]
fn csv_that_is_no_table_of_readings_is_refused_with_its_line_and_column() {
    for (body, line) in [
        ("", "the body is empty; its first line names the columns"),
        ("altitude\n", "the body holds no readings"),
        ("a,b\n1,2\n", "line 1 names none of the model's columns; they are altitude, sensor_2, sensor_3"),
        ("altitude,sensor_2\n1,2\n1,x\n", "line 3, column sensor_2: \"x\" is no finite number"),
        ("altitude\ninf\n", "line 2, column altitude: \"inf\" is no finite number"),
        ("altitude\n1e300\n", "\"1e300\" is no finite number"),
        ("cycle,altitude\n1.5,1\n", "line 2, column cycle: \"1.5\" is no whole number"),
        ("cycle,altitude\n-1,1\n", "line 2, column cycle: \"-1\" is no whole number"),
        (
            "unit,altitude\nengine-1,1\nengine-2,1\n",
            "line 3 is of unit \"engine-2\", this is unit \"engine-1\"",
        ),
    ] {
        let said = refusal(Format::Csv, body);
        assert!(said.contains(line) && !said.contains('\n'), "{body}: {said}");
    }
}

#[test]
fn what_is_not_written_as_it_says_is_malformed() {
    for (format, body, line) in [
        (Format::Json, "", "the body is not valid JSON"),
        (Format::Json, r#"{"values": [NaN, 1, 2]}"#, "a missing value is null, never NaN"),
        (Format::Json, r#"{"values": [Infinity, 1, 2]}"#, "not valid JSON"),
        (Format::Ndjson, "{\"values\": [1, 2, 3]}\n{\"values\": [NaN]}", "line 2 is not valid JSON"),
        (Format::Csv, "altitude,sensor_2\n1\n", "line 2 has 1 fields, the header 2"),
    ] {
        match read(format, body).unwrap_err() {
            BodyError::Malformed(said) => {
                assert!(said.contains(line) && !said.contains('\n'), "{body}: {said}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
    let latin = readings(Format::Csv, b"altitude,\xfc\n1,2\n", &"1".parse().unwrap(), &columns());
    assert!(matches!(latin, Err(BodyError::Malformed(_))), "{latin:?}");
}

#[test]
fn ten_thousand_readings_are_taken_and_one_more_is_not() {
    let json = |count: usize| format!("[{}]", vec![r#"{"values":[1,2,3]}"#; count].join(","));
    let ndjson = |count: usize| "{\"values\":[1,2,3]}\n".repeat(count);
    let csv = |count: usize| format!("altitude\n{}", "1\n".repeat(count));
    let bodies: [(Format, &dyn Fn(usize) -> String); 3] =
        [(Format::Json, &json), (Format::Ndjson, &ndjson), (Format::Csv, &csv)];
    for (format, body) in bodies {
        assert_eq!(read(format, &body(MAX_READINGS)).unwrap().len(), MAX_READINGS);
        let said = refusal(format, &body(MAX_READINGS + 1));
        assert!(said.contains("10000"), "{said}");
    }
}

proptest! {
    #[test]
    fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for format in [Format::Json, Format::Ndjson, Format::Csv] {
            let _ = readings(format, &bytes, &"engine-1".parse().unwrap(), &columns());
        }
    }

    #[test]
    fn bodies_of_the_right_letters_never_panic(
        text in r#"([\[\]{}:,"]|values|cycle|readings|altitude|null|unit|[0-9eE.+-]|\n|,){0,80}"#,
    ) {
        for format in [Format::Json, Format::Ndjson, Format::Csv] {
            if let Ok(readings) = read(format, &text) {
                prop_assert!(readings.iter().all(|one| one.values.len() == 3));
                prop_assert!(readings.iter().flat_map(|one| &one.values).all(|value| !value.is_infinite()));
            }
        }
    }
}
