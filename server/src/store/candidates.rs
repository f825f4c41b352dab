//! Versions that may become bundles: reads of `model_versions` and `artifacts`.

use jiff::Timestamp;
use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::{Connection, Row, params};

use super::{parse, time};
use crate::artifact_path::ArtifactPath;

/// The beginning of the URI of what lies here.
const HERE: &str = "mlflow-artifacts:/";

/// A version whose files lie here with an `MLmodel` among them, with neither a bundle nor a reason why it has none.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its row.
    pub id: i64,
    /// The registered model's row.
    pub model_id: i64,
    /// The registered model.
    pub name: ModelName,
    /// Its number.
    pub version: VersionNumber,
    /// When it was made.
    pub at: Timestamp,
    /// The folder with its files.
    pub folder: ArtifactPath,
    /// The run that made it.
    pub run_id: Option<String>,
}

const SELECT: &str = "SELECT v.id, v.model_id, m.name, v.version, v.created_at,
                             substr(v.storage_uri, length(?1) + 1), v.run_id
     FROM model_versions AS v JOIN registered_models AS m ON m.id = v.model_id
     WHERE v.storage_uri LIKE ?1 || '%'
       AND NOT EXISTS (SELECT 1 FROM bundles AS b WHERE b.version_id = v.id)
       AND NOT EXISTS (SELECT 1 FROM bundle_refusals AS r WHERE r.version_id = v.id)
       AND EXISTS (SELECT 1 FROM artifacts AS a
                   WHERE a.path = substr(v.storage_uri, length(?1) + 1) || '/MLmodel')";

fn candidate(row: &Row<'_>) -> anyhow::Result<Candidate> {
    Ok(Candidate {
        id: row.get(0)?,
        model_id: row.get(1)?,
        name: parse(&row.get::<_, String>(2)?)?,
        version: VersionNumber::try_from(row.get::<_, u32>(3)?)?,
        at: time(row.get(4)?)?,
        folder: ArtifactPath::file(&row.get::<_, String>(5)?)?,
        run_id: row.get(6)?,
    })
}

/// All of them, the oldest first.
pub fn pending(connection: &Connection) -> anyhow::Result<Vec<Candidate>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY v.id"))?;
    statement.query_and_then([HERE], candidate)?.collect()
}

/// One version, if it is one of them.
pub fn find(connection: &Connection, version_id: i64) -> anyhow::Result<Option<Candidate>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} AND v.id = ?2"))?;
    statement.query_and_then(params![HERE, version_id], candidate)?.next().transpose()
}
