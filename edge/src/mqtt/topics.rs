//! The plain topics: `PREFIX/units/{id}/readings` in, `prediction` and `error` beside it out, and the gateway's status.

use overhaul_bundle::UnitId;

/// The plain topics under a prefix.
#[derive(Debug, Clone)]
pub(super) struct Topics {
    prefix: String,
}

impl Topics {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// What is subscribed to.
    pub(super) fn readings(&self) -> String {
        format!("{}/units/+/readings", self.prefix)
    }

    /// The unit whose readings come by a topic, if they do, or why it is none.
    pub(super) fn unit(&self, topic: &str) -> Option<Result<UnitId, String>> {
        let unit = topic.strip_prefix(&self.prefix)?.strip_prefix("/units/")?.strip_suffix("/readings")?;
        Some(unit.parse().map_err(|e: overhaul_bundle::names::InvalidName| e.to_string()))
    }

    pub(super) fn prediction(&self, unit: &UnitId) -> String {
        format!("{}/units/{unit}/prediction", self.prefix)
    }

    pub(super) fn error(&self, unit: &UnitId) -> String {
        format!("{}/units/{unit}/error", self.prefix)
    }

    pub(super) fn status(&self, client_id: &str) -> String {
        format!("{}/gateways/{client_id}/status", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_units_name_is_the_level_before_readings() {
        let topics = Topics::new("plant 1/overhaul");
        let unit = topics.unit("plant 1/overhaul/units/engine-7/readings").unwrap().unwrap();
        assert_eq!(topics.prediction(&unit), "plant 1/overhaul/units/engine-7/prediction");
        assert_eq!(topics.error(&unit), "plant 1/overhaul/units/engine-7/error");
        assert_eq!(topics.status("gw-1"), "plant 1/overhaul/gateways/gw-1/status");
        for other in
            ["plant 1/overhaul/units/a/prediction", "overhaul/units/a/readings", "", "plant 1/overhaul"]
        {
            assert!(topics.unit(other).is_none(), "{other}");
        }
        for bad in ["plant 1/overhaul/units//readings", "plant 1/overhaul/units/a\u{1}/readings"] {
            assert!(topics.unit(bad).unwrap().unwrap_err().contains("unit id"), "{bad}");
        }
        assert!(
            topics.unit(&format!("plant 1/overhaul/units/{}/readings", "x".repeat(10_240))).unwrap().is_err()
        );
    }

    proptest! {
        #[test]
        fn foreign_topics_never_panic(topic in ".{0,60}", unit in "[^/+#\\x00-\\x1f\\x7f-\\x9f ]{1,20}") {
            let topics = Topics::new("overhaul");
            let _ = topics.unit(&topic);
            if let Ok(id) = unit.parse::<UnitId>() {
                prop_assert_eq!(topics.unit(&format!("overhaul/units/{unit}/readings")), Some(Ok(id)));
            }
        }
    }
}
