//! The id that this gateway reports under: the one it was given, else one drawn once and kept.

use std::fs;
use std::io;
use std::path::Path;

use overhaul_bundle::GatewayId;

use crate::random;
use crate::store::write_whole;

/// The id in a file, or a random one such as `gw-1f0c9a5e7b3d2846`, which is kept there from now on.
///
/// What is in the file and no id is replaced, and the log says so: a gateway starts whatever it finds.
pub fn kept(file: &Path) -> io::Result<GatewayId> {
    match fs::read_to_string(file) {
        Ok(text) => match text.trim().parse() {
            Ok(id) => return Ok(id),
            Err(e) => tracing::error!("{} is replaced: {e}", file.display()),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            tracing::error!("{} is replaced: it holds no text", file.display());
        }
        Err(e) => return Err(e),
    }
    let id = format!("gw-{:016x}", random::bits()? as u64);
    write_whole(file, format!("{id}\n").as_bytes())?;
    id.parse().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_drawn_once_and_one_of_a_persons_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("gateway-id");
        let first = kept(&file).unwrap();
        assert!(first.as_str().starts_with("gw-") && first.as_str().len() == 19, "{first}");
        assert_eq!(kept(&file).unwrap(), first);
        assert_ne!(kept(&home.path().join("another")).unwrap(), first);
        fs::write(&file, "hall-2.line-3\n").unwrap();
        assert_eq!(kept(&file).unwrap().as_str(), "hall-2.line-3");
    }

    #[test]
    fn what_is_no_id_is_replaced_by_one() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("gateway-id");
        for bad in [&b""[..], b"a b", b"a/b", b"\xff\xfe", &[b'x'; 129]] {
            fs::write(&file, bad).unwrap();
            let id = kept(&file).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap().trim(), id.as_str());
        }
    }
}
