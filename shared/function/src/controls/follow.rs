//! Following the controls for as long as the instance lives.

use std::time::Duration;

use model::{ControlName, Timestamp, control::Control, control::SEEN_EVERY};
use store::{Query, Seen, StoreError, Watch};
use tokio::time::Instant;
use tracing::{debug, warn};

use super::{Controls, known::Known, proof};

/// How often the controls are read although nothing was heard of them: a broken stream
/// looks like a quiet one. Well below the shortest age that any control may have.
const CONFIRMED_EVERY: Duration = Duration::from_secs(10);
/// How long to wait before watching again.
const AGAIN: Duration = Duration::from_secs(1);

impl Controls {
    /// Watches, looks, and says that it does; never ends.
    pub(crate) async fn follow(self) {
        loop {
            if let Err(error) = self.watch().await {
                debug!(%error, "cannot watch the controls; tries again");
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn watch(&self) -> Result<(), StoreError> {
        self.confirm().await?;
        let mut watch: Watch<Control> = self.0.store.watch().await?;
        let mut confirm_at = Instant::now() + CONFIRMED_EVERY;
        let mut say_at = Instant::now();
        loop {
            tokio::select! {
                seen = watch.next() => match seen {
                    Some(Seen::Written(stored)) => self.look(&stored.id).await?,
                    Some(Seen::Removed(name)) => self.look(&name).await?,
                    Some(Seen::Unreadable(error)) => warn!("a control cannot be read: {error}"),
                    Some(Seen::Current) => {}
                    None => return Ok(()),
                },
                () = tokio::time::sleep_until(confirm_at) => {
                    confirm_at = Instant::now() + CONFIRMED_EVERY;
                    self.confirm().await?;
                }
                () = tokio::time::sleep_until(say_at) => {
                    say_at = Instant::now() + SEEN_EVERY.unsigned_abs();
                    self.say_alive().await?;
                }
            }
        }
    }

    /// Reads all controls, and looks at those that are not as they were known.
    async fn confirm(&self) -> Result<(), StoreError> {
        let now = Timestamp::from(jiff::Timestamp::now());
        let page = self.0.store.list(&Query::<Control>::all()).await?;
        let mut names = self.table(|table| table.names());
        for stored in page.items {
            names.retain(|name| *name != stored.id);
            if !self.table(|table| table.believes(&stored.id, &stored.document)) {
                self.look(&stored.id).await?;
            }
        }
        // One that is gone is enabled, if no override says otherwise.
        for name in names {
            self.look(&name).await?;
        }
        self.change(|table| table.confirm(now));
        Ok(())
    }

    /// Looks at one control, believes it or not, and says so.
    async fn look(&self, name: &ControlName) -> Result<(), StoreError> {
        let (control, found) = proof::read(&self.0.store, name).await?;
        let known = Known { control, refused: found.err() };
        let same = self.table(|table| {
            let before = table.known(name);
            before.is_some_and(|of| of.control == known.control && of.refused == known.refused)
        });
        if same {
            return Ok(());
        }
        self.learn(name.clone(), known.clone());
        if let Some(why) = &known.refused {
            warn!(event_name = "control-unproven", control = %name, "`{name}` counts as halted: {why}");
            self.report(name, &known.control, why).await?;
        }
        self.acknowledge(name, &known).await
    }
}
