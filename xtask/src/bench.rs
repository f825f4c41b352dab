//! stub
use crate::layout::Layout;
use anyhow::Result;
use std::path::PathBuf;
pub(crate) fn run(_: &Layout, _: bool, _: bool, _: Option<PathBuf>) -> Result<()> {
    Ok(())
}
