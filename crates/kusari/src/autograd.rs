//! Automatic differentiation: records what is computed and walks it backwards. Knows no mathematics.

mod apply;
mod backward;
mod context;
mod engine;
mod function;
mod grad;
mod graph;
mod hook;
mod inputs;
mod node;
mod node_set;
mod parameter;
mod queue;
mod variable;

pub use backward::Backward;
pub(crate) use backward::minimize;
pub use context::Context;
pub use function::{Function, Grads, Keep, Needs, Outputs};
pub(crate) use grad::grad_between;
pub use grad::{GradOptions, grad, grad_with};
pub use graph::{GraphNode, GraphNodeKind};
pub use hook::{FunctionHook, HookGuard, add_function_hook};
pub use parameter::{Initialize, Parameter};
pub use variable::Variable;
