//! One tick of the scheduler: every check that is due runs, and what follows is written.
//!
//! What is kept, and where:
//!
//! | what | where | when it is written |
//! |---|---|---|
//! | the state of a check, its incident | `checks/{check}`, `incidents/{incident}`, with a journal record | when it changes |
//! | streaks, the last 20 results, counts for objectives | `check_shards/{00..15}` | at the end of a tick, once for all checks of a shard |
//! | results | `checks/{check}/results/{result}` | when one differs from the one before or changes the state, and every 15 minutes |
//! | who runs the tick | `check_leases/tick` | at the beginning and the end of a tick |
//!
//! Between ticks an instance keeps all of it in memory, and reads the shards again when
//! somebody else ran a tick meanwhile.

mod book;
mod escalate;
mod judge;
mod lease;
mod results;
mod run;

pub(crate) use book::Book;
use function::Tick;
use tracing::{debug, info};

use crate::{
    Context, RootError,
    tick::{
        lease::Taken,
        run::{Ran, Runs},
    },
};

/// Runs everything that is due within a tick, unless somebody did.
///
/// # Errors
/// When documents cannot be read or written, or an earlier tick does not end.
pub(crate) async fn run(ctx: &Context, tick: &Tick) -> Result<(), RootError> {
    let cause = tick.event.cause();
    let at = tick.event.time;
    let Taken { holder, before } = match lease::take(&ctx.store, &cause, at).await? {
        Some(taken) => taken,
        None => {
            debug!("the checks of {at} ran already, or later ones did");
            return Ok(());
        }
    };
    Book::refresh(&ctx.book, ctx, before.as_deref(), at).await?;
    let runs = Runs { ctx, cause: &cause, tick: at };
    runs.review().await;
    let Ran { runs, late_p99_ms } = runs.run_all().await;
    escalate::escalate(&ctx.store, &cause, at).await?;
    Book::keep(&ctx.book, &ctx.store, &holder, at).await?;
    lease::end(&ctx.store, &cause, &holder).await?;
    info!(
        event_name = "checks-ran",
        runs, late_p99_ms, "ran {runs} checks, and 99 of 100 at most {late_p99_ms} ms late"
    );
    Ok(())
}
