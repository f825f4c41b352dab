//! The tables `webhooks` and `webhook_events`: who is told of what.

use anyhow::Context as _;
use jiff::Timestamp;
use rusqlite::{Connection, Params};

use super::time;
use crate::webhooks::{EventKind, Secret};

/// A webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Its name; others may have the same.
    pub name: String,
    /// What people wrote about it.
    pub description: Option<String>,
    /// Where it is told.
    pub url: String,
    /// What signs what it is told.
    pub secret: Option<Secret>,
    /// Whether it is told anything.
    pub active: bool,
    /// What it is told of; at least one.
    pub events: Vec<EventKind>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

const ACTIVE: &str = "ACTIVE";

fn status(active: bool) -> &'static str {
    if active { ACTIVE } else { "DISABLED" }
}

/// A webhook by its id.
pub fn find(connection: &Connection, id: &str) -> anyhow::Result<Option<Webhook>> {
    Ok(select(connection, "SELECT * FROM webhooks WHERE id = ?1", [id])?.pop())
}

/// Some of all webhooks, the one created last first.
pub fn page(connection: &Connection, offset: u64, limit: u64) -> anyhow::Result<Vec<Webhook>> {
    let page = "SELECT * FROM webhooks ORDER BY created_at DESC, id LIMIT ?1 OFFSET ?2";
    select(connection, page, (limit as i64, offset as i64))
}

/// The webhooks that a query finds: one row for each of their events.
fn select(connection: &Connection, found: &str, params: impl Params) -> anyhow::Result<Vec<Webhook>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT w.id, w.name, w.description, w.url, w.secret, w.status, w.created_at, w.updated_at,
                e.entity, e.action
         FROM ({found}) AS w JOIN webhook_events AS e ON e.webhook = w.id
         ORDER BY w.created_at DESC, w.id, e.entity, e.action",
    ))?;
    let mut rows = statement.query(params)?;
    let mut webhooks: Vec<Webhook> = Vec::new();
    while let Some(row) = rows.next()? {
        let (entity, action): (String, String) = (row.get(8)?, row.get(9)?);
        let event = EventKind::find(&entity, &action)
            .with_context(|| format!("the database holds event {entity}.{action} of a webhook"))?;
        let id: String = row.get(0)?;
        match webhooks.last_mut() {
            Some(last) if last.id == id => last.events.push(event),
            _ => webhooks.push(Webhook {
                id,
                name: row.get(1)?,
                description: row.get(2)?,
                url: row.get(3)?,
                secret: row.get::<_, Option<String>>(4)?.and_then(Secret::new),
                active: row.get::<_, String>(5)? == ACTIVE,
                events: vec![event],
                created_at: time(row.get(6)?)?,
                updated_at: time(row.get(7)?)?,
            }),
        }
    }
    Ok(webhooks)
}

/// Keeps a webhook, new or changed.
pub fn put(connection: &Connection, webhook: &Webhook) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO webhooks (id, name, description, url, secret, status, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET
                 name = excluded.name, description = excluded.description, url = excluded.url,
                 secret = excluded.secret, status = excluded.status, updated_at = excluded.updated_at",
        )?
        .execute((
            &webhook.id,
            &webhook.name,
            &webhook.description,
            &webhook.url,
            webhook.secret.as_ref().map(Secret::reveal),
            status(webhook.active),
            webhook.created_at.as_millisecond(),
            webhook.updated_at.as_millisecond(),
        ))?;
    connection.prepare_cached("DELETE FROM webhook_events WHERE webhook = ?1")?.execute([&webhook.id])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO webhook_events (webhook, entity, action) VALUES (?1, ?2, ?3)
         ON CONFLICT (webhook, entity, action) DO NOTHING",
    )?;
    for event in &webhook.events {
        insert.execute((&webhook.id, event.entity(), event.action()))?;
    }
    Ok(())
}

/// Deletes a webhook, and what it was to be told.
pub fn delete(connection: &Connection, id: &str) -> anyhow::Result<()> {
    connection.prepare_cached("DELETE FROM webhooks WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// The ids of the active webhooks that are told of a kind of event.
pub(super) fn subscribed(connection: &Connection, kind: EventKind) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT w.id FROM webhook_events AS e JOIN webhooks AS w ON w.id = e.webhook
         WHERE e.entity = ?1 AND e.action = ?2 AND w.status = 'ACTIVE'",
    )?;
    let rows = statement.query_map((kind.entity(), kind.action()), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
