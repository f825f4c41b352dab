//! What is put in, flagged and refused, on a scaler with operating conditions as C-MAPSS FD002 has them.

use overhaul_bundle::golden::Golden;
use overhaul_bundle::scaler::{Condition, ConditionColumn, Conditions, FeatureScale, Scaler};

use super::*;

const COLUMNS: [&str; 4] = ["altitude", "sensor_2", "sensor_3", "sensor_5"];

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|name| (*name).to_owned()).collect()
}

/// On the ground and at 42,000 ft; the model does not look at `sensor_5`, which never changes.
fn expected() -> Expectations {
    let feature = |name: &str, mean, scale| FeatureScale {
        name: name.to_owned(),
        mean,
        scale,
        distribution: None,
        ignored: name == "sensor_5",
    };
    let condition = |centre: f64, mean: [f64; 3]| Condition {
        centre: vec![centre],
        mean: [&[centre], &mean[..]].concat(),
        scale: vec![1.0, 0.5, 5.0, 1.0],
    };
    let scaler = Scaler {
        features: vec![
            feature("altitude", 26.0, 14.0),
            feature("sensor_2", 580.0, 37.0),
            feature("sensor_3", 1420.0, 105.0),
            feature("sensor_5", 8.0, 3.6),
        ],
        conditions: Some(Conditions {
            columns: vec![ConditionColumn { name: "altitude".to_owned(), scale: 14.0 }],
            sharpness: 100.0,
            list: vec![condition(0.0, [642.5, 1590.0, 14.62]), condition(42.0, [549.5, 1350.0, 3.91])],
        }),
    };
    let golden =
        Golden { sequence_length: 1, features: 4, windows: vec![], expected: vec![], tolerance: 1e-3 };
    Expectations::of(&scaler, &golden).unwrap()
}

/// A unit with one reading a cycle, from cycle 1.
fn unit(layouts: &Layouts, columns: &[&str], readings: &[&[f32]]) -> Kept {
    let layout = layouts.of(&names(columns)).id;
    let mut kept = Kept::default();
    for (cycle, values) in (1..).zip(readings) {
        kept.insert(Reading { cycle, layout, values });
    }
    kept
}

/// The window of the unit's last `length` readings, its newest one judged with a share of 0.25.
fn window(columns: &[&str], readings: &[&[f32]], length: usize) -> Result<Prepared, Unfit> {
    let (layouts, expected, model) = (Layouts::default(), expected(), names(&COLUMNS));
    let kept = unit(&layouts, columns, readings);
    let shape = Shape { columns: &model, length, expected: Some(&expected) };
    prepare(&kept, &layouts, shape, Some(0.34), 6.0)
}

const GROUND: [f32; 4] = [0.0, 642.0, 1588.0, 14.62];
const HIGH: [f32; 4] = [42.0, 549.0, 1352.0, 3.91];
const NAN: f32 = f32::NAN;

#[test]
fn a_clean_window_is_as_it_was_sent() {
    let prepared = window(&COLUMNS, &[&GROUND, &HIGH], 2).unwrap();
    assert_eq!(prepared.window.values, [GROUND, HIGH].concat());
    assert_eq!((prepared.window.padded, prepared.findings), (0, Findings::default()));
}

#[test]
fn a_unit_with_fewer_readings_has_its_oldest_one_repeated() {
    let prepared = window(&COLUMNS, &[&GROUND, &HIGH], 4).unwrap();
    assert_eq!(prepared.window.values, [GROUND, GROUND, GROUND, HIGH].concat());
    assert_eq!(prepared.window.padded, 2);
}

#[test]
fn a_missing_value_becomes_the_training_mean_of_the_reading_s_own_condition() {
    for (reading, mean) in [([1.0, NAN, 1588.0, 14.62], 642.5), ([41.0, NAN, 1352.0, 3.91], 549.5)] {
        let prepared = window(&COLUMNS, &[&reading], 1).unwrap();
        assert!((prepared.window.values[1] - mean).abs() < 1e-6);
        assert_eq!(prepared.findings.imputed, ["sensor_2"]);
    }
}

#[test]
fn a_column_that_the_model_does_not_look_at_may_be_missing_or_wild_without_a_word() {
    for value in [NAN, 1e9] {
        let prepared = window(&COLUMNS, &[&[0.0, 642.0, 1588.0, value]], 1).unwrap();
        assert_eq!(prepared.findings, Findings::default());
        assert!(prepared.window.values[3].is_finite());
    }
}

