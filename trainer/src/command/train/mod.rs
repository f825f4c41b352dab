//! `train`: from data to bundles, published if there is a registry.
//!
//! | module | holds |
//! | --- | --- |
//! | `session` | what all models of one command share: data, split, component, destination |
//! | `one` | one kind of model: its seeds, its best, its bundle |
//! | `page` | its report |
//! | `tracking` | its log in MLflow's tracking API |
//! | `answer` | what programs are told |

use crate::cli::TrainArguments;
use crate::data::scaler;
use crate::promote;

mod answer;
mod one;
mod page;
mod session;
mod tracking;

use answer::{Answer, Summary};
use one::Delivered;
use session::Session;

/// Trains, evaluates, checks, writes and publishes one version of each kind of model that was asked for.
pub(super) fn train_command(arguments: &TrainArguments) -> anyhow::Result<()> {
    let session = Session::open(arguments)?;
    let mut scaler = scaler::fit(&session.parts.train, &session.dataset.schema);
    let (rul_cap, least) = (arguments.rul_cap, arguments.min_correlation);
    scaler::ignore_irrelevant(&mut scaler, &session.parts.train, rul_cap, least);
    session.describe(&scaler);
    let mut summaries: Vec<Summary> = Vec::new();
    let mut candidates = Vec::new();
    for architecture in arguments.model.architectures() {
        let Delivered { summary, candidate } = one::train_one(&session, &scaler, architecture)?;
        summaries.push(summary);
        candidates.extend(candidate);
    }
    if summaries.len() > 1 {
        answer::table(session.console, &summaries);
    }
    let promotion = match (arguments.auto_promote, session.destination.registry()) {
        (true, Some(registry)) => {
            let verdict = promote::auto_promote(
                &promote::Setting {
                    registry,
                    runtime: session.destination.runtime(),
                    name: &arguments.name,
                    dataset: &session.dataset,
                    parts: &session.parts,
                    rul_cap: arguments.rul_cap,
                },
                &candidates,
            )?;
            session.console.line(format!("promotion: {verdict}"));
            Some(verdict)
        }
        _ => None,
    };
    session.console.answer(&Answer::new(summaries, promotion))
}
