//! A file or an archive's entry as the pieces that blobs are received in.

use std::io::Read;

use bytes::Bytes;

use crate::blobs::BlobError;

/// Bytes read at a time.
const PIECE: u64 = 1 << 20;

/// What a reader gives, some at a time. It is read where this runs: a command has nothing else to do.
pub(crate) struct Pieces<R>(pub(crate) R);

impl<R: Read> Iterator for Pieces<R> {
    type Item = Result<Bytes, BlobError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = Vec::new();
        match self.0.by_ref().take(PIECE).read_to_end(&mut piece) {
            Ok(0) => None,
            Ok(_) => Some(Ok(piece.into())),
            Err(e) => Some(Err(BlobError::Broken(e.to_string()))),
        }
    }
}
