//! A bundle whose registry was away is kept, and published when the registry is back: once, under one number.

use std::net::TcpListener;
use std::path::Path;

use anyhow::Result;
use overhaul_bundle::{Bundle, VersionNumber};
use overhaul_tests::registry::Registry;
use overhaul_tests::trained::Trained;
use overhaul_tests::trainer::{Trainer, must_say};

use super::case::Case;

/// The number of the bundle in a directory.
fn number(directory: &Path) -> Result<Option<u32>> {
    Ok(Bundle::open(directory)?.manifest().version.map(VersionNumber::get))
}

#[test]
fn a_bundle_whose_registry_was_away_is_published_when_it_is_back_and_only_once() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    // A port that was free a moment ago: nothing listens on it.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let out = folder.path().join("out");
    let bundle = out.join("bundle");
    let trainer = Trainer::new(folder.path()).at(&format!("http://{address}"));
    let words = "train --model trend --epochs 1 --hidden-size 8";
    let output = trainer.output(words, &[("--data", &models.data()), ("--out", &bundle)])?;
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr)?;
    must_say(&stderr, &["`overhaul-trainer publish DIR` finishes later", bundle.to_str().unwrap()])?;
    assert_eq!((number(&bundle)?, trainer.checkpoints()?.len()), (None, 0), "the bundle is all there");
    let model = Bundle::open(&bundle)?.model()?;
    assert_eq!(trainer.output("publish", &[("", &bundle)])?.status.code(), Some(1), "it is still away");
    assert_eq!(number(&bundle)?, None);

    let registry = Registry::start_at(&address, folder.path())?;
    // As a shell completes it.
    let named = format!("{}/", bundle.display());
    assert_eq!(trainer.publish(Path::new(&named))?.get(), 1);
    assert_eq!((number(&bundle)?, Bundle::open(&bundle)?.model()?), (Some(1), model));
    assert_eq!(Bundle::open(&bundle)?.digest(), registry.versions()?[0].bundle_sha256);
    assert_eq!(out.read_dir()?.count(), 1, "nothing is left beside the bundle");

    let before = Bundle::open(&bundle)?.digest();
    assert_eq!(trainer.publish(&bundle)?.get(), 1);
    assert_eq!((Bundle::open(&bundle)?.digest(), registry.versions()?.len()), (before, 1));
    Ok(())
}

#[test]
fn the_directory_one_stands_in_can_be_published_and_what_is_no_bundle_cannot() -> Result<()> {
    let case = Case::new()?;
    let bundle = case.folder.path().join("bundle");
    case.models.copy("trend", &bundle)?;
    let mut publish = case.trainer.command("publish .", &[])?;
    overhaul_tests::programs::run(publish.current_dir(&bundle))?;
    assert_eq!((number(&bundle)?, case.registry.versions()?.len()), (Some(1), 1));

    must_say(
        &case.trainer.refusal("publish", &[("", case.folder.path())])?,
        &["is no bundle", "manifest.json"],
    )?;
    std::fs::write(bundle.join("model.onnx"), "other")?;
    must_say(&case.trainer.refusal("publish", &[("", &bundle)])?, &["model.onnx"])
}
