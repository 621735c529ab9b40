//! `Link`: a tree of named parameters.

mod containers;
mod copy;
mod found;
mod persistent;
mod summary;

use crate::{Parameter, Variable};
pub use copy::CopyMode;
pub use persistent::Persistent;
use std::collections::BTreeMap;
pub use summary::summary;

/// Anything that has parameters: a layer, a whole model, a parameter itself, and vectors, options and boxes of those.
///
/// A model is a plain struct; [`link!`](crate::link!) lists its fields, and forgetting one does not compile:
///
/// ```
/// use kusari::{Link, Variable, array, functions as F, link, links as L};
/// #[derive(Clone)]
/// struct Mlp { hidden: L::Linear, out: L::Linear }
/// link!(Mlp { hidden, out });
/// impl Mlp {
///     fn forward(&self, x: &Variable) -> Variable {
///         self.out.forward(&F::relu(&self.hidden.forward(x)))
///     }
/// }
/// let model = Mlp { hidden: L::Linear::new(2, 4), out: L::Linear::new(4, 1) };
/// assert_eq!(model.count_params(), 17);
/// assert_eq!(model.namedparams()[0].0, "/hidden/W");
/// ```
pub trait Link: Send + Sync {
    /// Calls `f` with the name and the value of each child, in the order of declaration.
    fn children<'a>(&'a self, f: &mut dyn FnMut(&str, &'a dyn Link));
    /// The same, mutably.
    fn children_mut(&mut self, f: &mut dyn FnMut(&str, &mut dyn Link));
    /// The name of the type, for people.
    fn kind(&self) -> &str;
    /// The settings in a few words, such as `784 → 1000`, for people.
    fn describe(&self) -> String {
        String::new()
    }
    /// This link as a parameter, if it is one.
    fn as_parameter(&self) -> Option<&Parameter> {
        None
    }
    /// This link as a parameter that can be replaced, if it is one.
    fn as_parameter_mut(&mut self) -> Option<&mut Parameter> {
        None
    }
    /// This link as a persistent value, if it is one.
    fn as_persistent(&self) -> Option<&Persistent> {
        None
    }
    /// This link as a persistent value that can be replaced, if it is one.
    fn as_persistent_mut(&mut self) -> Option<&mut Persistent> {
        None
    }

    /// All parameters with their paths, such as `/predictor/l1/W`; a shared one once, by its first path.
    fn namedparams(&self) -> Vec<(String, Parameter)> {
        found::parameters(&|f| walk(self, f))
    }
    /// All parameters; a shared one once.
    fn params(&self) -> Vec<Parameter> {
        found::without_paths(self.namedparams())
    }
    /// All persistent values (running statistics) with their paths.
    fn namedpersistents(&self) -> Vec<(String, Persistent)> {
        found::persistents(&|f| walk(self, f))
    }
    /// The paths and kinds of all links inside, this one (path `/`) first; parameters and persistent values left out.
    fn namedlinks(&self) -> Vec<(String, String)> {
        found::links(&|f| walk(self, f))
    }
    /// The number of elements of all parameters that have a value; shared ones count once.
    fn count_params(&self) -> usize {
        found::count(&self.namedparams())
    }
    /// Forgets all gradients.
    fn cleargrads(&self) {
        found::each(&self.namedparams(), Parameter::cleargrad);
    }
    /// The gradients by path, of those parameters that have one.
    fn grads(&self) -> BTreeMap<String, Variable> {
        found::grads(self.namedparams())
    }
    /// Keeps optimisers from changing any parameter inside.
    fn disable_update(&self) {
        found::each(&self.namedparams(), Parameter::disable_update);
    }
    /// Lets optimisers change all parameters inside.
    fn enable_update(&self) {
        found::each(&self.namedparams(), Parameter::enable_update);
    }
    /// Copies the values of all parameters of `other`, which must have the same paths.
    ///
    /// # Panics
    /// When a path or a shape differs.
    #[track_caller]
    fn copyparams(&self, other: &dyn Link) {
        found::copy_values(self.namedparams(), other.namedparams());
    }
    /// A copy: sharing the parameters, with the same values, or newly initialised. Parameters that are shared inside
    /// the model stay shared inside the copy.
    fn copy(&self, mode: CopyMode) -> Self
    where
        Self: Sized + Clone,
    {
        let mut copy = self.clone();
        copy::replace(&mut copy, mode);
        copy
    }
}

/// A layer with one input and one output, as [`Sequential`](crate::links::Sequential) takes them.
pub trait Layer: Link + CloneLayer {
    /// Applies the layer.
    fn forward(&self, x: &Variable) -> Variable;
}

/// Lets a boxed [`Layer`] be cloned; every layer that is `Clone` has it.
pub trait CloneLayer {
    /// A clone, which shares the parameters.
    fn clone_layer(&self) -> Box<dyn Layer>;
}
impl<L: Layer + Clone + 'static> CloneLayer for L {
    fn clone_layer(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
impl Clone for Box<dyn Layer> {
    fn clone(&self) -> Self {
        (**self).clone_layer()
    }
}

/// What a walk sees of a link.
struct Seen<'a> {
    parameter: Option<&'a Parameter>,
    persistent: Option<&'a Persistent>,
    kind: &'a str,
}

fn walk(root: &(impl Link + ?Sized), f: &mut dyn FnMut(&str, Seen)) {
    fn down(path: &str, link: &dyn Link, f: &mut dyn FnMut(&str, Seen)) {
        f(path, Seen { parameter: link.as_parameter(), persistent: link.as_persistent(), kind: link.kind() });
        link.children(&mut |name, child| down(&format!("{path}/{name}"), child, f));
    }
    let here = Seen { parameter: root.as_parameter(), persistent: root.as_persistent(), kind: root.kind() };
    f("", here);
    root.children(&mut |name, child| down(&format!("/{name}"), child, f));
}

/// Implements [`Link`] and `Display` for a struct by listing its fields: children first, then, after a semicolon,
/// plain settings. The list must be complete. `field as "W"` gives a child another name; items in a second pair of
/// braces (such as `fn describe`) are added to the implementation.
///
/// `link!(Mlp { l1, l2 });`, `link!(Linear { w as "W", b as "b"; out_size });`,
/// `link!(impl<M: Link> Wrapped<M> { inner; scale });`
///
/// ```
/// use kusari::{Link, link, links as L};
/// struct Wrapped<M> { inner: M, scale: f64 }
/// link!(impl<M: Link> Wrapped<M> { inner; scale });
/// let model = Wrapped { inner: L::Linear::new(2, 3), scale: 2.0 };
/// assert_eq!(model.namedparams()[1].0, "/inner/b");
/// assert_eq!(model.scale, 2.0);
/// ```
#[macro_export]
macro_rules! link {
    (@name $child:ident) => { stringify!($child) };
    (@name $child:ident $name:literal) => { $name };
    (@impl ($($generics:tt)*) ($($Type:tt)*) $T:ident {
        $($child:ident $(as $name:literal)?),* $(,)? $(; $($plain:ident),* $(,)?)?
    } $({ $($item:item)* })?) => {
        impl $($generics)* $crate::Link for $($Type)* {
            fn kind(&self) -> &str { stringify!($T) }
            #[allow(unused_variables)]
            fn children<'link>(&'link self, f: &mut dyn FnMut(&str, &'link dyn $crate::Link)) {
                let Self { $($child,)* $($($plain: _,)*)? } = self;
                $(f($crate::link!(@name $child $($name)?), $child);)*
            }
            #[allow(unused_variables)]
            fn children_mut(&mut self, f: &mut dyn FnMut(&str, &mut dyn $crate::Link)) {
                let Self { $($child,)* $($($plain: _,)*)? } = self;
                $(f($crate::link!(@name $child $($name)?), $child);)*
            }
            $($($item)*)?
        }
        impl $($generics)* std::fmt::Display for $($Type)* {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { f.write_str(&$crate::summary(self)) }
        }
    };
    (impl<$($G:ident: $B:path),+> $T:ident<$($A:ident),+> $($rest:tt)*) => {
        $crate::link!(@impl (<$($G: $B),+>) ($T<$($A),+>) $T $($rest)*);
    };
    ($T:ident $($rest:tt)*) => { $crate::link!(@impl () ($T) $T $($rest)*); };
}
