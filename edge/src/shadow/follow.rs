//! Follows the alias that names the candidate.

use overhaul_bundle::Sha256Digest;
use overhaul_client::AliasAnswer;

use super::Shadow;
use crate::follow::Upstream;

/// Follows the alias that names the candidate.
pub struct Shadowing {
    /// What is followed. While there is no such alias, or it names the version that answers, there is no candidate.
    pub upstream: Upstream,
}

impl Shadowing {
    /// Follows the alias for ever. Whatever fails leaves the candidate as it is, and is logged once.
    pub async fn run(self) {
        let mut poll = self.upstream.poll.clone();
        let mut etag = None;
        let mut failed: Option<(Option<Sha256Digest>, String)> = None;
        loop {
            let mut digest = None;
            match self.ask(&mut etag, &mut digest).await {
                Ok(()) => failed = None,
                Err(error) => {
                    let line = format!("{error:#}");
                    if failed.as_ref().is_none_or(|known| *known != (digest, line.clone())) {
                        tracing::warn!(
                            "{}@{} does not shadow: {line}",
                            self.upstream.name,
                            self.upstream.alias
                        );
                        failed = Some((digest, line));
                    }
                }
            }
            let pause = *poll.borrow_and_update();
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                Ok(()) = poll.changed() => {}
            }
        }
    }

    async fn ask(&self, etag: &mut Option<String>, digest: &mut Option<Sha256Digest>) -> anyhow::Result<()> {
        let (target, new) = match self
            .upstream
            .registry
            .alias(&self.upstream.name, &self.upstream.alias, etag.as_deref())
            .await
        {
            Ok(AliasAnswer::Current { target, etag }) => (target, etag),
            Ok(AliasAnswer::Unchanged) => {
                // What answers may have become what shadows.
                if let (Some(shadow), Some(active)) =
                    (self.upstream.agent.shadow(), self.upstream.agent.active())
                    && shadow.candidate().digest() == active.digest()
                {
                    self.upstream.agent.set_shadow(None);
                }
                return Ok(());
            }
            Err(error) if error.is_not_found() => {
                self.upstream.agent.set_shadow(None);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        *digest = Some(target.bundle_sha256);
        if self.upstream.agent.active().is_some_and(|active| active.digest() == target.bundle_sha256) {
            self.upstream.agent.set_shadow(None);
        } else if self.upstream.agent.refusals().find(&target.bundle_sha256).is_some() {
            anyhow::bail!("version {} was taken back by this gateway; GET /refused says why", target.version);
        } else if self
            .upstream
            .agent
            .shadow()
            .is_none_or(|shadow| shadow.candidate().digest() != target.bundle_sha256)
        {
            let candidate = self.upstream.version(&target).await;
            self.upstream.agent.tidy(&self.upstream.store);
            let candidate = candidate?;
            tracing::info!("version {} of {} shadows what answers", target.version, self.upstream.name);
            self.upstream.agent.set_shadow(Some(Shadow::start(candidate)));
        }
        *etag = new;
        Ok(())
    }
}
