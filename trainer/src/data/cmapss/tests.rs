//! What a data file is refused for: each line names the line, the column, the value and the mend.

use super::*;

fn line(unit: u32, cycle: u32) -> String {
    format!("{unit} {cycle} 0.1 0.2 100.0{}  \n", " 1.5".repeat(21))
}

fn parse(text: &str) -> anyhow::Result<Vec<Unit>> {
    units(Path::new("train_FD001.txt"), text.as_bytes())
}

fn refusal(text: &str) -> String {
    let error = parse(text).unwrap_err();
    assert!(overhaul_bundle::mistake::is_mistake(error.as_ref()));
    error.to_string()
}

#[test]
fn units_and_cycles_are_read_in_order() {
    let units = parse(&[line(1, 1), line(1, 2), line(3, 1)].concat()).unwrap();
    assert_eq!(units.iter().map(|unit| (unit.id, unit.cycles())).collect::<Vec<_>>(), [(1, 2), (3, 1)]);
    assert_eq!(units[0].readings[..4], [0.1, 0.2, 100.0, 1.5]);
    assert_eq!(units[0].remaining().collect::<Vec<_>>(), [1.0, 0.0]);
}

#[test]
fn a_missing_column_is_refused_by_line() {
    let short = line(1, 2).replacen(" 1.5", "", 1);
    let message = refusal(&[line(1, 1), short].concat());
    assert_eq!(
        message,
        "train_FD001.txt line 2: 25 columns instead of 26 (unit, cycle, 3 settings, 21 sensors); add or remove columns"
    );
}

#[test]
fn a_non_number_and_a_nan_are_refused_by_line_column_and_value() {
    let word = refusal(&line(1, 1).replacen("100.0", "hot", 1));
    assert_eq!(
        word,
        "train_FD001.txt line 1: column 5 (setting_3): \"hot\" is no number; give a finite number"
    );
    let nan = refusal(&[line(1, 1), line(1, 2).replacen(" 1.5", " NaN", 1)].concat());
    assert_eq!(nan, "train_FD001.txt line 2: column 6 (sensor_1): NaN is not finite; give a finite number");
    assert!(refusal(&line(1, 1).replacen(" 1.5", " 1e99", 1)).contains("1e99 is not finite"));
}

#[test]
fn cycles_that_are_not_consecutive_are_refused() {
    let gap = refusal(&[line(1, 1), line(1, 3)].concat());
    assert!(gap.contains("line 2: column 2 (cycle): 3 where unit 1 must go on with 2"), "{gap}");
    assert!(refusal(&line(1, 2)).contains("must go on with 1"));
    assert!(refusal(&[line(1, 1), line(1, 1)].concat()).contains("must go on with 2"));
    assert!(refusal(&[line(2, 1), line(1, 1)].concat()).contains("1 after 2; sort the lines by unit"));
    assert!(refusal(&line(1, 1).replacen("1 1", "0 1", 1)).contains("count from 1"));
}

#[test]
fn the_rul_file_has_one_line_for_each_unit() {
    let path = Path::new("RUL_FD001.txt");
    assert_eq!(remaining(path, b"112 \n98 \n", 2).unwrap(), [112.0, 98.0]);
    let message = remaining(path, b"112 \n98 \n", 3).unwrap_err().to_string();
    assert_eq!(message, "RUL_FD001.txt has 2 lines for 3 test units; give one line for each unit");
    assert!(remaining(path, b"-1\n", 1).unwrap_err().to_string().contains("below 0"));
    assert!(remaining(path, b"12 13\n", 1).unwrap_err().to_string().contains("no number"));
}

proptest::proptest! {
    #[test]
    fn foreign_bytes_never_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 1..200)) {
        let _ = units(Path::new("x"), &bytes);
        let _ = remaining(Path::new("x"), &bytes, 1);
    }
}
