//! Every key, with its flag, its variable, its default and its meaning: the one list of them.
//!
//! Flags, the page in `docs/gateways.md` and the file that the Debian package installs are made of it or held
//! against it by tests. A key is read in [`super::settings`].

/// What a value is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Count,
    /// A text, or a whole number of MiB.
    Size,
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its place in the file, such as `tls.certificate`.
    pub path: &'static str,
    /// Its flag, without the dashes.
    pub flag: &'static str,
    /// What the flag is called as well.
    pub alias: Option<&'static str>,
    /// Its environment variable.
    pub variable: &'static str,
    /// What stands for a value in the help.
    pub value: &'static str,
    /// A value, as one could look.
    pub example: &'static str,
    /// What a value is in the file.
    pub kind: Kind,
    /// What counts when nobody says anything; `None` when nothing does.
    pub default: Option<&'static str>,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// True when a running agent follows a change of it after SIGHUP.
    pub live: bool,
}

/// What most keys have.
const KEY: Key = Key {
    path: "",
    flag: "",
    alias: None,
    variable: "",
    value: "",
    example: "",
    kind: Kind::Text,
    default: None,
    meaning: "",
    live: false,
};

/// All of them, as a person reads them.
pub const KEYS: &[Key] = &[
    Key {
        path: "registry",
        flag: "registry",
        // Shared with the other programs of this project.
        variable: "OVERHAUL_REGISTRY",
        value: "URL",
        example: "https://registry.example:5000",
        meaning: "The registry to follow",
        ..KEY
    },
    Key {
        path: "token-file",
        flag: "token-file",
        variable: "OVERHAUL_EDGE_TOKEN_FILE",
        value: "FILE",
        example: "/etc/overhaul-edge/registry-token",
        meaning: "The file with the registry's token, if it wants one; as a service, the credential registry-token",
        ..KEY
    },
    Key {
        path: "ca-cert",
        flag: "ca-cert",
        variable: "OVERHAUL_CA_CERT",
        value: "FILE",
        example: "/etc/overhaul-edge/authorities.pem",
        meaning: "Certificate authorities (PEM) to trust beside the system's, for the registry",
        ..KEY
    },
    Key {
        path: "bundle",
        flag: "bundle",
        variable: "OVERHAUL_EDGE_BUNDLE",
        value: "DIR",
        example: "/srv/models/v3",
        meaning: "Run this one bundle, without a registry",
        ..KEY
    },
    Key {
        path: "model",
        flag: "model",
        variable: "OVERHAUL_EDGE_MODEL",
        value: "NAME",
        example: "RUL-Prediction-Model",
        default: Some("RUL-Prediction-Model"),
        meaning: "The registered model to run",
        ..KEY
    },
    Key {
        path: "alias",
        flag: "alias",
        variable: "OVERHAUL_EDGE_ALIAS",
        value: "ALIAS",
        example: "production",
        default: Some("production"),
        meaning: "The alias that names the version to run",
        ..KEY
    },
    Key {
        path: "gateway-id",
        flag: "gateway-id",
        // Shared with whatever else tells gateways apart.
        variable: "OVERHAUL_GATEWAY_ID",
        value: "ID",
        example: "line-3-press",
        meaning: "The id that this gateway reports to the registry under; without it, one is drawn and kept",
        ..KEY
    },
    Key {
        path: "data-dir",
        flag: "data-dir",
        variable: "OVERHAUL_EDGE_DATA_DIR",
        value: "DIR",
        example: "/var/lib/overhaul-edge",
        meaning: "Where versions and the compiled component are kept; as a service, the state directory",
        ..KEY
    },
    Key {
        path: "listen",
        flag: "listen",
        variable: "OVERHAUL_EDGE_LISTEN",
        value: "ADDRESS",
        example: "127.0.0.1:8000",
        default: Some("127.0.0.1:8000"),
        meaning: "Where to answer HTTP requests",
        ..KEY
    },
    Key {
        path: "poll",
        flag: "poll",
        variable: "OVERHAUL_EDGE_POLL",
        value: "TIME",
        example: "10s",
        default: Some("10s"),
        meaning: "How often to ask the registry, such as 10s or 5m",
        live: true,
        ..KEY
    },
    Key {
        path: "component",
        flag: "component",
        // Shared with the other programs of this project.
        variable: "OVERHAUL_COMPONENT",
        value: "FILE",
        example: "/usr/lib/overhaul-edge/overhaul-component.wasm",
        meaning: "The component to run, instead of the one that is installed with this program",
        ..KEY
    },
    Key {
        path: "tls.certificate",
        flag: "tls-certificate",
        alias: Some("tls-cert"),
        variable: "OVERHAUL_EDGE_TLS_CERTIFICATE",
        value: "FILE",
        example: "/etc/overhaul-edge/certificate.pem",
        meaning: "Answer over HTTPS with this certificate (PEM), its own first; its file is read again on SIGHUP",
        ..KEY
    },
    Key {
        path: "tls.key",
        flag: "tls-key",
        variable: "OVERHAUL_EDGE_TLS_KEY",
        value: "FILE",
        example: "/etc/overhaul-edge/key.pem",
        meaning: "The certificate's private key (PEM); its file is read again on SIGHUP",
        ..KEY
    },
    Key {
        path: "log.format",
        flag: "log-format",
        variable: "OVERHAUL_EDGE_LOG_FORMAT",
        value: "FORMAT",
        example: "json",
        default: Some("text"),
        meaning: "How log lines are written: text or json",
        ..KEY
    },
    Key {
        path: "log.level",
        flag: "log-level",
        variable: "OVERHAUL_EDGE_LOG_LEVEL",
        value: "LEVEL",
        example: "info",
        default: Some("info"),
        meaning: "What is logged: off, error, warn, info, debug or trace; or by part, such as info,overhaul_edge=debug",
        live: true,
        ..KEY
    },
    Key {
        path: "probation.predictions",
        flag: "probation-predictions",
        alias: Some("probation"),
        variable: "OVERHAUL_EDGE_PROBATION_PREDICTIONS",
        value: "COUNT",
        example: "1000",
        kind: Kind::Count,
        default: Some("1000"),
        meaning: "How many predictions of a new version are watched before it is trusted",
        live: true,
    },
    Key {
        path: "probation.failures",
        flag: "probation-failures",
        variable: "OVERHAUL_EDGE_PROBATION_FAILURES",
        value: "COUNT",
        example: "3",
        kind: Kind::Count,
        default: Some("3"),
        meaning: "With how many failures among them the version before answers again",
        live: true,
        ..KEY
    },
    Key {
        path: "shadow.alias",
        flag: "shadow-alias",
        variable: "OVERHAUL_EDGE_SHADOW_ALIAS",
        value: "ALIAS",
        example: "candidate",
        meaning: "An alias whose version predicts beside the one that answers, is compared with it and answers nobody",
        ..KEY
    },
    Key {
        path: "report.interval",
        flag: "report-interval",
        variable: "OVERHAUL_EDGE_REPORT_INTERVAL",
        value: "TIME",
        example: "15m",
        default: Some("15m"),
        meaning: "How often to report what was predicted, what the readings were like and how a candidate did",
        ..KEY
    },
    Key {
        path: "report.predictions",
        flag: "report-predictions",
        variable: "OVERHAUL_EDGE_REPORT_PREDICTIONS",
        value: "SHARE",
        example: "1/100",
        default: Some("1/100"),
        meaning: "Which predictions of units are reported one by one: all, none, or one in so many, such as 1/100",
        live: true,
        ..KEY
    },
    Key {
        path: "compile.timeout",
        flag: "compile-timeout",
        variable: "OVERHAUL_EDGE_COMPILE_TIMEOUT",
        value: "TIME",
        example: "5m",
        default: Some("5m"),
        meaning: "How long a component may take to compile; more for a very slow machine",
        ..KEY
    },
    Key {
        path: "compile.memory",
        flag: "compile-memory",
        variable: "OVERHAUL_EDGE_COMPILE_MEMORY",
        value: "SIZE",
        example: "512 MiB",
        kind: Kind::Size,
        default: Some("1 GiB"),
        meaning: "How much memory compiling a component may take; a bare number counts MiB",
        ..KEY
    },
    Key {
        path: "download.rate",
        flag: "download-rate",
        variable: "OVERHAUL_EDGE_DOWNLOAD_RATE",
        value: "RATE",
        example: "512 KiB/s",
        meaning: "How fast bundles and components are downloaded at most, 16 KiB/s or more",
        ..KEY
    },
];

/// The tables of the file that are read as a whole by the part that they are for.
pub const SECTIONS: &[&str] = &["units", "mqtt"];

/// The key at a place in the file.
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// Whether keys lie in a table of this name.
pub fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| key.path.split_once('.').is_some_and(|(table, _)| table == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_variables_are_called_as_their_keys() {
        for key in KEYS {
            assert_eq!(key.flag, key.path.replace('.', "-"));
            let own = format!("OVERHAUL_EDGE_{}", key.flag.to_uppercase().replace('-', "_"));
            let shared = own.replace("_EDGE_", "_");
            assert!([own, shared].contains(&key.variable.to_owned()), "{}", key.variable);
        }
    }
}
