//! NumPy's `.npy`: a header that is a Python dictionary, then the elements.
//!
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use super::{
    Value,
    elements::{self, Stored},
};
use kusari_array::{Array, DType};
use std::io::Read;

const MAGIC: &[u8] = b"\x93NUMPY";
/// What NumPy pickles for `numpy.array(None)`: Chainer's parameter without a shape. Written as NumPy 1 does, which all
/// versions read. Nothing is ever unpickled: only exactly these bytes are taken.
const NONE: &[u8] = b"\x80\x03cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85q\x02C\x01bq\x03\x87q\x04Rq\x05(K\x01)cnumpy\ndtype\nq\x06X\x02\x00\x00\x00O8q\x07\x89\x88\x87q\x08Rq\t(K\x03X\x01\x00\x00\x00|q\nNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tq\x0bb\x89]q\x0cNatq\rb.";
const NONE_NUMPY_2: &[u8] = b"\x80\x04\x95\x87\x00\x00\x00\x00\x00\x00\x00\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01)h\x03\x8c\x05dtype\x94\x93\x94\x8c\x02O8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t\x94b\x89]\x94Nat\x94b.";

/// The bytes of the `.npy` file that holds `value`.
pub(super) fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::None => with_header("|O", &[], NONE),
        Value::Text(text) => {
            let letters: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
            with_header(&format!("<U{}", letters.len() / 4), &[], &letters)
        }
        Value::Array(array) => with_header(descr(array.dtype()), array.shape(), &array.to_bytes()),
    }
}

fn descr(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "|b1",
        DType::U8 => "|u1",
        DType::I32 => "<i4",
        DType::I64 => "<i8",
        DType::F16 => "<f2",
        DType::BF16 => "|V2", // NumPy has none: as the package ml_dtypes writes it
        DType::F32 => "<f4",
        DType::F64 => "<f8",
    }
}

fn with_header(descr: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let shape = kusari_array::Shape::new(shape);
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let filled = (MAGIC.len() + 4 + header.len() + 1).next_multiple_of(64);
    header.extend(std::iter::repeat_n(' ', filled - MAGIC.len() - 4 - header.len() - 1));
    header.push('\n');
    let length = u16::try_from(header.len()).expect("a header of at most seven axes is short");
    [MAGIC, &[1, 0], &length.to_le_bytes(), header.as_bytes(), data].concat()
}

/// The value that a `.npy` file holds.
pub(super) fn decode(file: &[u8]) -> Result<Value, String> {
    let mut data = file;
    let Header { descr, fortran_order, shape } = Header::read(&mut data)?;
    if descr == "|O" {
        let none = shape.is_empty() && (data == NONE || data == NONE_NUMPY_2);
        return if none { Ok(Value::None) } else { Err("it holds Python objects, which are not read".to_string()) };
    }
    if let Some(letters) = descr.strip_prefix("<U") {
        return text(letters, &shape, data).map(Value::Text);
    }
    let (stored, swap) = known(&descr)?;
    let expected = elements::byte_count(stored, &shape)?;
    if data.len() != expected {
        return Err(format!("expected {expected} bytes of data, got {}", data.len()));
    }
    let mut data = data.to_vec();
    if swap {
        data.chunks_mut(stored.size()).for_each(<[u8]>::reverse);
    }
    if !fortran_order || shape.len() < 2 {
        return elements::array(stored, &shape, &data).map(Value::Array);
    }
    let reversed: Vec<usize> = shape.iter().rev().copied().collect();
    let axes: Vec<usize> = (0..shape.len()).rev().collect();
    let array: Array = elements::array(stored, &reversed, &data)?;
    Ok(Value::Array(array.transpose(&axes).contiguous()))
}

fn text(letters: &str, shape: &[usize], data: &[u8]) -> Result<String, String> {
    if !shape.is_empty() || letters.parse::<usize>().ok().and_then(|n| n.checked_mul(4)) != Some(data.len()) {
        return Err("expected one text".to_string());
    }
    let letters = data.as_chunks::<4>().0.iter().map(|&b| char::from_u32(u32::from_le_bytes(b)));
    let text: Option<String> = letters.collect();
    text.map(|t| t.trim_end_matches('\0').to_string()).ok_or_else(|| "its text is damaged".to_string())
}

/// What the header of an array of numbers says, for who reads its elements piece by piece.
#[derive(Clone)]
pub(crate) struct Head {
    stored: Stored,
    swap: bool,
    /// Whether the first axis runs fastest.
    pub fortran_order: bool,
    pub shape: Vec<usize>,
}

