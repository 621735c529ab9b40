//! What a run of a model is written down as.

use super::{Attribute, Value};
use crate::Array;
use std::panic::Location;

/// Nodes and values of a run, in the order in which they came.
#[derive(Default)]
pub(super) struct Graph {
    pub values: Vec<Source>,
    /// Names that were given to values.
    pub names: Vec<Option<String>>,
    pub nodes: Vec<Node>,
    pub calls: Vec<Applied>,
    pub outputs: Vec<Output>,
    /// Arrays that stand for values: kept, so that no other array takes their place.
    pub known: Vec<(Array, Value)>,
}

/// Where a value comes from.
pub(super) enum Source {
    Input,
    /// Nothing: an input that an operator does without.
    Absent,
    /// The same in every run: a parameter, a running statistic, a number.
    Constant(Array),
    /// Integers that steer an operator: shapes, places.
    Integers(Vec<i64>),
    /// Integers some of which depend on the batch.
    Linear(Vec<Length>),
    /// A constant that is repeated as the batch asks.
    Repeated(Array, Vec<Length>),
    /// Something that a node computes.
    Result,
    /// An output of a function that has no form in ONNX, with the number of its call.
    Missing(usize),
}

/// A length: `factor · batch + rest`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Length {
    pub factor: i64,
    pub rest: i64,
}

/// One operator of ONNX.
pub(super) struct Node {
    pub op: &'static str,
    pub inputs: Vec<Value>,
    pub outputs: Vec<Value>,
    pub attributes: Vec<(&'static str, Attribute)>,
    /// The number of the call it belongs to.
    pub call: usize,
}

impl Node {
    /// Whether another run's does the same.
    pub fn is_like(&self, other: &Node) -> bool {
        (self.op, &self.inputs, &self.outputs, &self.attributes)
            == (other.op, &other.inputs, &other.outputs, &other.attributes)
    }
}

/// One application of a function.
pub(super) struct Applied {
    function: String,
    line: String,
}

impl Applied {
    pub fn new(function: &str, line: Option<&Location>) -> Applied {
        Applied { function: function.to_string(), line: line.map_or("an unknown line".into(), |l| l.to_string()) }
    }
    /// The function and where it was applied, for messages.
    pub fn label(&self) -> String {
        format!("{} (applied at {})", self.function, self.line)
    }
}

/// An output of the whole.
pub(super) struct Output {
    pub value: Value,
    pub array: Array,
    pub shape: Vec<Length>,
}

impl Graph {
    pub fn add(&mut self, source: Source) -> Value {
        self.values.push(source);
        self.names.push(None);
        Value(self.values.len() - 1)
    }
    /// The value that an array stands for; one that nothing has computed is a constant.
    pub fn of(&mut self, array: &Array) -> Value {
        if let Some((_, value)) = self.known.iter().rev().find(|(known, _)| known.is_same(array)) {
            return *value;
        }
        let value = self.add(Source::Constant(array.clone()));
        self.known.push((array.clone(), value));
        value
    }
    /// The call that a value first took part in, for messages.
    pub fn user(&self, value: Value) -> String {
        let node = self.nodes.iter().find(|node| node.inputs.contains(&value) || node.outputs.contains(&value));
        node.map_or("an output".into(), |node| self.calls[node.call].label())
    }
    /// The call that node number `i` belongs to, for messages.
    pub fn user_of(&self, i: usize) -> String {
        self.calls[self.nodes[i].call].label()
    }
    /// Which values depend on an input.
    pub fn depending(&self) -> Vec<bool> {
        let mut depends: Vec<bool> = self.values.iter().map(|source| matches!(source, Source::Input)).collect();
        for node in &self.nodes {
            let any = node.inputs.iter().any(|x| depends[x.0]);
            node.outputs.iter().for_each(|y| depends[y.0] = any);
        }
        depends
    }
    /// Whether something that depends on an input is cast.
    pub fn casts_inputs(&self) -> bool {
        let depends = self.depending();
        self.nodes.iter().any(|node| node.op == "Cast" && depends[node.inputs[0].0])
    }
    /// Which values the outputs depend on, and which nodes compute those.
    pub fn needed(&self) -> (Vec<bool>, Vec<bool>) {
        let (mut values, mut nodes) = (vec![false; self.values.len()], vec![false; self.nodes.len()]);
        self.outputs.iter().for_each(|output| values[output.value.0] = true);
        for (i, node) in self.nodes.iter().enumerate().rev() {
            if node.outputs.iter().any(|y| values[y.0]) {
                nodes[i] = true;
                node.inputs.iter().chain(&node.outputs).for_each(|x| values[x.0] = true);
            }
        }
        (values, nodes)
    }
}
