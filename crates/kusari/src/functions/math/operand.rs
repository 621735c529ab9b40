//! `Operand`: a variable or a plain number.

use crate::{Parameter, Variable};

/// An argument that may be a variable or a plain number, which takes the dtype of the other argument.
pub enum Operand {
    /// A variable.
    Variable(Variable),
    /// A number.
    Number(f64),
}

impl From<&Variable> for Operand {
    fn from(x: &Variable) -> Operand {
        Operand::Variable(x.clone())
    }
}
impl From<Variable> for Operand {
    fn from(x: Variable) -> Operand {
        Operand::Variable(x)
    }
}
impl From<&Parameter> for Operand {
    fn from(x: &Parameter) -> Operand {
        Operand::Variable(x.get())
    }
}
macro_rules! numbers {
    ($($N:ty)*) => { $(impl From<$N> for Operand {
        fn from(x: $N) -> Operand {
            Operand::Number(x as f64)
        }
    })* };
}
numbers!(f64 f32 i32 i64);
