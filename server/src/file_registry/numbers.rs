//! Whether a version that comes from outside may have the number that it comes with.
//!
//! Numbers never repeat under a name, whatever was deleted. So a number is free if it is above all that were
//! handed out, or if an import left it out when it went past it and nothing has happened to it since.

use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::Connection;

use super::folder::refuse;
use crate::store::audit::{self, By};
use crate::store::version_numbers;

/// What the audit trail calls a count of versions that went past some numbers.
const KIND: &str = "version_numbers";

/// An error unless the number, which no version has, may be taken.
pub(super) fn refuse_used(
    connection: &Connection,
    name: &ModelName,
    number: VersionNumber,
) -> anyhow::Result<()> {
    if version_numbers::is_reserved(connection, name, number)? {
        return Err(refuse(format!(
            "number {number} of {name} was handed out and somebody may yet publish it; give the folder another number"
        )));
    }
    if number.get() <= version_numbers::last(connection, name)?
        && (audit::knows(connection, "version", &number, name)? || !was_left_out(connection, name, number)?)
    {
        return Err(refuse(format!(
            "number {number} of {name} was used by a version that is gone, and numbers never repeat; give the folder another number"
        )));
    }
    Ok(())
}

fn was_left_out(connection: &Connection, name: &ModelName, number: VersionNumber) -> anyhow::Result<bool> {
    let number_of = |text: Option<String>| text.and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    let steps = audit::steps(connection, KIND, name)?.into_iter();
    let mut steps = steps.map(|(before, after)| (number_of(before), number_of(after)));
    Ok(steps.any(|(before, after)| (before + 1..after).contains(&number.get())))
}

/// Goes on counting after a number that was taken.
pub(super) fn take(
    connection: &Connection,
    by: &By,
    name: &ModelName,
    model: i64,
    number: VersionNumber,
) -> anyhow::Result<()> {
    let last = version_numbers::last(connection, name)?;
    version_numbers::advance(connection, name, model, number)?;
    if number.get() > last.saturating_add(1) {
        let before = (last > 0).then_some(last);
        let change = by.did("advance", KIND, name).from(before.as_ref()).to(Some(&number));
        change.because(Some(&"versions below were not imported")).record(connection)?;
    }
    Ok(())
}
