//! The agent's settings: from flags, the environment, a file and defaults, in this order.
//!
//! | module | holds |
//! | --- | --- |
//! | [`keys`] | every key, with its flag, its variable, its default and its meaning |
//! | [`flags`] | what the command line and the environment say |
//! | `file` | what the file says: each mistake with its line |
//! | `nearest` | the key that was probably meant |
//! | [`layers`] | which of them counts, and where a value came from |
//! | `value` | texts such as `10s` and `512 KiB/s`, read |
//! | [`settings`] | all of it, typed |
//! | [`show`] | all of it as TOML, with where each value came from |
//! | [`check`] | whether the files and folders that it names can be used |
//! | [`change`] | what another reading changes, and what of it needs a restart |

pub mod change;
pub mod check;
pub mod file;
pub mod flags;
pub mod keys;
pub mod layers;
mod nearest;
pub mod settings;
pub mod show;
mod value;

use overhaul_bundle::Mistake;

pub use file::File;
pub use flags::Flags;
pub use layers::{Layers, Origin};
pub use settings::{Address, Log, LogFormat, Settings, Source};

/// All that is wrong with a configuration; each is one line, with the place, the value and the mend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl From<Mistakes> for Mistake {
    /// One line each, as a program reports them.
    fn from(mistakes: Mistakes) -> Self {
        Self::new(mistakes.0.join("\nerror: "))
    }
}

/// Settings, and where each came from.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the agent goes by.
    pub settings: Settings,
    /// Where it came from.
    pub layers: Layers,
}

/// Where an agent with these flags answers, whatever the other settings are.
pub fn address(flags: &Flags) -> Result<Address, Mistakes> {
    // What is wrong with the rest of the file is no matter here.
    settings::address(&Layers::read(flags).0)
}

/// Reads the file that the flags name, else the usual one if it is there, and puts everything together.
pub fn load(flags: &Flags) -> Result<Config, Mistakes> {
    let (layers, mistakes) = Layers::read(flags);
    let read = settings::read(&layers);
    match read {
        Ok(settings) if mistakes.is_empty() => Ok(Config { settings, layers }),
        Ok(_) => Err(Mistakes(mistakes)),
        Err(Mistakes(more)) => Err(Mistakes([mistakes, more].concat())),
    }
}
