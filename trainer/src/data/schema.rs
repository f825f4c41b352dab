//! Which columns a reading has, and which of them tell the operating condition.

use std::path::Path;

use overhaul_bundle::Mistake;
use overhaul_bundle::metadata::MAX_FEATURES;
use serde::Deserialize;

/// Operational settings in a reading of C-MAPSS, which come first.
const SETTINGS: usize = 3;
/// Sensors in a reading of C-MAPSS.
const SENSORS: usize = 21;

/// The columns of a reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The columns' names, in order, without repetition.
    pub features: Vec<String>,
    /// Places in `features` of the columns that tell the operating condition; often none.
    pub conditions: Vec<usize>,
}

impl Schema {
    /// C-MAPSS: 3 operational settings, which tell the condition, and 21 sensors.
    pub fn c_mapss() -> Self {
        let settings = (1..=SETTINGS).map(|number| format!("setting_{number}"));
        let sensors = (1..=SENSORS).map(|number| format!("sensor_{number}"));
        Self { features: settings.chain(sensors).collect(), conditions: (0..SETTINGS).collect() }
    }
}

/// A `--columns` file: what the columns of CSV data mean.
///
/// ```toml
/// unit = "pump"
/// cycle = "hour"
/// features = ["flow", "pressure", "temperature"]
/// conditions = ["flow"]        # may be left out
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The column that names the unit.
    pub unit: String,
    /// The column that counts the cycles.
    pub cycle: String,
    /// The columns of a reading, in the order in which the model takes them.
    pub features: Vec<String>,
    /// The features that tell the operating condition.
    #[serde(default)]
    pub conditions: Vec<String>,
}

impl Columns {
    /// Reads a `--columns` file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Mistake::new(format!("cannot read --columns {}: {e}; name a TOML file", path.display()))
        })?;
        let columns: Self = toml::from_str(&text).map_err(|e| {
            let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            Mistake::new(format!(
                "{} line {line}: {}; it must give unit, cycle, features and perhaps conditions",
                path.display(),
                e.message().lines().next().unwrap_or_default()
            ))
        })?;
        columns.check().map_err(|problem| Mistake::new(format!("{}: {problem}", path.display())))?;
        Ok(columns)
    }

    fn check(&self) -> Result<(), String> {
        if !(1..=MAX_FEATURES).contains(&self.features.len()) {
            return Err(format!(
                "{} features are not 1 to {MAX_FEATURES}; list a reading's columns",
                self.features.len()
            ));
        }
        let names: Vec<&String> = [&self.unit, &self.cycle].into_iter().chain(&self.features).collect();
        for (place, name) in names.iter().enumerate() {
            if name.is_empty() || names[..place].contains(name) {
                return Err(format!("column {name:?} is named twice or empty; give each column once"));
            }
        }
        match self.conditions.iter().find(|name| !self.features.contains(name)) {
            Some(name) => Err(format!("condition {name:?} is not among the features; list it there too")),
            None => Ok(()),
        }
    }

    /// What the readings look like.
    pub fn schema(&self) -> Schema {
        let place = |name: &String| self.features.iter().position(|feature| feature == name);
        Schema {
            features: self.features.clone(),
            conditions: self.conditions.iter().filter_map(place).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Columns> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Columns::read(file.path())
    }

    #[test]
    fn conditions_are_places_among_the_features() {
        let columns = read("unit='u'\ncycle='c'\nfeatures=['a','b','c2']\nconditions=['c2']").unwrap();
        assert_eq!(columns.schema().conditions, [2]);
        assert_eq!(Schema::c_mapss().features.len(), 24);
        assert_eq!(Schema::c_mapss().features[23], "sensor_21");
    }

    #[test]
    fn what_describes_no_data_is_refused_in_one_line() {
        for (text, says) in [
            ("unit='u'\ncycle='c'\nfeatures=[]", "0 features"),
            ("unit='u'\ncycle='u'\nfeatures=['a']", "\"u\" is named twice"),
            ("unit='u'\ncycle='c'\nfeatures=['a','a']", "\"a\" is named twice"),
            ("unit='u'\ncycle='c'\nfeatures=['a']\nconditions=['b']", "\"b\" is not among the features"),
            ("unit='u'\ncycle='c'\nfeatures=['a']\ntypo=1", "line 4"),
            ("unit='u'\n\ncycle=3\nfeatures=['a']", "line 3"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(says) && !message.contains('\n'), "{message}");
        }
    }
}
