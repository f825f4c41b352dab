//! libtorch for processors, out of the wheels that carry it: `tch` links with it, no Python of it is used.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use super::{python, stage};
use crate::command::run;
use crate::layout::Layout;
use crate::mistake::mistake;
use crate::progress::{bytes, step};

/// A wheel, and what of it is kept.
struct Wheel {
    requirement: &'static str,
    file: &'static str,
    sha256: &'static str,
    /// A folder or file in the wheel, and its place in libtorch's folder.
    kept: &'static [(&'static str, &'static str)],
}

/// `tch` 0.24 wants exactly this libtorch. The processor's half of it still links with two small CUDA
/// libraries; `libtorch_cuda.so` and what it needs are left out.
const WHEELS: [Wheel; 3] = [
    Wheel {
        requirement: "torch==2.11.0",
        file: "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        sha256: "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
        kept: &[
            ("torch/include/", "include/"),
            ("torch/lib/libc10.so", "lib/libc10.so"),
            ("torch/lib/libgomp.so.1", "lib/libgomp.so.1"),
            ("torch/lib/libtorch.so", "lib/libtorch.so"),
            ("torch/lib/libtorch_cpu.so", "lib/libtorch_cpu.so"),
        ],
    },
    Wheel {
        requirement: "nvidia-cuda-cupti==13.5.25",
        file: "nvidia_cuda_cupti-13.5.25-py3-none-manylinux_2_25_x86_64.whl",
        sha256: "9dcca41c12a734192b14e7128ae116bc9ce1b9da686e2ebf48ae7a4415f76650",
        kept: &[("nvidia/cu13/lib/libcupti.so.13", "lib/libcupti.so.13")],
    },
    Wheel {
        requirement: "nvidia-cuda-runtime==13.5.37",
        file: "nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        sha256: "df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d",
        kept: &[("nvidia/cu13/lib/libcudart.so.13", "lib/libcudart.so.13")],
    },
];

/// Unpacks libtorch unless it is there or the user has named one.
pub(super) fn ensure(layout: &Layout) -> Result<()> {
    if layout.libtorch_is_given {
        if !layout.libtorch.join("lib/libtorch_cpu.so").is_file() {
            return Err(mistake(format!(
                "LIBTORCH={} holds no lib/libtorch_cpu.so; name libtorch 2.11.0's folder, or unset it",
                layout.libtorch.display()
            )));
        }
        return Ok(());
    }
    let stamp = WHEELS.map(|wheel| format!("{}  {}\n", wheel.sha256, wheel.file)).concat();
    if stage::is_whole(&layout.libtorch, &stamp) {
        return Ok(());
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Err(mistake(
            "setup knows libtorch for x86-64 Linux only; get libtorch 2.11.0 yourself and set LIBTORCH to its folder",
        ));
    }
    step("libtorch 2.11.0 (530 MB to download, 480 MB on disk)", || {
        stage::replace(&layout.libtorch, &stamp, |new| {
            let wheels = tempfile::tempdir_in(new)?;
            download(layout, wheels.path())?;
            for wheel in &WHEELS {
                let path = wheels.path().join(wheel.file);
                verify(&path, wheel.sha256)?;
                unpack(&path, wheel, new)?;
            }
            Ok(())
        })
    })
}

/// The wheels are asked for by the interpreter they were built for, whichever runs pip.
fn download(layout: &Layout, to: &Path) -> Result<()> {
    let mut pip = python::pip(&layout.python());
    pip.args(["--no-input", "download", "--progress-bar=on", "--no-deps", "--only-binary=:all:"]);
    pip.args(["--implementation=cp", "--python-version=3.11"]);
    for platform in ["manylinux_2_28_x86_64", "manylinux_2_25_x86_64", "manylinux2014_x86_64"] {
        pip.arg("--platform").arg(platform);
    }
    run(pip.arg("--dest").arg(to).args(WHEELS.iter().map(|wheel| wheel.requirement)))
}

fn verify(path: &Path, expected: &str) -> Result<()> {
    let context = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(context)?;
    let bar = bytes("checking", file.metadata()?.len());
    let mut reader = bar.wrap_read(file);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = reader.read(&mut buffer).with_context(context)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    bar.finish_and_clear();
    let found = stage::hex(&hasher.finalize());
    if found != expected {
        bail!(
            "{} has sha256 {found} instead of {expected}: it is not the file that was reviewed",
            path.display()
        );
    }
    Ok(())
}

fn unpack(path: &Path, wheel: &Wheel, to: &Path) -> Result<()> {
    let mut archive = zip::ZipArchive::new(io::BufReader::new(File::open(path)?))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let mut found: Vec<(usize, String)> = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index)?;
        let Some(name) = entry.enclosed_name().filter(|_| entry.is_file()) else { continue };
        let name = name.to_string_lossy();
        let place = wheel.kept.iter().find_map(|(from, to)| {
            let rest = name.strip_prefix(from)?;
            (rest.is_empty() || from.ends_with('/')).then(|| format!("{to}{rest}"))
        });
        found.extend(place.map(|place| (index, place)));
    }
    for (from, place) in wheel.kept {
        if !found.iter().any(|(_, name)| name.starts_with(place)) {
            bail!("{} holds no {from}", path.display());
        }
    }
    let mut total = 0;
    for (index, _) in &found {
        total += archive.by_index_raw(*index)?.size();
    }
    let bar = bytes("unpacking", total);
    for (index, place) in &found {
        let place = to.join(place);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create(&place).with_context(|| format!("cannot write {}", place.display()))?;
        io::copy(&mut bar.wrap_read(archive.by_index(*index)?), &mut file)
            .with_context(|| format!("cannot unpack {}", place.display()))?;
        file.flush()?;
    }
    bar.finish_and_clear();
    Ok(())
}
