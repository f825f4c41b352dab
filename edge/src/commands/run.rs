//! `overhaul-edge run`: the agent.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use overhaul_bundle::{Alias, Bundle, GatewayId, Mistake, ModelName};
use overhaul_client::Registry;
use overhaul_edge::agent::{Agent, ProbationSettings};
use overhaul_edge::follow::Follower;
use overhaul_edge::reports::{Bounds, Delivery, Reports, gateway_id};
use overhaul_edge::sandbox::CompileLimits;
use overhaul_edge::shadow::Shadowing;
use overhaul_edge::store::{Refusals, Store};
use overhaul_edge::summaries;
use overhaul_edge::units::{UnitSettings, Units};
use overhaul_edge::{http, load};
use overhaul_http::Limits;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Threads for requests and the registry; predictions have their own.
const THREADS: usize = 2;
/// Connections at a time: each takes some memory, and a gateway has little.
const CONNECTIONS: usize = 1024;

#[derive(Args)]
pub(crate) struct Run {
    /// The registry to follow.
    #[arg(long, value_name = "URL", env = "OVERHAUL_REGISTRY", required_unless_present = "bundle")]
    registry: Option<String>,
    /// Run this one bundle, without a registry.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["model", "alias", "poll"])]
    bundle: Option<PathBuf>,
    /// The registered model to run.
    #[arg(long, value_name = "NAME", default_value = "RUL-Prediction-Model")]
    model: String,
    /// The alias that names the version to run.
    #[arg(long, default_value = "production")]
    alias: String,
    /// Where versions and the compiled component are kept.
    #[arg(long, value_name = "DIR", required_unless_present = "bundle")]
    data_dir: Option<PathBuf>,
    /// The id that this gateway reports to the registry under; without it, one is drawn and kept.
    #[arg(long, value_name = "ID", env = "OVERHAUL_GATEWAY_ID")]
    gateway_id: Option<String>,
    /// Where to answer HTTP requests.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// How often to ask the registry, such as 10s or 5m.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = poll_interval)]
    poll: Duration,
    /// How many predictions of a new version are watched before it is trusted.
    #[arg(long, value_name = "COUNT", default_value_t = ProbationSettings::default().predictions,
        value_parser = clap::value_parser!(u64).range(1..))]
    probation: u64,
    /// With how many failures among them the version before answers again.
    #[arg(long, value_name = "COUNT", default_value_t = ProbationSettings::default().failures,
        value_parser = clap::value_parser!(u64).range(1..))]
    probation_failures: u64,
    /// An alias whose version predicts beside the one that answers, is compared with it and answers nobody.
    #[arg(long, value_name = "ALIAS", requires = "registry")]
    shadow_alias: Option<String>,
    /// How often to report what was predicted, what the readings were like and how a candidate did.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = poll_interval)]
    report_interval: Duration,
    /// The component to run, instead of the one beside this program.
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// How long a component may take to compile, such as 5m; more for a very slow machine.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = compile_timeout)]
    compile_timeout: Duration,
    /// How much memory compiling a component may take, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = CompileLimits::MEMORY_BYTES >> 20,
          value_parser = clap::value_parser!(u64).range(16..=1 << 20))]
    compile_memory: u64,
}

