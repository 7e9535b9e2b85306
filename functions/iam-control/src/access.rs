//! Questions about access: who can, what, why, and what if. Pure, but for loading.

mod directory;
mod explain;
mod history;
mod load;
mod modules;
mod suggest;
mod what_if;

pub use directory::Directory;
pub use explain::{what_can, what_module_can, which_modules, who_can, why};
pub use history::{History, LOOKS_BACK};
pub(crate) use load::{directory, history};
pub use modules::{Module, Modules};
pub use suggest::suggestions;
pub use what_if::what_if;
