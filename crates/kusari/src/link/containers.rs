//! Parameters and persistent values are links, and so are vectors, arrays, options, boxes, `Arc`s and tuples of links.

use super::{Layer, Link, Persistent};
use crate::Parameter;
use std::sync::Arc;

type Each<'f, 'a> = &'f mut dyn FnMut(&str, &'a dyn Link);
type EachMut<'f> = &'f mut dyn FnMut(&str, &mut dyn Link);

impl Link for Parameter {
    fn children<'a>(&'a self, _: Each<'_, 'a>) {}
    fn children_mut(&mut self, _: EachMut) {}
    fn kind(&self) -> &str {
        "Parameter"
    }
    fn as_parameter(&self) -> Option<&Parameter> {
        Some(self)
    }
    fn as_parameter_mut(&mut self) -> Option<&mut Parameter> {
        Some(self)
    }
}
impl Link for Persistent {
    fn children<'a>(&'a self, _: Each<'_, 'a>) {}
    fn children_mut(&mut self, _: EachMut) {}
    fn kind(&self) -> &str {
        "Persistent"
    }
    fn as_persistent(&self) -> Option<&Persistent> {
        Some(self)
    }
    fn as_persistent_mut(&mut self) -> Option<&mut Persistent> {
        Some(self)
    }
}

/// A link that stands for the one inside.
macro_rules! transparent {
    (impl<$G:ident: $B:path> $T:ty, $kind:literal, |$s:ident| $get:expr, |$m:ident| $get_mut:expr) => {
        impl<$G: $B> Link for $T {
            fn children<'a>(&'a self, f: Each<'_, 'a>) {
                let $s = self;
                if let Some(link) = $get {
                    link.children(f);
                }
            }
            fn children_mut(&mut self, f: EachMut) {
                let $m = self;
                if let Some(link) = $get_mut {
                    link.children_mut(f);
                }
            }
            fn kind(&self) -> &str {
                let $s = self;
                $get.map_or($kind, |link| link.kind())
            }
            fn describe(&self) -> String {
                let $s = self;
                $get.map_or(String::new(), |link| link.describe())
            }
            fn as_parameter(&self) -> Option<&Parameter> {
                let $s = self;
                $get.and_then(|link| link.as_parameter())
            }
            fn as_parameter_mut(&mut self) -> Option<&mut Parameter> {
                let $m = self;
                $get_mut.and_then(|link| link.as_parameter_mut())
            }
            fn as_persistent(&self) -> Option<&Persistent> {
                let $s = self;
                $get.and_then(|link| link.as_persistent())
            }
            fn as_persistent_mut(&mut self) -> Option<&mut Persistent> {
                let $m = self;
                $get_mut.and_then(|link| link.as_persistent_mut())
            }
        }
    };
}
/// A link of a type that can be cloned.
pub trait CloneLink: Link + Clone {}
impl<L: Link + Clone> CloneLink for L {}

transparent!(impl<L: Link> Option<L>, "None", |s| s.as_ref(), |m| m.as_mut());
transparent!(impl<L: Link> Box<L>, "Box", |s| Some(&**s), |m| Some(&mut **m));
// A shared link that is changed (by `copy`) becomes one of its own.
transparent!(impl<L: CloneLink> Arc<L>, "Arc", |s| Some(&**s), |m| Some(Arc::make_mut(m)));

impl Link for Box<dyn Layer> {
    fn children<'a>(&'a self, f: Each<'_, 'a>) {
        (**self).children(f);
    }
    fn children_mut(&mut self, f: EachMut) {
        (**self).children_mut(f);
    }
    fn kind(&self) -> &str {
        (**self).kind()
    }
    fn describe(&self) -> String {
        (**self).describe()
    }
}

/// A link whose children are numbered.
macro_rules! numbered {
    ($(impl<$G:ident: $B:path $(, const $N:ident: usize)?> $T:ty, $kind:literal;)*) => { $(
        impl<$G: $B $(, const $N: usize)?> Link for $T {
            fn children<'a>(&'a self, f: Each<'_, 'a>) {
                for (i, link) in self.iter().enumerate() {
                    f(&i.to_string(), link);
                }
            }
            fn children_mut(&mut self, f: EachMut) {
                for (i, link) in self.iter_mut().enumerate() {
                    f(&i.to_string(), link);
                }
            }
            fn kind(&self) -> &str {
                $kind
            }
        }
    )* };
}
numbered! {
    impl<L: Link> Vec<L>, "Vec";
    impl<L: Link, const N: usize> [L; N], "Array";
}

macro_rules! tuple {
    ($($L:ident $i:tt),+) => {
        impl<$($L: Link),+> Link for ($($L,)+) {
            fn children<'a>(&'a self, f: Each<'_, 'a>) {
                $(f(stringify!($i), &self.$i);)+
            }
            fn children_mut(&mut self, f: EachMut) {
                $(f(stringify!($i), &mut self.$i);)+
            }
            fn kind(&self) -> &str {
                "Tuple"
            }
        }
    };
}
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
