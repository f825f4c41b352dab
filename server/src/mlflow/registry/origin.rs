//! Where a version comes from, as far as this server can vouch for it: a source is taken only from whoever also
//! names the run or the logged model that contains it.

use rusqlite::Connection;

use super::params::{Meant, find_model};
use super::source::{Source, Which, invalid, is_within, tidy};
use crate::api::ApiError;
use crate::store::lineage::{self, Origin};
use crate::store::model_tags;
use crate::store::model_versions::{self, InvalidStage, Stage};

/// What a request says of a version's origin.
#[derive(Debug)]
pub(super) struct Stated {
    /// The source's text and what it means.
    pub(super) source: (String, Source),
    pub(super) run_id: Option<String>,
    pub(super) model_id: Option<String>,
}

impl Stated {
    /// The source as it is kept, and the origin that it has.
    pub(super) fn resolve(self, connection: &Connection) -> Result<(String, Origin), ApiError> {
        let (text, source) = &self.source;
        let run_id = self.run_id.as_deref().filter(|id| !id.is_empty());
        let model_id = self.model_id.as_deref().filter(|id| !id.is_empty());
        let of_run = || invalid(text, "The parameter run_id must name the run that contains it.");
        let of_model =
            || invalid(text, "The parameter model_id must name the logged model that contains it.");

        // A logged model, where one is named, must be there, and it knows its run.
        let logged =
            model_id.map(|id| lineage::logged_model(connection, id)?.ok_or_else(of_model)).transpose()?;
        let of_logged = logged.as_ref().and_then(|model| model.source_run_id.clone());

        let storage_uri = match source {
            Source::Version { name, which } => return self.copied(connection, name, which),
            Source::Prompt | Source::Elsewhere => text.clone(),
            Source::LoggedModel(id) if model_id == Some(id) => {
                logged.as_ref().map(|model| model.artifact_uri.clone()).ok_or_else(of_model)?
            }
            Source::LoggedModel(_) => return Err(of_model()),
            Source::Run { .. } if model_id.is_some() => return Err(of_model()),
            Source::Run { run_id: id, path } if run_id == Some(id) => {
                let root = lineage::run_root(connection, id)?.ok_or_else(of_run)?;
                below_run(connection, id, &root, path)?
            }
            Source::Run { .. } => return Err(of_run()),
            Source::Artifacts => {
                let root = match (&logged, run_id) {
                    (Some(model), _) => Some(model.artifact_uri.clone()),
                    (None, Some(id)) => lineage::run_root(connection, id)?,
                    (None, None) => None,
                };
                let refusal = if model_id.is_some() { of_model() } else { of_run() };
                root.filter(|root| is_within(text, root)).map(|_| tidy(text)).ok_or(refusal)?
            }
        };
        // An id that was left out is empty, as the real server keeps it, unless the logged model has a run.
        let run_id = match (run_id, model_id) {
            (Some(id), _) => Some(id.to_owned()),
            (None, Some(_)) => of_logged,
            (None, None) => Some(String::new()),
        };
        let logged_model = model_id.map(str::to_owned);
        Ok((self.source.0, Origin { storage_uri, run_id, logged_model }))
    }

    /// The origin of the version that is copied, named by its number.
    fn copied(
        &self,
        connection: &Connection,
        name: &overhaul_bundle::ModelName,
        which: &Which,
    ) -> Result<(String, Origin), ApiError> {
        let text = &self.source.0;
        let model = find_model(connection, name)?;
        if model_tags::is_prompt(connection, name.as_str())? {
            return Err(invalid(text, "It is a prompt, which has no files."));
        }
        let number = match which {
            Which::Number(number) => Meant::parse(Some(name.to_string()), Some(number.clone()))?.number()?,
            Which::Latest => of(model_versions::newest(connection, name)?, text)?,
            Which::Alias(alias) => of(model_versions::by_alias(connection, name, alias)?, text)?,
            Which::Stage(stage) => {
                let stage = stage.parse::<Stage>();
                let stage = stage.map_err(|e: InvalidStage| invalid(text, e))?;
                let versions = model_versions::latest(connection, &[model.id])?;
                of(versions.into_iter().find(|version| version.stage == stage), text)?
            }
        };
        let origin = lineage::version(connection, name, number)?;
        let origin = origin.ok_or_else(|| {
            ApiError::not_found(format!("Model Version (name={name}, version={number}) not found"))
        })?;
        let same = |stated: &Option<String>, kept: &Option<String>| {
            stated.as_ref().is_none_or(|id| *id == *kept.as_deref().unwrap_or_default())
        };
        if !same(&self.run_id, &origin.run_id) || !same(&self.model_id, &origin.logged_model) {
            return Err(invalid(text, "run_id and model_id must be those of the version that it names."));
        }
        Ok((format!("models:/{name}/{number}"), origin))
    }
}

fn of(
    version: Option<model_versions::ModelVersion>,
    text: &str,
) -> Result<overhaul_bundle::VersionNumber, ApiError> {
    let none = || ApiError::not_found(format!("Model Version {text} not found"));
    version.map(|version| version.version).ok_or_else(none)
}

/// A place below a run: its logged model of that name, which `MLflow` prefers, or its own artifacts.
fn below_run(connection: &Connection, run_id: &str, root: &str, path: &str) -> Result<String, ApiError> {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let model = lineage::model_of_run(connection, run_id, name)?;
    let (root, path) = model.as_ref().map_or((root, path), |model| (model.as_str(), rest));
    let root = root.trim_end_matches('/');
    Ok(if path.is_empty() { root.to_owned() } else { format!("{root}/{path}") })
}
