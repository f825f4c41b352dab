//! `compare` says how far two versions differ on the same units, and how sure that is.

use anyhow::Result;
use overhaul_tests::trainer::must_say;

use super::case::Case;

#[test]
fn a_clearly_better_version_is_named_and_a_version_against_itself_differs_by_nothing() -> Result<()> {
    let case = Case::new()?;
    for kind in ["lstm", "gru"] {
        case.publish(kind)?;
    }
    let trainer = &case.trainer;
    let data = case.models.data();
    let data = [("--data", data.as_path())];

    let answer = trainer.answer("compare 1 2", &data)?;
    for labels in ["capped", "raw"] {
        let rmse = |side: usize| answer["versions"][side]["metrics"][labels]["rmse"].as_f64().unwrap();
        let figure = |name: &str| answer[labels][name].as_f64().unwrap();
        assert!((figure("difference") - (rmse(1) - rmse(0))).abs() < 1e-9, "{answer}");
        assert!(figure("lower") < figure("difference") && figure("difference") < figure("upper"), "{answer}");
        assert!(figure("upper") < 0.0 && figure("second_better") > 0.97, "{answer}");
    }
    assert_eq!(
        (&answer["versions"][0]["version"], &answer["versions"][1]["version"]),
        (&1.into(), &2.into())
    );
    assert_eq!(answer["units"], 20);
    let told = trainer.told("compare 1 2", &data)?;
    must_say(&told, &["RMSE of version 2 less version 1", "95 % interval", "version 2 is better"])?;
    must_say(&trainer.told("compare 2 1", &data)?, &["version 2 is better"])?;

    let itself = trainer.answer("compare 1 1", &data)?;
    for figure in ["difference", "lower", "upper", "second_better"] {
        assert_eq!((&itself["capped"][figure], &itself["raw"][figure]), (&0.0.into(), &0.0.into()));
    }
    must_say(&trainer.told("compare 1 1", &data)?, &["neither is clearly better on these units"])?;

    must_say(&trainer.refusal("compare 1 3", &data)?, &["no published version 3; there are: 1, 2"])
}
