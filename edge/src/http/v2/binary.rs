//! Tensors behind the JSON of a body: little-endian, row-major, one after the other (the protocol's extension
//! `binary_tensor_data`).

use axum::http::{HeaderMap, HeaderName};

use super::error::V2Error;

/// Says how many bytes of a body are JSON; the rest are tensors.
pub(super) const HEADER: HeaderName = HeaderName::from_static("inference-header-content-length");

/// A body's JSON and what is behind it.
pub(super) fn split<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), V2Error> {
    let Some(length) = headers.get(HEADER) else { return Ok((body, &[])) };
    let length: Option<usize> = length.to_str().ok().and_then(|length| length.parse().ok());
    length.and_then(|length| body.split_at_checked(length)).ok_or_else(|| {
        V2Error::invalid(format!(
            "the header Inference-Header-Content-Length is no number up to {}, the bytes of the body",
            body.len()
        ))
    })
}

/// The numbers of a tensor of `count` numbers, which takes the first `size` of `bytes`; and what is behind it.
pub(super) fn take<'a>(
    name: &str,
    bytes: &'a [u8],
    size: u64,
    count: usize,
) -> Result<(Vec<f32>, &'a [u8]), V2Error> {
    if size != 4 * count as u64 {
        let line = format!("binary_data_size of {name} is {size}, its shape asks for {}", 4 * count);
        return Err(V2Error::invalid(line));
    }
    let (tensor, rest) = bytes.split_at_checked(4 * count).ok_or_else(|| {
        V2Error::invalid(format!("{name} takes {size} bytes, but only {} are behind the JSON", bytes.len()))
    })?;
    let numbers = tensor.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Ok((numbers, rest))
}

/// Appends a tensor.
pub(super) fn put(body: &mut Vec<u8>, numbers: &[f32]) {
    body.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}
