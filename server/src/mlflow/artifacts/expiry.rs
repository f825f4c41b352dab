//! What becomes of multipart uploads that are never completed: after a day they are dropped with their parts.

use std::time::Duration;

use jiff::SignedDuration;
use uuid::Uuid;

use crate::api::{ApiError, App};
use crate::store::audit::By;
use crate::store::uploads;

/// How long an upload may take.
pub(super) const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// How often old ones are looked for.
const PERIOD: Duration = Duration::from_hours(1);

/// Drops old uploads, now and then; never ends.
pub(crate) async fn watch(app: App) {
    loop {
        if let Err(error) = drop_old(&app).await {
            tracing::warn!("old uploads stay for now: {error:?}");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

async fn drop_old(app: &App) -> Result<(), ApiError> {
    let now = app.clock.now();
    let dropped = app
        .store
        .write(move |tx| {
            let by = By { actor: "overhaul-server".to_owned(), at: now };
            let old = uploads::begun_before(tx, now - LIFE)?;
            for upload in &old {
                uploads::delete(tx, upload.id)?;
                // Of a completed one nothing is left to be dropped but the memory of it.
                if !upload.completed {
                    let change = by.did("drop_upload", "upload", &upload.id.simple()).within(&upload.path);
                    change.record(tx)?;
                }
            }
            Ok::<_, ApiError>(old.len())
        })
        .await?;
    if dropped > 0 {
        tracing::info!(dropped, "uploads of more than a day ago forgotten");
    }
    // Parts first, then rows: what begins meanwhile has its row before its parts.
    for id in app.blobs.uploads().await? {
        let open = app.store.read(move |tx| Ok::<_, ApiError>(uploads::find(tx, id)?)).await?;
        if open.is_none_or(|upload| upload.completed) {
            app.blobs.remove_parts(id).await?;
        }
    }
    Ok(())
}

/// Removes the parts of an upload that is over.
pub(super) async fn remove_parts(app: &App, upload: Uuid) {
    if let Err(error) = app.blobs.remove_parts(upload).await {
        tracing::warn!("the parts of an upload that is over stay for now: {error}");
    }
}
