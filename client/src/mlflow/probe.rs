//! Whether a server speaks `MLflow`'s tracking API: an Overhaul registry alone does not.

use super::experiment::Found;
use super::{Mlflow, MlflowError};
use crate::Access;

/// What is at a URL.
#[derive(Debug, Clone)]
pub enum Probe {
    /// A tracking server.
    There(Mlflow),
    /// Nothing that runs can be logged to; the words say why.
    NotThere(String),
}

impl Mlflow {
    /// Asks what is at a URL.
    ///
    /// A bad URL, a token that is refused and a server that fails (5xx) are errors: something is
    /// there, and the user wants to know.
    pub async fn probe(url: &str, access: &Access) -> Result<Probe, MlflowError> {
        Self::with(url, access)?.tried().await
    }

    /// Asks whether this server is one.
    pub async fn tried(self) -> Result<Probe, MlflowError> {
        let not_there = |problem: &str| Ok(Probe::NotThere(format!("{}: {problem}", self.url())));
        // Every tracking server was made with the experiment `Default`; one that was renamed or
        // deleted is told apart from an API that is not there by its error code.
        match self.get::<Found>(self.by_name("Default")).await {
            Ok(_) => Ok(Probe::There(self)),
            Err(error) if error.is_refused("RESOURCE_DOES_NOT_EXIST") => Ok(Probe::There(self)),
            Err(MlflowError::Refused { status: 404 | 405, .. }) => {
                not_there("the server there has no tracking API of MLflow")
            }
            Err(MlflowError::NotUnderstood { .. }) => not_there("the server there is no MLflow"),
            Err(error) if error.is_unreachable() => not_there("no server answers there"),
            Err(error) => Err(error),
        }
    }
}
