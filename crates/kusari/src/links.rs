//! Layers and models with parameters. `use kusari::links as L`.

mod chain_list;
mod sequential;

pub use chain_list::ChainList;
pub use sequential::Sequential;
