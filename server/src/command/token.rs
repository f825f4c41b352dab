//! `overhaul-server token`: access tokens, made, listed and revoked by whoever may read the data directory.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use overhaul_bundle::{GatewayId, Mistake, TokenName};
use overhaul_client::api::{NewToken, Role, TokenEntry};
use overhaul_server::Clock;
use overhaul_server::access::grant::{self, GrantError};
use overhaul_server::directory::DataDirectory;
use overhaul_server::store::Store;
use overhaul_server::store::audit::By;
use overhaul_server::store::tokens;
use rusqlite::Connection;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a token and print it, once
    Create(Create),
    /// List all tokens, the ended ones among them
    List {
        #[command(flatten)]
        place: Place,
    },
    /// End a token, from the next request on
    Revoke {
        /// The token's name
        name: TokenName,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Args)]
struct Place {
    /// Where the registry keeps everything
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
}

#[derive(Args)]
struct Create {
    #[command(flatten)]
    place: Place,
    /// What the audit trail calls its holder
    #[arg(long)]
    name: TokenName,
    /// What its holder may do: viewer, publisher, manager, admin or gateway
    #[arg(long)]
    role: Role,
    /// The gateway that holds it, with --role gateway
    #[arg(long, value_name = "ID", required_if_eq("role", "gateway"))]
    gateway: Option<GatewayId>,
    /// When it ends, such as 12h or 30d; without it, when it is revoked
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    expires: Option<SignedDuration>,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let by = By { actor: operator(), at: Clock::system().now() };
        match self.action {
            Action::Create(create) => {
                let Create { place, name, role, gateway, expires } = create;
                let expires_at = expires.map(|time| end(by.at, time)).transpose()?;
                let new = NewToken { name, role, gateway, expires_at };
                let created = write(&place.data_dir, move |tx| grant::create(tx, &by, &new))?;
                eprintln!("token {} with role {role}; it is not shown again:", created.entry.name);
                println!("{}", created.token);
            }
            Action::List { place } => {
                must_exist(&place.data_dir)?;
                let directory = DataDirectory::join(&place.data_dir)?;
                for token in open(&directory)?.read_now(tokens::all)? {
                    println!("{}", line(&token, by.at));
                }
            }
            Action::Revoke { name, place } => {
                must_exist(&place.data_dir)?;
                let entry = write(&place.data_dir, move |tx| grant::revoke(tx, &by, &name))?;
                println!("{}", line(&entry, entry.revoked_at.unwrap_or(entry.created_at)));
            }
        }
        Ok(())
    }
}

/// One token in a list: name, role, and until when it is good.
fn line(token: &TokenEntry, now: Timestamp) -> String {
    let TokenEntry { name, role, gateway, created_at, expires_at, revoked_at } = token;
    let gateway = gateway.as_ref().map(|gateway| format!(" {gateway}")).unwrap_or_default();
    let end = match (revoked_at, expires_at) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) if *at <= now => format!("ended {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "until revoked".to_owned(),
    };
    format!("{name}\t{role}{gateway}\tmade {created_at}\t{end}")
}

fn write<T: Send + 'static>(
    data_dir: &Path,
    change: impl FnOnce(&Connection) -> Result<T, GrantError> + Send + 'static,
) -> anyhow::Result<T> {
    // Held to the end: a server that starts meanwhile says that the directory is held.
    let directory = DataDirectory::join(data_dir)?;
    let store = open(&directory)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(store.write(change)).map_err(|error| match error {
        GrantError::Fault(error) => error,
        mistake => Mistake::new(mistake.to_string()).into(),
    })
}

/// Refuses a directory without a registry, which was probably meant to be another.
fn must_exist(data_dir: &Path) -> anyhow::Result<()> {
    if data_dir.join("registry.sqlite").is_file() {
        return Ok(());
    }
    Err(Mistake::new(format!("there is no registry in {}; name its --data-dir", data_dir.display())).into())
}

fn open(directory: &DataDirectory) -> anyhow::Result<Store> {
    if directory.is_held() {
        Store::open(&directory.database(), &Clock::system())
    } else {
        Store::beside(&directory.database())
    }
}

/// Who runs this program, as the audit trail calls them; no token's name has a colon in it.
fn operator() -> String {
    let name =
        ["USER", "LOGNAME"].iter().find_map(|key| std::env::var(key).ok().filter(|name| !name.is_empty()));
    let name = name.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    format!("local:{name}")
}

fn lifetime(text: &str) -> Result<SignedDuration, String> {
    let mend = || "use a time such as 12h, 30d or 52w".to_owned();
    let span: Span = text.parse().map_err(|_| mend())?;
    let time = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| mend())?;
    if time.is_positive() { Ok(time) } else { Err(mend()) }
}

fn end(now: Timestamp, time: SignedDuration) -> anyhow::Result<Timestamp> {
    let mistake =
        |_| Mistake::new("--expires lies beyond the year 9999; leave it out for a token without an end");
    now.checked_add(time).map_err(|e| mistake(e).into())
}
