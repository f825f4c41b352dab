//! One CSV file of run-to-failure data, its columns described by a `--columns` file.

use std::collections::HashMap;
use std::path::Path;

use overhaul_bundle::Mistake;

use super::Unit;
use super::field::Place;
use super::schema::Columns;

/// The units of a CSV file with a header, in the order of their first lines, each with at least one cycle.
///
/// Lines of several units may take turns; each unit's cycles count up by 1, from wherever they start.
/// Columns that are not described are left alone.
pub fn units(path: &Path, bytes: &[u8], columns: &Columns) -> anyhow::Result<Vec<Unit>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|e| unreadable(path, &e))?.clone();
    let find = |name: &String| {
        header.iter().position(|column| column == name).ok_or_else(|| {
            let there = header.iter().take(40).collect::<Vec<_>>().join(", ");
            Mistake::new(format!(
                "{} has no column {name:?}, which --columns names; its columns: {there}",
                path.display()
            ))
        })
    };
    let (unit_column, cycle_column) = (find(&columns.unit)?, find(&columns.cycle)?);
    let features = columns.features.iter().map(find).collect::<Result<Vec<_>, _>>()?;

    let mut units: Vec<Unit> = Vec::new();
    let mut known: HashMap<String, (usize, u32)> = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|e| unreadable(path, &e))?;
        let place = Place { path, line: record.position().map_or(0, csv::Position::line) };
        let name = &record[unit_column];
        if name.is_empty() {
            return Err(place.refuse(&format!(
                "column {} ({}) is empty; name the unit",
                unit_column + 1,
                columns.unit
            )));
        }
        let cycle = place.counting(&record[cycle_column], cycle_column + 1, &columns.cycle, 0)?;
        let count = units.len();
        let (index, last) = known.entry(name.to_owned()).or_insert_with(|| {
            units.push(Unit {
                id: count as u32 + 1,
                name: name.to_owned(),
                features: features.len(),
                readings: Vec::new(),
            });
            (count, cycle.wrapping_sub(1))
        });
        if cycle != last.wrapping_add(1) {
            return Err(place.refuse(&format!(
                "column {} ({}): {cycle} where unit {name} must go on with {}; give every cycle once, in order",
                cycle_column + 1,
                columns.cycle,
                last.wrapping_add(1)
            )));
        }
        *last = cycle;
        for (&column, feature) in features.iter().zip(&columns.features) {
            units[*index].readings.push(place.number(&record[column], column + 1, feature)?);
        }
    }
    if units.is_empty() {
        return Err(
            Mistake::new(format!("{} has a header and no line; give it readings", path.display())).into()
        );
    }
    Ok(units)
}

fn unreadable(path: &Path, error: &csv::Error) -> Mistake {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} columns instead of the header's {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    Mistake::new(format!("{} line {line}: {problem}; mend the line", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Columns {
        Columns {
            unit: "pump".to_owned(),
            cycle: "hour".to_owned(),
            features: vec!["flow".to_owned(), "heat".to_owned()],
            conditions: vec![],
        }
    }

    fn parse(text: &str) -> anyhow::Result<Vec<Unit>> {
        units(Path::new("train.csv"), text.as_bytes(), &columns())
    }

    #[test]
    fn columns_are_found_by_name_and_units_may_take_turns() {
        let units = parse("heat,pump,note,hour,flow\n1,a,x,7,2\n3,b,x,1,4\n5,a,x,8,6\n").unwrap();
        assert_eq!(units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(units[0].readings, [2.0, 1.0, 6.0, 5.0]);
        assert_eq!((units[1].id, units[1].cycles()), (2, 1));
    }

    #[test]
    fn what_is_wrong_is_refused_by_line_and_column() {
        for (text, says) in [
            ("pump,hour,flow\na,1,2\n", "has no column \"heat\""),
            ("pump,hour,flow,heat\na,1,2,NaN\n", "line 2: column 4 (heat): NaN is not finite"),
            (
                "pump,hour,flow,heat\na,1,2,3\na,1,2,warm\n",
                "line 3: column 2 (hour): 1 where unit a must go on with 2",
            ),
            ("pump,hour,flow,heat\na,1,2,warm\n", "line 2: column 4 (heat): \"warm\" is no number"),
            ("pump,hour,flow,heat\na,1,2\n", "line 2: 3 columns instead of the header's 4"),
            ("pump,hour,flow,heat\n,1,2,3\n", "line 2: column 1 (pump) is empty"),
            ("pump,hour,flow,heat\n", "has a header and no line"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
        }
    }
}
