//! Settings out of all layers: which one counts, and every mistake at once.

use std::path::Path;

use clap::{Args as _, FromArgMatches as _};

use super::*;
use crate::config::{Config, Flags, load};

/// What an agent makes of a file and flags.
fn config(file: &str, flags: &[&str]) -> Result<Config, Vec<String>> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    std::fs::write(&path, file).unwrap();
    let command = Flags::augment_args(clap::Command::new("overhaul-edge"));
    let arguments = ["overhaul-edge", "--config", path.to_str().unwrap()];
    let matches = command.try_get_matches_from(arguments.iter().chain(flags)).unwrap();
    let shown = format!("{}, ", path.display());
    load(&Flags::from_arg_matches(&matches).unwrap())
        .map_err(|mistakes| mistakes.0.iter().map(|line| line.replace(&shown, "")).collect())
}

const BASE: &str = "registry = \"http://file:5000\"\ndata-dir = \"/data\"\n";

#[test]
fn without_a_word_the_defaults_are_those_of_the_parts_that_they_are_for() {
    let Settings { source, model, alias, listen, poll, probation, compile, log, download_rate, .. } =
        config(BASE, &[]).unwrap().settings;
    assert_eq!(source, Source::Registry("http://file:5000".to_owned()));
    assert_eq!((model.as_str(), alias.as_str()), ("RUL-Prediction-Model", "production"));
    assert_eq!((listen.to_string().as_str(), poll), ("127.0.0.1:8000", Duration::from_secs(10)));
    assert_eq!((probation, compile), (ProbationSettings::default(), CompileLimits::default()));
    assert_eq!(log, Log { format: LogFormat::Text, level: "info".to_owned() });
    assert_eq!(download_rate, None);
}

#[test]
fn a_flag_counts_before_the_file() {
    let file = format!("{BASE}poll = \"1m\"\n[compile]\nmemory = 64\n[download]\nrate = \"512 KiB/s\"\n");
    let flags = ["--poll", "3s", "--data-dir", "/flag"];
    let Config { settings, layers } = config(&file, &flags).unwrap();
    assert_eq!(settings.poll, Duration::from_secs(3));
    assert_eq!(settings.data_dir.as_deref(), Some(Path::new("/flag")));
    assert_eq!(layers.given("poll").unwrap().origin, Origin::Flag("poll"));
    assert_eq!(
        (settings.compile.memory_bytes, settings.download_rate),
        (64 << 20, NonZeroU64::new(512 << 10))
    );
    assert_eq!(layers.given("download.rate").unwrap().origin, Origin::File(7));
    assert_eq!(layers.given("alias").unwrap().origin, Origin::Default);
}

#[test]
fn every_mistake_is_told_at_once_with_its_place_its_value_and_the_mend() {
    let file = "registry = \"http://file:5000\"\npoll = \"soon\"\n[tls]\nkey = \"k\"\n[download]\nrate = \"1 KiB/s\"\n[log]\nformat = \"xml\"\n";
    let mistakes = config(file, &["--alias", "v3", "--probation", "0"]).unwrap_err();
    assert_eq!(
        mistakes,
        [
            "line 1: registry = \"http://file:5000\" needs a place to keep versions: name --data-dir DIR",
            "--alias \"v3\": alias \"v3\" is not valid: use 1 to 255 letters, digits, '_' or '-', but not 'latest' or 'v' and a number",
            "line 2: poll = \"soon\": use 100ms to 24h, such as 10s or 5m",
            "line 4: tls.key = \"k\" is of no use without tls.certificate; name both, or neither",
            "line 8: log.format = \"xml\": use text or json",
            "--probation-predictions \"0\": use a whole number from 1 up",
            "line 6: download.rate = \"1 KiB/s\": use 16 KiB/s or more, such as 512 KiB/s or 2 MiB/s",
        ]
    );
}

#[test]
fn a_bundle_or_a_registry_whichever_is_named_nearer_to_the_user() {
    let bundle = Source::Bundle(PathBuf::from("/b"));
    assert_eq!(config(BASE, &["--bundle", "/b"]).unwrap().settings.source, bundle);
    let registry = Source::Registry("http://flag".to_owned());
    let other = config("bundle = \"/b\"\ndata-dir = \"/data\"\n", &["--registry", "http://flag"]);
    assert_eq!(other.unwrap().settings.source, registry);
    let both = config("", &["--bundle", "/b", "--registry", "http://flag"]).unwrap_err();
    assert_eq!(both, ["--registry \"http://flag\" does nothing beside a bundle; leave one of the two out"]);
}

#[test]
fn with_neither_only_what_is_lacking_is_asked_for() {
    let asked = |file, flags: &[&str]| {
        let [line] = <[String; 1]>::try_from(config(file, flags).unwrap_err()).unwrap();
        line.split_once("config.toml ").unwrap().1.to_owned()
    };
    let told = "names neither a registry nor a bundle; set registry there, or name --registry URL";
    assert_eq!(asked("", &[]), format!("{told} and --data-dir DIR, or --bundle DIR"));
    assert_eq!(asked("data-dir = \"/data\"", &[]), format!("{told}, or --bundle DIR"));
}

#[test]
fn a_broken_file_and_a_bad_flag_are_told_together() {
    let mistakes = config(&format!("{BASE}pol = \"1s\""), &["--listen", "here"]).unwrap_err();
    assert_eq!(mistakes[0], "line 3: there is no key \"pol\"; did you mean \"poll\"?");
    assert!(mistakes[1].starts_with("--listen \"here\": use an address and a port"), "{mistakes:?}");
}
