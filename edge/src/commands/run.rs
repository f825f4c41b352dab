//! `overhaul-edge run`: the agent.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use overhaul_bundle::{Bundle, Mistake};
use overhaul_edge::agent::Agent;
use overhaul_edge::config::{self, Config, Flags, Source};
use overhaul_edge::follow::Follower;
use overhaul_edge::mqtt::Mqtt;
use overhaul_edge::service::{access, log};
use overhaul_edge::store::{Refusals, Store};
use overhaul_edge::units::{UnitSettings, Units};
use overhaul_edge::{http, load};
use overhaul_http::{Limits, Tls};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Threads for requests and the registry; predictions have their own.
const THREADS: usize = 2;
/// Connections at a time: each takes some memory, and a gateway has little.
const CONNECTIONS: usize = 1024;

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    let config = config::load(flags).map_err(Mistake::from)?;
    log::start(&config.settings.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let outcome = runtime.block_on(serve(config));
    // A component that is being compiled is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let settings = &config.settings;
    let limits =
        Limits { connections: CONNECTIONS, requests: CONNECTIONS, ..Limits::default() }.within_open_files();
    let tls = settings.tls.clone().map(|files| Tls::open(files, &limits)).transpose()?.map(Arc::new);
    let listener = TcpListener::bind(settings.listen).await.map_err(|e| bind_error(settings.listen, e))?;
    let address = listener.local_addr().context("cannot tell the port")?;
    let program = std::env::current_exe().context("cannot tell where this program lies")?;
    let store = settings.data_dir.as_deref().map(Store::open).transpose()?;
    let store = store.map(|store| Arc::new(store.compile_with(program, settings.compile.clone())));
    let refusals = store.as_ref().map_or_else(Refusals::in_memory, |store| store.refusals());
    let (agent, verdicts) = Agent::new(settings.probation, refusals);
    let agent = Arc::new(agent);
    let units = Units::open(Arc::clone(&agent), UnitSettings::default(), settings.data_dir.as_deref())?;
    let mqtt = settings.mqtt.clone().map(|settings| Mqtt::new(settings, None)).transpose()?;
    let (_poll, poll) = watch::channel(settings.poll);
    // `store` stays here to the end: the directory is held for as long as the program runs.
    let follower = match (&settings.source, &store) {
        (Source::Bundle(directory), store) => {
            let (agent, directory, store) = (Arc::clone(&agent), directory.clone(), store.clone());
            let component = settings.component.clone();
            tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
                let bundle = Bundle::open(&directory)?;
                let cache = store.as_ref().map(|store| store.cache());
                agent.activate(Arc::new(load::own(&bundle, component.as_deref(), cache)?));
                Ok(())
            })
            .await
            .context("loading the bundle was given up")??;
            None
        }
        (Source::Registry(url), Some(store)) => Some(Follower {
            registry: access::registry(url, &config)?,
            name: settings.model.clone(),
            alias: settings.alias.clone(),
            store: Arc::clone(store),
            agent: Arc::clone(&agent),
            poll,
            component: settings.component.clone(),
        }),
        (Source::Registry(_), None) => return Err(Mistake::new("name --data-dir DIR").into()),
    };
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for signals")?;
    println!("listening on {}://{address}", if tls.is_some() { "https" } else { "http" });
    io::stdout().flush().context("cannot print the address")?;
    let following = follower.map(|follower| tokio::spawn(follower.run(verdicts)));
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("ending: requests in flight are finished first");
        if let Some(following) = following {
            following.abort();
        }
    };
    let mqtt = mqtt.map(|mqtt| mqtt.start(&agent, &units));
    overhaul_http::serve(listener, tls, http::router(agent, units), limits, stop).await;
    if let Some(mqtt) = mqtt {
        mqtt.stop().await;
    }
    Ok(())
}

fn bind_error(address: SocketAddr, error: io::Error) -> anyhow::Error {
    let mend = match error.kind() {
        io::ErrorKind::AddrInUse => "is in use; stop what uses it, or name another with --listen",
        io::ErrorKind::AddrNotAvailable => "is not an address of this machine; name one with --listen",
        io::ErrorKind::PermissionDenied => {
            "is not allowed to this user; name a port above 1023 with --listen"
        }
        _ => return anyhow::Error::new(error).context(format!("cannot listen on {address}")),
    };
    Mistake::new(format!("the address {address} {mend}")).into()
}
