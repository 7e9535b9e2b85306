//! Conditions in the Common Expression Language, compiled once and evaluated over borrowed
//! JSON.
//!
//! The crate `cel` parses; what is evaluated is a tree of our own, because its interpreter
//! copies the JSON of every asset into values of its own, which costs more than all of the
//! conditions. A property test holds the two equal: the same value, or both an error.
//!
//! A condition that reads what is not there does not come to `false`: it fails with a
//! [`Fault`] that names the path, and the verdict is that evidence is missing. As CEL
//! specifies, `&&`, `||`, `all` and `exists` hide a fault when the other side decides.
//!
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>.

mod compile;
mod duration;
mod evaluate;
mod node;
mod operator;
mod value;

pub use compile::{CompileError, Vocabulary};
pub use value::Value;
pub(crate) use value::unknown;

use evaluate::Scope;
use node::{Node, Slot};

/// A compiled expression.
#[derive(Debug)]
pub struct Program {
    root: Node,
    /// What each slot is called in the words of the source: variables first, then what
    /// macros iterate over.
    names: Vec<String>,
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// What it reads is not there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// What it reads is of another type than the operation takes.
    #[error("`{0}` is not what is expected there")]
    Unfit(String),
}

impl Program {
    /// Evaluates the expression; `variables` are in the order of the vocabulary, and `None`
    /// for those that are not there.
    ///
    /// # Errors
    /// When what it reads is missing or of another type.
    pub fn evaluate<'a>(&'a self, variables: &[Option<Value<'a>>]) -> Result<Value<'a>, Fault> {
        evaluate::evaluate(&self.root, &mut Scope::new(variables))
            .map_err(|fault| self.name(&fault))
    }

    /// Evaluates a condition.
    ///
    /// # Errors
    /// As [`Program::evaluate`], and when the value is neither true nor false.
    pub fn holds<'a>(&'a self, variables: &[Option<Value<'a>>]) -> Result<bool, Fault> {
        match self.evaluate(variables)? {
            Value::Bool(holds) => Ok(holds),
            _ => Err(Fault::Unfit(self.describe(&self.root))),
        }
    }

    /// Tells whether the expression reads a variable.
    #[must_use]
    pub fn reads(&self, variable: Slot) -> bool {
        self.root.any(&mut |node| matches!(node, Node::Variable(slot) if *slot == variable))
    }

    fn name(&self, fault: &node::Fault<'_>) -> Fault {
        match fault {
            node::Fault::Missing(node) => Fault::Missing(self.describe(node)),
            node::Fault::Unfit(node) => Fault::Unfit(self.describe(node)),
        }
    }

    /// Returns how the source calls what a node reads.
    fn describe(&self, node: &Node) -> String {
        node.describe(&self.names)
    }
}

#[cfg(test)]
mod tests;
