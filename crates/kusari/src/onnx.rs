//! Models as ONNX files, which other programs run.
//!
//! A model is run three times, with batches of other sizes and other values, while a hook writes down which functions are
//! applied to what. Each function says itself how it is written in ONNX ([`Function::export`](crate::Function::export)).
//! What two runs have in common is the file: a length that differs is one that depends on the batch, and anything else
//! that differs is an error. The third run must be what the file says. Files are of opset 18.
//!
//! ```
//! use kusari::{Array, DType, functions as F, links as L, onnx};
//! let model = L::Sequential::new().add(L::Linear::new(4, 8)).then(F::relu).add(L::Linear::new(8, 3));
//! let path = std::env::temp_dir().join("kusari-doc.onnx");
//! onnx::export(&path, &model, &Array::zeros(&[1, 4], DType::F32))?;
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), kusari::Error>(())
//! ```

mod agree;
mod call;
mod graph;
mod proto;
mod trace;
mod write;

pub(crate) use call::ints;
pub use call::{Attribute, Call, Nodes, Value};

use crate::{Array, DType, Layer, Link, Result, Variable, serializers::replace_bytes, using_config};
use kusari_array::Index;
use std::path::Path;

/// The version of ONNX's operators that files use.
pub const OPSET: i64 = 18;

/// Writes a layer to an ONNX file, with an input `x` whose first axis may have any length and an output `y`.
///
/// # Errors
/// As [`Export::bytes`], and when the file cannot be written.
pub fn export(path: impl AsRef<Path>, model: &dyn Layer, x: &Array) -> Result<()> {
    Export::new().parameters(model).input("x", x).output("y").write(path, |x| vec![model.forward(&x[0])])
}

/// What an ONNX file is made of.
///
/// ```
/// use kusari::{array, functions as F, onnx::Export};
/// let (x, z) = (array![[1.0f32, 2.0]], array![[3.0f32, 4.0]]);
/// let bytes = Export::new().input("x", &x).input("z", &z).output("product").bytes(|x| vec![F::mul(&x[0], &x[1])])?;
/// assert!(bytes.len() > 50);
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Export<'a> {
    model: Option<&'a dyn Link>,
    inputs: Vec<(String, Array)>,
    outputs: Vec<String>,
    metadata: Vec<(String, String)>,
    fixed: bool,
}

impl<'a> Export<'a> {
    /// A file of nothing yet.
    pub fn new() -> Export<'a> {
        Export::default()
    }
    /// Names the constants of the file that are parameters and persistent values of `model` by their paths.
    #[must_use]
    pub fn parameters(mut self, model: &'a dyn Link) -> Export<'a> {
        self.model = Some(model);
        self
    }
    /// An input with a value as example, whose first axis is the batch.
    #[must_use]
    pub fn input(mut self, name: &str, example: &Array) -> Export<'a> {
        self.inputs.push((name.to_string(), example.clone()));
        self
    }
    /// The name of the next output; those without one are called `y0`, `y1`, ….
    #[must_use]
    pub fn output(mut self, name: &str) -> Export<'a> {
        self.outputs.push(name.to_string());
        self
    }
    /// A pair of texts that the file carries for whoever reads it.
    #[must_use]
    pub fn metadata(mut self, key: &str, value: &str) -> Export<'a> {
        self.metadata.push((key.to_string(), value.to_string()));
        self
    }
    /// Leaves all lengths as the examples have them, the batch's too.
    #[must_use]
    pub fn fixed_batch(mut self) -> Export<'a> {
        self.fixed = true;
        self
    }
    /// The bytes of the ONNX file of what `forward` computes from the inputs, as a finished model (see
    /// [`inference_mode`](crate::inference_mode)). It is called three times, with other values and batches: a model with a
    /// state must be reset in it.
    ///
    /// # Errors
    /// When a function has no form in ONNX, with its name and the line that applied it; when what is computed depends
    /// on the values of the inputs in any other way than through functions, as far as the runs show it; when the file would
    /// exceed the 2 GiB that the format allows.
    pub fn bytes(&self, forward: impl Fn(&[Variable]) -> Vec<Variable>) -> Result<Vec<u8>> {
        let run = |number: usize, change: Change| {
            let x: Vec<Array> = self.inputs.iter().map(|(_, x)| self.example(x, number, change)).collect();
            trace::trace(&x, &forward)
        };
        let first = run(0, Change::None);
        // What is cast may be places in a table: below 0 there is none.
        let change = if first.casts_inputs() { Change::Little } else { Change::Sign };
        let graph = agree::agreed([first, run(1, Change::Little)])?;
        let third = {
            // A logarithm may well be NaN there.
            let _guard = using_config(|c| c.debug = false);
            run(2, change)
        };
        agree::holds(&graph, &third, BATCHES[2])?;
        write::model(&graph, self)
    }
    /// Writes [`bytes`](Export::bytes) to a file, which is replaced as a whole or not at all.
    ///
    /// # Errors
    /// As `bytes`, and when the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>, forward: impl Fn(&[Variable]) -> Vec<Variable>) -> Result<()> {
        replace_bytes(path.as_ref(), &self.bytes(forward)?)
    }
    /// The input of a run: the example with some change, and another length of the batch.
    fn example(&self, x: &Array, run: usize, change: Change) -> Array {
        let batched = !self.fixed && x.ndim() > 0 && x.shape()[0] > 0;
        let n = if batched { BATCHES[run] } else { x.shape().first().copied().unwrap_or(0) };
        let x = match batched {
            true => {
                let rows: Vec<i64> = (0..n).map(|i| (i % x.shape()[0]) as i64).collect();
                x.index_get(&[Index::Array(Array::from_slice(&[n], &rows))])
            }
            false => x.copy(),
        };
        match (change, x.dtype()) {
            (Change::None, _) => x,
            (Change::Little, DType::F32 | DType::F64) => x.mul_scalar(1.0 + 1.0 / 4096.0).add_scalar(1.0 / 64.0),
            (Change::Sign, DType::F32 | DType::F64) => x.mul_scalar(-1.0 - 1.0 / 64.0).add_scalar(-1.0 / 64.0),
            _ => x.flip(&(0..x.ndim()).collect::<Vec<_>>()).copy(),
        }
    }
}

/// How a run's inputs differ from the examples; integers are turned round.
#[derive(Clone, Copy)]
enum Change {
    None,
    /// Little: cast to integers, they stay the same.
    Little,
    /// Also in sign, so that comparisons come out differently.
    Sign,
}

/// The lengths of the batch in the three runs. The first two say how lengths depend on it, which the third confirms.
const BATCHES: [usize; 3] = [2, 3, 5];