pub(crate) fn run(arguments: Run) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let outcome = runtime.block_on(serve(arguments));
    // A component that is being compiled is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn serve(arguments: Run) -> anyhow::Result<()> {
    let listener = TcpListener::bind(arguments.listen).await.map_err(|e| bind_error(arguments.listen, e))?;
    let address = listener.local_addr().context("cannot tell the port")?;
    let program = std::env::current_exe().context("cannot tell where this program lies")?;
    let id = arguments.gateway_id.as_deref().map(str::parse::<GatewayId>).transpose()?;
    let store = arguments.data_dir.as_deref().map(Store::open).transpose()?;
    let limits =
        CompileLimits { time: arguments.compile_timeout, memory_bytes: arguments.compile_memory << 20 };
    let store = store.map(|store| Arc::new(store.compile_with(program, limits)));
    let refusals = store.as_ref().map_or_else(Refusals::in_memory, |store| store.refusals());
    let probation =
        ProbationSettings { predictions: arguments.probation, failures: arguments.probation_failures };
    let reports = match (&arguments.bundle, &store) {
        (None, Some(store)) => {
            Reports::open(&store.reports(), Bounds::default()).context("cannot start a thread")?
        }
        // Nobody is followed, so there is nobody to report to.
        _ => Reports::none(),
    };
    let (agent, verdicts) = Agent::new(probation, refusals, reports.clone());
    let agent = Arc::new(agent);
    let units = Units::open(Arc::clone(&agent), UnitSettings::default(), arguments.data_dir.as_deref())?;
    // `store` stays here to the end: the directory is held for as long as the program runs.
    let follower = match (arguments.bundle, arguments.registry, &store) {
        (Some(directory), _, store) => {
            let (agent, store) = (Arc::clone(&agent), store.clone());
            let component = arguments.component.clone();
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
        (None, Some(registry), Some(store)) => Some(Follower {
            registry: Registry::with_env(&registry).map_err(|e| match e.mistake() {
                Some(mistake) => mistake.into(),
                None => anyhow::Error::new(e),
            })?,
            name: arguments.model.parse::<ModelName>()?,
            alias: arguments.alias.parse::<Alias>()?,
            store: Arc::clone(store),
            agent: Arc::clone(&agent),
            poll: arguments.poll,
            component: arguments.component.clone(),
        }),
        _ => return Err(Mistake::new("name --registry URL and --data-dir DIR, or --bundle DIR").into()),
    };
    let shadowing = match (&follower, arguments.shadow_alias) {
        (Some(follower), Some(alias)) => Some(Shadowing {
            registry: follower.registry.clone(),
            name: follower.name.clone(),
            alias: alias.parse::<Alias>()?,
            store: Arc::clone(&follower.store),
            agent: Arc::clone(&agent),
            poll: arguments.poll,
            component: arguments.component,
        }),
        _ => None,
    };
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for signals")?;
    println!("listening on http://{address}");
    io::stdout().flush().context("cannot print the address")?;
    let delivering = follower
        .as_ref()
        .and_then(|follower| delivery(id, follower, &reports))
        .map(|delivery| tokio::spawn(delivery.run()));
    let following = follower.map(|follower| tokio::spawn(follower.run(verdicts)));
    let shadowing = shadowing.map(|shadowing| tokio::spawn(shadowing.run()));
    let telling = summaries::report(Arc::clone(&agent), Arc::clone(&units), arguments.report_interval);
    let telling = Some(tokio::spawn(telling));
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("ending: requests in flight are finished first");
        for task in [following, delivering, shadowing, telling].into_iter().flatten() {
            task.abort();
        }
    };
    let limits =
        Limits { connections: CONNECTIONS, requests: CONNECTIONS, ..Limits::default() }.within_open_files();
    let told = (Arc::clone(&agent), Arc::clone(&units));
    overhaul_http::serve(listener, None, http::router(agent, units), limits, stop).await;
    // Last, so that what happened until now is in it.
    summaries::record(&told.0, &told.1);
    reports.close();
    Ok(())
}

/// What sends the reports to the registry that is followed; nothing without an id to send them under.
fn delivery(id: Option<GatewayId>, follower: &Follower, reports: &Reports) -> Option<Delivery> {
    let gateway = id.map_or_else(|| gateway_id::kept(&follower.store.gateway_id()), Ok);
    // Predicting does not depend on it: reports wait until the next start.
    let gateway =
        gateway.inspect_err(|e| tracing::error!("nothing is reported, for want of an id: {e}")).ok()?;
    Some(Delivery { reports: reports.clone(), registry: follower.registry.clone(), gateway })
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

fn poll_interval(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_millis(100), "use 100ms to 1d, such as 10s or 5m")
}

fn compile_timeout(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_secs(1), "use 1s to 1d, such as 5m")
}

fn between(text: &str, least: Duration, mend: &str) -> Result<Duration, String> {
    let duration: jiff::SignedDuration = text.parse().map_err(|_| mend.to_owned())?;
    let duration = Duration::try_from(duration).map_err(|_| mend.to_owned())?;
    if (least..=Duration::from_hours(24)).contains(&duration) { Ok(duration) } else { Err(mend.to_owned()) }
}
