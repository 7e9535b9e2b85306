//! What an expression is compiled to.

use regex::Regex;

use super::Value;

/// Where a variable's value is.
pub type Slot = usize;

/// Why a node has no value, and which node it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault<'a> {
    Missing(&'a Node),
    Unfit(&'a Node),
}

/// A comparison of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// An operation on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// What is asked of a text with another text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// Turns a value into one of another type, or measures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    Size,
    Text,
    Int,
    Double,
    Timestamp,
    Duration,
}

/// What a macro does with each element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    All,
    Exists,
    ExistsOne,
}

/// An expression.
#[derive(Debug)]
pub(super) enum Node {
    Constant(Value<'static>),
    Variable(Slot),
    /// A parameter that has no value until somebody sets one.
    Unset(String),
    Select(Box<Node>, String),
    Has(Box<Node>, String),
    Index(Box<[Node; 2]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    Choose(Box<[Node; 3]>),
    Compare(Comparison, Box<[Node; 2]>),
    In(Box<[Node; 2]>),
    Arithmetic(Operation, Box<[Node; 2]>),
    List(Vec<Node>),
    Fold(Fold, Slot, Box<[Node; 2]>),
    /// The range, what is taken of each element, and which elements are.
    Map(Slot, Box<[Node; 2]>, Option<Box<Node>>),
    Text(TextTest, Box<[Node; 2]>),
    Matches(Box<Node>, Regex),
    Convert(Conversion, Box<Node>),
}

impl Node {
    /// Tells whether a node of the expression is one of those.
    pub(super) fn any(&self, is: &mut impl FnMut(&Self) -> bool) -> bool {
        if is(self) {
            return true;
        }
        match self {
            Self::Constant(_) | Self::Variable(_) | Self::Unset(_) => false,
            Self::Select(of, _)
            | Self::Has(of, _)
            | Self::Not(of)
            | Self::Negate(of)
            | Self::Matches(of, _)
            | Self::Convert(_, of) => of.any(is),
            Self::Index(two)
            | Self::And(two)
            | Self::Or(two)
            | Self::Compare(_, two)
            | Self::In(two)
            | Self::Arithmetic(_, two)
            | Self::Fold(_, _, two)
            | Self::Text(_, two) => two.iter().any(|node| node.any(is)),
            Self::Choose(three) => three.iter().any(|node| node.any(is)),
            Self::List(nodes) => nodes.iter().any(|node| node.any(is)),
            Self::Map(_, two, guard) => two.iter().chain(guard.as_deref()).any(|node| node.any(is)),
        }
    }

    /// Returns how the source calls what the node reads.
    pub(super) fn describe(&self, names: &[String]) -> String {
        match self {
            Self::Variable(slot) => names.get(*slot).cloned().unwrap_or_default(),
            Self::Unset(name) => format!("params.{name}"),
            Self::Select(of, field) | Self::Has(of, field) => {
                format!("{}.{field}", of.describe(names))
            }
            Self::Not(of) | Self::Negate(of) | Self::Matches(of, _) => of.describe(names),
            Self::Convert(_, of) => of.describe(names),
            Self::Index(two) => {
                let [of, index] = &**two;
                match index {
                    Self::Constant(Value::Text(key)) => format!("{}.{key}", of.describe(names)),
                    _ => format!("{}[]", of.describe(names)),
                }
            }
            Self::And(two)
            | Self::Or(two)
            | Self::Compare(_, two)
            | Self::In(two)
            | Self::Arithmetic(_, two)
            | Self::Fold(_, _, two)
            | Self::Text(_, two)
            | Self::Map(_, two, _) => {
                let [first, second] = &**two;
                match first {
                    Self::Constant(_) => second.describe(names),
                    _ => first.describe(names),
                }
            }
            Self::Choose(three) => three[1].describe(names),
            Self::Constant(_) | Self::List(_) => "a constant".to_owned(),
        }
    }
}
