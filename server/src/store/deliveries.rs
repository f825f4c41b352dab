//! The table `deliveries`: what webhooks are to be told, in the order in which it happened.

use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use super::{model_tags, time, webhooks};
use crate::webhooks::{Event, Secret};

/// Announces an event, in the transaction of the change that it is of: one delivery to each active webhook
/// that subscribed to its kind. What happens to a prompt, which `MLflow` keeps as a registered model with a
/// tag, is no event of a model.
pub fn announce(connection: &Connection, event: &Event<'_>, at: Timestamp) -> anyhow::Result<()> {
    let webhooks = webhooks::subscribed(connection, event.kind())?;
    if webhooks.is_empty() || model_tags::is_prompt(connection, event.model())? {
        return Ok(());
    }
    let payload = event.payload(at)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO deliveries (delivery_id, webhook, payload, created_at, due_at) VALUES (?1, ?2, ?3, ?4, ?4)",
    )?;
    for webhook in webhooks {
        insert.execute((Uuid::new_v4().to_string(), webhook, &payload, at.as_millisecond()))?;
    }
    Ok(())
}

/// A delivery that is to be sent.
#[derive(Debug)]
pub struct Waiting {
    /// The row.
    pub id: i64,
    /// The webhook's id.
    pub webhook: String,
    /// The webhook's name.
    pub name: String,
    /// Where it is sent.
    pub url: String,
    /// What signs it.
    pub secret: Option<Secret>,
    /// The id that the receiver sees.
    pub delivery_id: String,
    /// The body.
    pub payload: String,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is to be sent.
    pub due_at: Timestamp,
}

/// The oldest waiting delivery of each active webhook; the one that is due first before the others.
pub fn waiting(connection: &Connection, limit: usize) -> anyhow::Result<Vec<Waiting>> {
    let mut statement = connection.prepare_cached(
        "SELECT d.id, w.id, w.name, w.url, w.secret, d.delivery_id, d.payload, d.attempts, d.due_at
         FROM webhooks AS w JOIN deliveries AS d
           ON d.id = (SELECT min(o.id) FROM deliveries AS o WHERE o.webhook = w.id AND o.state = 'waiting')
         WHERE w.status = 'ACTIVE' ORDER BY d.due_at, d.id LIMIT ?1",
    )?;
    let mut rows = statement.query([limit as i64])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        waiting.push(Waiting {
            id: row.get(0)?,
            webhook: row.get(1)?,
            name: row.get(2)?,
            url: row.get(3)?,
            secret: row.get::<_, Option<String>>(4)?.and_then(Secret::new),
            delivery_id: row.get(5)?,
            payload: row.get(6)?,
            attempts: row.get(7)?,
            due_at: time(row.get(8)?)?,
        });
    }
    Ok(waiting)
}

/// The receiver took it.
pub fn taken(connection: &Connection, id: i64, outcome: &str) -> anyhow::Result<()> {
    end(connection, id, "delivered", outcome)
}

/// It is not sent again.
pub fn give_up(connection: &Connection, id: i64, outcome: &str) -> anyhow::Result<()> {
    end(connection, id, "failed", outcome)
}

/// Nothing happens when the webhook was deleted in the meantime, and its deliveries with it.
fn end(connection: &Connection, id: i64, state: &str, outcome: &str) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "UPDATE deliveries SET state = ?2, attempts = attempts + 1, outcome = ?3 WHERE id = ?1",
        )?
        .execute((id, state, outcome))?;
    Ok(())
}

/// It is sent again at a time.
pub fn put_off(connection: &Connection, id: i64, to: Timestamp, outcome: &str) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "UPDATE deliveries SET due_at = ?2, attempts = attempts + 1, outcome = ?3 WHERE id = ?1",
        )?
        .execute((id, to.as_millisecond(), outcome))?;
    Ok(())
}

/// Gives up what has waited since before a time.
pub fn give_up_before(connection: &Connection, time: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE deliveries SET state = 'failed' WHERE state = 'waiting' AND created_at < ?1")?
        .execute([time.as_millisecond()])?;
    Ok(())
}

/// What was announced before a time and does not wait, delivered or given up.
const OVER: &str = "FROM deliveries WHERE state IN ('delivered', 'failed') AND created_at < ?1";

/// How much of that there is.
pub fn over_before(connection: &Connection, time: Timestamp) -> anyhow::Result<u64> {
    let count: i64 = connection
        .prepare_cached(&format!("SELECT count(*) {OVER}"))?
        .query_row([time.as_millisecond()], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Removes it; how much it was.
pub fn forget_before(connection: &Connection, time: Timestamp) -> anyhow::Result<u64> {
    let removed = connection.prepare_cached(&format!("DELETE {OVER}"))?.execute([time.as_millisecond()])?;
    Ok(removed as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;
    use crate::store::migrations;
    use crate::store::webhooks::{Webhook, put};
    use crate::webhooks::EventKind;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn database(webhooks: &[&str]) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        migrations::apply(&mut connection, &Clock::system()).unwrap();
        for id in webhooks {
            let webhook = Webhook {
                id: (*id).to_owned(),
                name: "n".to_owned(),
                description: None,
                url: "https://example.org".to_owned(),
                secret: None,
                active: true,
                events: vec![EventKind::ModelVersionCreated],
                created_at: at(0),
                updated_at: at(0),
            };
            put(&connection, &webhook).unwrap();
        }
        connection
    }

    fn happen(connection: &Connection, second: i64) {
        announce(connection, &Event::example(EventKind::ModelVersionCreated), at(second)).unwrap();
    }

    fn states(connection: &Connection) -> Vec<String> {
        let mut statement = connection.prepare("SELECT state FROM deliveries ORDER BY id").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn one_delivery_of_a_webhook_waits_at_the_front_and_the_one_due_first_leads() {
        let connection = database(&["a", "b"]);
        happen(&connection, 1);
        happen(&connection, 2);
        announce(&connection, &Event::example(EventKind::ModelVersionTagSet), at(3)).unwrap();
        let front = |limit| -> Vec<(String, i64)> {
            let waiting = waiting(&connection, limit).unwrap().into_iter();
            waiting.map(|one| (one.webhook, one.due_at.as_second())).collect()
        };
        assert_eq!(front(9), [("a".to_owned(), 1), ("b".to_owned(), 1)]);
        let first = waiting(&connection, 1).unwrap().remove(0);
        put_off(&connection, first.id, at(60), "status 500").unwrap();
        assert_eq!(front(9), [("b".to_owned(), 1), ("a".to_owned(), 60)]);
        taken(&connection, first.id, "status 200").unwrap();
        assert_eq!(front(9), [("b".to_owned(), 1), ("a".to_owned(), 2)]);
        assert_eq!(front(1).len(), 1);
    }

    #[test]
    fn what_waited_too_long_is_given_up_and_what_is_old_is_forgotten() {
        let connection = database(&["a"]);
        for second in [10, 20, 30] {
            happen(&connection, second);
        }
        let first = waiting(&connection, 1).unwrap().remove(0);
        taken(&connection, first.id, "status 200").unwrap();
        give_up_before(&connection, at(30)).unwrap();
        assert_eq!(states(&connection), ["delivered", "failed", "waiting"]);
        forget_before(&connection, at(20)).unwrap();
        assert_eq!(states(&connection), ["failed", "waiting"]);
        forget_before(&connection, at(99)).unwrap();
        assert_eq!(states(&connection), ["waiting"], "what waits is not forgotten");
    }
}
