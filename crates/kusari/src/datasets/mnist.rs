//! Handwritten digits: ten thousand of them embedded, all of them from a folder, and other data in the same format.

use super::TupleDataset;
use crate::{Array, DType, Error, Result, memory};
use flate2::read::GzDecoder;
use std::{
    io::Read,
    path::{Path, PathBuf},
};

/// Images as a batch's `x`, labels 0 to 9 (`int32`) as its `t`.
pub type Digits = TupleDataset<(Array, Array)>;

/// How the images are given.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Images {
    /// Axes of an image: 1 gives (784,), 2 gives (28, 28), 3 gives (1, 28, 28). Default: 1.
    pub ndim: usize,
    /// The value of white; black is 0. Default: 1.
    pub scale: f64,
    /// The dtype of the pixels. Default: `float32`.
    pub dtype: DType,
}

impl Default for Images {
    fn default() -> Images {
        Images { ndim: 1, scale: 1.0, dtype: DType::F32 }
    }
}

/// A part of the data: its name, and the names of its two files.
const TRAIN: [&str; 2] = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"];
const TEST: [&str; 2] = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// The embedded digits, 8,000 for training and 2,000 for testing (LeCun, Cortes and Burges, CC BY-SA 3.0): the first
/// 10,000 of MNIST's training images.
///
/// ```
/// use kusari::{Dataset, datasets::{Images, get_mnist}};
/// let (train, test) = get_mnist(Images { ndim: 3, ..Images::default() });
/// assert_eq!((train.len(), test.len()), (8000, 2000));
/// assert_eq!(train.batch(&[0, 1])?.x.shape()[..], [2, 1, 28, 28]);
/// # Ok::<(), kusari::Error>(())
/// ```
pub fn get_mnist(images: Images) -> (Digits, Digits) {
    macro_rules! embedded {
        ($name:literal) => {
            (PathBuf::from($name), include_bytes!(concat!("../../assets/mnist10k/", $name, ".gz")).to_vec())
        };
    }
    let part = |files| digits(files, images).expect("the embedded digits are whole");
    let train = [embedded!("train-images-idx3-ubyte"), embedded!("train-labels-idx1-ubyte")];
    let test = [embedded!("t10k-images-idx3-ubyte"), embedded!("t10k-labels-idx1-ubyte")];
    (part(train), part(test))
}

/// Training and test part from a folder with MNIST's four files, gzipped or not: MNIST itself (60,000 and 10,000),
/// Fashion-MNIST, Kuzushiji-MNIST.
///
/// # Errors
/// When a file is missing or damaged.
pub fn load_mnist(folder: impl AsRef<Path>, images: Images) -> Result<(Digits, Digits)> {
    let part = |names: [&str; 2]| {
        let [x, t] = names.map(|name| find(folder.as_ref(), name));
        digits([x?, t?], images)
    };
    Ok((part(TRAIN)?, part(TEST)?))
}

/// Whether a folder holds one of MNIST's four files.
pub fn is_mnist(folder: &Path) -> bool {
    TRAIN
        .iter()
        .chain(&TEST)
        .any(|name| [name.to_string(), format!("{name}.gz")].iter().any(|f| folder.join(f).is_file()))
}

/// A file under its own name or with `.gz`.
fn find(folder: &Path, name: &str) -> Result<(PathBuf, Vec<u8>)> {
    let plain = folder.join(name);
    let path = if plain.is_file() { plain } else { folder.join(format!("{name}.gz")) };
    let bytes = memory::read(&path, 1)?;
    Ok((path, bytes))
}

fn digits([(x_path, x), (t_path, t)]: [(PathBuf, Vec<u8>); 2], images: Images) -> Result<Digits> {
    let (x, t) = (idx(&x_path, x)?, idx(&t_path, t)?);
    let &[n, h, w] = &x.shape()[..] else {
        return Err(Error::format(x_path, format_args!("expected images (n, height, width), got shape {}", x.shape())));
    };
    if t.shape()[..] != [n] {
        return Err(Error::format(
            t_path,
            format_args!("expected a label for each of {n} images, got shape {}", t.shape()),
        ));
    }
    let shape = match images.ndim {
        1 => vec![n, h * w],
        2 => vec![n, h, w],
        3 => vec![n, 1, h, w],
        other => return Err(Error::invalid("get_mnist", "images of 1, 2 or 3 axes", other)),
    };
    let x = x.reshape(&shape).cast(images.dtype).mul_scalar(images.scale / 255.0);
    Ok(TupleDataset::new(x, t.cast(DType::I32)))
}

