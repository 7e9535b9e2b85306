//! From the parser's tree to ours.

use std::borrow::Cow;

use cel::{
    Program as Parsed,
    common::ast::{
        CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo,
        operators as op,
    },
};
use regex::Regex;
use serde_json::{Map, Value as Json};

use super::{
    Program, Value,
    node::{Comparison, Conversion, Fold, Node, Operation, Slot, TextTest},
};

/// What an expression may read.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'v> {
    /// The variables, in the order of their slots. A name with a point, such as
    /// `related.keys`, is a field that is a variable of its own.
    pub variables: &'v [String],
    /// Constants, read as `params.<name>`.
    pub params: &'v Map<String, Json>,
}

/// Why an expression cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct CompileError {
    /// The line within the expression, from 1.
    pub line: usize,
    /// The letter of the line, from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub reason: String,
}

struct Compiler<'v> {
    vocabulary: Vocabulary<'v>,
    /// What each slot is called.
    names: Vec<String>,
    /// The variables of macros that are open, by their names in the source.
    bound: Vec<(String, Slot)>,
    positions: &'v SourceInfo,
}

impl Program {
    /// Compiles an expression.
    ///
    /// # Errors
    /// When the text does not parse, or reads or calls what there is not.
    pub fn compile(source: &str, vocabulary: Vocabulary<'_>) -> Result<Self, CompileError> {
        let parsed = Parsed::compile(source).map_err(|errors| {
            let first = errors.errors.first();
            let (line, column) = first.map_or((1, 1), |error| error.pos);
            CompileError {
                line: usize::try_from(line).unwrap_or(1),
                column: usize::try_from(column).unwrap_or(1),
                reason: first.map_or_else(|| errors.to_string(), |error| error.msg.clone()),
            }
        })?;
        let mut compiler = Compiler {
            vocabulary,
            names: vocabulary.variables.to_vec(),
            bound: Vec::new(),
            positions: parsed.source_info(),
        };
        let root = compiler.node(parsed.expression())?;
        Ok(Self { root, names: compiler.names })
    }
}

