//! All settings, typed: every value is checked here, once.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use overhaul_bundle::{Alias, GatewayId, ModelName};
use overhaul_http::TlsFiles;
use serde::de::DeserializeOwned;

use super::layers::{Given, Layers, Origin};
use super::{Mistakes, keys, value};
use crate::agent::ProbationSettings;
use crate::mqtt;
use crate::sandbox::CompileLimits;
use crate::units::UnitSettings;

/// The slowest that downloads may be made, in bytes a second: registries cut off who reads nothing for a minute.
const LEAST_RATE: u64 = 16 << 10;
/// What compiling may be given, in bytes.
const COMPILE_MEMORY: std::ops::RangeInclusive<u64> = 16 << 20..=1 << 40;

/// What an agent goes by.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where versions come from.
    pub source: Source,
    /// The registered model to run.
    pub model: ModelName,
    /// The alias that names the version to run.
    pub alias: Alias,
    /// The id to report under, if it is named.
    pub gateway_id: Option<GatewayId>,
    /// The alias of the version that is compared with the one that answers, if there is one.
    pub shadow_alias: Option<Alias>,
    /// How often to report what happened.
    pub report_interval: Duration,
    /// Of how many predictions of units one is reported; 1 for all, 0 for none.
    pub report_predictions: u64,
    /// Where versions and the compiled component are kept.
    pub data_dir: Option<PathBuf>,
    /// Where to answer HTTP requests.
    pub listen: SocketAddr,
    /// How often to ask the registry.
    pub poll: Duration,
    /// The component to run, if it is named.
    pub component: Option<PathBuf>,
    /// The file with the registry's token, unless the environment holds the token itself and counts before it.
    pub token_file: Option<PathBuf>,
    /// Certificate authorities to trust beside the system's.
    pub ca_cert: Option<PathBuf>,
    /// The certificate to answer with over HTTPS.
    pub tls: Option<TlsFiles>,
    /// What is logged, and how.
    pub log: Log,
    /// How long a new version is watched.
    pub probation: ProbationSettings,
    /// What compiling a component may take.
    pub compile: CompileLimits,
    /// How fast bundles and components are downloaded at most, in bytes a second.
    pub download_rate: Option<NonZeroU64>,
    /// What is said about units.
    pub units: UnitSettings,
    /// The broker that readings come from, if one is named.
    pub mqtt: Option<mqtt::Settings>,
}

/// Where versions come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The registry at this URL.
    Registry(String),
    /// This one bundle.
    Bundle(PathBuf),
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How a line is written.
    pub format: LogFormat,
    /// What is let through: a level, or levels by part.
    pub level: String,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Reads all of it, and tells all that is wrong.
pub(super) fn read(layers: &Layers) -> Result<Settings, Mistakes> {
    let mut reader = Reader { layers, mistakes: Vec::new() };
    let settings = reader.settings();
    match settings {
        Some(settings) if reader.mistakes.is_empty() => Ok(settings),
        _ => Err(Mistakes(reader.mistakes)),
    }
}

/// Where an agent answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The address that it listens at.
    pub listen: SocketAddr,
    /// Whether it answers over HTTPS.
    pub is_tls: bool,
}

/// Reads where the agent answers, and nothing else.
pub(super) fn address(layers: &Layers) -> Result<Address, Mistakes> {
    let mut reader = Reader { layers, mistakes: Vec::new() };
    let is_tls = layers.given("tls.certificate").is_some();
    reader.listen().map(|listen| Address { listen, is_tls }).ok_or(Mistakes(reader.mistakes))
}

