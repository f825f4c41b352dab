//! What webhooks are told of: the events of `MLflow`'s model registry.
//!
//! `MLflow` knows events of prompts and of budgets as well. Nothing makes them here, so that a webhook for them
//! would wait for ever: they are refused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use overhaul_bundle::VersionNumber;
use serde::{Serialize, Serializer};

/// A kind of event, which webhooks subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A model was registered.
    RegisteredModelCreated,
    /// A version was created.
    ModelVersionCreated,
    /// A tag of a version was set.
    ModelVersionTagSet,
    /// A tag of a version was deleted.
    ModelVersionTagDeleted,
    /// An alias was pointed at a version: made or moved.
    ModelVersionAliasCreated,
    /// An alias was deleted.
    ModelVersionAliasDeleted,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RegisteredModelCreated,
        Self::ModelVersionCreated,
        Self::ModelVersionTagSet,
        Self::ModelVersionTagDeleted,
        Self::ModelVersionAliasCreated,
        Self::ModelVersionAliasDeleted,
    ];

    /// What it is of, such as `model_version_tag`.
    pub fn entity(self) -> &'static str {
        self.names().0
    }

    /// What happened to it, such as `set`.
    pub fn action(self) -> &'static str {
        self.names().1
    }

    /// The kind of an entity and an action.
    pub fn find(entity: &str, action: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.names() == (entity, action))
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::RegisteredModelCreated => ("registered_model", "created"),
            Self::ModelVersionCreated => ("model_version", "created"),
            Self::ModelVersionTagSet => ("model_version_tag", "set"),
            Self::ModelVersionTagDeleted => ("model_version_tag", "deleted"),
            Self::ModelVersionAliasCreated => ("model_version_alias", "created"),
            Self::ModelVersionAliasDeleted => ("model_version_alias", "deleted"),
        }
    }
}

/// One event, with what `MLflow` says of it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the fields are named as the registry's are")]
pub enum Event<'a> {
    /// A model was registered.
    RegisteredModelCreated {
        name: &'a str,
        tags: BTreeMap<&'a str, &'a str>,
        /// Empty where there is none.
        description: &'a str,
    },
    /// A version was created.
    ModelVersionCreated {
        name: &'a str,
        #[serde(serialize_with = "text")]
        version: VersionNumber,
        source: &'a str,
        run_id: Option<&'a str>,
        tags: BTreeMap<&'a str, &'a str>,
        description: Option<&'a str>,
    },
    /// A tag of a version was set.
    ModelVersionTagSet {
        name: &'a str,
        #[serde(serialize_with = "text")]
        version: VersionNumber,
        key: &'a str,
        value: &'a str,
    },
    /// A tag of a version was deleted.
    ModelVersionTagDeleted {
        name: &'a str,
        #[serde(serialize_with = "text")]
        version: VersionNumber,
        key: &'a str,
    },
    /// An alias was pointed at a version: made or moved.
    ModelVersionAliasCreated {
        name: &'a str,
        alias: &'a str,
        #[serde(serialize_with = "text")]
        version: VersionNumber,
    },
    /// An alias was deleted.
    ModelVersionAliasDeleted { name: &'a str, alias: &'a str },
}

impl Event<'_> {
    /// Its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::RegisteredModelCreated { .. } => EventKind::RegisteredModelCreated,
            Self::ModelVersionCreated { .. } => EventKind::ModelVersionCreated,
            Self::ModelVersionTagSet { .. } => EventKind::ModelVersionTagSet,
            Self::ModelVersionTagDeleted { .. } => EventKind::ModelVersionTagDeleted,
            Self::ModelVersionAliasCreated { .. } => EventKind::ModelVersionAliasCreated,
            Self::ModelVersionAliasDeleted { .. } => EventKind::ModelVersionAliasDeleted,
        }
    }

    /// The registered model that it is of.
    pub fn model(&self) -> &str {
        match self {
            Self::RegisteredModelCreated { name, .. }
            | Self::ModelVersionCreated { name, .. }
            | Self::ModelVersionTagSet { name, .. }
            | Self::ModelVersionTagDeleted { name, .. }
            | Self::ModelVersionAliasCreated { name, .. }
            | Self::ModelVersionAliasDeleted { name, .. } => name,
        }
    }

    /// The body of its deliveries.
    pub fn payload(&self, at: Timestamp) -> serde_json::Result<String> {
        let kind = self.kind();
        // With an offset in digits, which Python before 3.11 reads and a `Z` it does not.
        let timestamp = at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
        serde_json::to_string(&Payload {
            entity: kind.entity(),
            action: kind.action(),
            timestamp,
            data: self,
        })
    }

    /// What a test of a webhook sends: the example of a kind, as `MLflow` documents it.
    pub fn example(kind: EventKind) -> Self {
        let (name, version, key, alias) =
            ("example_model", VersionNumber::FIRST, "example_key", "example_alias");
        let tags = BTreeMap::from([(key, "example_value")]);
        match kind {
            EventKind::RegisteredModelCreated => {
                Self::RegisteredModelCreated { name, tags, description: "An example registered model" }
            }
            EventKind::ModelVersionCreated => Self::ModelVersionCreated {
                name,
                version,
                source: "models:/123",
                run_id: Some("abcd1234abcd5678"),
                tags,
                description: Some("An example model version"),
            },
            EventKind::ModelVersionTagSet => {
                Self::ModelVersionTagSet { name, version, key, value: "example_value" }
            }
            EventKind::ModelVersionTagDeleted => Self::ModelVersionTagDeleted { name, version, key },
            EventKind::ModelVersionAliasCreated => Self::ModelVersionAliasCreated { name, alias, version },
            EventKind::ModelVersionAliasDeleted => Self::ModelVersionAliasDeleted { name, alias },
        }
    }
}

#[derive(Serialize)]
struct Payload<'a> {
    entity: &'static str,
    action: &'static str,
    timestamp: String,
    data: &'a Event<'a>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
fn text<S: Serializer>(version: &VersionNumber, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_names_and_has_an_example_of_itself() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::find(kind.entity(), kind.action()), Some(kind));
            assert_eq!(Event::example(kind).kind(), kind);
        }
        assert_eq!(EventKind::find("prompt", "created"), None);
        assert_eq!(EventKind::find("model_version", "deleted"), None);
    }

    #[test]
    fn a_payload_says_what_happened_as_mlflow_says_it() {
        let at = "2026-03-01T12:00:00.125Z".parse().unwrap();
        let payload = Event::example(EventKind::ModelVersionCreated).payload(at).unwrap();
        assert_eq!(
            payload,
            r#"{"entity":"model_version","action":"created","timestamp":"2026-03-01T12:00:00.125000+00:00","data":{"name":"example_model","version":"1","source":"models:/123","run_id":"abcd1234abcd5678","tags":{"example_key":"example_value"},"description":"An example model version"}}"#
        );
        let payload = Event::example(EventKind::ModelVersionAliasDeleted).payload(at).unwrap();
        assert!(
            payload.ends_with(r#""data":{"name":"example_model","alias":"example_alias"}}"#),
            "{payload}"
        );
    }
}
