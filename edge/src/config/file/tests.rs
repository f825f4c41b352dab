//! A settings' file: what is wrong in it is told by line and key.

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;

fn read(text: &str) -> (File, Vec<String>) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    fs::write(&path, text).unwrap();
    let (file, mistakes) = File::read(Some(&path));
    let prefix = format!("{}, line ", path.display());
    let mistakes = mistakes.iter().map(|line| line.strip_prefix(&prefix).unwrap().to_owned()).collect();
    (file.unwrap(), mistakes)
}

#[test]
fn each_unknown_key_is_named_with_its_line_and_the_nearest_one() {
    let (_, mistakes) = read(
        "regsitry = \"http://x\"\n[tls]\ncertifcate = \"a\"\n[compile]\ntimeout = \"5m\"\nmemroy = 3\n[tsl]\nkey = 1\n",
    );
    assert_eq!(
        mistakes,
        [
            "1: there is no key \"regsitry\"; did you mean \"registry\"?",
            "3: there is no key \"tls.certifcate\"; did you mean \"tls.certificate\"?",
            "6: there is no key \"compile.memroy\"; did you mean \"compile.memory\"?",
            "7: there is no key \"tsl\"; did you mean \"tls\"?",
        ]
    );
    let (_, mistakes) = read("colour = 1");
    assert!(mistakes[0].starts_with("1: there is no key \"colour\"; remove it"), "{mistakes:?}");
}

#[test]
fn a_value_of_another_type_is_told_with_one_that_would_do() {
    let (file, mistakes) =
        read("poll = 10\ntls = \"x\"\nmqtt = 1\n[probation]\nfailures = \"3\"\n[listen]\nport = 1\n");
    assert_eq!(
        mistakes,
        [
            "1: poll = 10: a text in quotes is wanted, such as \"10s\"",
            "2: tls is a table: write [tls] with certificate, key",
            "3: mqtt is a table: write [mqtt]",
            "5: probation.failures = \"3\": a whole number is wanted, such as 3",
            "6: listen = [listen]: a text in quotes is wanted, such as \"127.0.0.1:8000\"",
        ]
    );
    assert!(file.value("poll").is_none());
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let (_, mistakes) = read("poll = \"10s\"\nlisten = \n");
    assert_eq!(mistakes.len(), 1);
    assert!(mistakes[0].starts_with("2: this is no TOML: "), "{mistakes:?}");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let (file, mistakes) = File::read(Some(Path::new("/nowhere/config.toml")));
    assert!(file.is_none());
    assert!(mistakes[0].contains("/nowhere/config.toml cannot be read") && mistakes[0].contains("--config"));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Broker {
    host: String,
    #[serde(default)]
    port: u16,
    #[serde(default)]
    topics: Vec<Topic>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Topic {
    name: String,
}

fn broker(text: &str) -> Result<Option<Broker>, String> {
    let (file, mistakes) = read(text);
    assert_eq!(mistakes, [""; 0]);
    let prefix = format!("{}, line ", file.path().display());
    file.section("mqtt").map_err(|line| line.strip_prefix(&prefix).unwrap().to_owned())
}

#[test]
fn a_section_is_read_by_its_own_part_and_its_mistakes_are_told_alike() {
    let whole = broker("[mqtt]\nhost = \"h\"\nport = 1883\n[[mqtt.topics]]\nname = \"t\"\n");
    let topics = vec![Topic { name: "t".to_owned() }];
    assert_eq!(whole, Ok(Some(Broker { host: "h".to_owned(), port: 1883, topics })));
    assert_eq!(broker("poll = \"10s\""), Ok(None));
    assert_eq!(
        broker("[mqtt]\nhost = \"h\"\nprot = 1\n").unwrap_err(),
        "3: there is no key \"mqtt.prot\"; did you mean \"mqtt.port\"?"
    );
    assert_eq!(
        broker("[mqtt]\nhost = \"h\"\n[[mqtt.topics]]\nnmae = \"t\"\n").unwrap_err(),
        "4: there is no key \"mqtt.topics[0].nmae\"; did you mean \"mqtt.topics[0].name\"?"
    );
    let wrong = broker("[mqtt]\nhost = \"h\"\nport = \"x\"\n").unwrap_err();
    assert!(wrong.starts_with("3: mqtt.port: invalid type: string \"x\""), "{wrong}");
    let lacking = broker("[mqtt]\nport = 1\n").unwrap_err();
    assert!(lacking.contains("mqtt: missing field `host`"), "{lacking}");
}

proptest! {
    #[test]
    fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, bytes).unwrap();
        let (file, _) = File::read(Some(&path));
        let _ = file.map(|file| file.section::<Broker>("mqtt"));
    }

    #[test]
    fn foreign_toml_never_panics(text in "(\\[{0,2}[a-z.\"]{1,9}\\]{0,2}|(poll|tls|mqtt|tls.key|é) = [\"0-9a-zé{}\\[\\]]{0,9}|\n){0,20}") {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, text).unwrap();
        let (file, _) = File::read(Some(&path));
        let _ = file.map(|file| file.section::<Broker>("mqtt"));
    }
}
