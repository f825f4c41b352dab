//! All animals offered to running agents, one after the other: the registry is told of each, once, which and why.

use overhaul_bundle::Sha256Digest;
use overhaul_client::api::{Event, Refused, VersionId};
use serde::Deserialize as _;

use super::at_large::Stage;
use super::{Model, breeds, component};
use crate::support::{bundle, eventually};

/// An animal's name and bytes, and what the reason of its refusal says.
type Animal = (&'static str, Vec<u8>, &'static str);

/// Agents that share the animals: some of those take five seconds.
const AGENTS: usize = 6;

macro_rules! list {
    (texts { $($text:ident: $said:literal,)* } breeds { $($breed:ident: $line:literal,)* }) => {
        fn every_animal() -> Vec<Animal> {
            vec![
                $((stringify!($text), component(text!($text)), $said),)*
                $((stringify!($breed), breeds::$breed(), $line),)*
                ("answers_wrong_numbers", component(text!(answers_wrong_numbers)), "are missed by 1 cycles"),
                ("takes_another_shape", component(text!(takes_another_shape)), "takes windows of 2 x 3"),
            ]
        }
    };
}
every_animal!(list);

/// Offers animals to one agent, each as a version of its own.
fn told(animals: impl Iterator<Item = Animal>, arguments: &[&str]) {
    let stage = Stage::new(arguments);
    let mut offered = Vec::new();
    for (version, (name, component, said)) in (2_u32..).zip(animals) {
        let draft = bundle::foreign(version, &component, Model::default(), 1);
        let digest = Sha256Digest::of(&component);
        stage.registry.change(|content| content.blobs.insert(digest, component));
        let place = bundle::write(&draft, stage.home.path(), &format!("v{version}"));
        let bundle_sha256 = stage.registry.promote(&place).digest();
        let health = stage.agent.wait_for(name, |health| health["refused"]["version"] == version);
        assert_eq!(health["model"]["version"], 1, "{name}: {health}");
        let reason = health["refused"]["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(said), "{name}: {reason}");
        let refused = VersionId { version: draft.metadata.version, bundle_sha256 };
        offered.push(Refused { refused, reason, lasting: true });
    }
    assert!(!offered.is_empty());
    let reported = eventually("a report of each", || {
        let reports = stage.registry.change(|content| content.reports.clone());
        let refused = reports.iter().filter_map(|report| match Event::deserialize(&report.event).unwrap() {
            Event::Refused(refused) => Some(refused),
            _ => None,
        });
        let refused: Vec<Refused> = refused.collect();
        (refused.len() >= offered.len()).then_some(refused)
    });
    assert_eq!(reported, offered);
    assert_eq!(stage.agent.terminate(), Some(0));
}

#[test]
fn the_registry_is_told_of_every_animal_that_one_agent_after_the_other_refuses() {
    let animals = every_animal();
    std::thread::scope(|scope| {
        for agent in 0..AGENTS {
            let share = animals.iter().skip(agent).step_by(AGENTS).cloned();
            scope.spawn(|| told(share, &[]));
        }
    });
}

#[test]
fn the_registry_is_told_of_those_that_are_too_dear_to_compile() {
    let timed = ("takes_for_ever", breeds::remembers(300, 30_000), "takes longer than 1 s to compile");
    let memory = "takes more than 64 MiB of memory to compile";
    let large = [
        ("remembers", breeds::remembers(1_000, 10_000), memory),
        ("multiplies", breeds::multiplies(), memory),
    ];
    std::thread::scope(|scope| {
        scope.spawn(|| told([timed].into_iter(), &["--compile-timeout", "1s"]));
        scope.spawn(|| told(large.into_iter(), &["--compile-memory", "64"]));
    });
}
