//! Elements as files hold them: kusari's dtypes, and the integer types that are widened to one of them.

use kusari_array::{Array, DType, MAX_RANK, Shape};

/// The type of a file's elements.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Stored {
    Native(DType),
    I8,
    I16,
    U16,
    U32,
    U64,
}

impl Stored {
    pub(super) fn size(self) -> usize {
        match self {
            Stored::Native(dtype) => dtype.size(),
            Stored::I8 => 1,
            Stored::I16 | Stored::U16 => 2,
            Stored::U32 => 4,
            Stored::U64 => 8,
        }
    }
}

/// The number of bytes that an array with this header has, if it can be one.
pub(super) fn byte_count(stored: Stored, shape: &[usize]) -> Result<usize, String> {
    if shape.len() > MAX_RANK {
        return Err(format!("expected at most {MAX_RANK} axes, got {}", shape.len()));
    }
    let count = shape.iter().try_fold(stored.size(), |n, &length| n.checked_mul(length));
    // An empty array may name lengths whose product, without the zero, does not fit.
    let fits = shape.iter().filter(|&&n| n > 0).try_fold(1usize, |n, &length| n.checked_mul(length)).is_some();
    count.filter(|_| fits).ok_or_else(|| format!("its shape {} is too large", Shape::new(shape)))
}

/// The array of `shape` with the little-endian elements `bytes`, row by row.
pub(super) fn array(stored: Stored, shape: &[usize], bytes: &[u8]) -> Result<Array, String> {
    let expected = byte_count(stored, shape)?;
    if bytes.len() != expected {
        let shape = Shape::new(shape);
        return Err(format!("expected {expected} bytes for shape {shape}, got {}", bytes.len()));
    }
    Ok(match stored {
        Stored::Native(DType::Bool) if bytes.iter().any(|&b| b > 1) => {
            return Err("expected 0 or 1 as a truth value".to_string());
        }
        Stored::Native(dtype) => Array::from_bytes(shape, dtype, bytes),
        Stored::I8 => Array::from_vec(shape, bytes.iter().map(|&b| b as i8 as i32).collect()),
        Stored::I16 => Array::from_vec(shape, pieces(bytes, |b| i16::from_le_bytes(b) as i32)),
        Stored::U16 => Array::from_vec(shape, pieces(bytes, |b| u16::from_le_bytes(b) as i32)),
        Stored::U32 => Array::from_vec(shape, pieces(bytes, |b| u32::from_le_bytes(b) as i64)),
        Stored::U64 => {
            let values: Result<Vec<i64>, _> =
                pieces(bytes, |b| i64::try_from(u64::from_le_bytes(b))).into_iter().collect();
            Array::from_vec(shape, values.map_err(|_| "a number does not fit int64".to_string())?)
        }
    })
}

fn pieces<const N: usize, T>(bytes: &[u8], f: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|&piece| f(piece)).collect()
}