impl Head {
    /// Reads the header; the elements follow.
    pub(super) fn read(file: &mut impl Read) -> Result<Head, String> {
        let Header { descr, fortran_order, shape } = Header::read(file)?;
        let (stored, swap) = known(&descr)?;
        elements::byte_count(stored, &shape)?;
        Ok(Head { stored, swap, fortran_order, shape })
    }
    /// Bytes of an element.
    pub fn size(&self) -> usize {
        self.stored.size()
    }
    /// The next elements, as an array of this shape.
    pub(super) fn array(&self, file: &mut impl Read, shape: &[usize]) -> Result<Array, String> {
        let mut bytes = vec![0; elements::byte_count(self.stored, shape)?];
        file.read_exact(&mut bytes).map_err(|e| format!("its data: {e}"))?;
        if self.swap {
            bytes.chunks_mut(self.size()).for_each(<[u8]>::reverse);
        }
        elements::array(self.stored, shape, &bytes)
    }
}

fn known(descr: &str) -> Result<(Stored, bool), String> {
    stored(descr).ok_or_else(|| format!("its dtype '{descr}' is not known"))
}

/// The element type that a `descr` names, and whether it is big-endian.
fn stored(descr: &str) -> Option<(Stored, bool)> {
    let (order, kind) = descr.split_at_checked(1)?;
    let swap = match order {
        "<" | "|" | "=" => false,
        ">" => true,
        _ => return None,
    };
    let stored = match kind {
        "b1" | "?" => Stored::Native(DType::Bool),
        "u1" => Stored::Native(DType::U8),
        "i4" => Stored::Native(DType::I32),
        "i8" => Stored::Native(DType::I64),
        "f2" => Stored::Native(DType::F16),
        "V2" => Stored::Native(DType::BF16),
        "f4" => Stored::Native(DType::F32),
        "f8" => Stored::Native(DType::F64),
        "i1" => Stored::I8,
        "i2" => Stored::I16,
        "u2" => Stored::U16,
        "u4" => Stored::U32,
        "u8" => Stored::U64,
        _ => return None,
    };
    Some((stored, swap))
}

#[derive(Default)]
struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    /// Reads all before the elements.
    fn read(file: &mut impl Read) -> Result<Header, String> {
        fn bytes<const N: usize>(file: &mut impl Read) -> Result<[u8; N], String> {
            let mut bytes = [0; N];
            file.read_exact(&mut bytes).map(|()| bytes).map_err(|_| "its header is cut off".to_string())
        }
        let mut magic = [0; MAGIC.len()];
        if file.read_exact(&mut magic).is_err() || magic != *MAGIC {
            return Err("it is not in NumPy's format".to_string());
        }
        let length = match bytes::<2>(file)? {
            [1, _] => u64::from(u16::from_le_bytes(bytes(file)?)),
            [2 | 3, _] => u64::from(u32::from_le_bytes(bytes(file)?)),
            [v, _] => return Err(format!("its format version {v} is not known")),
        };
        let mut text = Vec::new();
        file.take(length).read_to_end(&mut text).map_err(|_| "its header is cut off")?;
        if text.len() as u64 != length {
            return Err("its header is cut off".to_string());
        }
        let text = std::str::from_utf8(&text).map_err(|_| "its header is not text")?;
        Header::parse(text).ok_or_else(|| "its header is damaged".to_string())
    }
    /// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
    fn parse(text: &str) -> Option<Header> {
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let mut header = Header::default();
        let mut seen = [false; 3];
        while !rest.is_empty() {
            let (key, after) = quoted(rest)?;
            let value = after.trim_start().strip_prefix(':')?.trim_start();
            let (which, after) = match key {
                "descr" => {
                    let (descr, after) = quoted(value)?;
                    header.descr = descr.to_string();
                    (0, after)
                }
                "fortran_order" => {
                    header.fortran_order = value.starts_with("True");
                    (1, value.strip_prefix("True").or_else(|| value.strip_prefix("False"))?)
                }
                "shape" => {
                    let (inside, after) = value.strip_prefix('(')?.split_once(')')?;
                    let lengths = inside.split(',').map(str::trim).filter(|n| !n.is_empty());
                    header.shape = lengths.map(|n| n.parse().ok()).collect::<Option<_>>()?;
                    (2, after)
                }
                _ => return None,
            };
            if std::mem::replace(&mut seen[which], true) {
                return None;
            }
            let after = after.trim_start();
            rest = if after.is_empty() { after } else { after.strip_prefix(',')?.trim_start() };
        }
        (seen == [true; 3]).then_some(header)
    }
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('\'')?.split_once('\'')
}