impl Compiler<'_> {
    fn node(&mut self, expr: &IdedExpr) -> Result<Node, CompileError> {
        match &expr.expr {
            Expr::Literal(literal) => literal_value(literal)
                .map(Node::Constant)
                .ok_or_else(|| self.wrong(expr, "bytes are not used in conditions")),
            Expr::Ident(name) => self.variable(expr, name),
            Expr::Select(select) => self.select(expr, select),
            Expr::List(list) => {
                let nodes = list.elements.iter().map(|element| self.node(element));
                Ok(fold_list(nodes.collect::<Result<Vec<_>, _>>()?))
            }
            Expr::Call(call) => self.call(expr, call),
            Expr::Comprehension(comprehension) => self.comprehension(expr, comprehension),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(self.wrong(expr, "maps and messages are not made in conditions"))
            }
        }
    }

    fn variable(&self, expr: &IdedExpr, name: &str) -> Result<Node, CompileError> {
        if let Some((_, slot)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
            return Ok(Node::Variable(*slot));
        }
        if let Some(slot) = self.vocabulary.variables.iter().position(|known| known == name) {
            return Ok(Node::Variable(slot));
        }
        let names = self.vocabulary.variables.join("`, `");
        Err(self.wrong(expr, &format!("there is no `{name}`; there are `{names}` and `params`")))
    }

    fn select(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Result<Node, CompileError> {
        if let Expr::Ident(root) = &select.operand.expr {
            let free = !self.bound.iter().any(|(bound, _)| bound == root);
            if free && root == "params" {
                return self.param(expr, select);
            }
            let full = format!("{root}.{}", select.field);
            let slot = self.vocabulary.variables.iter().position(|known| *known == full);
            if let Some(slot) = slot.filter(|_| free && !select.test) {
                return Ok(Node::Variable(slot));
            }
        }
        let operand = Box::new(self.node(&select.operand)?);
        let field = select.field.clone();
        Ok(if select.test { Node::Has(operand, field) } else { Node::Select(operand, field) })
    }

    /// Parameters do not change, so they are constants.
    fn param(&self, expr: &IdedExpr, select: &SelectExpr) -> Result<Node, CompileError> {
        let value = self.vocabulary.params.get(&select.field);
        if select.test {
            return Ok(Node::Constant(Value::Bool(value.is_some_and(|value| !value.is_null()))));
        }
        let value = value
            .ok_or_else(|| self.wrong(expr, &format!("`parameters` has no `{}`", select.field)))?;
        if value.is_null() {
            return Ok(Node::Unset(select.field.clone()));
        }
        constant(value).map(Node::Constant).ok_or_else(|| {
            self.wrong(expr, "a parameter is a text, a number, true or false, or a list of these")
        })
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Result<Node, CompileError> {
        let of = call.target.as_deref().into_iter().chain(&call.args);
        let mut nodes = Vec::new();
        for node in of {
            nodes.push(self.node(node)?);
        }
        let name = call.func_name.as_str();
        let node = match (name, call.target.is_some(), <[Node; 1]>::try_from(nodes)) {
            (_, false, Ok([of])) => one(name, of),
            (_, true, Ok([of])) => method(name, of),
            (_, is_method, Err(nodes)) => match <[Node; 2]>::try_from(nodes) {
                Ok(nodes) if is_method => self.text(expr, name, nodes)?,
                Ok(nodes) => self.two(expr, name, nodes)?,
                Err(nodes) => match <[Node; 3]>::try_from(nodes) {
                    Ok(nodes) if name == op::CONDITIONAL => Some(Node::Choose(Box::new(nodes))),
                    _ => None,
                },
            },
        };
        node.ok_or_else(|| {
            self.wrong(expr, &format!("there is no function `{name}` with these arguments"))
        })
    }

    fn two(
        &self,
        expr: &IdedExpr,
        name: &str,
        nodes: [Node; 2],
    ) -> Result<Option<Node>, CompileError> {
        if name == "matches" {
            return self.text(expr, name, nodes);
        }
        Ok(binary(name, nodes))
    }

    /// A test of a text with another one.
    fn text(
        &self,
        expr: &IdedExpr,
        name: &str,
        nodes: [Node; 2],
    ) -> Result<Option<Node>, CompileError> {
        let test = match name {
            "contains" => TextTest::Contains,
            "startsWith" => TextTest::StartsWith,
            "endsWith" => TextTest::EndsWith,
            "matches" => {
                let [of, pattern] = nodes;
                let Node::Constant(Value::Text(pattern)) = pattern else {
                    return Err(self.wrong(expr, "a pattern has to be a text of the source"));
                };
                let pattern = Regex::new(&pattern)
                    .map_err(|error| self.wrong(expr, &format!("the pattern is none: {error}")))?;
                return Ok(Some(Node::Matches(Box::new(of), pattern)));
            }
            _ => return Ok(None),
        };
        Ok(Some(Node::Text(test, Box::new(nodes))))
    }

    /// Recognises what the macros of the language expand to.
    fn comprehension(
        &mut self,
        expr: &IdedExpr,
        comprehension: &ComprehensionExpr,
    ) -> Result<Node, CompileError> {
        let range = self.node(&comprehension.iter_range)?;
        let slot = self.names.len();
        self.names.push(format!("{}[]", range.describe(&self.names)));
        self.bound.push((comprehension.iter_var.clone(), slot));
        let node = self.expanded(comprehension, range, slot);
        self.bound.pop();
        let other = "only `all`, `exists`, `exists_one`, `filter` and `map` iterate";
        node?.ok_or_else(|| self.wrong(expr, other))
    }

    fn expanded(
        &mut self,
        comprehension: &ComprehensionExpr,
        range: Node,
        slot: Slot,
    ) -> Result<Option<Node>, CompileError> {
        let Expr::Call(step) = &comprehension.loop_step.expr else { return Ok(None) };
        let accu = &comprehension.accu_var;
        let is_accu = |expr: &IdedExpr| matches!(&expr.expr, Expr::Ident(name) if name == accu);
        Ok(match (step.func_name.as_str(), &step.args[..]) {
            (op::LOGICAL_AND | op::LOGICAL_OR, [first, body]) if is_accu(first) => {
                let all = step.func_name == op::LOGICAL_AND;
                let fold = if all { Fold::All } else { Fold::Exists };
                Some(Node::Fold(fold, slot, Box::new([range, self.node(body)?])))
            }
            (op::CONDITIONAL, [guard, taken, otherwise]) if is_accu(otherwise) => {
                let Expr::Call(add) = &taken.expr else { return Ok(None) };
                let guard = self.node(guard)?;
                match &add.args[..] {
                    [first, IdedExpr { expr: Expr::List(list), .. }] if is_accu(first) => {
                        let [item] = &list.elements[..] else { return Ok(None) };
                        let body = self.node(item)?;
                        Some(Node::Map(slot, Box::new([range, body]), Some(Box::new(guard))))
                    }
                    [first, IdedExpr { expr: Expr::Literal(_), .. }] if is_accu(first) => {
                        Some(Node::Fold(Fold::ExistsOne, slot, Box::new([range, guard])))
                    }
                    _ => None,
                }
            }
            (op::ADD, [first, IdedExpr { expr: Expr::List(list), .. }]) if is_accu(first) => {
                let [item] = &list.elements[..] else { return Ok(None) };
                let body = self.node(item)?;
                Some(Node::Map(slot, Box::new([range, body]), None))
            }
            _ => None,
        })
    }

    fn wrong(&self, expr: &IdedExpr, reason: &str) -> CompileError {
        let start = self.positions.offset_for(expr.id).map_or(0, |(start, _)| start as usize);
        let before: String = self.positions.source.chars().take(start).collect();
        CompileError {
            line: before.matches('\n').count() + 1,
            column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
            reason: reason.to_owned(),
        }
    }
}

fn one(name: &str, of: Node) -> Option<Node> {
    let conversion = match name {
        op::LOGICAL_NOT => return Some(Node::Not(Box::new(of))),
        op::NEGATE => return Some(Node::Negate(Box::new(of))),
        "size" => Conversion::Size,
        "string" => Conversion::Text,
        "int" => Conversion::Int,
        "double" => Conversion::Double,
        "timestamp" => Conversion::Timestamp,
        "duration" => Conversion::Duration,
        _ => return None,
    };
    Some(Node::Convert(conversion, Box::new(of)))
}

fn method(name: &str, of: Node) -> Option<Node> {
    (name == "size").then(|| Node::Convert(Conversion::Size, Box::new(of)))
}

fn binary(name: &str, nodes: [Node; 2]) -> Option<Node> {
    let nodes = Box::new(nodes);
    let comparison = match name {
        op::EQUALS => Comparison::Equal,
        op::NOT_EQUALS => Comparison::NotEqual,
        op::LESS => Comparison::Less,
        op::LESS_EQUALS => Comparison::LessOrEqual,
        op::GREATER => Comparison::Greater,
        op::GREATER_EQUALS => Comparison::GreaterOrEqual,
        op::LOGICAL_AND => return Some(Node::And(nodes)),
        op::LOGICAL_OR => return Some(Node::Or(nodes)),
        op::INDEX => return Some(Node::Index(nodes)),
        op::IN => return Some(Node::In(nodes)),
        _ => {
            let operation = match name {
                op::ADD => Operation::Add,
                op::SUBSTRACT => Operation::Subtract,
                op::MULTIPLY => Operation::Multiply,
                op::DIVIDE => Operation::Divide,
                op::MODULO => Operation::Remainder,
                _ => return None,
            };
            return Some(Node::Arithmetic(operation, nodes));
        }
    };
    Some(Node::Compare(comparison, nodes))
}

/// A list of constants is made once.
fn fold_list(nodes: Vec<Node>) -> Node {
    let constants: Option<Vec<_>> = nodes
        .iter()
        .map(|node| match node {
            Node::Constant(value) => Some(value.clone()),
            _ => None,
        })
        .collect();
    match constants {
        Some(values) => Node::Constant(Value::List(values.into())),
        None => Node::List(nodes),
    }
}

fn literal_value(literal: &LiteralValue) -> Option<Value<'static>> {
    Some(match literal {
        LiteralValue::Boolean(value) => Value::Bool(*value.inner()),
        LiteralValue::Int(value) => Value::Int(*value.inner()),
        // What fits into the smaller type is held there, as numbers of assets are.
        LiteralValue::UInt(value) => {
            i64::try_from(*value.inner()).map_or(Value::UInt(*value.inner()), Value::Int)
        }
        LiteralValue::Double(value) => Value::Double(*value.inner()),
        LiteralValue::String(text) => Value::Text(Cow::Owned(text.inner().to_owned())),
        LiteralValue::Null => Value::Null,
        LiteralValue::Bytes(_) => return None,
    })
}

fn constant(json: &Json) -> Option<Value<'static>> {
    Some(match Value::of(json) {
        Value::Null => Value::Null,
        Value::Bool(value) => Value::Bool(value),
        Value::Int(value) => Value::Int(value),
        Value::UInt(value) => Value::UInt(value),
        Value::Double(value) => Value::Double(value),
        Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        Value::Json(Json::Array(list)) => {
            Value::List(list.iter().map(constant).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
