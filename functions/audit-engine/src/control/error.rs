//! What can be wrong with a control's file.

use crate::cel::CompileError;

/// What is wrong with a control's file.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {wrong}")]
pub struct ControlError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with a control.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is no control; says the line.
    #[error("{0}")]
    Shape(String),
    /// A field holds what it may not.
    #[error("`{field}`: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// Why not, and what would be right.
        reason: String,
    },
    /// An expression does not compile.
    #[error("`{field}`, {source}")]
    Expression {
        /// The field.
        field: String,
        /// Where, and why.
        source: CompileError,
    },
}
