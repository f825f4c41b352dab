//! What `register` does not take: nothing of it is run, nothing is published, and one line says why.

use std::fs;

use anyhow::Result;
use overhaul_tests::trainer::must_say;

use super::case::Case;
use super::imported::fixture;

const MEASURED: &str = "--rmse 20 --mae 15";

impl Case {
    /// The line that refuses two files of the fixtures; what a pickle would print were a second line.
    fn refuses(&self, model: &str, scaler: &str, more: &str) -> Result<String> {
        let (model, scaler) = (fixture(model), fixture(scaler));
        let out = self.folder.path().join("bundle");
        let paths = [
            ("--model-path", model.as_path()),
            ("--scaler-path", scaler.as_path()),
            ("--out", out.as_path()),
        ];
        let line = self.trainer.refusal(&format!("register {more}"), &paths)?;
        assert!(!out.exists());
        // The next number is still the first.
        assert_eq!(self.registry.versions()?, []);
        Ok(line)
    }
}

#[test]
fn a_pickle_that_asks_for_a_program_is_refused_by_the_programs_name_and_runs_nothing() -> Result<()> {
    let case = Case::new()?;
    let words = format!("--model-type lstm {MEASURED}");
    for (model, scaler, names) in [
        ("refused/system.pth", "networks.pkl", "posix.system"),
        ("refused/system_nonzip.pth", "networks.pkl", "posix.system"),
        ("states/lstm.pth", "refused/system_reduce.pkl", "os.system"),
        ("states/lstm.pth", "refused/posix_stack_global.pkl", "posix.system"),
        ("states/lstm.pth", "refused/eval.pkl", "builtins.eval"),
    ] {
        let asks = format!("asks for {names}");
        must_say(&case.refuses(model, scaler, &words)?, &[&asks, "nothing of it was run"])?;
    }
    Ok(())
}

#[test]
fn what_does_not_fit_together_is_refused_with_both_sizes() -> Result<()> {
    let case = Case::new()?;
    let of = |kind: &str| format!("--model-type {kind} {MEASURED}");
    must_say(
        &case.refuses("states/bilstm.pth", "networks.pkl", &of("lstm"))?,
        &["tensor lstm.weight_ih_l1 is [16, 8]", "an LSTM for 24 columns", "has [16, 4]", "--model-type"],
    )?;
    must_say(
        &case.refuses("states/lstm.pth", "networks.pkl", &of("gru"))?,
        &["a GRU has a tensor gru.weight_hh_l0, and the weights have none", "--model-type"],
    )?;
    must_say(
        &case.refuses("states/lstm.pth", "scalers/new_joblib_five.pkl", &of("lstm"))?,
        &["new_joblib_five.pkl scales 5 columns", "lstm.weight_ih_l0", "[16, 24], for 24 columns"],
    )?;
    must_say(
        &case.refuses("states/lstm.pth", "networks.pkl", &of("trend"))?,
        &["a Trend has a tensor", "and the weights have none"],
    )?;
    must_say(&case.refuses("states/none.pth", "networks.pkl", &of("lstm"))?, &["cannot read", "none.pth"])
        .map(drop)
}

#[test]
fn a_model_whose_errors_nobody_knows_or_believes_is_refused() -> Result<()> {
    let case = Case::new()?;
    let refuses =
        |more: &str| case.refuses("states/lstm.pth", "networks.pkl", &format!("--model-type lstm {more}"));
    must_say(&refuses("")?, &["how good the model is is not known", "--rmse and --mae, or --data"])?;
    must_say(&refuses("--rmse 20")?, &["--mae"])?;
    must_say(&refuses("--rmse 20 --mae NaN")?, &["MAE NaN is no number of cycles from 0"])?;
    must_say(&refuses("--rmse=-20 --mae 15")?, &["RMSE -20 is no number of cycles from 0"])
}

#[test]
fn a_folder_that_is_not_the_guides_is_refused_by_what_it_lacks() -> Result<()> {
    let case = Case::new()?;
    let guides = case.folder.path().join("v1");
    fs::create_dir(&guides)?;
    let refusal = || case.trainer.refusal("register", &[("--dir", &guides)]);
    must_say(&refusal()?, &["cannot read", "v1/metadata.json", "a folder of the guide has one"])?;
    for (metadata, says) in [
        ("{\"model_type\": 3}", "is not the registry guide's metadata"),
        ("{\"model_type\": \"cnn\"}", "names the model type \"cnn\""),
        ("{\"model_type\": \"lstm\"}", "model.pth"),
    ] {
        fs::write(guides.join("metadata.json"), metadata)?;
        must_say(&refusal()?, &[says])?;
    }
    assert_eq!(case.registry.versions()?, []);
    Ok(())
}
