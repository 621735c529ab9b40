//! A hook that writes down which functions are applied to what.

use super::{
    Call,
    graph::{Applied, Graph, Output, Source},
};
use crate::{Array, Function, FunctionHook, Variable, add_function_hook, inference_mode};
use std::{cell::RefCell, panic::Location, rc::Rc};

#[derive(Default)]
struct Trace {
    graph: RefCell<Graph>,
    line: RefCell<Option<Location<'static>>>,
}

impl FunctionHook for Trace {
    fn applied_at(&self, _: &dyn Function, line: &Location<'static>) {
        self.line.replace(Some(*line));
    }
    fn forward_after(&self, function: &dyn Function, x: &[&Array], y: &[Array]) {
        let applied = Applied::new(function.name(), self.line.borrow().as_ref());
        self.graph.borrow_mut().calls.push(applied);
        let call = Call { graph: &self.graph, inputs: x, outputs: y };
        let nodes = function.export(&call).filter(|values| values.len() == y.len());
        let mut graph = self.graph.borrow_mut();
        let (number, several) = (graph.calls.len() - 1, y.len() > 1);
        for (i, array) in y.iter().enumerate() {
            let value = match &nodes {
                Some(values) => values[i],
                None => graph.add(Source::Missing(number)),
            };
            if graph.names[value.0].is_none() && matches!(graph.values[value.0], Source::Result) {
                let part = if several { format!(".{i}") } else { String::new() };
                graph.names[value.0] = Some(format!("{}_{number}{part}", function.name()));
            }
            graph.known.push((array.clone(), value));
        }
    }
}

/// The graph of what `forward` computes from `x`.
pub(super) fn trace(x: &[Array], forward: &dyn Fn(&[Variable]) -> Vec<Variable>) -> Graph {
    let _inference = inference_mode();
    let trace = Rc::new(Trace::default());
    let variables: Vec<Variable> = x.iter().map(|x| Variable::constant(x.clone())).collect();
    for x in x {
        let mut graph = trace.graph.borrow_mut();
        let value = graph.add(Source::Input);
        graph.known.push((x.clone(), value));
    }
    let hook = add_function_hook(trace.clone());
    let outputs = forward(&variables);
    drop(hook);
    let mut graph = trace.graph.take();
    for y in outputs {
        let (value, array) = (graph.of(y.array()), y.into_array());
        graph.outputs.push(Output { value, array, shape: Vec::new() });
    }
    graph
}
