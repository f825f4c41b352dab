//! What Python's own files say, and what does not fit.

use overhaul_component::Model;
use serde_json::Value;
use tch::{Device, Tensor};

use super::*;
use crate::export::to_onnx;
use crate::model::Network;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/legacy").join(name)
}

fn source(model: &str, architecture: Architecture) -> Source {
    Source {
        model: fixture(model),
        scaler: fixture("networks.pkl"),
        architecture,
        sequence_length: None,
        heads: 4,
        columns: None,
    }
}

fn numbers(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        _ => vec![value.as_f64().unwrap() as f32],
    }
}

fn refusal(source: &Source) -> String {
    let error = import(source).unwrap_err();
    assert!(overhaul_bundle::mistake::is_mistake(error.as_ref()), "{error:?}");
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[test]
fn an_imported_model_answers_what_pytorch_and_scikit_learn_answered() {
    let recorded: Value = serde_json::from_slice(&std::fs::read(fixture("networks.json")).unwrap()).unwrap();
    let windows = numbers(&recorded["raw_windows"]);
    for architecture in
        [Architecture::Lstm, Architecture::Gru, Architecture::Bilstm, Architecture::Transformer]
    {
        let network = &recorded["networks"][architecture.flag()];
        let imported = import(&source(network["file"].as_str().unwrap(), architecture)).unwrap();
        let Imported { shape, weights, scaler } = &imported;
        assert_eq!((shape.features, shape.sequence_length), (24, 30));
        let expected = numbers(&network["outputs"]);
        let near = |answers: &[f32], by: &str| {
            for (answer, expected) in answers.iter().zip(&expected) {
                assert!((answer - expected).abs() <= 1e-4, "{architecture:?} {by}: {answer} for {expected}");
            }
            assert_eq!(answers.len(), expected.len());
        };
        let libtorch = Network::with_weights(*shape, scaler, OUTPUT, weights, Device::Cpu).unwrap();
        near(&libtorch.predict(&Tensor::from_slice(&windows).view([-1, 30, 24])), "libtorch");
        let onnx = to_onnx(shape, weights, scaler, OUTPUT).unwrap();
        near(&Model::load(&onnx).unwrap().predict(&windows).unwrap(), "tract");
    }
}

#[test]
fn weights_of_another_kind_of_model_are_refused_by_tensor() {
    let line = refusal(&source("states/lstm.pth", Architecture::Gru));
    assert!(line.contains("a GRU has a tensor gru.weight_hh_l0, and the weights have none"), "{line}");
    let line = refusal(&source("states/bilstm.pth", Architecture::Lstm));
    assert!(line.contains("lstm.weight_ih_l1 is [16, 8] where") && line.contains("[16, 4]"), "{line}");
    let mut transformer = source("states/transformer.pth", Architecture::Transformer);
    transformer.sequence_length = Some(50);
    let line = refusal(&transformer);
    assert!(line.contains("pos_encoder is [1, 30, 8] where") && line.contains("[1, 50, 8]"), "{line}");
}

#[test]
fn a_scaler_of_another_length_is_refused_with_both_lengths() {
    let five = fixture("scalers/new_joblib_five.pkl");
    let line = refusal(&Source { scaler: five, ..source("states/lstm.pth", Architecture::Lstm) });
    assert!(line.contains("scales 5 columns where tensor lstm.weight_ih_l0"), "{line}");
    assert!(line.contains("is [16, 24], for 24 columns"), "{line}");
}

#[test]
fn what_is_no_state_dict_is_refused_with_the_mend_and_a_program_by_its_name() {
    for entry in std::fs::read_dir(fixture("refused")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pth") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let line = refusal(&Source { model: path, ..source("states/lstm.pth", Architecture::Lstm) });
            assert!(line.contains(&name) && line.contains("save model.state_dict()"), "{line}");
            assert_eq!(line.contains("asks for posix.system"), name.starts_with("system"), "{line}");
        }
    }
}

#[test]
fn times_without_a_zone_are_taken_for_utc() {
    let of = |text: &str| GuidesMetadata { timestamp: Some(text.to_owned()), ..Default::default() }.time();
    assert_eq!(of("2024-01-15T10:30:45.123456").unwrap().to_string(), "2024-01-15T10:30:45.123456Z");
    assert_eq!(of("2024-01-15T10:30:45Z").unwrap().to_string(), "2024-01-15T10:30:45Z");
    assert_eq!(of("yesterday"), None);
}
