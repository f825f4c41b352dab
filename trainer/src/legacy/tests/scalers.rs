//! Scalers of three generations of scikit-learn, NumPy and joblib read as what they do.

use super::*;

/// The scaler in a file of `scalers/`: version, means, scales and names, a line each.
fn expected_scaler(name: &str) -> StandardScaler {
    let text = text(&format!("scalers/{name}.txt"));
    let [version, mean, scale, names] = text.lines().collect::<Vec<_>>().try_into().unwrap();
    let numbers = |line: &str| line.split(' ').map(|value| value.parse().unwrap()).collect();
    let features = (!names.is_empty()).then(|| names.split(' ').map(str::to_owned).collect());
    StandardScaler {
        mean: numbers(mean),
        scale: numbers(scale),
        features,
        sklearn_version: Some(version.to_owned()),
    }
}

#[track_caller]
fn check(file: &str, text: &str) {
    let found = scaler(&fixture(&format!("scalers/{file}.pkl")));
    assert_eq!(found, Ok(expected_scaler(text)), "{file}");
}

#[test]
fn every_pickle_protocol_is_read() {
    for protocol in 0..=5 {
        check(&format!("new_pickle{protocol}_frame"), "new_frame");
    }
}

#[test]
fn joblib_files_are_read_plain_and_compressed_by_zlib_or_gzip() {
    for way in ["frame", "compress3", "gzip", "protocol0", "protocol2"] {
        check(&format!("new_joblib_{way}"), "new_frame");
    }
}

#[test]
fn files_of_older_packages_are_read() {
    for age in ["old", "older"] {
        for way in ["joblib_frame", "joblib_compress3", "pickle2_frame", "pickle4_frame"] {
            check(&format!("{age}_{way}"), &format!("{age}_frame"));
        }
        check(&format!("{age}_pickle5_array"), &format!("{age}_array"));
    }
}

#[test]
fn a_scaler_fitted_on_an_array_has_no_names() {
    for way in ["new_joblib_array", "new_pickle4_array", "new_pickle5_array"] {
        check(way, "new_array");
        assert_eq!(expected_scaler("new_array").features, None);
    }
    check("new_joblib_five", "new_joblib_five");
    check("old_joblib_array", "old_array");
    check("older_joblib_array", "older_array");
}

#[test]
fn a_mean_or_scale_that_the_scaler_does_not_use_is_0_or_1() {
    for way in ["new_joblib_no_mean", "new_pickle_no_std", "new_pickle_neither"] {
        check(way, way);
    }
}

#[test]
fn an_array_of_counts_single_precision_and_big_endian_arrays_are_read() {
    check("new_joblib_gaps", "new_joblib_gaps");
    check("new_pickle_dtypes", "new_pickle_dtypes");
}

#[test]
fn the_networks_scaler_is_the_one_that_networks_json_gives() {
    let (found, facts) = (scaler(&fixture("networks.pkl")).unwrap(), text("networks.json"));
    let numbers = |name: &str| -> Vec<f64> {
        let (_, after) = facts.split_once(&format!("\"{name}\":[")).unwrap();
        after.split(']').next().unwrap().split(',').map(|value| value.parse().unwrap()).collect()
    };
    assert_eq!((&found.mean, &found.scale), (&numbers("mean"), &numbers("scale")));
    assert_eq!(found.features.unwrap()[3], "sensor_1");
}
