//! `.pth` files of PyTorch 2.15 read as the parameters that PyTorch had.

use super::*;

#[test]
fn the_four_networks_are_read_with_every_name_dimension_and_bit() {
    for name in ["lstm", "gru", "bilstm", "transformer"] {
        assert_same(&state_dict(&fixture(&format!("states/{name}.pth"))).unwrap(), &expected(name));
    }
}

#[test]
fn the_old_format_reads_as_the_zip_format() {
    assert_same(&state_dict(&fixture("states/gru_nonzip.pth")).unwrap(), &expected("gru"));
}

#[test]
fn views_at_offsets_and_transposed_ones_of_one_storage_are_put_in_rows() {
    for name in ["gru_views", "gru_views_nonzip"] {
        assert_same(&state_dict(&fixture(&format!("states/{name}.pth"))).unwrap(), &expected("gru"));
    }
}

#[test]
fn a_file_saved_on_a_gpu_reads_as_one_saved_without() {
    assert_same(&state_dict(&fixture("states/gru_cuda.pth")).unwrap(), &expected("gru"));
    assert_same(&state_dict(&fixture("states/head_cuda_nonzip.pth")).unwrap(), &head());
}

#[test]
fn half_precision_is_widened() {
    assert_same(&state_dict(&fixture("states/half.pth")).unwrap(), &expected("half"));
}

#[test]
fn every_real_dtype_is_converted_and_scalars_empty_and_expanded_tensors_keep_their_shape() {
    assert_same(&state_dict(&fixture("states/types.pth")).unwrap(), &expected("types"));
}

#[test]
fn another_pickle_protocol_and_parameters_in_the_place_of_tensors_are_read() {
    for name in ["head_protocol4", "head_parameters"] {
        assert_same(&state_dict(&fixture(&format!("states/{name}.pth"))).unwrap(), &head());
    }
}

#[test]
fn a_checkpoint_gives_its_state_dict_and_not_its_optimiser() {
    assert_same(&state_dict(&fixture("states/checkpoint_model_state_dict.pth")).unwrap(), &expected("gru"));
    for place in ["state_dict", "model"] {
        assert_same(&state_dict(&fixture(&format!("states/checkpoint_{place}.pth"))).unwrap(), &head());
    }
}

#[test]
fn a_name_of_21_letters_whose_directory_looks_shifted_is_read() {
    let bytes = fixture("states/checkpoint_state_dict.pth");
    assert!(bytes.windows(30).any(|name| name == b"checkpoint_state_dict/data.pkl"));
    assert_same(&state_dict(&bytes).unwrap(), &head());
}

/// The last layer of the GRU.
fn head() -> BTreeMap<String, Tensor> {
    expected("gru").into_iter().filter(|(name, _)| name.starts_with("fc.")).collect()
}
