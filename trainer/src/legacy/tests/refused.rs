//! What is refused, by which name, in one line that says what to do instead.

use super::*;

#[track_caller]
fn one_line(error: &LegacyError) -> String {
    let line = error.to_string();
    assert!(!line.contains(char::is_control) && line.contains("; "), "{line:?}");
    line
}

#[track_caller]
fn refuses_pth(name: &str, part: &str) {
    let line = one_line(&state_dict(&fixture(&format!("refused/{name}.pth"))).unwrap_err());
    assert!(line.starts_with("model.pth ") && line.contains(part), "{name}: {line}");
}

#[track_caller]
fn refuses_pkl(name: &str, part: &str) {
    let line = one_line(&scaler(&fixture(&format!("refused/{name}.pkl"))).unwrap_err());
    assert!(line.starts_with("scaler.pkl ") && line.contains(part), "{name}: {line}");
}

#[test]
fn a_name_that_runs_something_is_refused_by_name_and_not_run() {
    assert_eq!(
        scaler(&fixture("refused/system_reduce.pkl")).unwrap_err().to_string(),
        "scaler.pkl asks for os.system, which is not among the types that are read; nothing of it was run: \
         save the fitted StandardScaler alone with joblib.dump or pickle.dump"
    );
    for (name, asked) in [
        ("posix_stack_global", "posix.system"),
        ("eval", "builtins.eval"),
        ("inst", "os.system"),
        ("obj", "subprocess.Popen"),
        ("getattr", "builtins.getattr"),
        ("dotted", "numpy.load.__self__"),
    ] {
        refuses_pkl(name, &format!("asks for {asked}, which is not among the types"));
    }
    refuses_pth("system", "asks for posix.system");
    refuses_pth("system_nonzip", "asks for posix.system");
}

#[test]
fn a_name_with_control_characters_stays_on_one_line() {
    refuses_pkl("newline", r"os\nrm -r.sys\u{1b}[2");
}

#[test]
fn a_whole_module_is_refused_by_its_class() {
    refuses_pth("whole_module", "asks for torch.nn.modules.container.Sequential");
    refuses_pth("whole_module", "save model.state_dict()");
}

#[test]
fn complex_quantised_sparse_and_eight_bit_floats_are_refused_by_name() {
    refuses_pth("complex", "torch.ComplexFloatStorage");
    refuses_pth("quantised", "torch._utils._rebuild_qtensor");
    refuses_pth("sparse", "torch._utils._rebuild_sparse_tensor");
    refuses_pth("float8", "torch.float8_e4m3fn");
    refuses_pth("negated", "w as a lazily negated view");
}

#[test]
fn other_files_of_pytorch_are_refused_as_what_they_are() {
    refuses_pth("no_tensor", "has a list for its parameter v");
    refuses_pth("pickled_state", "asks for torch.storage._load_from_bytes");
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    assert!(one_line(&state_dict(&tar).unwrap_err()).contains("tar format of PyTorch before 0.1.10"));
    for foreign in [&b""[..], b"\x89HDF\r\n\x1a\n", b"{\"w\": 1}", b"\x80\x02N."] {
        assert!(one_line(&state_dict(foreign).unwrap_err()).contains("is no file of torch.save"));
    }
}

#[test]
fn other_estimators_and_scalers_in_a_box_are_refused() {
    refuses_pkl("minmax", "asks for sklearn.preprocessing._data.MinMaxScaler");
    refuses_pkl("dict", "holds a dict instead of a StandardScaler");
    refuses_pkl("unfitted", "was never fitted");
}

#[test]
fn a_compression_that_is_not_read_is_named() {
    for method in ["bz2", "lzma", "xz"] {
        refuses_pkl(method, &format!("is compressed with {method}; only zlib and gzip"));
    }
    assert!(scaler(b"\x04\x22\x4d\x18abc").unwrap_err().to_string().contains("lz4"));
    assert!(scaler(b"ZF0x12").unwrap_err().to_string().contains("joblib before 0.10"));
}

#[test]
fn opcodes_that_reach_outside_the_file_are_refused() {
    refuses_pkl("extension", "an extension (EXT)");
    refuses_pkl("persistent", "a persistent id");
}

#[test]
fn declared_lengths_beyond_the_file_are_refused() {
    refuses_pkl("bytes_bomb", "declares 1152921504606846976 bytes, 9 are left");
    refuses_pkl("frame_bomb", "declares 1152921504606846976 bytes");
    refuses_pkl("memo_bomb", "holds None instead of");
}

#[test]
fn calls_of_things_and_objects_that_hold_themselves_are_refused() {
    refuses_pkl("reduce_list", "a call of a list");
    refuses_pkl("itself", "holds a list instead of");
}
