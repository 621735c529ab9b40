//! A model of pictures as ONNX.

use super::ImageModel;
use crate::{Result, functions as F, onnx::Export};
use serde_json::json;

impl ImageModel {
    /// The bytes of an ONNX file of the network. Its input `x` (batch, channels, size, size) holds squares of pixels as
    /// `(v / 255 − mean) / deviation`, its output is `probabilities` (batch, classes). Classes, preprocessing and the whole
    /// description are in the file's metadata.
    ///
    /// # Errors
    /// As [`Export::bytes`].
    pub fn to_onnx(&self) -> Result<Vec<u8>> {
        Export::new()
            .parameters(self.network())
            .input("x", &self.example())
            .output("probabilities")
            .metadata("task", "classification")
            .metadata("classes", &json!(self.classes()).to_string())
            .metadata("preprocessing", &self.preprocessing().to_json().to_string())
            .metadata("description", &self.description())
            .bytes(|x| vec![F::softmax(&self.network().forward(&x[0]), 1)])
    }
}
