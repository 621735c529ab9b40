//! The recorded graph as a picture, in Graphviz's DOT language.

mod svg;

use crate::{GraphNode, GraphNodeKind, Variable};
use std::{collections::HashMap, fmt::Write};

/// The nodes that some Variables were computed from.
#[derive(Clone, Debug)]
pub struct ComputationalGraph {
    nodes: Vec<GraphNode>,
}

/// The graph that `outputs` were computed from.
///
/// ```
/// use kusari::{Parameter, array, computational_graph::build_computational_graph};
/// let x = Parameter::new(array![3.0f32]);
/// let y = x.get() * x.get() + 4.0 * x.get();
/// let dot = build_computational_graph(&[&y]).dump();
/// assert!(dot.starts_with("digraph graphname {") && dot.contains("\"(1,), float32\""));
/// ```
pub fn build_computational_graph(outputs: &[&Variable]) -> ComputationalGraph {
    ComputationalGraph::new(outputs.iter().flat_map(|output| output.graph()).collect())
}

impl ComputationalGraph {
    pub(crate) fn new(nodes: Vec<GraphNode>) -> ComputationalGraph {
        let mut seen = std::collections::HashSet::new();
        ComputationalGraph { nodes: nodes.into_iter().filter(|node| seen.insert(node.id)).collect() }
    }
    /// The nodes, sources before what was computed from them.
    pub fn nodes(&self) -> &[GraphNode] {
        &self.nodes
    }
    /// The graph in DOT: boxes are functions, octagons are values with shape and dtype.
    ///
    /// The same computation gives the same text.
    pub fn dump(&self) -> String {
        let number: HashMap<usize, usize> = self.nodes.iter().enumerate().map(|(i, node)| (node.id, i)).collect();
        let several: Vec<usize> = self
            .nodes
            .iter()
            .filter(|node| matches!(node.kind, GraphNodeKind::Output(_)))
            .flat_map(|node| node.sources.clone())
            .collect();
        let mut dot = String::from("digraph graphname {\nrankdir = TB;\n");
        let mut line = |text: std::fmt::Arguments| writeln!(dot, "{text}").expect("writing to memory does not fail");
        for (i, node) in self.nodes.iter().enumerate() {
            let value = format!("{}, {}", node.shape, node.dtype);
            let value = match &node.kind {
                GraphNodeKind::Parameter(name) if !name.is_empty() => format!("{}: {value}", escaped(name)),
                _ => value,
            };
            let from =
                |source: &usize| number.get(source).map(|&s| (s, self.is_function(s) && !several.contains(source)));
            let sources: Vec<(usize, bool)> = node.sources.iter().filter_map(from).collect();
            // The arrow from a function with one output starts at the value that stands for that output.
            let start = |(s, has_value): (usize, bool)| if has_value { format!("v{s}") } else { self.start(s) };
            if let GraphNodeKind::Function(name) = &node.kind {
                line(format_args!("f{i} [label=\"{}\",shape=box];", escaped(name)));
                sources.into_iter().for_each(|s| line(format_args!("{} -> f{i};", start(s))));
                if !several.contains(&node.id) {
                    line(format_args!("v{i} [label=\"{value}\",shape=octagon];"));
                    line(format_args!("f{i} -> v{i};"));
                }
            } else {
                line(format_args!("v{i} [label=\"{value}\",shape=octagon];"));
                sources.into_iter().for_each(|s| line(format_args!("{} -> v{i};", start(s))));
            }
        }
        dot.push('}');
        dot
    }
    fn is_function(&self, i: usize) -> bool {
        matches!(self.nodes[i].kind, GraphNodeKind::Function(_))
    }
    fn start(&self, i: usize) -> String {
        if self.is_function(i) { format!("f{i}") } else { format!("v{i}") }
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
