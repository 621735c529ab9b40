//! The graph as the bytes of a file. Field numbers are those of `onnx.proto3`.

use super::{
    Attribute, Export, OPSET, Value,
    call::dtype_number,
    graph::{Graph, Length, Node, Source},
    proto::Message,
};
use crate::{Array, DType, Error, Link, Result};
use std::collections::{HashMap, HashSet};

/// `ModelProto`.
pub(super) fn model(graph: &Graph, export: &Export) -> Result<Vec<u8>> {
    let pair = |message: Message, (key, value): &(String, String)| {
        message.message(14, Message::new().text(1, key).text(2, value))
    };
    let model = Message::new()
        .int(1, 8) // the version of the format that came with the operators
        .text(2, "kusari")
        .text(3, env!("CARGO_PKG_VERSION"))
        .message(7, Writer::new(graph, export).graph())
        .message(8, Message::new().text(1, "").int(2, OPSET))
        .each(&export.metadata, pair);
    match model.len() <= i32::MAX as usize {
        true => Ok(model.into_bytes()),
        false => Err(Error::Data(format!("onnx: a file holds at most 2 GiB, got {} bytes", model.len()))),
    }
}

struct Writer<'a> {
    graph: &'a Graph,
    export: &'a Export<'a>,
    /// Of values: a name each.
    names: Vec<String>,
    taken: HashSet<String>,
    values: Vec<bool>,
    nodes: Vec<bool>,
    /// Names of lengths that are computed from the batch.
    lengths: HashMap<[i64; 2], String>,
    initializers: Vec<Message>,
    written: Vec<Message>,
}

