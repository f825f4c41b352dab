//! `overhaul-edge run`: the agent.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use overhaul_bundle::{Bundle, GatewayId, Mistake};
use overhaul_edge::agent::Agent;
use overhaul_edge::config::{self, Config, Flags, Settings, Source};
use overhaul_edge::follow::{Follower, Upstream};
use overhaul_edge::mqtt::Mqtt;
use overhaul_edge::reports::{Bounds, Delivery, Reports, gateway_id};
use overhaul_edge::service::log::Level;
use overhaul_edge::service::reload::Live;
use overhaul_edge::service::{access, listen, log, notify};
use overhaul_edge::shadow::Shadowing;
use overhaul_edge::store::{Refusals, Store};
use overhaul_edge::summaries;
use overhaul_edge::units::Units;
use overhaul_edge::{http, load};
use overhaul_http::{Limits, Tls};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::compiled;

/// Threads for requests and the registry; predictions have their own.
const THREADS: usize = 2;
/// Connections at a time: each takes some memory, and a gateway has little.
const CONNECTIONS: usize = 1024;

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    let config = config::load(flags).map_err(Mistake::from)?;
    let level = log::start(&config.settings.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let outcome = runtime.block_on(serve(flags, config, level));
    // A component that is being compiled is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn serve(flags: &Flags, config: Config, level: Level) -> anyhow::Result<()> {
    // From the first moment on, because a program that does not wait for it is ended by it.
    let mut hangup = signal(SignalKind::hangup()).context("cannot wait for signals")?;
    let settings = &config.settings;
    let limits =
        Limits { connections: CONNECTIONS, requests: CONNECTIONS, ..Limits::default() }.within_open_files();
    let tls = settings.tls.clone().map(|files| Tls::open(files, &limits)).transpose()?.map(Arc::new);
    let listener =
        TcpListener::bind(settings.listen).await.map_err(|e| listen::refused(settings.listen, e))?;
    let address = listener.local_addr().context("cannot tell the port")?;
    let program = std::env::current_exe().context("cannot tell where this program lies")?;
    let store = settings.data_dir.as_deref().map(Store::open).transpose()?;
    let store = store.map(|store| Arc::new(store.compile_with(program, settings.compile.clone())));
    let refusals = store.as_ref().map_or_else(Refusals::in_memory, |store| store.refusals());
    let reports = match (&settings.source, &store) {
        (Source::Registry(_), Some(store)) => {
            Reports::open(&store.reports(), Bounds::default()).context("cannot start a thread")?
        }
        // Nobody is followed, so there is nobody to report to.
        _ => Reports::none(),
    };
    reports.sample_predictions(settings.report_predictions);
    let (agent, verdicts) = Agent::new(settings.probation, refusals, reports.clone());
    let agent = Arc::new(agent);
    let units = Units::open(Arc::clone(&agent), settings.units.clone(), settings.data_dir.as_deref())?;
    let id = gateway_id(settings.gateway_id.clone(), store.as_deref());
    let mqtt = settings.mqtt.clone().map(|mqtt| Mqtt::new(mqtt, id.clone())).transpose()?;
    let (poll_sender, poll) = watch::channel(settings.poll);
    // `store` stays here to the end: the directory is held for as long as the program runs.
    let upstream = match (&settings.source, &store) {
        (Source::Bundle(directory), store) => {
            activate_own(&agent, directory.clone(), settings, store.clone()).await?;
            None
        }
        (Source::Registry(url), Some(store)) => Some(Upstream {
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
    let shadowing = upstream.clone().zip(settings.shadow_alias.clone());
    let shadowing = shadowing.map(|(upstream, alias)| Shadowing { upstream: Upstream { alias, ..upstream } });
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for signals")?;
    println!("listening on {}://{address}", if tls.is_some() { "https" } else { "http" });
    io::stdout().flush().context("cannot print the address")?;
    notify::ready();
    let signs_of_life = tokio::spawn(notify::signs_of_life(Arc::clone(&agent)));
    let mut live = Live::new(flags, &config, level, poll_sender, &agent, tls.as_ref());
    let delivery = upstream.as_ref().zip(id).map(|(upstream, gateway)| Delivery {
        reports: reports.clone(),
        registry: upstream.registry.clone(),
        gateway,
    });
    let delivering = delivery.map(|delivery| tokio::spawn(delivery.run()));
    let following = upstream.map(|upstream| tokio::spawn(Follower { upstream }.run(verdicts)));
    let shadowing = shadowing.map(|shadowing| tokio::spawn(shadowing.run()));
    let telling = summaries::report(Arc::clone(&agent), Arc::clone(&units), settings.report_interval);
    let telling = Some(tokio::spawn(telling));
    let stop = async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                Some(()) = hangup.recv() => live.reload(),
            }
        }
        notify::stopping();
        tracing::info!("ending: requests in flight are finished first");
        for task in [following, delivering, shadowing, telling].into_iter().flatten() {
            task.abort();
        }
    };
    let told = (Arc::clone(&agent), Arc::clone(&units));
    let mqtt = mqtt.map(|mqtt| mqtt.start(&agent, &units));
    overhaul_http::serve(listener, tls, http::router(agent, units), limits, stop).await;
    if let Some(mqtt) = mqtt {
        mqtt.stop().await;
    }
    signs_of_life.abort();
    // Last, so that what happened until now is in it.
    summaries::record(&told.0, &told.1);
    reports.close();
    if let Some(Err(e)) = store.as_ref().map(|store| store.note_clean_end()) {
        tracing::warn!("that the agent was told to end cannot be recorded: {e}");
    }
    Ok(())
}

/// What the gateway is called: as it was told, else as its data directory keeps it. Predicting does not depend on
/// it: without one, reports wait until the next start.
fn gateway_id(told: Option<GatewayId>, store: Option<&Store>) -> Option<GatewayId> {
    told.or_else(|| {
        let kept = gateway_id::kept(&store?.gateway_id());
        kept.inspect_err(|e| tracing::error!("nothing is reported, for want of an id: {e}")).ok()
    })
}

/// Loads a bundle of the gateway's own and lets it answer.
async fn activate_own(
    agent: &Arc<Agent>,
    directory: PathBuf,
    settings: &Settings,
    store: Option<Arc<Store>>,
) -> anyhow::Result<()> {
    let (agent, component, limits) =
        (Arc::clone(agent), settings.component.clone(), settings.compile.clone());
    let load = move || -> anyhow::Result<()> {
        let bundle = Bundle::open(&directory)?;
        let model = match &store {
            Some(store) => load::own(&bundle, component.as_deref(), store.cache()),
            None => load::own(&bundle, component.as_deref(), &compiled(None, limits)?),
        };
        agent.activate(Arc::new(model?));
        Ok(())
    };
    tokio::task::spawn_blocking(load).await.context("loading the bundle was given up")?
}
