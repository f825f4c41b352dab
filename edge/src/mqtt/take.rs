//! From a message to the units, as `POST /units/{id}/readings` goes, but for two rules: each reading has its cycle
//! number, and what cannot be kept now is not refused.

use std::sync::Arc;

use bytes::Bytes;
use overhaul_bundle::UnitId;
use serde_json::Value;

use crate::agent::PredictError;
use crate::model::CallError;
use crate::units::answer::UnitAnswer;
use crate::units::body::Format;
use crate::units::{LogError, UnitError, Units};

/// The most bytes of one message with readings.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// Why readings are not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// They would not be taken another time either.
    Refused(String),
    /// They may be taken later.
    NotNow(String),
}

/// Takes readings and predicts.
pub(super) async fn take(units: &Arc<Units>, unit: UnitId, body: Bytes) -> Result<UnitAnswer, Failure> {
    if let Some(line) = lacks_cycle(&body) {
        return Err(Failure::Refused(line));
    }
    units.post(unit, Format::Json, body).await.map_err(|e| {
        if may_pass(&e) { Failure::NotNow(e.to_string()) } else { Failure::Refused(e.to_string()) }
    })
}

/// Whether an error lies in the gateway's present state rather than in the readings.
fn may_pass(error: &UnitError) -> bool {
    match error {
        UnitError::Loading | UnitError::Log(LogError::Disk(_) | LogError::Ending) => true,
        UnitError::Predict(error) => {
            matches!(error, PredictError::NoModel | PredictError::Call(CallError::Busy | CallError::Ending))
        }
        _ => false,
    }
}

/// A broker may send a message twice, and a reading without a cycle number would then count twice. What is no list of
/// readings at all is left to who reads them.
fn lacks_cycle(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let list = match &document {
        Value::Array(list) => list,
        Value::Object(object) => match object.get("readings") {
            Some(Value::Array(list)) => list,
            _ => std::slice::from_ref(&document),
        },
        _ => return None,
    };
    let lacks = |reading: &Value| {
        reading.as_object().is_some_and(|reading| reading.get("cycle").is_none_or(Value::is_null))
    };
    let place = list.iter().position(lacks)?;
    Some(format!(
        "reading {place} has no cycle; a broker may send a message twice, so over MQTT each reading has its cycle \
         number: send {{\"cycle\": 12, \"values\": [numbers]}}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_without_a_cycle_is_found_wherever_it_stands() {
        for (body, place) in [
            (r#"{"values": [1]}"#, Some("reading 0")),
            (r#"{"cycle": null, "values": [1]}"#, Some("reading 0")),
            (r#"[{"cycle": 1}, {"values": [1]}]"#, Some("reading 1")),
            (r#"{"readings": [{"cycle": 1}, {"cycle": 2}, {}]}"#, Some("reading 2")),
            (r#"{"readings": [{"cycle": 1}]}"#, None),
            (r#"{"cycle": 0, "values": []}"#, None),
            ("[]", None),
            ("no JSON", None),
            ("7", None),
            ("[7]", None),
        ] {
            let line = lacks_cycle(body.as_bytes());
            assert_eq!(line.is_some(), place.is_some(), "{body}");
            assert!(line.unwrap_or_default().contains(place.unwrap_or_default()));
        }
    }

    #[test]
    fn only_what_lies_in_the_gateways_state_is_tried_again() {
        assert!(may_pass(&UnitError::Predict(PredictError::NoModel)));
        assert!(may_pass(&UnitError::Log(LogError::Disk("full".to_owned()))));
        assert!(!may_pass(&UnitError::TooMany { unit: "a".parse().unwrap(), most: 1 }));
    }
}
