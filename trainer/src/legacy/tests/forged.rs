//! State dicts whose pickles are sound and whose tensors lie.

use zip::CompressionMethod;

use super::archives::pack;
use super::*;

/// One tensor as the pickle describes it, over a storage of two numbers.
struct Forged {
    function: &'static str,
    storage: &'static [u8],
    key: &'static str,
    count: i64,
    offset: i64,
    dims: Vec<i64>,
    strides: Vec<i64>,
    tail: &'static [u8],
}

impl Default for Forged {
    fn default() -> Self {
        Self {
            function: "_rebuild_tensor_v2",
            storage: b"ctorch\nFloatStorage\n",
            key: "0",
            count: 2,
            offset: 0,
            dims: vec![2],
            strides: vec![1],
            tail: b"\x89N",
        }
    }
}

fn int(value: i64) -> Vec<u8> {
    [&b"\x8a\x08"[..], &value.to_le_bytes()].concat()
}

fn tuple(values: &[i64]) -> Vec<u8> {
    [b"(".to_vec(), values.iter().flat_map(|value| int(*value)).collect(), b"t".to_vec()].concat()
}

impl Forged {
    fn read(&self) -> Result<BTreeMap<String, Tensor>, LegacyError> {
        let text = |text: &str| [&[0x8c, text.len() as u8], text.as_bytes()].concat();
        let pickle = [
            b"\x80\x04}".to_vec(),
            text("w"),
            format!("ctorch._utils\n{}\n((", self.function).into_bytes(),
            text("storage"),
            self.storage.to_vec(),
            text(self.key),
            text("cpu"),
            int(self.count),
            b"tQ".to_vec(),
            int(self.offset),
            tuple(&self.dims),
            tuple(&self.strides),
            self.tail.to_vec(),
            b"tRs.".to_vec(),
        ]
        .concat();
        let storage = [1.5f32, 2.5].iter().flat_map(|value| value.to_le_bytes()).collect();
        let entries = [("a/data.pkl".to_owned(), pickle), ("a/data/0".to_owned(), storage)];
        state_dict(&pack(&entries, CompressionMethod::Stored))
    }

    #[track_caller]
    fn refused(&self, part: &str) {
        let line = self.read().unwrap_err().to_string();
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn the_forger_can_be_honest() {
    assert_eq!(Forged::default().read().unwrap()["w"], Tensor { dims: vec![2], values: vec![1.5, 2.5] });
    let old = Forged { function: "_rebuild_tensor", tail: b"", ..Forged::default() };
    assert_eq!(old.read().unwrap()["w"].values, [1.5, 2.5]);
}

#[test]
fn a_tensor_beyond_its_storage_is_refused() {
    let far = i64::MAX;
    for (offset, dims, strides) in [
        (1, vec![2], vec![1]),
        (0, vec![3], vec![1]),
        (0, vec![2], vec![2]),
        (far, vec![2], vec![1]),
        (0, vec![far, far], vec![1, 1]),
        (0, vec![2, 2, 2], vec![far, far, far]),
    ] {
        Forged { offset, dims, strides, ..Forged::default() }.refused("does not lie in its storage");
    }
}

#[test]
fn an_expanded_tensor_that_would_fill_the_memory_is_refused() {
    let all = Forged { dims: vec![1 << 40], strides: vec![0], ..Forged::default() };
    all.refused("has more than 67108864 numbers up to its parameter w");
    Forged { dims: vec![1 << 40; 2], strides: vec![0; 2], ..Forged::default() }.refused("does not lie");
}

#[test]
fn a_storage_that_would_fill_the_memory_is_refused() {
    Forged { count: 1 << 60, ..Forged::default() }.refused("needs more than 536870912 bytes");
    Forged { count: 3, ..Forged::default() }.refused("has 8 bytes instead of 12");
}

#[test]
fn the_step_of_a_dimension_of_one_and_of_an_empty_tensor_may_be_anything() {
    let one = Forged { dims: vec![1, 2], strides: vec![i64::MAX, 1], ..Forged::default() };
    assert_eq!(one.read().unwrap()["w"].values, [1.5, 2.5]);
    let none = Forged { dims: vec![0, 2], strides: vec![1 << 40, 1], ..Forged::default() };
    assert_eq!(none.read().unwrap()["w"], Tensor { dims: vec![0, 2], values: vec![] });
}

#[test]
fn a_key_of_many_bytes_and_one_that_leads_elsewhere_are_refused() {
    Forged { key: "0000000000000000000000000000000000000000000000000000000000000000/", ..Forged::default() }
        .refused("no short text");
    Forged { key: "../../etc/passwd", ..Forged::default() }.refused("has no entry a/data/../../etc/passwd");
}

#[test]
fn negative_and_missing_counts_are_refused() {
    Forged { dims: vec![-2], ..Forged::default() }.refused("no count");
    Forged { strides: vec![-1], ..Forged::default() }.refused("no count");
    Forged { offset: -1, ..Forged::default() }.refused("no count");
    Forged { count: -1, ..Forged::default() }.refused("its count no number");
    Forged { strides: vec![], ..Forged::default() }.refused("1 dimensions and 0 strides");
    Forged { dims: vec![1; 9], strides: vec![1; 9], ..Forged::default() }.refused("at most 8");
}

#[test]
fn a_known_function_with_false_arguments_is_refused() {
    Forged { tail: b"", ..Forged::default() }.refused("_rebuild_tensor_v2 with 4 arguments");
    Forged { tail: b"\x89N}NN", ..Forged::default() }.refused("with 9 arguments");
    Forged { function: "_rebuild_tensor_v3", tail: b"\x89NN", ..Forged::default() }
        .refused("None for a dtype");
    Forged { storage: b"N", ..Forged::default() }.refused("a storage's class is None");
    Forged { storage: b"ccollections\nOrderedDict\n", ..Forged::default() }
        .refused("collections.OrderedDict");
    Forged { storage: b"cos\nsystem\n", ..Forged::default() }.refused("asks for os.system");
}

#[test]
fn a_wider_dtype_than_the_storage_has_bytes_for_is_refused() {
    let wide = |count, function| Forged {
        function,
        count,
        storage: b"ctorch\nDoubleStorage\n",
        tail: b"\x89Nctorch\nint8\n",
        ..Forged::default()
    };
    wide(i64::MAX, "_rebuild_tensor_v3").refused("needs more than");
    assert_eq!(wide(1, "_rebuild_tensor_v3").read().unwrap()["w"].values.len(), 2);
}
