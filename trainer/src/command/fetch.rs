//! `data fetch`: NASA's C-MAPSS data.

use crate::cli::FetchArguments;
use crate::data::fetch::{Request, fetch};

pub(super) fn fetch_command(arguments: &FetchArguments) -> anyhow::Result<()> {
    let request = Request::new(arguments.out.clone(), arguments.url.clone(), arguments.sha256);
    let fetched = fetch(&request)?;
    for name in &fetched.written {
        println!("{}", arguments.out.join(name).display());
    }
    for name in &fetched.unchanged {
        println!("{} (was there, unchanged)", arguments.out.join(name).display());
    }
    if !fetched.missing.is_empty() {
        println!("note: the archive does not hold {}", fetched.missing.join(", "));
    }
    Ok(())
}
