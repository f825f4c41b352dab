//! The transfer: resumed where it broke off, by the same call or a later one.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use indicatif::ProgressBar;
use overhaul_bundle::{Mistake, Sha256Digest};
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, IF_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode, Url};

use super::client::client;
use super::partial::{Origin, Partial};

/// The most bytes of an archive that are taken; NASA's has 12 MB.
pub(super) const MAX_BYTES: u64 = 64 << 20;
/// How often a transfer that broke off is taken up again within one call.
const RESUMPTIONS: u32 = 5;

/// An archive that is whole; it is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Archived(Partial);

/// Why there is no archive.
enum Failure {
    /// The transfer broke off: what is here is kept.
    Broken(anyhow::Error),
    /// The answer is none that can be used: nothing is kept.
    Useless(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Useless(error)
    }
}

impl Archived {
    /// Downloads an archive into a folder, and checks its digest if that is known.
    pub(super) async fn download(
        url: &Url,
        folder: &Path,
        sha256: Option<&Sha256Digest>,
        bar: &ProgressBar,
    ) -> anyhow::Result<Self> {
        let client = client(url)?;
        let mut partial = Partial::open(folder, url.as_str())?;
        let resumed = partial.length > 0;
        match complete(&client, url, &mut partial, bar).await {
            Ok(()) => {}
            Err(Failure::Broken(error)) if partial.length > 0 => {
                let kept = partial.length;
                return Err(error.context(format!(
                    "the download of {url} broke off; {kept} bytes are kept, run it again to go on from there"
                )));
            }
            Err(Failure::Broken(error) | Failure::Useless(error)) => {
                partial.remove();
                return Err(error);
            }
        }
        let archived = Self(partial);
        match sha256 {
            Some(expected) => archived.verify(url, expected, resumed).map(|()| archived),
            None => Ok(archived),
        }
    }

    /// The archive's file.
    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    fn verify(&self, url: &Url, expected: &Sha256Digest, resumed: bool) -> anyhow::Result<()> {
        let context = || format!("cannot read {}", self.path().display());
        let file = BufReader::new(File::open(self.path()).with_context(context)?);
        let (found, length) = Sha256Digest::of_reader(file).with_context(context)?;
        if found == *expected {
            return Ok(());
        }
        let mend = if resumed {
            "it was resumed from an earlier part: run it again, to begin anew"
        } else {
            "nothing was kept of it; if you trust it, say so with --sha256: each file in it is checked all the same"
        };
        Err(Mistake::new(format!(
            "{url} is {length} bytes with sha256 {found} instead of {expected}; {mend}"
        ))
        .into())
    }
}

impl Drop for Archived {
    fn drop(&mut self) {
        self.0.remove();
    }
}

/// Asks for what is lacking until it is all here.
async fn complete(
    client: &Client,
    url: &Url,
    partial: &mut Partial,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let mut resumptions = 0;
    while !partial.is_whole() {
        let before = partial.length;
        match once(client, url, partial, bar).await {
            Ok(()) => return Ok(()),
            Err(Failure::Broken(_)) if partial.length > before && resumptions < RESUMPTIONS => {}
            Err(failure) => return Err(failure),
        }
        resumptions += 1;
    }
    Ok(())
}

