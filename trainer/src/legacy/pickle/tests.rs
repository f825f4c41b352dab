//! The machine keeps within its bounds, whatever it is told.

use super::super::error::Refusal;
use super::*;

fn run(bytes: &[u8]) -> Result<&'static str, String> {
    let mut machine = Machine::new(Dialect::Sklearn, bytes);
    match machine.load() {
        Ok(value) => Ok(machine.heap().describe(value)),
        Err(Refusal::Asks(why) | Refusal::Damaged(why) | Refusal::Unsupported(why)) => Err(why),
    }
}

/// The integer that a pickle is.
fn int(bytes: &[u8]) -> Option<i64> {
    match Machine::new(Dialect::Sklearn, bytes).load() {
        Ok(Value::Int(value)) => Some(value),
        _ => None,
    }
}

/// The text that a pickle is.
fn text(bytes: &[u8]) -> Option<String> {
    let mut machine = Machine::new(Dialect::Sklearn, bytes);
    let value = machine.load().ok()?;
    machine.heap().text(value).map(str::to_owned)
}

#[test]
fn integers_of_every_opcode_are_read() {
    assert_eq!(int(b"K\xff."), Some(255));
    assert_eq!(int(b"M\xff\xff."), Some(65535));
    assert_eq!(int(b"J\xfe\xff\xff\xff."), Some(-2));
    assert_eq!(int(b"I-12\n."), Some(-12));
    assert_eq!(int(b"L-12L\n."), Some(-12));
    assert_eq!(int(b"\x8a\x00."), Some(0));
    assert_eq!(int(b"\x8a\x02\x00\xff."), Some(-256));
    assert_eq!(int(b"\x8a\x02\xff\x00."), Some(255));
    assert_eq!(int(b"\x8b\x01\x00\x00\x00\x7f."), Some(127));
    assert_eq!(run(b"\x8a\x0a0123456789."), Ok("an int"));
    assert_eq!(run(b"I99999999999999999999\n."), Ok("an int"));
    assert!(run(b"Iten\n.").is_err() && run(b"I\n.").is_err());
}

#[test]
fn texts_of_every_opcode_are_read() {
    assert_eq!(text(b"Vmean_\n.").as_deref(), Some("mean_"));
    assert_eq!(text("V\\u00b0\\U0001f600C\n.".as_bytes()).as_deref(), Some("°😀C"));
    assert_eq!(text(b"V\xb0C\n.").as_deref(), Some("°C"));
    assert_eq!(text(b"X\x02\x00\x00\x00\xc2\xb0.").as_deref(), Some("°"));
    assert_eq!(text(b"\x8c\x01a.").as_deref(), Some("a"));
    assert_eq!(text(b"\x8d\x01\x00\x00\x00\x00\x00\x00\x00a.").as_deref(), Some("a"));
    assert!(run(b"V\\ud800\n.").is_err() && run(b"V\\u12\n.").is_err());
    assert!(run(b"\x8c\x01\xff.").unwrap_err().contains("not UTF-8"));
}

#[test]
fn a_stack_without_values_and_a_mark_that_was_never_set_are_refused() {
    for bytes in
        [&b"."[..], b"0.", b"2.", b"R.", b"Nb.", b"\x85.", b"Na.", b"NNs.", b"q\x00.", b"(.", b"(N(."]
    {
        assert!(run(bytes).is_err(), "{bytes:?}");
    }
    for bytes in [&b"t."[..], b"1.", b"u.", b"e.", b"o.", b"d.", b"(o."] {
        assert!(run(bytes).is_err(), "{bytes:?}");
    }
    assert_eq!(run(b"N(0."), Ok("None"), "POP takes a mark too");
}

#[test]
fn deep_nesting_is_read_and_dropped_without_recursion() {
    let deep = 300_000;
    let lists = [&b"]".repeat(deep)[..], &b"a".repeat(deep - 1), b"."].concat();
    assert_eq!(run(&lists), Ok("a list"));
    let tuples = [&b")"[..], &b"\x85".repeat(deep), b"."].concat();
    assert_eq!(run(&tuples), Ok("a tuple"));
}

