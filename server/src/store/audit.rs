//! The table `audit`: one row for each write, in the write's own transaction, never changed and never removed.

use jiff::Timestamp;
use overhaul_bundle::VersionNumber;
use overhaul_client::api::{AuditEntry, HistoryEntry};
use rusqlite::types::ToSql;
use rusqlite::{Connection, Row};

use super::{parse, time};

/// Who makes a change, and when.
#[derive(Debug, Clone)]
pub struct By {
    /// An access token's name, or what the request says where nobody is asked for a token.
    pub actor: String,
    /// By the registry's clock.
    pub at: Timestamp,
}

impl By {
    /// One change that is made: a verb such as `set_alias`, of a thing of some kind such as `alias`.
    pub fn did<'a>(&'a self, action: &'a str, kind: &'a str, subject: &impl ToString) -> Change<'a> {
        Change {
            by: self,
            action,
            kind,
            subject: subject.to_string(),
            scope: None,
            model: None,
            before: None,
            after: None,
            reason: None,
        }
    }
}

/// One change, to be recorded.
#[derive(Debug, Clone)]
#[must_use]
pub struct Change<'a> {
    by: &'a By,
    action: &'a str,
    kind: &'a str,
    subject: String,
    scope: Option<String>,
    model: Option<i64>,
    before: Option<String>,
    after: Option<String>,
    reason: Option<String>,
}

impl Change<'_> {
    /// What the subject is part of, such as an experiment's id.
    pub fn within(mut self, scope: &impl ToString) -> Self {
        self.scope = Some(scope.to_string());
        self
    }

    /// The registered model that the subject is part of, by its id and its name.
    pub fn of_model(mut self, id: i64, name: &impl ToString) -> Self {
        self.model = Some(id);
        self.within(name)
    }

    /// What was before; nothing where the subject is new.
    pub fn from(mut self, before: Option<&impl ToString>) -> Self {
        self.before = before.map(ToString::to_string);
        self
    }

    /// What is since; nothing where the subject was deleted.
    pub fn to(mut self, after: Option<&impl ToString>) -> Self {
        self.after = after.map(ToString::to_string);
        self
    }

    /// Why, in words.
    pub fn because(mut self, reason: Option<&impl ToString>) -> Self {
        self.reason = reason.map(ToString::to_string);
        self
    }

    /// Writes the row.
    pub fn record(&self, connection: &Connection) -> anyhow::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO audit (at, actor, action, kind, subject, scope, model_id, before, after, reason)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute((
                self.by.at.as_millisecond(),
                &self.by.actor,
                self.action,
                self.kind,
                &self.subject,
                &self.scope,
                self.model,
                &self.before,
                &self.after,
                &self.reason,
            ))?;
        Ok(())
    }
}

/// Whether anything ever happened to a subject of a kind within a scope.
pub fn knows(
    connection: &Connection,
    kind: &str,
    subject: &impl ToString,
    scope: &impl ToString,
) -> anyhow::Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM audit WHERE kind = ?1 AND subject = ?2 AND scope = ?3 LIMIT 1")?
        .exists((kind, subject.to_string(), scope.to_string()))?)
}

/// From and to of all changes of one kind to a subject.
pub fn steps(
    connection: &Connection,
    kind: &str,
    subject: &impl ToString,
) -> anyhow::Result<Vec<(Option<String>, Option<String>)>> {
    let mut statement = connection
        .prepare_cached("SELECT before, after FROM audit WHERE kind = ?1 AND subject = ?2 ORDER BY id")?;
    let rows = statement.query_map((kind, subject.to_string()), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// All moves of a model's aliases, newest first; a deletion of an alias moves it nowhere and is not among them.
pub fn moves(connection: &Connection, model: i64) -> anyhow::Result<Vec<HistoryEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT subject, before, after, actor, reason, at FROM audit
         WHERE model_id = ?1 AND action = 'set_alias' ORDER BY id DESC",
    )?;
    let rows = statement.query_map([model], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, Option<String>>(1)?,
            row.get::<_, String>(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(5)?,
        ))
    })?;
    rows.map(|row| {
        let (alias, from, to, actor, reason, at) = row?;
        Ok(HistoryEntry {
            alias: parse(&alias)?,
            from: from.as_deref().map(parse::<VersionNumber>).transpose()?,
            to: parse(&to)?,
            actor,
            reason,
            at: time(at)?,
        })
    })
    .collect()
}

/// Which changes to list; all of them where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this thing.
    pub subject: Option<String>,
    /// By this one.
    pub actor: Option<String>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before the change of this number.
    pub before: Option<i64>,
}

/// The newest `limit` changes of those that are asked for, newest first.
pub fn newest(connection: &Connection, filter: &Filter, limit: u32) -> anyhow::Result<Vec<AuditEntry>> {
    let since = filter.since.map(Timestamp::as_millisecond);
    let asked: [(&str, Option<&dyn ToSql>); 5] = [
        ("kind = ?", filter.kind.as_ref().map(|value| value as _)),
        ("subject = ?", filter.subject.as_ref().map(|value| value as _)),
        ("actor = ?", filter.actor.as_ref().map(|value| value as _)),
        ("at >= ?", since.as_ref().map(|value| value as _)),
        ("id < ?", filter.before.as_ref().map(|value| value as _)),
    ];
    let asked = asked.into_iter().filter_map(|(condition, value)| Some((condition, value?)));
    let (wheres, mut values): (Vec<&str>, Vec<&dyn ToSql>) = asked.unzip();
    values.push(&limit);
    let wheres = if wheres.is_empty() { String::new() } else { format!("WHERE {}", wheres.join(" AND ")) };
    let sql = format!(
        "SELECT id, at, actor, action, kind, subject, scope, before, after, reason FROM audit {wheres}
         ORDER BY id DESC LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(values.as_slice(), entry)?;
    rows.map(|row| {
        let (at, entry) = row?;
        Ok(AuditEntry { at: time(at)?, ..entry })
    })
    .collect()
}

/// A row; its time apart, which may be none.
fn entry(row: &Row<'_>) -> rusqlite::Result<(i64, AuditEntry)> {
    let entry = AuditEntry {
        id: row.get(0)?,
        at: Timestamp::UNIX_EPOCH,
        actor: row.get(2)?,
        action: row.get(3)?,
        kind: row.get(4)?,
        subject: row.get(5)?,
        scope: row.get(6)?,
        from: row.get(7)?,
        to: row.get(8)?,
        reason: row.get(9)?,
    };
    Ok((row.get(1)?, entry))
}
