//! Whether an experiment, a run or a logged model was deleted. What was deleted stays and can be restored.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::Serialize;

/// `MLflow`'s lifecycle stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It can be changed.
    Active,
    /// It can be read and restored.
    Deleted,
}

impl Stage {
    /// Its name, in the database and for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleted => "deleted",
        }
    }
}

impl ToSql for Stage {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Stage {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "active" => Ok(Self::Active),
            "deleted" => Ok(Self::Deleted),
            other => Err(FromSqlError::Other(format!("the database holds stage {other:?}").into())),
        }
    }
}
