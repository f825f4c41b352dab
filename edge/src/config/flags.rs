//! What the command line and the environment say: a flag and a variable for each key.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::keys::KEYS;
use super::layers::Origin;

/// The variable that names the file.
pub const VARIABLE: &str = "OVERHAUL_EDGE_CONFIG";
/// The flag that names the file.
const CONFIG: &str = "config";
/// What counts as `log.level` when nothing of the agent's own says anything in the environment.
const RUST_LOG: (&str, &str) = ("log.level", "RUST_LOG");

/// What the command line and the environment say.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The file that is named.
    pub(super) config: Option<PathBuf>,
    /// Values as they were written, by key.
    pub(super) given: BTreeMap<&'static str, (String, Origin)>,
}

impl Flags {
    /// What the environment alone says, with the file that is named.
    pub fn of_environment(config: Option<PathBuf>) -> Self {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let given = KEYS
            .iter()
            .filter_map(|key| Some((key.path, (variable(key.variable)?, Origin::environment(key)))));
        let config = config.or_else(|| variable(VARIABLE).map(PathBuf::from));
        Self { config, given: given.collect() }.with_rust_log()
    }

    fn with_rust_log(mut self) -> Self {
        let (path, name) = RUST_LOG;
        if let Some(level) = env::var(name).ok().filter(|level| !level.is_empty()) {
            self.given.entry(path).or_insert((level, Origin::Environment(name)));
        }
        self
    }
}

impl clap::Args for Flags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new(CONFIG)
            .long(CONFIG)
            .env(VARIABLE)
            .hide_env_values(true)
            .value_name("FILE")
            .help("The file with the settings [default: /etc/overhaul-edge/config.toml, if it is there]");
        KEYS.iter().fold(command.arg(config), |command, key| {
            let default = key.default.map(|text| format!(" [default: {text}]")).unwrap_or_default();
            let mut arg = Arg::new(key.path)
                .long(key.flag)
                .env(key.variable)
                .hide_env_values(true)
                .value_name(key.value)
                .help(format!("{}{default}", key.meaning));
            if let Some(alias) = key.alias {
                arg = arg.visible_alias(alias);
            }
            command.arg(arg)
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = KEYS.iter().filter_map(|key| {
            let value = matches.get_one::<String>(key.path)?;
            let origin = match matches.value_source(key.path)? {
                ValueSource::EnvVariable => Origin::environment(key),
                _ => Origin::flag(key),
            };
            // Files of variables for services leave what is not wanted empty.
            let is_left_out = value.is_empty() && origin != Origin::flag(key);
            (!is_left_out).then(|| (key.path, (value.clone(), origin)))
        });
        let config = matches.get_one::<String>(CONFIG).filter(|path| !path.is_empty()).map(PathBuf::from);
        Ok(Self { config, given: given.collect() }.with_rust_log())
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
