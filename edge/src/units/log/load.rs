//! Reading all of the file at start: every unit as it was after its last answer.

use std::collections::HashMap;

use overhaul_bundle::{Sha256Digest, UnitId, VersionNumber};
use rusqlite::types::{FromSqlError, Type, ValueRef};
use rusqlite::{Connection, Error, Row};

use super::record;
use crate::units::layout::Layout;
use crate::units::unit::Unit;
use crate::units::versions::{Count, Version};
use crate::units::window::Reading;

/// What an earlier run kept.
#[derive(Debug, Default)]
pub(in crate::units) struct Loaded {
    /// Each unit with its key and name.
    pub(in crate::units) units: Vec<(u64, UnitId, Unit)>,
    /// The layouts of their readings.
    pub(in crate::units) layouts: Vec<Layout>,
    /// The versions of their predictions.
    pub(in crate::units) versions: Vec<(Version, Count)>,
    /// A key that no row has, as none after it.
    pub(in crate::units) next_key: u64,
}

/// Where the log's rows lie: `first` is the oldest one's id, `next` that of the next to come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) first: u64,
    pub(super) next: u64,
}

/// Reads the file, leaving `kept` predictions of each unit. Rows may lie in any order: the later of two answers for a
/// cycle is told by its turn, and which readings are still kept by the unit's last answer. So answers are read first.
pub(super) fn load(connection: &Connection, kept: usize) -> rusqlite::Result<(Loaded, Extent)> {
    let mut units: HashMap<u64, (UnitId, Gathered)> = HashMap::new();
    let mut statement = connection.prepare("SELECT id, name FROM units")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name = parsed::<UnitId>(row, 1)?;
        units.insert(number(row, 0)?, (name, Gathered::default()));
    }
    let mut extent = Extent { first: 1, next: 1 };
    let mut next_key = units.keys().max().copied().unwrap_or(0) + 1;
    let mut statement = connection.prepare("SELECT id, unit, cycle, answer FROM log ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, key) = (number(row, 0)?, number(row, 1)?);
        if extent.next == extent.first {
            extent.first = id;
        }
        extent.next = id + 1;
        next_key = next_key.max(key + 1);
        if let (Some((_, unit)), ValueRef::Blob(answer)) = (units.get_mut(&key), row.get_ref(3)?) {
            unit.answer(number(row, 2)?, answer, kept)?;
        }
    }
    let mut statement = connection
        .prepare("SELECT unit, cycle, layout, readings FROM log WHERE readings IS NOT NULL ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, cycle) = (number(row, 0)?, number(row, 1)?);
        if let Some((_, Gathered { unit, .. })) = units.get_mut(&key)
            && unit.last.is_some_and(|last| cycle >= last.kept_from)
        {
            record::decode_values(row.get_ref(3)?.as_blob()?, &mut values).ok_or_else(|| foreign(3))?;
            unit.kept.insert(Reading { cycle, layout: row.get(2)?, values: &values });
        }
    }
    let units =
        units.into_iter().filter_map(|(key, (name, unit))| Some((key, name, unit.finish()?))).collect();
    Ok((Loaded { units, layouts: layouts(connection)?, versions: versions(connection)?, next_key }, extent))
}

/// A unit while its rows come in.
#[derive(Default)]
struct Gathered {
    unit: Unit,
    /// The cycle and turn of each prediction in the history, in its order.
    turns: Vec<(u64, u64)>,
}

impl Gathered {
    fn answer(&mut self, cycle: u64, bytes: &[u8], kept: usize) -> rusqlite::Result<()> {
        let (point, last) = record::decode(cycle, bytes).ok_or_else(|| foreign(3))?;
        if self.is_later(cycle, last.turn, kept) {
            self.unit.history.put(point, kept);
        }
        if self.unit.last.is_none_or(|known| known.turn < last.turn) {
            self.unit.last = Some(last);
        }
        Ok(())
    }

    /// Whether this is the latest answer for its cycle so far; takes note of it if it is.
    fn is_later(&mut self, cycle: u64, turn: u64, kept: usize) -> bool {
        match self.turns.binary_search_by_key(&cycle, |(cycle, _)| *cycle) {
            Ok(place) if self.turns[place].1 > turn => return false,
            Ok(place) => self.turns[place].1 = turn,
            Err(place) => self.turns.insert(place, (cycle, turn)),
        }
        self.turns.drain(..self.turns.len().saturating_sub(kept));
        true
    }

    /// `None` for a unit without an answer, which no transaction leaves behind.
    fn finish(mut self) -> Option<Unit> {
        self.unit.last?;
        self.unit.kept.shrink();
        Some(self.unit)
    }
}

fn layouts(connection: &Connection) -> rusqlite::Result<Vec<Layout>> {
    let mut statement = connection.prepare("SELECT id, columns FROM layouts")?;
    let layouts = statement.query_map([], |row| {
        let columns: String = row.get(1)?;
        let columns = serde_json::from_str(&columns);
        Ok(Layout { id: row.get(0)?, columns: columns.map_err(|_| foreign(1))? })
    })?;
    layouts.collect()
}

fn versions(connection: &Connection) -> rusqlite::Result<Vec<(Version, Count)>> {
    let mut statement =
        connection.prepare("SELECT id, bundle, number, rul_cap, level, inside, total FROM versions")?;
    let versions = statement.query_map([], |row| {
        let number_of_version = row.get::<_, Option<u32>>(2)?.map(VersionNumber::try_from).transpose();
        let version = Version {
            id: row.get(0)?,
            bundle: parsed::<Sha256Digest>(row, 1)?,
            number: number_of_version.map_err(|_| foreign(2))?,
            rul_cap: row.get(3)?,
            level: row.get(4)?,
        };
        Ok((version, Count { inside: number(row, 5)?, total: number(row, 6)? }))
    })?;
    versions.collect()
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|number| number as u64)
}

fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get::<_, String>(column)?.parse().map_err(|_| foreign(column))
}

/// What this program would not have written.
fn foreign(column: usize) -> Error {
    Error::FromSqlConversionFailure(column, Type::Blob, Box::new(FromSqlError::InvalidType))
}
