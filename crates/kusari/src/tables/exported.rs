//! A table's model as ONNX.

use super::{TableModel, Task, model::mean};
use crate::{Array, DType, Result, Variable, functions as F, onnx::Export};
use serde_json::json;

impl TableModel {
    /// The bytes of an ONNX file of the network. Its input `x` (batch, width) is what
    /// [`Preprocessor::encode`](super::Preprocessor::encode) gives; its output is `probabilities` (batch, classes) or, of
    /// numbers, `values` (batch, columns) in their own units. Columns, classes, preprocessing and the whole description
    /// are in the file's metadata.
    ///
    /// # Errors
    /// As [`Export::bytes`].
    pub fn to_onnx(&self) -> Result<Vec<u8>> {
        let target = self.target();
        let output = if target.task() == Task::Regression { "values" } else { "probabilities" };
        let metadata = [
            ("task", target.task().name().to_string()),
            ("columns", json!(target.columns()).to_string()),
            ("classes", json!(target.classes()).to_string()),
            ("preprocessing", self.preprocessor().to_json().to_string()),
            ("description", self.description()),
        ];
        let export = Export::new().parameters(self.network()).input("x", &self.example()).output(output);
        let export = metadata.iter().fold(export, |export, (key, text)| export.metadata(key, text));
        export.bytes(|x| vec![self.scaled(mean(&self.network().forward(&x[0]), target.task()))])
    }
    /// Numbers in their own units.
    fn scaled(&self, y: Variable) -> Variable {
        let part = |i: usize| {
            let numbers: Vec<f64> = self.target().scale.iter().map(|scale| scale[i]).collect();
            Variable::constant(Array::from(numbers).cast(DType::F32))
        };
        if self.target().scale.is_empty() { y } else { F::add(&F::mul(&y, &part(1)), &part(0)) }
    }
}