/// One request for what is lacking; returns when the answer is all here.
async fn once(client: &Client, url: &Url, partial: &mut Partial, bar: &ProgressBar) -> Result<(), Failure> {
    let mut answer = ask(client, url, partial).await?;
    if answer.status() == StatusCode::RANGE_NOT_SATISFIABLE && partial.length > 0 {
        partial.restart(Origin { url: url.to_string(), ..Origin::default() })?;
        answer = ask(client, url, partial).await?;
    }
    refuse(url, &answer)?;
    if answer.status() == StatusCode::PARTIAL_CONTENT {
        if !continues(&answer, partial) {
            let problem = "answered a range that was not asked for; name another server with --url";
            return Err(Failure::Useless(Mistake::new(format!("{url} {problem}")).into()));
        }
    } else {
        // The whole content: the server ignores ranges, or it has other content by now.
        let origin = Origin { url: url.to_string(), etag: strong(&answer), total: answer.content_length() };
        partial.restart(origin)?;
    }
    if let Some(total) = partial.origin.total {
        within(url, total)?;
        bar.set_length(total);
    }
    bar.set_position(partial.length);
    while let Some(piece) = answer.chunk().await.map_err(|e| Failure::Broken(e.without_url().into()))? {
        if partial.length == 0 && !b"PK".starts_with(&piece[..piece.len().min(2)]) {
            return Err(Failure::Useless(no_zip(url, "something that is no zip archive")));
        }
        within(url, partial.length + piece.len() as u64)?;
        partial.append(&piece)?;
        bar.set_position(partial.length);
    }
    match partial.origin.total {
        Some(total) if partial.length < total => {
            Err(Failure::Broken(anyhow!("{} of {total} bytes arrived", partial.length)))
        }
        _ => Ok(()),
    }
}

async fn ask(client: &Client, url: &Url, partial: &Partial) -> Result<Response, Failure> {
    let mut request = client.get(url.clone());
    if partial.length > 0 {
        request = request.header(RANGE, format!("bytes={}-", partial.length));
        if let Some(etag) = &partial.origin.etag {
            request = request.header(IF_RANGE, etag);
        }
    }
    request.send().await.map_err(|e| {
        if e.is_redirect() {
            let line = format!("{url} leads nowhere: {}; name another server with --url", reason(&e));
            return Failure::Useless(Mistake::new(line).into());
        }
        let no_answer = format!("no answer from {url}; check the network, or name another server with --url");
        Failure::Broken(anyhow::Error::new(e.without_url()).context(no_answer))
    })
}

/// The innermost cause of an error: reqwest's own words are around it.
fn reason(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |&e| e.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

/// Refuses an answer that is no success, and one that is a page for people.
fn refuse(url: &Url, answer: &Response) -> Result<(), Failure> {
    let status = answer.status();
    let busy = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    if busy {
        return Err(Failure::Broken(anyhow!("{url} answered {status}; try again later")));
    }
    if !status.is_success() {
        let line = format!("{url} answered {status}; name another server that has the archive with --url");
        return Err(Failure::Useless(Mistake::new(line).into()));
    }
    match header(answer, &CONTENT_TYPE) {
        Some(kind) if kind.to_ascii_lowercase().starts_with("text/html") => {
            Err(Failure::Useless(no_zip(url, "a web page")))
        }
        _ => Ok(()),
    }
}

fn no_zip(url: &Url, what: &str) -> anyhow::Error {
    Mistake::new(format!("{url} answered {what}, not the archive; open it in a browser to see why")).into()
}

fn within(url: &Url, length: u64) -> Result<(), Failure> {
    if length <= MAX_BYTES {
        return Ok(());
    }
    let line = format!("{url} has more than {MAX_BYTES} bytes; NASA's archive has 12 MB, check --url");
    Err(Failure::Useless(Mistake::new(line).into()))
}

/// Whether an answer goes on where the part ends, in the same content.
fn continues(answer: &Response, partial: &Partial) -> bool {
    let Some((from, total)) = header(answer, &CONTENT_RANGE).and_then(range) else { return false };
    let same_length = partial.origin.total.is_none_or(|known| known == total);
    let same_content = partial.origin.etag.is_none() || partial.origin.etag == strong(answer);
    from == partial.length && same_length && same_content
}

/// First byte and complete length of `bytes FIRST-LAST/LENGTH` (RFC 9110, section 14.4).
fn range(text: &str) -> Option<(u64, u64)> {
    let (part, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((part.split_once('-')?.0.parse().ok()?, total.parse().ok()?))
}

/// The answer's entity tag, if it is a strong one: a weak one says nothing of bytes.
fn strong(answer: &Response) -> Option<String> {
    header(answer, &ETAG).filter(|etag| etag.starts_with('"')).map(str::to_owned)
}

fn header<'a>(answer: &'a Response, name: &HeaderName) -> Option<&'a str> {
    answer.headers().get(name).and_then(|value| value.to_str().ok())
}
