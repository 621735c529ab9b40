//! What the methods of [`Link`](super::Link) do with the parameters they find: not generic, so that it is compiled once
//! and not for every link.

use super::{Persistent, Seen};
use crate::{Parameter, Variable};
use kusari_array::Shared;
use std::collections::{BTreeMap, HashSet};

/// A walk over a link and all below it.
type Walk<'a> = &'a dyn Fn(&mut dyn FnMut(&str, Seen));
/// Parameters with their paths.
type Named = Vec<(String, Parameter)>;

pub(super) fn parameters(walk: Walk) -> Named {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    walk(&mut |path, link| {
        if let Some(p) = link.parameter
            && seen.insert(Shared::as_ptr(p.node()))
        {
            found.push((path.to_string(), p.clone()));
        }
    });
    found
}

pub(super) fn persistents(walk: Walk) -> Vec<(String, Persistent)> {
    let mut found = Vec::new();
    walk(&mut |path, link| {
        if let Some(p) = link.persistent {
            found.push((path.to_string(), p.clone()));
        }
    });
    found
}

pub(super) fn links(walk: Walk) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&mut |path, link| {
        if link.parameter.is_none() && link.persistent.is_none() {
            found.push((if path.is_empty() { "/" } else { path }.to_string(), link.kind.to_string()));
        }
    });
    found
}

pub(super) fn without_paths(named: Named) -> Vec<Parameter> {
    named.into_iter().map(|(_, p)| p).collect()
}

pub(super) fn count(named: &[(String, Parameter)]) -> usize {
    named.iter().filter_map(|(_, p)| p.shape()).map(|s| s.count()).sum()
}

pub(super) fn each(named: &[(String, Parameter)], f: fn(&Parameter)) {
    named.iter().for_each(|(_, p)| f(p));
}

pub(super) fn grads(named: Named) -> BTreeMap<String, Variable> {
    named.into_iter().filter_map(|(path, p)| Some((path, p.grad()?))).collect()
}

#[track_caller]
pub(super) fn copy_values(mine: Named, theirs: Named) {
    let theirs: BTreeMap<String, Parameter> = theirs.into_iter().collect();
    for (path, p) in mine {
        let Some(q) = theirs.get(&path) else {
            panic!("copyparams: expected a parameter {path} in the other link, got none")
        };
        if q.is_initialized() {
            p.set(q.array());
        }
    }
}
