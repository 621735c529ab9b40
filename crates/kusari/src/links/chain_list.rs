//! `ChainList`: links by number.

use crate::Link;
use std::ops::{Deref, DerefMut};

/// A list of links of one type, named by their numbers: `/0/W`, `/1/W`, …
///
/// ```
/// use kusari::{Link, links as L};
/// let layers: L::ChainList<L::Linear> = (0..3).map(|_| L::Linear::new(4, 4)).collect();
/// assert_eq!(layers.namedparams()[2].0, "/1/W");
/// ```
#[derive(Clone, Default)]
pub struct ChainList<L> {
    links: Vec<L>,
}

impl<L: Link> Link for ChainList<L> {
    fn children<'a>(&'a self, f: &mut dyn FnMut(&str, &'a dyn Link)) {
        self.links.children(f);
    }
    fn children_mut(&mut self, f: &mut dyn FnMut(&str, &mut dyn Link)) {
        self.links.children_mut(f);
    }
    fn kind(&self) -> &str {
        "ChainList"
    }
}
impl<L> ChainList<L> {
    /// An empty list.
    pub fn new() -> ChainList<L> {
        ChainList { links: Vec::new() }
    }
    /// Appends a link.
    pub fn add_link(&mut self, link: L) {
        self.links.push(link);
    }
}
impl<L> Deref for ChainList<L> {
    type Target = Vec<L>;
    fn deref(&self) -> &Vec<L> {
        &self.links
    }
}
impl<L> DerefMut for ChainList<L> {
    fn deref_mut(&mut self) -> &mut Vec<L> {
        &mut self.links
    }
}
impl<L> FromIterator<L> for ChainList<L> {
    fn from_iter<I: IntoIterator<Item = L>>(links: I) -> ChainList<L> {
        ChainList { links: links.into_iter().collect() }
    }
}
impl<L> From<Vec<L>> for ChainList<L> {
    fn from(links: Vec<L>) -> ChainList<L> {
        ChainList { links }
    }
}
