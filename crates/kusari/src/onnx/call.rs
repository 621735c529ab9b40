//! `Call`: what a function sees when it is asked how it is written in ONNX.

use super::graph::{Graph, Node, Source};
use crate::{Array, DType};
use kusari_array::Shape;
use std::cell::RefCell;

/// A value of an ONNX graph: an input, a constant, or what a node computes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value(pub(super) usize);

/// The values that stand for the outputs of a function; `None` if it has no form in ONNX.
pub type Nodes = Option<Vec<Value>>;

/// An attribute of a node.
#[derive(Clone, PartialEq, Debug)]
pub enum Attribute {
    /// An integer.
    Int(i64),
    /// A number, which ONNX keeps as `float32`.
    Float(f64),
    /// Integers.
    Ints(Vec<i64>),
    /// A text.
    Text(&'static str),
}

/// One application of a function that is being written as ONNX: its inputs and outputs, and the nodes so far.
pub struct Call<'a> {
    pub(super) graph: &'a RefCell<Graph>,
    pub(super) inputs: &'a [&'a Array],
    pub(super) outputs: &'a [Array],
}

impl Call<'_> {
    /// Input `i`.
    pub fn x(&self, i: usize) -> Value {
        self.value(self.inputs[i])
    }
    /// All inputs.
    pub fn xs(&self) -> Vec<Value> {
        self.inputs.iter().map(|x| self.value(x)).collect()
    }
    /// Number of inputs.
    pub fn count(&self) -> usize {
        self.inputs.len()
    }
    /// Whether all inputs have one dtype: few operators take weights of another.
    pub fn has_one_dtype(&self) -> bool {
        self.inputs.iter().all(|x| x.dtype() == self.inputs[0].dtype())
    }
    /// The array that input `i` was in this run.
    pub fn input(&self, i: usize) -> &Array {
        self.inputs[i]
    }
    /// The array that output `i` was in this run.
    pub fn output(&self, i: usize) -> &Array {
        &self.outputs[i]
    }
    /// The shape of input `i`.
    pub fn shape(&self, i: usize) -> &Shape {
        self.inputs[i].shape()
    }
    /// The value that an array stands for: what was computed before, or a constant.
    pub fn value(&self, array: &Array) -> Value {
        self.graph.borrow_mut().of(array)
    }
    /// Integers that steer a node, such as a shape. They may depend on the batch.
    pub fn ints(&self, values: impl IntoIterator<Item = i64>) -> Value {
        self.graph.borrow_mut().add(Source::Integers(values.into_iter().collect()))
    }
    /// A constant.
    pub fn constant(&self, array: Array) -> Value {
        self.graph.borrow_mut().add(Source::Constant(array))
    }
    /// An input that an operator may do without.
    pub fn absent(&self) -> Value {
        self.graph.borrow_mut().add(Source::Absent)
    }
    /// The inputs of the operator that gave a value, if that is `op`.
    pub fn origin(&self, op: &str, value: Value) -> Option<Vec<Value>> {
        let graph = self.graph.borrow();
        let node = graph.nodes.iter().rev().find(|node| node.outputs.contains(&value))?;
        (node.op == op).then(|| node.inputs.clone())
    }
    /// The array that stood for a value in this run, if it was an input or an output of a function.
    pub fn known(&self, value: Value) -> Option<Array> {
        self.graph.borrow().known.iter().find(|(_, known)| *known == value).map(|(array, _)| array.clone())
    }
    /// A number of the dtype of the first input.
    pub fn number(&self, number: f64) -> Value {
        self.constant(Array::scalar(number, self.inputs[0].dtype()))
    }

    /// The function is one operator, which takes its inputs in their order and gives their dtype.
    pub fn op(&self, op: &'static str) -> Nodes {
        self.op_with(op, &[])
    }
    /// The function is one operator with attributes.
    pub fn op_with(&self, op: &'static str, attributes: &[(&'static str, Attribute)]) -> Nodes {
        let same = self.inputs[0].dtype() == self.outputs[0].dtype();
        same.then(|| vec![self.node_with(op, &self.xs(), attributes)])
    }
    /// What an operator gives.
    pub fn node(&self, op: &'static str, inputs: &[Value]) -> Value {
        self.node_with(op, inputs, &[])
    }
    /// What an operator with attributes gives.
    pub fn node_with(&self, op: &'static str, inputs: &[Value], attributes: &[(&'static str, Attribute)]) -> Value {
        self.nodes(op, inputs, attributes, 1)[0]
    }
    /// What an operator with `count` outputs gives.
    pub fn nodes(
        &self,
        op: &'static str,
        inputs: &[Value],
        attributes: &[(&'static str, Attribute)],
        count: usize,
    ) -> Vec<Value> {
        let mut graph = self.graph.borrow_mut();
        let outputs: Vec<Value> = (0..count).map(|_| graph.add(Source::Result)).collect();
        let call = graph.calls.len() - 1;
        let (inputs, attributes) = (inputs.to_vec(), attributes.to_vec());
        graph.nodes.push(Node { op, inputs, outputs: outputs.clone(), attributes, call });
        outputs
    }

    /// `x` in another shape.
    pub fn reshape(&self, x: Value, shape: &[usize]) -> Value {
        // Otherwise 0 would stand for the length that the axis has.
        let literal = [("allowzero", Attribute::Int(1))];
        let attributes = if shape.contains(&0) { &literal[..] } else { &[] };
        self.node_with("Reshape", &[x, self.ints(shape.iter().map(|&n| n as i64))], attributes)
    }
    /// `x` with its axes in another order.
    pub fn transpose(&self, x: Value, order: &[usize]) -> Value {
        self.node_with("Transpose", &[x], &[("perm", ints(order))])
    }
    /// `x` as another dtype.
    pub fn cast(&self, x: Value, dtype: DType) -> Value {
        self.node_with("Cast", &[x], &[("to", Attribute::Int(dtype_number(dtype)))])
    }
    /// The elements `start..stop` along an axis.
    pub fn slice(&self, x: Value, axis: usize, start: i64, stop: i64) -> Value {
        self.node("Slice", &[x, self.ints([start]), self.ints([stop]), self.ints([axis as i64])])
    }
    /// `x` in parts of these lengths.
    pub fn split(&self, x: Value, axis: usize, lengths: &[usize]) -> Vec<Value> {
        let lengths_value = self.ints(lengths.iter().map(|&n| n as i64));
        self.nodes("Split", &[x, lengths_value], &[("axis", Attribute::Int(axis as i64))], lengths.len())
    }
    /// Values side by side along an axis.
    pub fn concat(&self, parts: &[Value], axis: usize) -> Value {
        self.node_with("Concat", parts, &[("axis", Attribute::Int(axis as i64))])
    }
    /// A reduction over some axes.
    pub fn reduce(&self, op: &'static str, x: Value, axes: &[usize], keepdims: bool) -> Value {
        let axes = self.ints(axes.iter().map(|&d| d as i64));
        let keep = ("keepdims", Attribute::Int(keepdims as i64));
        // Without axes ONNX would take all of them.
        self.node_with(op, &[x, axes], &[keep, ("noop_with_empty_axes", Attribute::Int(1))])
    }
}

/// An attribute of several integers.
pub(crate) fn ints(values: &[usize]) -> Attribute {
    Attribute::Ints(values.iter().map(|&n| n as i64).collect())
}

/// ONNX's number of a dtype (`TensorProto.DataType`).
pub(super) fn dtype_number(dtype: DType) -> i64 {
    match dtype {
        DType::F32 => 1,
        DType::U8 => 2,
        DType::I32 => 6,
        DType::I64 => 7,
        DType::Bool => 9,
        DType::F16 => 10,
        DType::F64 => 11,
        DType::BF16 => 16,
    }
}