impl<'a> Writer<'a> {
    fn new(graph: &'a Graph, export: &'a Export<'a>) -> Writer<'a> {
        let (values, nodes) = graph.needed();
        let (names, taken, lengths) = (vec![String::new(); graph.values.len()], HashSet::new(), HashMap::new());
        let (initializers, written) = (Vec::new(), Vec::new());
        Writer { graph, export, names, taken, values, nodes, lengths, initializers, written }
    }
    /// The name, or one like it if it is taken.
    fn free(&mut self, name: &str) -> String {
        let mut free = name.to_string();
        while !self.taken.insert(free.clone()) {
            free.push('_');
        }
        free
    }
    /// `GraphProto`.
    fn graph(mut self) -> Message {
        let graph = self.graph;
        let named = |i: usize| self.export.outputs.get(i).cloned().unwrap_or_else(|| format!("y{i}"));
        let outputs: Vec<String> = (0..graph.outputs.len()).map(named).collect();
        let inputs: Vec<String> = self.export.inputs.iter().map(|(name, _)| name.clone()).collect();
        let inputs: Vec<String> = inputs.iter().map(|name| self.free(name)).collect();
        let outputs: Vec<String> = outputs.iter().map(|name| self.free(name)).collect();
        // The first values are the inputs.
        self.names[..inputs.len()].clone_from_slice(&inputs);
        let mut renamed = Vec::new();
        for (output, name) in graph.outputs.iter().zip(&outputs) {
            match &graph.values[output.value.0] {
                Source::Result if self.names[output.value.0].is_empty() => self.names[output.value.0] = name.clone(),
                _ => renamed.push((output.value, name.clone())),
            }
        }
        self.constants();
        let needed = graph.nodes.iter().zip(&self.nodes).filter(|(_, needed)| **needed);
        let nodes: Vec<Message> = needed.map(|(node, _)| self.node(node)).collect();
        self.written.extend(nodes);
        for (value, name) in renamed {
            let from = self.names[value.0].clone();
            self.written.push(operator("Identity", &[from], &[name]));
        }
        let place = |x: &Array| x.shape().iter().map(|&n| Length { factor: 0, rest: n as i64 }).collect::<Vec<_>>();
        let mut message = Message::new().each(self.written, |m, node| m.message(1, node)).text(2, "kusari");
        message = message.each(self.initializers, |m, tensor| m.message(5, tensor));
        for (name, (_, x)) in inputs.iter().zip(&self.export.inputs) {
            let mut shape = place(x);
            if let Some(first) = shape.first_mut().filter(|n| !self.export.fixed && n.rest > 0) {
                *first = Length { factor: 1, rest: 0 };
            }
            message = message.message(11, described(name, x.dtype(), &shape));
        }
        let outputs = outputs.iter().zip(&graph.outputs);
        message.each(outputs, |m, (name, y)| m.message(12, described(name, y.array.dtype(), &y.shape)))
    }
    /// Names all values, and writes those that no node of the graph computes.
    fn constants(&mut self) {
        let graph = self.graph;
        let folded = self.graph.nodes.iter().filter(|node| node.op == "Reshape").map(|node| node.inputs[1]);
        let folded: HashSet<usize> = folded.map(|v| v.0).collect();
        let paths = self.export.model.map_or(Vec::new(), paths);
        for (i, source) in graph.values.iter().enumerate() {
            if !self.values[i] || !self.names[i].is_empty() || matches!(source, Source::Absent) {
                continue;
            }
            let name = match source {
                Source::Constant(array) => paths.iter().find(|(_, a)| a.is_same(array)).map(|(path, _)| path.as_str()),
                _ => graph.names[i].as_deref(),
            };
            let name = self.free(name.unwrap_or(&format!("v{i}")));
            self.names[i] = name.clone();
            match source {
                Source::Constant(array) => self.initializers.push(tensor(&name, array)),
                Source::Integers(list) => self.integers(&name, list),
                Source::Linear(list) => match only_one_open(list).filter(|_| folded.contains(&i)) {
                    Some(list) => self.integers(&name, &list),
                    None => self.joined(&name, list),
                },
                Source::Repeated(array, list) => {
                    let (once, shape) = (self.free(&format!("{name}_once")), self.free(&format!("{name}_shape")));
                    self.initializers.push(tensor(&once, array));
                    self.joined(&shape, list);
                    self.written.push(operator("Expand", &[once, shape], &[name]));
                }
                Source::Input | Source::Absent | Source::Result | Source::Missing(_) => {}
            }
        }
    }
    fn integers(&mut self, name: &str, list: &[i64]) {
        self.initializers.push(tensor(name, &Array::from_slice(&[list.len()], list)));
    }
    /// Integers some of which are computed from the batch.
    fn joined(&mut self, name: &str, list: &[Length]) {
        let parts: Vec<String> = list.iter().map(|&length| self.length(length)).collect();
        self.written
            .push(operator("Concat", &parts, &[name.to_string()]).message(5, attribute("axis", &Attribute::Int(0))));
    }
    /// The name of a length.
    fn length(&mut self, Length { factor, rest }: Length) -> String {
        if let Some(name) = self.lengths.get(&[factor, rest]) {
            return name.clone();
        }
        let label = if factor == 1 && rest == 0 { "batch".to_string() } else { format!("length_{factor}_{rest}") };
        let name = self.free(&label);
        match (factor, rest) {
            (0, _) => self.integers(&name, &[rest]),
            (1, 0) => {
                let batched = self.export.inputs.iter().position(|(_, x)| x.ndim() > 0 && x.shape()[0] > 0);
                let from = self.names[batched.expect("lengths that differ come from a batch")].clone();
                let ends = [("start", Attribute::Int(0)), ("end", Attribute::Int(1))];
                let shape = operator("Shape", &[from], std::slice::from_ref(&name));
                self.written.push(shape.each(&ends, |m, (key, value)| m.message(5, attribute(key, value))));
            }
            (_, 0) => {
                let parts =
                    [self.length(Length { factor: 1, rest: 0 }), self.length(Length { factor: 0, rest: factor })];
                self.written.push(operator("Mul", &parts, std::slice::from_ref(&name)));
            }
            _ => {
                let parts = [self.length(Length { factor, rest: 0 }), self.length(Length { factor: 0, rest })];
                self.written.push(operator("Add", &parts, std::slice::from_ref(&name)));
            }
        }
        self.lengths.insert([factor, rest], name.clone());
        name
    }
    /// `NodeProto`.
    fn node(&self, node: &Node) -> Message {
        let names = |values: &[Value]| values.iter().map(|v| self.names[v.0].clone()).collect::<Vec<_>>();
        // An output that nothing uses has no name.
        let message = operator(node.op, &names(&node.inputs), &names(&node.outputs));
        message.each(&node.attributes, |m, (key, value)| m.message(5, attribute(key, value)))
    }
}

/// The arrays of a model's parameters and persistent values, with their paths as in files.
fn paths(model: &dyn Link) -> Vec<(String, Array)> {
    let parameters = model.namedparams().into_iter().filter(|(_, p)| p.is_initialized());
    let parameters = parameters.map(|(path, p)| (path, p.array()));
    let persistents = model.namedpersistents().into_iter().map(|(path, p)| (path, p.get()));
    parameters.chain(persistents).map(|(path, a)| (path.trim_start_matches('/').to_string(), a)).collect()
}

/// −1 in the place of the only length that depends on the batch.
fn only_one_open(list: &[Length]) -> Option<Vec<i64>> {
    let open = list.iter().filter(|n| n.factor != 0).count();
    let zero = list.iter().any(|n| n.factor == 0 && n.rest == 0);
    (open == 1 && !zero).then(|| list.iter().map(|n| if n.factor != 0 { -1 } else { n.rest }).collect())
}

/// `NodeProto` without attributes.
fn operator(op: &str, inputs: &[String], outputs: &[String]) -> Message {
    let message = Message::new().each(inputs, |m, name| m.text(1, name)).each(outputs, |m, name| m.text(2, name));
    message.text(3, outputs.iter().find(|name| !name.is_empty()).map_or("", |name| name)).text(4, op)
}

/// `AttributeProto`.
fn attribute(name: &str, value: &Attribute) -> Message {
    let message = Message::new().text(1, name);
    match value {
        Attribute::Float(v) => message.float(2, *v as f32).int(20, 1),
        Attribute::Int(v) => message.int(3, *v).int(20, 2),
        Attribute::Text(v) => message.text(4, v).int(20, 3),
        Attribute::Ints(v) => message.each(v, |m, v| m.int(8, *v)).int(20, 7),
    }
}

/// `TensorProto`.
fn tensor(name: &str, array: &Array) -> Message {
    let message = Message::new().each(array.shape().iter(), |m, &n| m.int(1, n as i64));
    message.int(2, dtype_number(array.dtype())).text(8, name).bytes(9, &array.to_bytes())
}

/// `ValueInfoProto`.
fn described(name: &str, dtype: DType, shape: &[Length]) -> Message {
    let dimension = |n: &Length| match n {
        Length { factor: 0, rest } => Message::new().int(1, *rest),
        Length { factor: 1, rest: 0 } => Message::new().text(2, "batch"),
        Length { factor, rest } => Message::new().text(2, &format!("{factor}*batch+{rest}")),
    };
    let shape = Message::new().each(shape, |m, n| m.message(1, dimension(n)));
    let tensor = Message::new().int(1, dtype_number(dtype)).message(2, shape);
    Message::new().text(1, name).message(2, Message::new().message(1, tensor))
}