/// The bytes of an IDX file, gzipped or not, as an array (<http://yann.lecun.com/exdb/mnist/>): two zeros, the type of
/// the elements (8: unsigned bytes), the number of axes, their lengths as big-endian 32-bit numbers, the elements.
fn idx(path: &Path, bytes: Vec<u8>) -> Result<Array> {
    let damaged = |what: String| Error::format(path, what);
    let zipped = bytes.starts_with(&[0x1f, 0x8b]);
    let mut rest: Box<dyn Read> = if zipped { Box::new(GzDecoder::new(&bytes[..])) } else { Box::new(&bytes[..]) };
    // What a file that is cut off or cannot be unzipped lacks is missed below.
    let mut take = |n: u64| {
        let mut part = Vec::new();
        match (&mut rest).take(n).read_to_end(&mut part) {
            Err(e) if zipped => Err(damaged(format!("cannot be unzipped: {e}"))),
            _ => Ok(part),
        }
    };
    let &[0, 0, 8, ndim] = &take(4)?[..] else {
        return Err(damaged("is not an IDX file of unsigned bytes: it must begin with 00 00 08".to_string()));
    };
    let lengths = take(4 * ndim as u64)?;
    if lengths.len() < 4 * ndim as usize {
        return Err(damaged(format!("ends within the lengths of its {ndim} axes")));
    }
    let shape: Vec<usize> = lengths.as_chunks::<4>().0.iter().map(|&b| u32::from_be_bytes(b) as usize).collect();
    let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d)).filter(|_| (1..=4).contains(&ndim));
    let Some(count) = count else {
        return Err(damaged(format!("expected 1 to 4 axes whose elements can be counted, got shape {shape:?}")));
    };
    memory::allow(path, count as u64)?;
    let elements = take(count as u64 + 1)?;
    if elements.len() != count {
        let got = if elements.len() > count { "more".to_string() } else { elements.len().to_string() };
        return Err(damaged(format!("expected {count} elements for shape {shape:?}, got {got}")));
    }
    Ok(Array::from_vec(&shape, elements))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> String {
        idx(Path::new("t10k"), bytes.to_vec()).err().map_or(String::new(), |e| e.to_string())
    }

    #[test]
    fn damaged_files_are_named() {
        assert_eq!(message(b"hello"), "t10k: is not an IDX file of unsigned bytes: it must begin with 00 00 08");
        assert_eq!(message(&[0, 0, 8, 2, 0, 0]), "t10k: ends within the lengths of its 2 axes");
        assert_eq!(message(&[0, 0, 8, 1, 0, 0, 0, 3, 7, 7]), "t10k: expected 3 elements for shape [3], got 2");
        assert_eq!(message(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 7]), "");
        assert_eq!(message(&[0, 0, 8, 1, 0, 0, 0, 1, 7, 7]), "t10k: expected 1 elements for shape [1], got more");
        assert!(message(&[0x1f, 0x8b, 8, 0]).starts_with("t10k: cannot be unzipped: "));
        let many = message(&[0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 255]);
        assert!(many.contains("expected 1 to 4 axes") || many.contains("of memory"), "{many}");
    }

    #[test]
    fn pixels_and_labels_are_in_range() {
        let (train, test) = get_mnist(Images::default());
        let all = |data: &Digits| crate::Dataset::batch(data, &(0..2000).collect::<Vec<_>>()).unwrap();
        for batch in [all(&train), all(&test)] {
            assert_eq!(batch.x.shape()[..], [2000, 784]);
            assert!(batch.x.array().to_vec::<f32>().iter().all(|v| (0.0..=1.0).contains(v)));
            assert_eq!(
                batch.t.array().to_vec::<i32>().iter().copied().collect::<std::collections::BTreeSet<_>>().len(),
                10
            );
        }
    }
}
