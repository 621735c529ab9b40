//! `binary!`: the short form of a function of two variables.

/// Defines a function of two variables that broadcast, and its struct: its name, what `check` asks of the dtypes, what is
/// kept, and the gradients.
macro_rules! binary {
    ($(#[$meta:meta])* $name:ident, $F:ident, $dtypes:ident, |$needs:ident| $keep:expr, |$ctx:ident, $gy:ident| $backward:expr, |$call:ident| $onnx:expr $(, consume $consume:expr)?) => {
        $(#[$meta])*
        ///
        /// # Panics
        /// When the shapes do not broadcast, or the dtypes differ (use `cast`).
        #[track_caller]
        #[inline]
        pub fn $name(a: &$crate::Variable, b: &$crate::Variable) -> $crate::Variable {
            $crate::Function::apply1($F, &[a, b])
        }
        struct $F;
        impl $crate::Function for $F {
            fn name(&self) -> &str {
                stringify!($name)
            }
            fn keep(&self, $needs: $crate::Needs) -> $crate::Keep {
                $keep
            }
            fn check(&self, x: &[&$crate::Array]) -> $crate::Result<()> {
                if x[0].shape() != x[1].shape() {
                    $crate::error::check::broadcast(self.name(), x[0], x[1])?;
                }
                $crate::error::check::$dtypes(self.name(), x)
            }
            fn forward(&self, x: &[&$crate::Array]) -> $crate::Outputs {
                x[0].$name(x[1]).into()
            }
            fn backward(&self, $ctx: &$crate::Context, gy: &[$crate::Variable]) -> $crate::Grads {
                let $gy = &gy[0];
                $backward
            }
            $(fn consume(&self, ctx: &$crate::Context, gy: smallvec::SmallVec<[$crate::Variable; 1]>) -> $crate::Grads {
                $consume(ctx, gy)
            })?
            fn export(&self, $call: &$crate::onnx::Call) -> $crate::onnx::Nodes {
                $onnx
            }
        }
    };
}
pub(super) use binary;
