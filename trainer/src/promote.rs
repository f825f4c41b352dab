//! Promotion that is honest: by validation units, and only over a production version that does worse on the same.

use std::fmt;

use overhaul_bundle::{Alias, ModelName, VersionNumber};
use overhaul_client::{AliasAnswer, MoveAlias, Registry};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::data::{Dataset, Split, Unit, split};
use crate::evaluate::{capped, rmse};
use crate::pulled::Pulled;
use crate::train::validation_labels_and_ends;

/// What a promotion is decided on.
pub struct Setting<'a> {
    /// The registry.
    pub registry: &'a Registry,
    /// What the registry's calls run on.
    pub runtime: &'a Runtime,
    /// The registered model.
    pub name: &'a ModelName,
    /// The data of this run.
    pub dataset: &'a Dataset,
    /// Its split.
    pub parts: &'a Split,
    /// The ceiling on labels, in cycles.
    pub rul_cap: f64,
}

/// A version of this run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Its number.
    pub version: VersionNumber,
    /// Its architecture.
    pub model_type: String,
    /// RMSE on the validation units, in cycles.
    pub validation_rmse: f64,
}

/// Whether production moved, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// True if `production` points at the candidate now.
    pub promoted: bool,
    /// The best of this run by validation RMSE.
    pub candidate: Candidate,
    /// The production version that it was compared with.
    pub production: Option<VersionNumber>,
    /// That version's RMSE on windows of validation units that neither version was trained on, in cycles.
    pub production_rmse: Option<f64>,
    /// The candidate's on the same windows; that of all validation units is in `candidate`.
    pub candidate_rmse: Option<f64>,
    /// Why, for people.
    pub reason: String,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Candidate { version, model_type, .. } = &self.candidate;
        let done =
            if self.promoted { "production is now" } else { "production was left alone, not moved to" };
        write!(f, "{done} version {version} ({model_type}): {}", self.reason)
    }
}

/// Points production at the best candidate by validation RMSE, if it is better than the production version on the
/// same validation units. The test set has no say.
pub fn auto_promote(setting: &Setting<'_>, candidates: &[Candidate]) -> anyhow::Result<Verdict> {
    let best = candidates.iter().min_by(|a, b| a.validation_rmse.total_cmp(&b.validation_rmse));
    let Some(candidate) = best.cloned() else { anyhow::bail!("no version of this run was published") };
    let alias: Alias = "production".parse()?;
    let current = match setting.runtime.block_on(setting.registry.alias(setting.name, &alias, None)) {
        Ok(AliasAnswer::Current { target, .. }) => Some(target.version),
        Ok(AliasAnswer::Unchanged) => None,
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error.into()),
    };
    let mut verdict = Verdict {
        promoted: false,
        candidate,
        production: current,
        production_rmse: None,
        candidate_rmse: None,
        reason: String::new(),
    };
    let better = match current {
        None => {
            verdict.reason.push_str("there was no production version yet");
            true
        }
        Some(current) => challenge(setting, current, &mut verdict)?,
    };
    if better {
        let to = MoveAlias {
            version: verdict.candidate.version,
            actor: "overhaul-trainer --auto-promote".to_owned(),
            reason: Some(verdict.reason.clone()),
        };
        setting.runtime.block_on(setting.registry.move_alias(setting.name, &alias, &to))?;
        verdict.promoted = true;
    }
    Ok(verdict)
}

/// Whether the candidate is better than the production version on validation windows of units that neither was
/// trained on.
fn challenge(setting: &Setting<'_>, current: VersionNumber, verdict: &mut Verdict) -> anyhow::Result<bool> {
    let fetch = |version| Pulled::fetch(setting.registry, setting.runtime, setting.name, version);
    let (production, candidate) = (fetch(current)?, fetch(verdict.candidate.version)?);
    let metadata = &production.metadata;
    if metadata.feature_columns != setting.dataset.schema.features {
        verdict.reason = format!(
            "version {current} in production reads other columns, so the two cannot be compared here"
        );
        return Ok(false);
    }
    let trained_on = match (metadata.dataset_sha256, metadata.split_seed.or(metadata.seed)) {
        (Some(sha256), Some(seed)) if sha256 == setting.dataset.sha256 => {
            split::split(setting.dataset.train.clone(), seed)?.train
        }
        _ => Vec::new(),
    };
    let fresh: Vec<Unit> = setting
        .parts
        .validation
        .iter()
        .filter(|unit| trained_on.iter().all(|known| known.id != unit.id))
        .cloned()
        .collect();
    if fresh.is_empty() {
        verdict.reason = format!(
            "version {current} in production was trained on all validation units of this run; train with its --split-seed to compare"
        );
        return Ok(false);
    }
    let (labels, ends) = validation_labels_and_ends(&fresh, setting.rul_cap);
    let truth = capped(&labels, setting.rul_cap);
    let theirs = rmse(&production.predict_at(&fresh, &ends)?, &truth);
    let ours = rmse(&candidate.predict_at(&fresh, &ends)?, &truth);
    (verdict.production_rmse, verdict.candidate_rmse) = (Some(theirs), Some(ours));
    let units = match fresh.len() {
        1 => "unit".to_owned(),
        count => format!("{count} units"),
    };
    let comparison = format!(
        "validation RMSE {ours:.2} against {theirs:.2} of version {current} in production, on the same {units}"
    );
    let elsewhere = if trained_on.is_empty() && metadata.dataset_sha256 != Some(setting.dataset.sha256) {
        " (whether it was trained on some of them is not known)"
    } else {
        ""
    };
    verdict.reason = format!("{comparison}{elsewhere}");
    Ok(ours < theirs)
}
