//! The graph as a picture.

use crate::{
    Result,
    computational_graph::ComputationalGraph,
    serializers::replace_bytes,
    training::{
        Extension, Trainer,
        reporter::{take_graph, watch_graph},
    },
};

/// Writes the graph of a reported value, as it is in the first iteration, in Graphviz's DOT language.
#[derive(Clone, Debug)]
pub struct DumpGraph {
    key: String,
    file: String,
    done: bool,
}

impl DumpGraph {
    /// Writes the graph of the reported Variable `key`, such as `main/loss`, to the file `cg.dot`.
    pub fn new(key: &str) -> DumpGraph {
        DumpGraph { key: key.to_string(), file: "cg.dot".to_string(), done: false }
    }
    /// Another file in the trainer's folder.
    pub fn file(self, name: &str) -> DumpGraph {
        DumpGraph { file: name.to_string(), ..self }
    }
}

impl Extension for DumpGraph {
    fn name(&self) -> String {
        "dump_graph".to_string()
    }
    fn initialize(&mut self, _: &mut Trainer) -> Result<()> {
        // The graph is gone after the update, so it is looked at when the value is reported.
        watch_graph(&self.key);
        Ok(())
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        if self.done {
            return Ok(());
        }
        let Some(nodes) = take_graph(&self.key) else { return Ok(()) };
        self.done = true;
        let dot = ComputationalGraph::new(nodes).dump();
        replace_bytes(&trainer.out().join(&self.file), dot.as_bytes())
    }
}
