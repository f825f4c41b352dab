//! One binary for both kinds of machine: libtorch's CUDA half is loaded where it lies beside the CPU half.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// What the library that stands in for libtorch's CUDA half says when it is loaded.
const SAYS: &str = "the CUDA half is loaded";

/// A folder with libtorch's libraries, on the same file system so that nothing is copied.
fn libraries() -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let libtorch =
        std::env::var_os("LIBTORCH").expect("LIBTORCH names the libtorch that the trainer is built with");
    for entry in std::fs::read_dir(PathBuf::from(libtorch).join("lib")).unwrap() {
        let path = entry.unwrap().path();
        let to = folder.path().join(path.file_name().unwrap());
        if std::fs::hard_link(&path, &to).is_err() {
            std::fs::copy(&path, &to).unwrap();
        }
    }
    folder
}

fn stand_in(folder: &Path) {
    let source = folder.join("cuda.c");
    let code = format!(
        "#include <stdio.h>\n__attribute__((constructor)) static void loaded(void) {{ fputs(\"{SAYS}\\n\", stderr); }}\n"
    );
    std::fs::write(&source, code).unwrap();
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-o"]).arg(folder.join("libtorch_cuda.so")).arg(&source);
    assert!(compile.status().unwrap().success());
}

/// What a training without data says, which it is refused for after it was launched.
fn errors_of_training(folder: &Path) -> String {
    let mut trainer = Command::new(env!("CARGO_BIN_EXE_overhaul-trainer"));
    trainer.args(["train", "--model", "gru", "--data", "nowhere"]).env("LD_LIBRARY_PATH", folder);
    let output = trainer.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_cuda_half_is_loaded_where_it_lies_beside_the_cpu_half_and_not_missed_elsewhere() {
    let folder = libraries();
    assert_eq!(errors_of_training(folder.path()).lines().count(), 1);
    stand_in(folder.path());
    let errors = errors_of_training(folder.path());
    assert_eq!((errors.lines().count(), errors.lines().next()), (2, Some(SAYS)), "{errors}");
}
