//! `log-batch`: any number of entries, in requests within the server's limits.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Entry, Metric, MlflowError, Run};

/// The most metrics in one request, and the most entries of all kinds (`MLflow`'s
/// `utils/validation.py`, as the other limits here).
const METRICS: usize = 1000;
/// The most parameters, and the most tags, in one request.
const ENTRIES: usize = 100;
/// The most bytes of one request are 1,000,000; what is not entries fits into the rest.
const BYTES: usize = 990_000;
/// The most characters of a parameter's value.
const PARAMETER: usize = 6000;
/// The most characters of a tag's value.
pub(super) const TAG: usize = 8000;

impl Run {
    /// Logs parameters; one that is logged already cannot get another value.
    pub async fn log_params(&self, params: &[Entry]) -> Result<(), MlflowError> {
        check(params, PARAMETER)?;
        self.log("params", params, ENTRIES).await
    }

    /// Logs metrics.
    pub async fn log_metrics(&self, metrics: &[Metric]) -> Result<(), MlflowError> {
        self.log("metrics", metrics, METRICS).await
    }

    /// Sets tags, over older values.
    pub async fn set_tags(&self, tags: &[Entry]) -> Result<(), MlflowError> {
        check(tags, TAG)?;
        self.log("tags", tags, ENTRIES).await
    }

    async fn log<T: Serialize>(&self, kind: &str, items: &[T], most: usize) -> Result<(), MlflowError> {
        for batch in batches(items, most) {
            let body = json!({ "run_id": self.id(), kind: batch });
            self.server().post::<Value>(&["runs", "log-batch"], &body).await?;
        }
        Ok(())
    }
}

/// Refuses a value that `MLflow` would cut or refuse, before anything is sent.
pub(super) fn check(entries: &[Entry], limit: usize) -> Result<(), MlflowError> {
    for Entry { key, value } in entries {
        let length = value.chars().count();
        if length > limit {
            return Err(MlflowError::TooLong { key: key.clone(), length, limit });
        }
    }
    Ok(())
}

/// Items in their order, in pieces of at most `most` items and [`BYTES`] bytes of JSON.
fn batches<T: Serialize>(items: &[T], most: usize) -> Vec<&[T]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, item) in items.iter().enumerate() {
        // What cannot be written has no size; sending it will say why.
        let size = serde_json::to_vec(item).map_or(0, |json| json.len() + 1);
        if index > start && (index - start == most || bytes + size > BYTES) {
            batches.push(&items[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += size;
    }
    if start < items.len() {
        batches.push(&items[start..]);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_one_batch_in_its_order() {
        let items: Vec<u32> = (0..2500).collect();
        let batches = batches(&items, 1000);
        assert_eq!(batches.iter().map(|batch| batch.len()).collect::<Vec<_>>(), [1000, 1000, 500]);
        assert_eq!(batches.concat(), items);
    }

    #[test]
    fn nothing_makes_no_request() {
        assert!(batches::<u32>(&[], 1000).is_empty());
    }

    #[test]
    fn long_values_make_more_batches() {
        // Six bytes each in JSON: 6000 of them are within the limit of one value.
        let items = vec![Entry::new("k", "\u{1}".repeat(6000)); 100];
        let batches = batches(&items, 100);
        assert_eq!(batches.concat(), items);
        assert!(batches.len() > 1);
        for batch in batches {
            assert!(serde_json::to_vec(&batch).unwrap().len() <= 1_000_000 - 1000);
        }
    }
}