struct Reader<'a> {
    layers: &'a Layers,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    /// `None` only after a mistake.
    fn settings(&mut self) -> Option<Settings> {
        let data_dir = self.path("data-dir");
        let source = self.source(data_dir.is_some());
        let model = self.parsed("model");
        let alias = self.parsed("alias");
        let gateway_id = self.parsed("gateway-id");
        let shadow_alias = self.parsed("shadow.alias");
        let often = |text: &str| {
            value::duration(text, Duration::from_millis(100), "use 100ms to 24h, such as 10s or 5m")
        };
        let report_interval = self.read("report.interval", often);
        let report_predictions = self.read("report.predictions", value::one_in);
        let listen = self.listen();
        let poll = self.read("poll", often);
        let tls = self.tls();
        let format = self.read("log.format", |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("use text or json".to_owned()),
        });
        let level = self.read("log.level", value::level);
        let predictions = self.read("probation.predictions", value::count);
        let failures = self.read("probation.failures", value::count);
        let time = self.read("compile.timeout", |text| {
            value::duration(text, Duration::from_secs(1), "use 1s to 24h, such as 5m")
        });
        let memory_bytes = self.read("compile.memory", |text| {
            let bytes = value::bytes(text, Some(1 << 20)).filter(|bytes| COMPILE_MEMORY.contains(bytes));
            bytes.ok_or_else(|| "use 16 MiB to 1024 GiB, such as 512 MiB".to_owned())
        });
        let download_rate = self.read("download.rate", |text| {
            let bytes = text.strip_suffix("/s").and_then(|text| value::bytes(text, None));
            bytes
                .filter(|rate| *rate >= LEAST_RATE)
                .and_then(NonZeroU64::new)
                .ok_or_else(|| "use 16 KiB/s or more, such as 512 KiB/s or 2 MiB/s".to_owned())
        });
        let units = self.section("units").unwrap_or_default();
        let mqtt = self.section("mqtt");
        Some(Settings {
            source: source?,
            model: model?,
            alias: alias?,
            gateway_id,
            shadow_alias,
            report_interval: report_interval?,
            report_predictions: report_predictions?,
            data_dir,
            listen: listen?,
            poll: poll?,
            component: self.path("component"),
            token_file: self.path("token-file"),
            ca_cert: self.path("ca-cert"),
            tls,
            log: Log { format: format?, level: level? },
            probation: ProbationSettings { predictions: predictions?, failures: failures? },
            compile: CompileLimits { memory_bytes: memory_bytes?, time: time? },
            download_rate,
            units,
            mqtt,
        })
    }

    fn listen(&mut self) -> Option<SocketAddr> {
        self.read("listen", |text| {
            text.parse()
                .map_err(|_| "use an address and a port, such as 127.0.0.1:8000 or [::]:8000".to_owned())
        })
    }

    /// The registry or the bundle, whichever the stronger layer names.
    fn source(&mut self, has_data_dir: bool) -> Option<Source> {
        let bundle = self.layers.given("bundle");
        let registry = self.layers.given("registry");
        let rank = |given: &Option<Given>| given.as_ref().map_or(u8::MAX, |given| given.origin.rank());
        match (&bundle, &registry) {
            (Some(bundle), _) if rank(&Some(bundle.clone())) <= rank(&registry) => {
                self.nothing_of_a_registry(bundle);
                Some(Source::Bundle(PathBuf::from(&bundle.text)))
            }
            (_, Some(registry)) => {
                if !has_data_dir {
                    let told = self.layers.told("registry", registry);
                    self.mistakes.push(format!("{told} needs a place to keep versions: name --data-dir DIR"));
                }
                Some(Source::Registry(registry.text.clone()))
            }
            _ => {
                let place = if has_data_dir { "" } else { " and --data-dir DIR" };
                let flags = format!("name --registry URL{place}, or --bundle DIR");
                self.mistakes.push(match self.layers.file() {
                    Some(file) => {
                        format!(
                            "{} names neither a registry nor a bundle; set registry there, or {flags}",
                            file.display()
                        )
                    }
                    None => flags,
                });
                None
            }
        }
    }

    /// Who names a bundle and, in the same breath, what only a registry needs, means something else.
    fn nothing_of_a_registry(&mut self, bundle: &Given) {
        for path in ["registry", "model", "alias", "poll", "gateway-id", "shadow.alias"] {
            let Some(given) = self.layers.given(path) else { continue };
            if given.origin.rank() == bundle.origin.rank() {
                let told = self.layers.told(path, &given);
                self.mistakes.push(format!("{told} does nothing beside a bundle; leave one of the two out"));
            }
        }
    }

    fn tls(&mut self) -> Option<TlsFiles> {
        match (self.layers.given("tls.certificate"), self.layers.given("tls.key")) {
            (Some(certificate), Some(key)) => {
                Some(TlsFiles { certificate: certificate.text.into(), key: key.text.into() })
            }
            (Some(given), None) => self.half("tls.certificate", &given, "tls.key"),
            (None, Some(given)) => self.half("tls.key", &given, "tls.certificate"),
            (None, None) => None,
        }
    }

    fn half(&mut self, path: &str, given: &Given, lacking: &str) -> Option<TlsFiles> {
        let told = self.layers.told(path, given);
        self.mistakes.push(format!("{told} is of no use without {lacking}; name both, or neither"));
        None
    }

    fn path(&self, path: &str) -> Option<PathBuf> {
        self.layers.given(path).map(|given| PathBuf::from(given.text))
    }

    /// A table that is read as a whole; `None` after a mistake, and when it is not there.
    fn section<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        self.layers.section(name).unwrap_or_else(|line| {
            self.mistakes.push(line);
            None
        })
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, path: &str) -> Option<T> {
        self.read(path, |text| text.parse().map_err(|e: T::Err| e.to_string()))
    }

    /// `None` after a mistake, and for a key that is not set and has no default.
    fn read<T>(&mut self, path: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        debug_assert!(keys::find(path).is_some(), "{path}");
        let given = self.layers.given(path)?;
        match parse(&given.text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.mistakes.push(format!("{}: {problem}", self.layers.told(path, &given)));
                None
            }
        }
    }
}

impl Settings {
    /// Whether the file with the token counts before a token in the environment.
    pub fn token_file_counts_first(layers: &Layers) -> bool {
        layers.given("token-file").is_some_and(|given| given.origin.rank() <= Origin::Environment("").rank())
    }
}

#[cfg(test)]
mod tests;
