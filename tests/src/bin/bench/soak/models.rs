//! Versions, good and hostile, with what each answers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow, ensure};
use overhaul_bundle::golden::Golden;
use overhaul_bundle::manifest::ComponentEntry;
use overhaul_bundle::{Bundle, Draft, Sha256Digest, VersionNumber};
use overhaul_tests::versions;

use crate::bundles;

/// Windows that are asked for.
const WINDOWS: usize = 64;
/// The only number that a component of the zoo answers.
const CONSTANT: f32 = 1.0;
/// Calls that the turncoat answers before it turns: its golden vectors, and some predictions.
const LOYAL_CALLS: u32 = 30;

/// Good models and the windows that are asked for.
pub(super) struct Models {
    good: [Good; 2],
    pub(super) length: usize,
    pub(super) features: usize,
    /// `WINDOWS` windows, row-major.
    pub(super) windows: Vec<f32>,
    /// What the versions that were published answer.
    known: Mutex<HashMap<u64, Answers>>,
}

/// A trained network, and what it answers to the windows.
struct Good {
    bundle: PathBuf,
    answers: Vec<f32>,
}

/// What a version answers to the windows.
#[derive(Clone, Copy)]
enum Answers {
    /// A good model's.
    Good(usize),
    /// Always the same.
    Constant,
}

/// What is wrong with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hostile {
    /// Its component imports something.
    Imports,
    /// Its component traps.
    Traps,
    /// Its component turns bad after its golden vectors.
    Turns,
}

impl Models {
    /// Trains two small networks for an epoch.
    pub(super) fn train(folder: &Path) -> Result<Self> {
        let small = ["--sequence-length", "10", "--hidden-size", "16"];
        let bundles = bundles::trained(folder, ["gru", "lstm"], &small)?;
        let Golden { sequence_length: length, features, windows, .. } =
            Bundle::open(&bundles[0])?.golden()?;
        let windows: Vec<f32> = windows.iter().copied().cycle().take(WINDOWS * length * features).collect();
        let good = |bundle: &PathBuf| -> Result<Good> {
            let onnx = Bundle::open(bundle)?.model()?;
            let mut network = overhaul_component::Model::load(&onnx).map_err(|e| anyhow!("{e}"))?;
            let answers = network.predict(&windows).map_err(|e| anyhow!("{e}"))?;
            Ok(Good { bundle: bundle.clone(), answers: answers.iter().map(|rul| rul.max(0.0)).collect() })
        };
        let good = [good(&bundles[0])?, good(&bundles[1])?];
        let differ = good[0].answers.iter().zip(&good[1].answers).all(|(a, b)| (a - b).abs() > 0.1);
        ensure!(differ, "the two networks answer alike, so that a wrong version would not be seen");
        Ok(Self { good, length, features, windows, known: Mutex::default() })
    }

    /// Whether a version may answer so to the window of a place.
    pub(super) fn is_right(&self, version: u64, place: usize, rul: f64) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let expected = match known.get(&version) {
            Some(Answers::Good(which)) => self.good[*which].answers[place % WINDOWS],
            Some(Answers::Constant) => CONSTANT,
            None => return false,
        };
        (rul - f64::from(expected)).abs() < 1e-2
    }

    /// A good version in a new directory.
    pub(super) fn write_good(&self, number: VersionNumber, directory: &Path) -> Result<Bundle> {
        let which = number.get() as usize % self.good.len();
        self.know(number, Answers::Good(which));
        versions::renumbered(&Bundle::open(&self.good[which].bundle)?, directory, number)
    }

    /// A hostile version in a new directory, and its component's file.
    pub(super) fn write_hostile(
        &self,
        hostile: Hostile,
        number: VersionNumber,
        directory: &Path,
    ) -> Result<(Bundle, PathBuf)> {
        self.know(number, Answers::Constant);
        // Another component each time, by a comment that changes nothing.
        let component = wat::parse_str(self.component(hostile, number))?;
        let file = directory.with_extension("wasm");
        std::fs::write(&file, &component)?;
        let example = Bundle::open(&self.good[0].bundle)?;
        let mut metadata = example.metadata()?;
        metadata.name = overhaul_tests::MODEL.parse()?;
        metadata.version = Some(number);
        let size = self.length * self.features;
        let draft = Draft {
            metadata,
            scaler: example.scaler()?,
            interval: None,
            golden: Golden {
                sequence_length: self.length,
                features: self.features,
                windows: vec![1.0; size],
                expected: vec![CONSTANT],
                tolerance: 1e-3,
            },
            model: b"any".to_vec(),
            weights: None,
            report: None,
            component: ComponentEntry {
                sha256: Sha256Digest::of(&component),
                size: component.len().try_into().context("a component that large")?,
                ..versions::example()?.manifest().component.clone()
            },
        };
        Ok((draft.write(directory)?, file))
    }

    fn know(&self, number: VersionNumber, answers: Answers) {
        let number = u64::from(number.get());
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(number, answers);
    }

    /// The text of a component that exports the interface.
    fn component(&self, hostile: Hostile, number: VersionNumber) -> String {
        const GOOD: &str = include_str!("../../../../../edge/tests/edge/zoo/parts/predict.wat");
        const EXPORT: &str = r#"(func (export "predict")"#;
        let parts = [
            include_str!("../../../../../edge/tests/edge/zoo/parts/memory.wat"),
            include_str!("../../../../../edge/tests/edge/zoo/parts/realloc.wat"),
            include_str!("../../../../../edge/tests/edge/zoo/parts/load.wat"),
        ];
        let trap = r#"(func (export "predict") (param i32 i32) (result i32) (unreachable))"#.to_owned();
        let (imports, predict) = match hostile {
            Hostile::Imports => (r#"(import "wasi:clocks/wall-clock@0.2.0" (instance))"#, GOOD.to_owned()),
            Hostile::Traps => ("", trap),
            Hostile::Turns => {
                let good = GOOD.replace(EXPORT, "(func $good");
                let turns = format!(
                    r#"(global $left (mut i32) (i32.const {LOYAL_CALLS}))
                    {good}
                    (func (export "predict") (param i32 i32) (result i32)
                      (if (i32.eqz (global.get $left)) (then (unreachable)))
                      (global.set $left (i32.sub (global.get $left) (i32.const 1)))
                      (call $good (local.get 0) (local.get 1)))"#
                );
                ("", turns)
            }
        };
        // The number stands in the data, so that no two components have the same digest.
        let unique = format!(r#"(data (i32.const 128) "{number}")"#);
        let code = format!("(core module $code {}\n{predict}\n{unique})", parts.concat())
            .replace("WINDOW", &self.length.to_string())
            .replace("FEATURES", &self.features.to_string())
            .replace("SIZE", &(self.length * self.features).to_string())
            .replace("ANSWER", &format!("{CONSTANT:?}"));
        include_str!("../../../../../edge/tests/edge/support/shell.wat")
            .replace(";;INSIDE", &format!("{imports}\n{code}"))
            .replace(";;ALIAS", "")
            .replace(";;AFTER", "")
    }
}
