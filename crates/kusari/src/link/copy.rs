//! Copying a model: with shared, equal or new parameters.

use super::Link;
use crate::Parameter;
use kusari_array::Shared;
use std::collections::HashMap;

/// What becomes of the parameters of a copied link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CopyMode {
    /// Both have the same parameters.
    Share,
    /// The copy has parameters of its own with the same values.
    Copy,
    /// The copy has parameters of its own, newly initialised.
    Init,
}

/// Old and new parameter by the old one's address; the old one is kept so that no other can take its address.
type Done = HashMap<usize, (Parameter, Parameter)>;

/// Replaces the parameters and persistent values inside `link` as `mode` says.
pub(crate) fn replace(link: &mut dyn Link, mode: CopyMode) {
    if mode != CopyMode::Share {
        let mut done = HashMap::new();
        down(link, mode, &mut done);
    }
}

fn down(link: &mut dyn Link, mode: CopyMode, done: &mut Done) {
    if let Some(p) = link.as_parameter_mut() {
        let old = p.clone();
        let (_, new) = done.entry(Shared::as_ptr(p.node()) as usize).or_insert_with(|| match mode {
            CopyMode::Init => (old.clone(), old.fresh()),
            _ => (old.clone(), old.deep_copy()),
        });
        *p = new.clone();
    } else if let Some(p) = link.as_persistent_mut() {
        *p = p.deep_copy();
    }
    link.children_mut(&mut |_, child| down(child, mode, done));
}
