//! Links the binary so that it finds libtorch at run time without `LD_LIBRARY_PATH`.

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    if let Some(libtorch) = std::env::var_os("LIBTORCH") {
        let library = PathBuf::from(libtorch).join("lib");
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", library.display());
    }
}
