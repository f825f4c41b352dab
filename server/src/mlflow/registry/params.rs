//! The parameters of the registry's requests: what must be there, names, and which version is meant.

use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::Connection;

use crate::api::ApiError;
use crate::mlflow::check::required;
use crate::store::model_versions::{self, ModelVersion};
use crate::store::registered_models::{self, RegisteredModel};

/// The name of a registered model.
pub(super) fn model_name(parameter: &str, value: Option<String>) -> Result<ModelName, ApiError> {
    Ok(required(parameter, value)?.parse()?)
}

/// A registered model that must be there.
pub(super) fn find_model(connection: &Connection, name: &ModelName) -> Result<RegisteredModel, ApiError> {
    registered_models::find(connection, name)?.ok_or_else(|| no_model(name))
}

/// That there is no such registered model.
pub(super) fn no_model(name: &ModelName) -> ApiError {
    ApiError::not_found(format!("Registered Model with name={name} not found"))
}

/// The version that a request means.
#[derive(Debug)]
pub(super) struct Meant {
    pub(super) name: ModelName,
    /// As the request has it.
    text: String,
    /// `None` when no version can have it, such as 0.
    number: Option<VersionNumber>,
}

impl Meant {
    /// From the parameters `name` and `version`; an error when the version is no whole number.
    pub(super) fn parse(name: Option<String>, version: Option<String>) -> Result<Self, ApiError> {
        let name = model_name("name", name)?;
        let text = required("version", version)?;
        // MLflow takes `01` and ` 1` for 1, and answers that 0 is not there.
        let digits = text.trim().trim_start_matches(['+', '-']);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            let message = format!("Parameter 'version' must be an integer, got '{text}'.");
            return Err(ApiError::invalid(message));
        }
        let number = text.trim().parse::<u32>().ok().and_then(|number| number.try_into().ok());
        Ok(Self { name, text, number })
    }

    pub(super) fn number(&self) -> Result<VersionNumber, ApiError> {
        self.number.ok_or_else(|| self.not_found())
    }

    /// That there is no such version.
    pub(super) fn not_found(&self) -> ApiError {
        let Self { name, text, .. } = self;
        ApiError::not_found(format!("Model Version (name={name}, version={text}) not found"))
    }

    /// The version's row.
    pub(super) fn find(&self, connection: &Connection) -> Result<ModelVersion, ApiError> {
        let number = self.number()?;
        model_versions::find(connection, &self.name, number)?.ok_or_else(|| self.not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(version: &str) -> Result<Meant, ApiError> {
        Meant::parse(Some("RUL".to_owned()), Some(version.to_owned()))
    }

    #[test]
    fn a_version_is_a_whole_number_however_it_is_spelt() {
        for (text, number) in [("3", 3), ("03", 3), (" 3 ", 3), ("+3", 3), ("4294967295", u32::MAX)] {
            assert_eq!(meant(text).unwrap().number.unwrap().get(), number, "{text:?}");
        }
        for none in ["0", "-1", "-0", "4294967296", "99999999999999999999999999"] {
            assert!(meant(none).unwrap().number.is_none(), "{none:?}");
        }
        for bad in ["", " ", "abc", "1.5", "1e3", "0x1", "+", "1 2", "१"] {
            assert!(meant(bad).is_err(), "{bad:?}");
        }
    }
}
