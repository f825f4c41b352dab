//! What can be asked for on the command line.

use clap::{Args, Parser, Subcommand};
use overhaul_bundle::{Alias, GatewayId, ModelName, VersionNumber};

/// Compares, promotes and takes back versions of remaining-useful-life models.
#[derive(Parser)]
#[command(name = "overhaul", version)]
pub(crate) struct Arguments {
    /// The registry's URL.
    #[arg(long, global = true, env = "OVERHAUL_REGISTRY", default_value = "http://127.0.0.1:5000")]
    pub(crate) registry: String,
    /// Answer in JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Registered models and their versions.
    Models {
        #[command(subcommand)]
        command: Models,
    },
    /// Gateways and what they report; without more, lists them.
    Gateways {
        #[command(subcommand)]
        command: Option<Gateways>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Gateways {
    /// Lists the gateways that ever reported, and what they run.
    List,
    /// Shows what is known of one gateway, and what it reported last.
    Show {
        /// The gateway's id.
        id: GatewayId,
        /// Only reports of this kind, such as refused.
        #[arg(long)]
        kind: Option<String>,
        /// How many reports.
        #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        reports: u32,
    },
}

#[derive(Subcommand)]
pub(crate) enum Models {
    /// Lists the models and their published versions.
    List {
        /// Only this model.
        name: Option<ModelName>,
    },
    /// Shows everything about one version.
    Show {
        /// The model.
        name: ModelName,
        /// The version's number.
        version: VersionNumber,
    },
    /// Shows two versions side by side, and which is better by each figure.
    Compare {
        /// The model.
        name: ModelName,
        /// One version's number.
        first: VersionNumber,
        /// The other version's number.
        second: VersionNumber,
    },
    /// Points an alias at a version: gateways that follow the alias pull it.
    Promote(Promotion),
    /// Lists every move of the model's aliases, newest first.
    History {
        /// The model.
        name: ModelName,
    },
}

#[derive(Args)]
pub(crate) struct Promotion {
    /// The model.
    pub(crate) name: ModelName,
    /// The version's number.
    pub(crate) version: VersionNumber,
    /// The alias to move.
    #[arg(long, default_value = "production")]
    pub(crate) alias: Alias,
    /// Why, for the history.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Who promotes, for the history; without it, the user's name on this machine.
    #[arg(long = "as", value_name = "WHO")]
    pub(crate) actor: Option<String>,
}