#[test]
fn a_newest_reading_that_lacks_too_much_is_refused_and_names_what() {
    let line = window(&COLUMNS, &[&GROUND, &[0.0, NAN, NAN, 14.62]], 2).unwrap_err().to_string();
    assert_eq!(
        line,
        "cycle 2 lacks 2 of the 3 columns that the model looks at (sensor_2, sensor_3), more than 34 %; \
         send the reading whole"
    );
    // An older one with as much missing is filled.
    let prepared = window(&COLUMNS, &[&[0.0, NAN, NAN, 14.62], &GROUND], 2).unwrap();
    assert_eq!(prepared.findings.imputed, ["sensor_2", "sensor_3"]);
}

#[test]
fn a_wild_value_is_used_and_told_by_its_own_condition() {
    // 3.5 above the mean with a scale of 0.5: 7 deviations on the ground, and 190 for a reading up high.
    let prepared = window(&COLUMNS, &[&[0.0, 646.0, 1588.0, 14.62], &GROUND], 2).unwrap();
    assert_eq!(
        (prepared.findings.wild.as_slice(), prepared.window.values[1]),
        (&names(&["sensor_2"])[..], 646.0)
    );
    assert_eq!(window(&COLUMNS, &[&[0.0, 645.4, 1588.0, 14.62]], 1).unwrap().findings.wild, names(&[]));
    assert_eq!(
        window(&COLUMNS, &[&[42.0, 642.0, 1352.0, 3.91]], 1).unwrap().findings.wild,
        names(&["sensor_2"])
    );
}

#[test]
fn a_sensor_that_never_moves_in_a_full_window_is_stuck() {
    let rows = [[0.0, 642.0, 1588.0, 14.62], [0.0, 642.0, 1589.0, 14.62], [0.0, 642.0, 1587.0, 14.62]];
    let rows: Vec<&[f32]> = rows.iter().map(<[f32; 4]>::as_slice).collect();
    // The altitude is constant in each condition, and the fourth is not looked at.
    assert_eq!(window(&COLUMNS, &rows, 3).unwrap().findings.stuck, names(&["sensor_2"]));
    assert_eq!(window(&COLUMNS, &rows, 4).unwrap().findings.stuck, names(&[]));
}

#[test]
fn after_a_swap_columns_go_by_name_and_those_the_old_layout_lacks_are_missing() {
    let prepared = window(&["sensor_3", "vibration", "altitude"], &[&[1352.0, 0.7, 42.0]], 1).unwrap();
    assert_eq!(prepared.window.values, [42.0, 549.5, 1352.0, 3.91]);
    assert_eq!(prepared.findings.imputed, ["sensor_2"]);
}

#[test]
fn without_a_fitted_scaler_a_missing_value_is_refused_and_nothing_is_called_wild() {
    let (layouts, model) = (Layouts::default(), names(&COLUMNS));
    let shape = Shape { columns: &model, length: 1, expected: None };
    let prepare =
        |reading: &[f32]| prepare(&unit(&layouts, &COLUMNS, &[reading]), &layouts, shape, Some(0.25), 6.0);
    let line = prepare(&[0.0, NAN, 1588.0, 14.62]).unwrap_err().to_string();
    assert!(line.contains("cycle 1 lacks sensor_2") && line.contains("never fitted"), "{line}");
    assert_eq!(prepare(&[0.0, 1e9, 0.0, 0.0]).unwrap().findings, Findings::default());
}

#[test]
fn the_gap_is_counted_inside_the_window_only() {
    let (layouts, expected, model) = (Layouts::default(), expected(), names(&COLUMNS));
    let layout = layouts.of(&model).id;
    let mut kept = Kept::default();
    for cycle in [1, 5, 7, 8] {
        kept.insert(Reading { cycle, layout, values: &GROUND });
    }
    let shape = Shape { columns: &model, length: 3, expected: Some(&expected) };
    assert_eq!(prepare(&kept, &layouts, shape, None, 6.0).unwrap().findings.gap, 1);
    // What lies before a gap as long as the window is no part of it.
    kept.insert(Reading { cycle: 12, layout, values: &HIGH });
    let prepared = prepare(&kept, &layouts, shape, None, 6.0).unwrap();
    assert_eq!((prepared.window.padded, prepared.findings.gap), (2, 0));
    assert_eq!(prepare(&Kept::default(), &layouts, shape, None, 6.0), Err(Unfit::Empty));
}
