//! ONNX files: of every row of the gradient table, and of models whose batch may have any length.
//!
//! Here their structure is checked. With the variable `KUSARI_ONNX` set to a folder, each file is also written there,
//! with inputs and outputs beside it as npz: `tools/onnx/check.py` runs them in onnxruntime and compares.

mod models;
mod reader;

use crate::gradients::{families, row};
use kusari::{
    Array, DType, Variable, array, functions as F, inference_mode, links as L,
    onnx::{self, Export},
    serializers::{Entries, Value, write_npz},
    tables::{Lesson, Settings, Table},
    text,
};
use reader::File;
use std::path::PathBuf;

/// Functions of the table that have no form in ONNX: losses and scores, which training alone needs.
const WITHOUT: [&str; 8] = [
    "softmax_cross_entropy",
    "sigmoid_cross_entropy",
    "mean_squared_error",
    "huber_loss",
    "hinge",
    "accuracy",
    "binary_accuracy",
    "r2_score",
];

/// An axis that is repeated no time.
const EMPTY: &str = "tile.none";

/// The bytes, whose structure is looked at, and which are written where `KUSARI_ONNX` says.
fn look_at(name: &str, bytes: &[u8], inputs: &[(&str, Array)], outputs: &[Variable]) {
    let file = File::read(bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(file.inputs, inputs.iter().map(|x| x.0).collect::<Vec<_>>(), "{name}");
    assert_eq!(file.outputs.len(), outputs.len(), "{name}");
    let Some(folder) = std::env::var_os("KUSARI_ONNX").map(PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.onnx")), bytes).unwrap();
    let mut entries = Entries::new();
    for (key, x) in inputs {
        entries.insert(format!("in/{key}"), Value::Array(x.clone()));
    }
    for (key, y) in file.outputs.iter().zip(outputs) {
        entries.insert(format!("out/{key}"), Value::Array(y.array().clone()));
    }
    write_npz(folder.join(format!("{name}.npz")), &entries).unwrap();
}

#[test]
fn every_function_of_the_table() {
    let (cases, mut without) = (row::cases(), Vec::new());
    let (mut number, mut written) = (0, 0);
    for row in families::ALL.iter().flat_map(|(_, rows)| rows()) {
        number += 1;
        let inputs = match (&row.inputs, cases.get(row.name)) {
            (Some(inputs), _) => inputs.clone(),
            (None, case) => case.expect("a recorded case").inputs.values().cloned().collect(),
        };
        let single = |x: &Array| if x.dtype().is_float() { x.cast(DType::F32) } else { x.clone() };
        let inputs: Vec<Array> = inputs.iter().map(single).collect();
        // Functions that look at integers as numbers of the program keep those.
        let write = |all| write_row(&format!("{number:03}-{}", row.name), &row, &inputs, all);
        match write(true).or_else(|_| write(false)) {
            Ok(()) => written += 1,
            Err(e) => without.push((row.name, e)),
        }
    }
    println!("{written} of {number} rows have a form in ONNX");
    let function = |name: &str| name.split('.').next().unwrap_or_default().to_string();
    let surprising: Vec<_> =
        without.iter().filter(|(name, _)| !WITHOUT.contains(&&*function(name)) && *name != EMPTY).collect();
    assert!(surprising.is_empty(), "rows without a form in ONNX:\n{surprising:#?}");
}

/// Writes a row whose inputs are those of the file, but for the integers unless `all`.
fn write_row(name: &str, row: &row::Row, inputs: &[Array], all: bool) -> kusari::Result<()> {
    let names: Vec<String> = (0..inputs.len()).map(|i| format!("x{i}")).collect();
    let given = |x: &Array| all || x.dtype().is_float();
    let own: Vec<(&str, Array)> =
        names.iter().map(String::as_str).zip(inputs.iter().cloned()).filter(|(_, x)| given(x)).collect();
    let everything = |x: &[Variable]| -> Vec<Variable> {
        let mut x = x.iter();
        let next = |input: &Array| match given(input) {
            true => x.next().expect("an input").clone(),
            false => Variable::constant(input.clone()),
        };
        (row.f)(&inputs.iter().map(next).collect::<Vec<_>>())
    };
    let export = own.iter().fold(Export::new().fixed_batch(), |export, (name, x)| export.input(name, x));
    let bytes = export.bytes(everything)?;
    let _inference = inference_mode();
    let x: Vec<Variable> = own.iter().map(|(_, x)| Variable::constant(x.clone())).collect();
    look_at(name, &bytes, &own, &everything(&x));
    Ok(())
}

#[test]
fn models_with_a_batch_of_any_length() {
    for models::Model { name, link, input, forward } in models::all() {
        let export = Export::new().parameters(&*link).input("x", &input(1)).output("y").metadata("name", name);
        let bytes = export.bytes(|x| vec![forward(&x[0])]).unwrap_or_else(|e| panic!("{name}: {e}"));
        let file = File::read(&bytes).unwrap();
        for (path, _) in link.namedparams() {
            assert!(file.initializers.iter().any(|i| *i == path[1..]), "{name}: {path} is not in the file");
        }
        assert_eq!(file.metadata, [("name".to_string(), name.to_string())]);
        let (_inference, x) = (inference_mode(), input(4));
        look_at(name, &bytes, &[("x", x.clone())], &[forward(&Variable::constant(x))]);
    }
}

#[test]
fn trained_models_of_tables() {
    let rows = |y: fn(i32) -> String| -> String {
        (0..80).map(|i| format!("{},k{},2024-01-{:02},{}\n", i % 9, i % 40, i % 28 + 1, y(i))).collect()
    };
    let classes = rows(|i| ["low", "middle", "high"][i as usize % 3].to_string());
    let numbers = rows(|i| format!("{}.5", 100 + i));
    for (name, rows) in [("table_classes", classes), ("table_numbers", numbers)] {
        let table = Table::from_csv(&format!("a,k,d,y\n{rows}")).unwrap();
        let settings = Settings { epochs: Some(2), units: 4, members: Some(2), ..Settings::default() };
        let folder = std::env::temp_dir().join(format!("kusari-test-{}-{name}", std::process::id()));
        let model = Lesson::new(&table, &settings).unwrap().run(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let all: Vec<u32> = (0..table.rows() as u32).collect();
        let x = model.preprocessor().encode(&table, &all).unwrap();
        let (predictions, columns) = (model.predict(&table).unwrap(), model.target().classes().len().max(1));
        let y: Vec<f32> = (0..80 * columns).map(|i| predictions.value(i / columns, i % columns) as f32).collect();
        let bytes = model.to_onnx().unwrap();
        look_at(name, &bytes, &[("x", x)], &[Array::from_slice(&[80, columns], &y).into()]);
        let file = File::read(&bytes).unwrap();
        assert!(file.initializers.iter().any(|name| name == "embeddings/0/W"));
        let keys: Vec<&str> = file.metadata.iter().map(|pair| pair.0.as_str()).collect();
        assert_eq!(keys, ["task", "columns", "classes", "preprocessing", "description"]);
    }
}

#[test]
fn language_models() {
    for kind in text::Kind::ALL {
        let (width, layers) = (Some(8), Some(2));
        let settings = text::Settings { width, layers, heads: 2, length: 12, batch: 4, ..text::Settings::new(kind) };
        let lesson = text::Lesson::new("cats", &"the cat sat on the mat.\n".repeat(9), &settings).unwrap();
        let model = lesson.model();
        let bytes = model.to_onnx().unwrap();
        let tokens = model.tokenizer().encode("the cat sat on the mat.\nthe cat sat ").unwrap();
        let tokens = Array::from_slice(&[3, 12], &tokens[..36]);
        let _inference = inference_mode();
        let y = model.network().forward(&Variable::constant(tokens.clone()));
        look_at(&format!("text_{}", kind.name()), &bytes, &[("tokens", tokens)], &[y]);
    }
}

#[test]
fn what_cannot_be_written_is_named() {
    let x = array![[1.0f32, 2.0], [3.0, 5.0]];
    let export = || Export::new().input("x", &x);
    let message = |f: fn(&Variable) -> Variable| export().bytes(|x| vec![f(&x[0])]).unwrap_err().to_string();
    let none = message(|x| F::softmax_cross_entropy(x, Variable::constant(Array::zeros(&x.shape()[..1], DType::I32))));
    assert!(none.contains("softmax_cross_entropy"), "{none}");
    // A value that leaves the graph and comes back as a number.
    let baked = message(|x| x * x.array().sum(&[0, 1], false).item());
    assert!(
        baked.contains("mul") && baked.contains("onnx.rs") && baked.contains("do not depend on the input"),
        "{baked}"
    );
    let outside = message(|x| Variable::constant(x.array().relu()));
    assert!(outside.contains("output 0"), "{outside}");
    // A mask, and a length that no line through two others gives.
    let masked = message(|x| F::r#where(x.array().gt_scalar(0.0), &(x * 2.0), x));
    assert!(masked.contains("where") && masked.contains("the input"), "{masked}");
    let squared = message(|x| F::broadcast_to(&F::sum(x, ()), &[x.shape()[0].pow(2)]));
    assert!(squared.contains("broadcast_to") && squared.contains("lengths"), "{squared}");
    // Steps that depend on the values.
    let branching = message(|x| if x.array().to_vec::<f32>()[0] == 1.0 { F::relu(x) } else { F::tanh(x) });
    assert!(branching.contains("relu") && branching.contains("the same steps"), "{branching}");
    let chosen = message(|x| {
        let [a, b] = [F::relu(x), F::tanh(x)];
        if x.array().to_vec::<f32>()[0] > 0.0 { a } else { b }
    });
    assert!(chosen.contains("an output"), "{chosen}");
}

#[test]
fn what_is_not_needed_is_left_out() {
    let model = L::Linear::new(3, 2);
    let bytes = Export::new()
        .parameters(&model)
        .input("x", &Array::zeros(&[1, 3], DType::F32))
        .bytes(|x| {
            F::softmax_cross_entropy(&x[0], Variable::constant(Array::zeros(&[x[0].shape()[0]], DType::I32)));
            vec![model.forward(&x[0]), x[0].clone()]
        })
        .unwrap();
    let file = File::read(&bytes).unwrap();
    assert_eq!(file.operators, ["Gemm", "Identity"]);
    assert_eq!(file.outputs, ["y0", "y1"]);
}

#[test]
fn a_file_is_replaced_as_a_whole() {
    let path = std::env::temp_dir().join(format!("kusari-onnx-{}", std::process::id()));
    let model = L::Sequential::new().add(L::Linear::new(3, 2)).then(F::relu);
    onnx::export(&path, &model, &Array::zeros(&[1, 3], DType::F32)).unwrap();
    let file = File::read(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(file.initializers, ["0/W", "0/b"]);
    assert_eq!(file.operators, ["Gemm", "Relu"]);
    assert!(onnx::export(path.join("x"), &model, &Array::zeros(&[1, 3], DType::F32)).is_err());
}
