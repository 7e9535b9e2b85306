//! What the function may do now, as controls say: known before it is asked.
//!
//! Every instance watches all controls, and says which version of each it applies. A
//! control is believed only with its overrides: each restriction has one that was approved
//! as it stands, and each override in force has its restriction, so that who can write to
//! `controls` alone neither stops nor starts anything.

mod acknowledge;
mod follow;
mod known;
mod proof;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use model::{
    ControlName, InstanceId, Timestamp,
    control::{Control, ControlState, Target},
};
use problem::{Code, Coded};
use store::{Store, StoreError, Transaction};

use crate::figures::Figures;

pub use known::Permit;
use known::{Known, Table};

/// The controls as one instance knows them. Cheap to clone.
#[derive(Clone)]
pub struct Controls(Arc<Shared>);

struct Shared {
    store: Store,
    function: String,
    revision: Option<String>,
    instance: InstanceId,
    started_at: Timestamp,
    figures: Figures,
    table: RwLock<Table>,
}

/// Why an effect may not be committed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The control could not be read.
    #[error("cannot read the control")]
    Store(#[from] StoreError),
    /// The control does not allow it.
    #[error("`{control}` is halted: {reason}")]
    Halted {
        /// The control.
        control: ControlName,
        /// Why, in the words of who halted it.
        reason: String,
    },
}

impl Coded for ControlError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            // What is halted is not lost: it is tried again until it is not.
            Self::Halted { .. } => Code::Unavailable,
        }
    }
}

impl Controls {
    /// Knows nothing yet. The revision is what Cloud Run calls this version of the service.
    pub(crate) fn new(
        store: Store,
        function: &str,
        revision: Option<&str>,
        figures: Figures,
    ) -> Self {
        let nonce = uuid::Uuid::now_v7().simple().to_string();
        let instance = InstanceId::new(format!("{function}-{}", &nonce[20..]));
        let started_at = jiff::Timestamp::now().into();
        let table = RwLock::new(Table::default());
        let (function, revision) = (function.to_owned(), revision.map(str::to_owned));
        Self(Arc::new(Shared { store, function, revision, instance, started_at, figures, table }))
    }

    /// Decides what may be done now, from what is known here: takes well below a
    /// microsecond, and allocates nothing. Ask before beginning anything.
    #[must_use]
    pub fn permit(&self, control: &ControlName, tenant: Option<&str>) -> Permit {
        let table = self.0.table.read().unwrap_or_else(PoisonError::into_inner);
        table.permit(control, self.target(tenant), jiff::Timestamp::now().into())
    }

    /// Returns how long ago what is known was last true of all controls; `None` when it
    /// never was.
    #[must_use]
    pub fn age(&self) -> Option<jiff::SignedDuration> {
        let now = Timestamp::from(jiff::Timestamp::now());
        self.table(|table| table.confirmed_at().map(|at| now.duration_since(*at)))
    }

    /// Reads the control in the transaction that commits an effect, so that none commits
    /// after the control has changed.
    ///
    /// # Errors
    /// When it is halted, or cannot be read or believed.
    pub async fn demand(
        &self,
        tx: &Transaction,
        control: &ControlName,
        tenant: Option<&str>,
    ) -> Result<Permit, ControlError> {
        let now = Timestamp::from(jiff::Timestamp::now());
        let present = tx.get::<Control>(control).await?.map(|stored| stored.document);
        let halted = |reason: &str| {
            Err(ControlError::Halted { control: control.clone(), reason: reason.to_owned() })
        };
        let present = present.unwrap_or_default();
        let is_known = self.table(|table| table.believes(control, &present));
        if !is_known && let Err(refused) = proof::in_transaction(tx, control, &present).await? {
            return halted(&refused);
        }
        let decision = present.decide(self.target(tenant), now);
        match decision.state {
            ControlState::Halted => halted(&present.reason),
            _ => Ok(Permit::of(&decision, present.epoch)),
        }
    }

    /// Returns the value that an override forces, if one does.
    #[must_use]
    pub fn forced(&self, control: &ControlName, tenant: Option<&str>) -> Option<String> {
        let now = jiff::Timestamp::now().into();
        self.table(|table| table.forced(control, self.target(tenant), now))
    }

    /// Returns each control whose state is too old to be believed, with its age in seconds.
    pub(crate) fn stale(&self) -> BTreeMap<ControlName, i64> {
        self.table(|table| table.stale(jiff::Timestamp::now().into()))
    }

    fn target<'a>(&'a self, tenant: Option<&'a str>) -> Target<'a> {
        Target { module: &self.0.function, function: &self.0.function, tenant, asset: None }
    }

    fn table<T>(&self, look: impl FnOnce(&Table) -> T) -> T {
        look(&self.0.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Table) -> T) -> T {
        change(&mut self.0.table.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn learn(&self, control: ControlName, known: Known) {
        self.change(|table| table.learn(control, known));
    }
}
