//! Readings from a CSV file: a header names the columns, in any order; other columns are left alone.

use std::io::Read;
use std::path::Path;

use overhaul_bundle::Mistake;

use super::as_model_value;

/// The column that tells units apart, if there is one.
const UNIT: &str = "unit";

/// One unit's readings.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitReadings {
    /// What the `unit` column says; `None` without one.
    pub unit: Option<String>,
    /// Row-major `[cycles, columns]` in the order of the columns asked for, oldest first.
    pub readings: Vec<f32>,
}

/// Reads a CSV file's columns, by unit if it has a `unit` column, in the order in which units
/// appear. Errors name the file, the line and the column.
pub fn read(path: &Path, columns: &[String]) -> anyhow::Result<Vec<UnitReadings>> {
    let file = std::fs::File::open(path)
        .map_err(|e| Mistake::new(format!("cannot read {}: {e}; name a CSV file", path.display())))?;
    Ok(parse(file, columns).map_err(|e| Mistake::new(format!("{}: {e}", path.display())))?)
}

/// Reads a CSV text; errors name the line and the column.
fn parse(text: impl Read, columns: &[String]) -> Result<Vec<UnitReadings>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    if header.is_empty() {
        return Err("it is empty; the first line names the columns".to_owned());
    }
    let place = |name: &str| header.iter().position(|column| column == name);
    let places: Vec<usize> = columns
        .iter()
        .map(|name| place(name).ok_or_else(|| format!("line 1 lacks the column {name}; the model needs it")))
        .collect::<Result<_, _>>()?;
    let unit_place = place(UNIT);
    let mut units: Vec<UnitReadings> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let unit = unit_place.and_then(|place| record.get(place)).map(str::to_owned);
        let at = units.iter().position(|other| other.unit == unit).unwrap_or_else(|| {
            units.push(UnitReadings { unit, readings: Vec::new() });
            units.len() - 1
        });
        for (name, &place) in columns.iter().zip(&places) {
            let text = record.get(place).unwrap_or_default();
            let value = text.parse().ok().and_then(as_model_value).ok_or_else(|| {
                format!("line {line}, column {name}: {text:?} is no finite number; mend or remove the line")
            })?;
            units[at].readings.push(value);
        }
    }
    if units.is_empty() {
        return Err("it holds no readings; give at least one line after the header".to_owned());
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<String> {
        vec!["a".to_owned(), "b".to_owned()]
    }

    fn refusal(text: &str) -> String {
        parse(text.as_bytes(), &columns()).unwrap_err()
    }

    #[test]
    fn columns_may_stand_in_any_order_and_units_may_alternate() {
        let text = "cycle,b,unit,a\n1, 10 ,x,1\n1,20,y,2\n2,30,x,3\n";
        let units = parse(text.as_bytes(), &columns()).unwrap();
        assert_eq!(units.len(), 2);
        assert_eq!(
            (units[0].unit.as_deref(), units[0].readings.as_slice()),
            (Some("x"), &[1.0, 10.0, 3.0, 30.0][..])
        );
        assert_eq!((units[1].unit.as_deref(), units[1].readings.as_slice()), (Some("y"), &[2.0, 20.0][..]));
    }

    #[test]
    fn without_a_unit_column_there_is_one_unit() {
        let units = parse("a,b\n1,2\n3,4\n".as_bytes(), &columns()).unwrap();
        assert_eq!(units, [UnitReadings { unit: None, readings: vec![1.0, 2.0, 3.0, 4.0] }]);
    }

    #[test]
    fn every_refusal_names_the_line_and_the_column() {
        assert!(refusal("").contains("empty"));
        assert!(refusal("a,b\n").contains("no readings"));
        assert!(refusal("a,c\n1,2\n").contains("line 1 lacks the column b"));
        assert!(refusal("a,b\n1,2\n1,x\n").contains("line 3, column b: \"x\""));
        assert!(refusal("a,b\nNaN,2\n").contains("line 2, column a: \"NaN\""));
        assert!(refusal("a,b\n1,\n").contains("line 2, column b: \"\""));
        assert!(refusal("a,b\n1,2,3\n").contains("line: 2"));
    }
}
