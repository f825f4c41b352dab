//! Foreign bytes: random ones, and real files cut and changed, never panic and never half succeed.

use proptest::prelude::*;
use zip::CompressionMethod;

use super::archives::{pack, unpack};
use super::*;

/// Real files in whose bytes no checksum hides the parser.
const STREAMS: [&str; 2] = ["states/gru_views_nonzip.pth", "states/head_cuda_nonzip.pth"];
const PICKLES: [&str; 5] = [
    "scalers/new_joblib_frame.pkl",
    "scalers/new_pickle0_frame.pkl",
    "scalers/new_pickle2_frame.pkl",
    "scalers/new_pickle5_frame.pkl",
    "scalers/older_joblib_frame.pkl",
];
const ARCHIVES: [&str; 2] = ["states/head_protocol4.pth", "states/types.pth"];

/// Both readers on the same bytes, bare and as the pickle of an archive.
fn read(bytes: &[u8]) {
    let _ = scaler(bytes);
    let _ = state_dict(bytes);
}

/// Some bytes overwritten, a piece cut out, a piece said twice.
fn mutated(
    bytes: &[u8],
    writes: &[(prop::sample::Index, u8)],
    piece: &[prop::sample::Index; 2],
    twice: bool,
) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    for (place, byte) in writes {
        let place = place.index(changed.len());
        changed[place] = *byte;
    }
    let (from, length) = (piece[0].index(changed.len()), piece[1].index(32));
    let to = changed.len().min(from + length);
    let said = changed[from..to].to_vec();
    let rest = if twice { from } else { to };
    changed.splice(from..rest, if twice { said } else { Vec::new() });
    changed
}

fn writes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 0..4)
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for name in PICKLES {
        let bytes = fixture(name);
        for length in 0..bytes.len() {
            assert!(scaler(&bytes[..length]).is_err(), "{name} cut to {length}");
        }
    }
    for name in STREAMS.iter().chain(&ARCHIVES) {
        let bytes = fixture(name);
        for length in 0..bytes.len() {
            assert!(state_dict(&bytes[..length]).is_err(), "{name} cut to {length}");
        }
    }
}

#[test]
fn any_one_byte_changed_never_panics() {
    for name in PICKLES {
        let mut bytes = fixture(name);
        for place in 0..bytes.len() {
            for other in [0, 0xff, bytes[place].wrapping_add(1)] {
                let kept = std::mem::replace(&mut bytes[place], other);
                let _ = scaler(&bytes);
                bytes[place] = kept;
            }
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
        let start = |start: &[u8]| [start, &bytes].concat();
        for begun in [&b"\x80\x04"[..], b"\x1f\x8b\x08\x00", b"x\x9c", b"PK\x03\x04"] {
            read(&start(begun));
        }
    }

    #[test]
    fn random_opcodes_never_panic(
        opcodes in proptest::collection::vec(
            prop_oneof![
                proptest::sample::select(b".(012NK\x88\x89)]}tldsuaehqRbQo\x81\x85\x86\x87\x8f\x90\x91\x94\x93".to_vec())
                    .prop_map(|opcode| vec![opcode, 0, 1][..if b"Khq".contains(&opcode) { 2 } else { 1 }].to_vec()),
                proptest::sample::select(vec![
                    &b"\x8c\x07storage"[..], b"\x8c\x05mean_", b"\x8c\x05shape", b"\x8c\x05dtype", b"\x8c\x02f8",
                    b"ccollections\nOrderedDict\n", b"cnumpy\ndtype\n", b"ctorch\nFloatStorage\n",
                    b"ctorch._utils\n_rebuild_tensor_v2\n", b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n",
                    b"csklearn.preprocessing._data\nStandardScaler\n", b"ccopyreg\n_reconstructor\n",
                    b"cbuiltins\nobject\n", b"cnumpy.core.multiarray\n_reconstruct\n",
                ]).prop_map(<[u8]>::to_vec),
            ],
            0..60,
        ),
    ) {
        let pickle = opcodes.concat();
        read(&pickle);
        read(&pack(&[("a/data.pkl".to_owned(), pickle)], CompressionMethod::Stored));
    }

    #[test]
    fn changed_scalers_never_panic(
        name in proptest::sample::select(PICKLES.to_vec()), writes in writes(),
        piece in any::<[prop::sample::Index; 2]>(), twice: bool,
    ) {
        read(&mutated(&fixture(name), &writes, &piece, twice));
    }

    #[test]
    fn changed_streams_never_panic(
        name in proptest::sample::select(STREAMS.to_vec()), writes in writes(),
        piece in any::<[prop::sample::Index; 2]>(), twice: bool,
    ) {
        read(&mutated(&fixture(name), &writes, &piece, twice));
    }

    #[test]
    fn changed_pickles_in_sound_archives_never_panic(
        name in proptest::sample::select(ARCHIVES.to_vec()), writes in writes(),
        piece in any::<[prop::sample::Index; 2]>(), twice: bool,
    ) {
        let mut entries = unpack(&fixture(name));
        for (name, content) in &mut entries {
            if name.ends_with("data.pkl") {
                *content = mutated(content, &writes, &piece, twice);
            }
        }
        read(&pack(&entries, CompressionMethod::Stored));
    }

    #[test]
    fn changed_archives_never_panic(
        name in proptest::sample::select(ARCHIVES.to_vec()), writes in writes(),
        piece in any::<[prop::sample::Index; 2]>(), twice: bool,
    ) {
        read(&mutated(&fixture(name), &writes, &piece, twice));
    }
}
