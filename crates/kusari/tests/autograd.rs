//! The engine: what is recorded, what is kept, what is freed.

mod deferred;
mod forget;
mod gradients_kept;
mod graph;
mod higher_order;
mod modes;
mod user_functions;
