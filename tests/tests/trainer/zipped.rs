//! A zip of the data is as good as its folder.

use std::fs::{self, File};
use std::io::Write as _;

use anyhow::Result;
use overhaul_bundle::Bundle;
use overhaul_tests::trained::{SETTINGS, Trained};
use overhaul_tests::trainer::{Trainer, must_say};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

#[test]
fn a_zip_trains_the_very_model_that_the_folder_trains() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    let (archive, out) = (folder.path().join("data.zip"), folder.path().join("bundle"));
    let mut zip = ZipWriter::new(File::create(&archive)?);
    for file in overhaul_tests::disk::files(&models.data())? {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap();
        zip.start_file(format!("CMAPSSData/{name}"), SimpleFileOptions::default())?;
        zip.write_all(&fs::read(&file)?)?;
    }
    zip.finish()?;

    let trainer = Trainer::new(folder.path());
    let paths = [("--data", archive.as_path()), ("--out", &out)];
    let answer = trainer.answer(&format!("train --model trend {SETTINGS}"), &paths)?;
    let of_folder = models.bundle("trend")?;
    let of_zip = Bundle::open(&out)?;
    assert_eq!(answer["metrics"], models.summary("trend")?["metrics"]);
    assert_eq!(of_zip.metadata()?.dataset_sha256, of_folder.metadata()?.dataset_sha256);
    for file in ["weights.safetensors", "model.onnx", "scaler.json", "interval.json"] {
        assert!(of_zip.read(file)? == of_folder.read(file)?, "{file}");
    }

    let half = fs::read(&archive)?;
    fs::write(&archive, &half[..half.len() / 2])?;
    let line = trainer.refusal("train --model trend", &[("--data", &archive), ("--out", &out.join("x"))])?;
    must_say(&line, &["data.zip", "it is no zip archive"])
}