#[test]
fn too_many_values_are_refused() {
    let many = (1 << 20) + 1;
    assert!(run(&b"(".repeat(many)).unwrap_err().contains("wait on its stack"));
    assert!(run(&b"N".repeat(many)).unwrap_err().contains("wait on its stack"));
    assert!(run(&b")0".repeat(many)).unwrap_err().contains("more than 1048576 values"));
    assert!(run(&[b"]".to_vec(), b"Na".repeat(many)].concat()).unwrap_err().contains("values"));
    let memo: Vec<u8> = (0..many as u32).flat_map(|i| [&b"r"[..], &i.to_le_bytes()].concat()).collect();
    assert!(run(&[b"N".to_vec(), memo].concat()).unwrap_err().contains("values"));
}

#[test]
fn one_state_given_again_and_again_is_counted_each_time() {
    let wrapper = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81q\x00";
    let state =
        b"}q\x01(X\x05\x00\x00\x00shape(K\x00tX\x05\x00\x00\x00dtypecnumpy\ndtype\n(X\x02\x00\x00\x00f8tRu";
    let entries = b"NNs".repeat(10_000);
    let again = b"h\x00h\x01b0".repeat(1_000);
    let pickle = [&wrapper[..], b"0", state, &entries, b"0", &again, b"N."].concat();
    assert!(run(&pickle).unwrap_err().contains("more than 1048576 values"));
    let few = [&wrapper[..], b"0", state, b"0", &again, b"N."].concat();
    assert_eq!(run(&few), Ok("None"));
}

#[test]
fn a_memo_that_was_never_set_is_refused() {
    for bytes in [&b"h\x07."[..], b"g7\n.", b"j\xff\xff\xff\xff.", b"gseven\n."] {
        assert!(run(bytes).unwrap_err().contains("memo"), "{bytes:?}");
    }
}

#[test]
fn the_state_of_anything_but_the_listed_objects_is_refused() {
    assert!(run(b"]}b.").unwrap_err().contains("a state of a list"));
    assert!(run(b"cnumpy\nndarray\n}b.").unwrap_err().contains("a state of numpy.ndarray"));
    assert!(run(b"cnumpy.core.multiarray\nscalar\n(NtR}b.").unwrap_err().contains("a numpy scalar"));
}

#[test]
fn an_object_of_another_class_is_refused() {
    let made =
        |class: &str| run(format!("ccopyreg\n_reconstructor\n(c{class}\ncbuiltins\nobject\nNtR.").as_bytes());
    assert_eq!(made("sklearn.preprocessing.data\nStandardScaler"), Ok("sklearn's StandardScaler"));
    assert!(made("numpy\nndarray").unwrap_err().contains("an object of numpy.ndarray"));
    assert!(made("os\nsystem").unwrap_err().contains("os.system"));
    assert!(run(b"cnumpy\nndarray\n)\x81.").unwrap_err().contains("a call of numpy.ndarray"));
}

#[test]
fn names_of_the_other_dialect_are_refused() {
    assert!(run(b"ctorch\nFloatStorage\n.").unwrap_err().contains("torch.FloatStorage"));
    let scaler = b"csklearn.preprocessing._data\nStandardScaler\n.";
    assert!(matches!(Machine::new(Dialect::Torch, scaler).load(), Err(Refusal::Asks(_))));
    assert!(run(b"\x8c\x07storage\x85Q.").unwrap_err().contains("a persistent id"));
}

#[test]
fn a_protocol_or_opcode_that_nobody_knows_is_refused() {
    assert!(run(b"\x80\x06N.").unwrap_err().contains("protocol 6"));
    assert!(run(b"N\xfe.").unwrap_err().contains("byte 1 is 0xfe"));
}
