//! Moving an alias: the one way to do it, through whichever API it is asked for.

use overhaul_bundle::{Alias, VersionNumber};
use rusqlite::Connection;

use crate::api::ApiError;
use crate::store::audit::By;
use crate::store::registered_models::RegisteredModel;
use crate::store::{aliases, deliveries};
use crate::webhooks::Event;

/// The most characters in the name of whoever moves an alias.
const MAX_ACTOR: usize = 200;
/// The most characters in the reason.
const MAX_REASON: usize = 2000;

/// Points an alias at a version that is there; where it pointed before.
pub(crate) fn point(
    connection: &Connection,
    by: &By,
    model: &RegisteredModel,
    alias: &Alias,
    to: VersionNumber,
    reason: Option<&String>,
) -> anyhow::Result<Option<VersionNumber>> {
    let from = aliases::find(connection, model.id, alias)?;
    aliases::point(connection, model.id, alias, to)?;
    let change = by.did("set_alias", "alias", alias).of_model(model.id, &model.name);
    change.from(from.as_ref()).to(Some(&to)).because(reason).record(connection)?;
    let (name, alias) = (model.name.as_str(), alias.as_str());
    let event = Event::ModelVersionAliasCreated { name, alias, version: to };
    deliveries::announce(connection, &event, by.at)?;
    Ok(from)
}

/// Removes an alias, if it is there.
pub(crate) fn remove(
    connection: &Connection,
    by: &By,
    model: &RegisteredModel,
    alias: &Alias,
    reason: Option<&String>,
) -> anyhow::Result<()> {
    let Some(from) = aliases::find(connection, model.id, alias)? else { return Ok(()) };
    aliases::remove(connection, model.id, alias)?;
    let change = by.did("delete_alias", "alias", alias).of_model(model.id, &model.name);
    change.from(Some(&from)).because(reason).record(connection)?;
    let event = Event::ModelVersionAliasDeleted { name: model.name.as_str(), alias: alias.as_str() };
    deliveries::announce(connection, &event, by.at)
}

/// Whether somebody can be called that.
pub(crate) fn check_actor(actor: &str) -> Result<(), ApiError> {
    check_text("actor", actor, 1, MAX_ACTOR)
}

/// Whether something can be a reason.
pub(crate) fn check_reason(reason: Option<&String>) -> Result<(), ApiError> {
    check_text("reason", reason.map_or("", String::as_str), 0, MAX_REASON)
}

/// Text for people: one line, so that a terminal shows it as it is.
fn check_text(what: &str, text: &str, least: usize, most: usize) -> Result<(), ApiError> {
    let length = text.chars().count();
    if (least..=most).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "{what} has {length} characters or a control character; use {least} to {most} characters in one line"
    )))
}
