//! From an operation as data to its loop: dtypes, broadcasting, threads, and a short way for tiny arrays.

use super::{
    BinaryOp, Comparison, Predicate, UnaryOp,
    half::{drive_half, narrowing, relu_of_halves},
    operand::{Buffer, CHUNK, Operand, TILE, drive, drive_operands, nanoseconds},
};
use crate::{
    Array, DType, Element, Shape,
    array::Body,
    broadcast_shapes,
    buffer::{Storage, TINY, Tiny},
    deferred,
    dtype::match_dtype,
    kernels::math::Real,
    parallel,
    shared::Shared,
};
use half::bf16;
use std::hint::select_unpredictable;

/// Calls `run` with all lanes of tiny arrays: no remainder to treat, and what unused lanes hold does not matter.
#[inline]
fn tiny<T: Real, const N: usize>(shape: &Shape, x: [&Tiny; N], run: impl FnOnce([&[T]; N], &mut [T])) -> Array {
    const { assert!(size_of::<T>() == 4 || size_of::<T>() == 8) };
    let lanes = TINY / size_of::<T>();
    // SAFETY: 64 bytes aligned to 8 are 16 f32 or 8 f64, and any bits are a valid number.
    let x = x.map(|x| unsafe { std::slice::from_raw_parts(x.0.as_ptr().cast::<T>(), lanes) });
    let body = || Body::new::<T>(*shape, Storage::Tiny(Tiny([0; TINY / 8])));
    Array(Shared::build(body, |body| {
        if let Storage::Tiny(out) = &mut body.storage {
            // SAFETY: as above; `out` is borrowed mutably.
            run(x, unsafe { std::slice::from_raw_parts_mut(out.0.as_mut_ptr().cast::<T>(), lanes) });
        }
    }))
}

/// Computes `op` of `x`.
#[inline]
#[track_caller]
pub(super) fn unary(op: UnaryOp, x: &Array) -> Array {
    match (x.dtype(), &x.0.storage) {
        (DType::F32, Storage::Tiny(t)) if x.is_contiguous() => {
            tiny::<f32, 1>(x.shape(), [t], |[x], out| op.run(x, out))
        }
        (DType::F64, Storage::Tiny(t)) if x.is_contiguous() => {
            tiny::<f64, 1>(x.shape(), [t], |[x], out| op.run(x, out))
        }
        _ => unary_large(op, x),
    }
}

#[inline(never)]
fn unary_large(op: UnaryOp, x: &Array) -> Array {
    match x.dtype() {
        DType::F32 => deferred::unary(op, x).unwrap_or_else(|| unary_float::<f32>(op, x)),
        DType::F64 => unary_float::<f64>(op, x),
        DType::BF16 if matches!(op, UnaryOp::Relu {}) => {
            Array::build::<bf16>(x.shape(), |out| drive(x.shape(), [x], out, |[x], out| relu_of_halves(x, out)))
        }
        DType::BF16 => {
            Array::build::<bf16>(x.shape(), |out| drive_half(x.shape(), [x], out, narrowing(|[x], out| op.run(x, out))))
        }
        DType::F16 => unary(op, &x.cast(DType::F32)).cast(DType::F16),
        integer => {
            let x64 = x.cast(DType::I64).contiguous();
            let mut done = true;
            let out = Array::build::<i64>(x.shape(), |out| done = op.run_integer(x64.as_slice(), out));
            if done { out.cast(integer) } else { unary(op, &x.cast(DType::F64)) }
        }
    }
}

fn unary_float<T: Real>(op: UnaryOp, x: &Array) -> Array {
    Array::build::<T>(x.shape(), |out| unary_into(op, x.shape(), x, out))
}

/// Computes `op` of `x`, broadcast to `shape`, into `out`.
pub(crate) fn unary_into<T: Real>(op: UnaryOp, shape: &Shape, x: &Array, out: &mut [T]) {
    drive::<T, T, 1>(shape, [x], out, |[x], out| op.run(x, out))
}

/// The shape of the result of `name` of arrays of these shapes.
#[track_caller]
fn joint_shape(name: &str, a: &Array, b: &Array) -> Shape {
    match broadcast_shapes(a.shape(), b.shape()) {
        Some(shape) => shape,
        None => panic!("{name}: expected shapes that broadcast, got {} and {}", a.shape(), b.shape()),
    }
}

/// Computes `op` of tiny arrays of one shape, or of one and a single number; leaves other broadcasting to the long way.
#[inline]
#[track_caller]
fn binary_tiny<T: Real>(op: BinaryOp, [a, b]: [&Array; 2], [s, t]: [&Tiny; 2]) -> Array {
    if a.shape() == b.shape() {
        return tiny::<T, 2>(a.shape(), [s, t], |[a, b], out| op.run(a, b, out));
    }
    // SAFETY: an array of one element has it at the start of its storage.
    let splat = |t: &Tiny| [unsafe { *t.0.as_ptr().cast::<T>() }; TINY / 4];
    if b.len() == 1 && b.ndim() <= a.ndim() {
        return tiny::<T, 1>(a.shape(), [s], |[a], out| op.run(a, &splat(t)[..a.len()], out));
    }
    if a.len() == 1 && a.ndim() <= b.ndim() {
        return tiny::<T, 1>(b.shape(), [t], |[b], out| op.run(&splat(s)[..b.len()], b, out));
    }
    binary_large(op, a, b)
}

/// Computes `op` of `a` and `b`.
#[inline]
#[track_caller]
pub(super) fn binary(op: BinaryOp, a: &Array, b: &Array) -> Array {
    if a.dtype() == b.dtype()
        && let (Storage::Tiny(s), Storage::Tiny(t)) = (&a.0.storage, &b.0.storage)
        && a.is_contiguous()
        && b.is_contiguous()
    {
        match a.dtype() {
            DType::F32 => return binary_tiny::<f32>(op, [a, b], [s, t]),
            DType::F64 => return binary_tiny::<f64>(op, [a, b], [s, t]),
            _ => {}
        }
    }
    binary_large(op, a, b)
}

#[inline(never)]
#[track_caller]
fn binary_large(op: BinaryOp, a: &Array, b: &Array) -> Array {
    let shape = joint_shape(op.name(), a, b);
    let dtype = a.dtype().promote(b.dtype());
    if dtype == DType::BF16 {
        let (a, b) = (&a.cast(dtype), &b.cast(dtype));
        return Array::build::<bf16>(&shape, |out| {
            drive_half(&shape, [a, b], out, narrowing(|[a, b], out| op.run(a, b, out)))
        });
    }
    let compute = match dtype {
        DType::F32 | DType::F16 => DType::F32,
        DType::F64 => DType::F64,
        _ if op.has_integer() => DType::I64,
        _ => DType::F64,
    };
    let (a, b) = (&a.cast(compute), &b.cast(compute));
    match compute {
        DType::F32 => {
            let y = deferred::binary(op, &shape, a, b).unwrap_or_else(|| binary_float::<f32>(op, &shape, a, b));
            y.cast(dtype)
        }
        DType::F64 => binary_float::<f64>(op, &shape, a, b),
        _ => Array::build::<i64>(&shape, |out| {
            drive::<i64, i64, 2>(&shape, [a, b], out, |[a, b], out| op.run_integer(a, b, out))
        })
        .cast(dtype),
    }
}

fn binary_float<T: Real>(op: BinaryOp, shape: &Shape, a: &Array, b: &Array) -> Array {
    Array::build::<T>(shape, |out| binary_into(op, shape, a, b, out))
}

/// Computes `op` of `a` and `b`, broadcast to `shape`, into `out`.
pub(crate) fn binary_into<T: Real>(op: BinaryOp, shape: &Shape, a: &Array, b: &Array, out: &mut [T]) {
    let operands = [a, b].map(|x| Operand::<T>::new(x, shape));
    if let Some((x, numbers, left)) = rows_and_numbers(op, &operands) {
        return parallel::chunks_mut(out, CHUNK, nanoseconds::<T>(shape.count()), |chunk, part| {
            let (start, n) = (chunk * CHUNK, part.len());
            let x = x.in_place(start, n);
            numbers.each_run(start, start + n, |run, number| {
                let op = op.with_number(number.to_f64(), left).expect("an operation with a number");
                op.run(&x[run.clone()], &mut part[run]);
            });
        });
    }
    drive_operands(shape, operands, out, |[a, b], out| op.run(a, b, out))
}

/// Of operands, one of which is read where it lies and the other a number for many neighbours: these two, and whether the
/// numbers come first. For operations that have a form with a number.
fn rows_and_numbers<'a, 'b, T: Real>(
    op: BinaryOp,
    [a, b]: &'a [Operand<'b, T>; 2],
) -> Option<(&'a Operand<'b, T>, &'a Operand<'b, T>, bool)> {
    let (x, numbers, left) = if a.is_direct() { (a, b, false) } else { (b, a, true) };
    let pays = x.is_direct() && numbers.is_constant_in_runs() && op.with_number(0.0, left).is_some();
    pays.then_some((x, numbers, left))
}

impl BinaryOp {
    /// The same with a number on the left or on the right, if there is such an operation: it has the same bits.
    pub(crate) fn with_number(self, c: f64, left: bool) -> Option<UnaryOp> {
        Some(match (self, left) {
            (BinaryOp::Add {}, _) => UnaryOp::AddScalar { c },
            (BinaryOp::Mul {}, _) => UnaryOp::MulScalar { c },
            (BinaryOp::Sub {}, false) => UnaryOp::AddScalar { c: -c },
            (BinaryOp::Sub {}, true) => UnaryOp::ScalarSub { c },
            (BinaryOp::Div {}, false) => UnaryOp::DivScalar { c },
            (BinaryOp::Div {}, true) => UnaryOp::ScalarDiv { c },
            _ => return None,
        })
    }
}

/// The dtype that truth values about `dtype` are found in.
fn asked_in(dtype: DType) -> DType {
    match dtype {
        DType::F32 | DType::F16 | DType::BF16 => DType::F32,
        DType::F64 => DType::F64,
        _ => DType::I64,
    }
}

/// Asks `op` of every element.
pub(super) fn predicate(op: Predicate, x: &Array) -> Array {
    fn in_type<T: Element>(op: Predicate, x: &Array) -> Array {
        Array::build::<bool>(x.shape(), |out| drive::<T, bool, 1>(x.shape(), [x], out, |[x], out| op.run(x, out)))
    }
    match asked_in(x.dtype()) {
        _ if x.dtype() == DType::BF16 => {
            Array::build::<bool>(x.shape(), |out| drive_half(x.shape(), [x], out, |[x], out| op.run(x, out)))
        }
        DType::F32 => in_type::<f32>(op, &x.cast(DType::F32)),
        DType::I64 if op.is_integral() => in_type::<i64>(op, &x.cast(DType::I64)),
        _ => in_type::<f64>(op, &x.cast(DType::F64)),
    }
}

/// Compares `a` with `b`.
#[track_caller]
pub(super) fn compare(op: Comparison, a: &Array, b: &Array) -> Array {
    fn in_type<T: Element>(op: Comparison, shape: &Shape, a: &Array, b: &Array) -> Array {
        Array::build::<bool>(shape, |out| drive::<T, bool, 2>(shape, [a, b], out, |[a, b], out| op.run(a, b, out)))
    }
    let shape = joint_shape(op.name(), a, b);
    if [a.dtype(), b.dtype()] == [DType::BF16; 2] {
        return Array::build::<bool>(&shape, |out| drive_half(&shape, [a, b], out, |[a, b], out| op.run(a, b, out)));
    }
    let dtype = asked_in(a.dtype().promote(b.dtype()));
    let (a, b) = (&a.cast(dtype), &b.cast(dtype));
    match dtype {
        DType::F32 => in_type::<f32>(op, &shape, a, b),
        DType::F64 => in_type::<f64>(op, &shape, a, b),
        _ => in_type::<i64>(op, &shape, a, b),
    }
}

impl Array {
    /// `a` where `condition` is true (not zero), else `b`; all three broadcast.
    ///
    /// # Panics
    /// When the shapes do not broadcast.
    #[track_caller]
    pub fn select(condition: &Array, a: &Array, b: &Array) -> Array {
        let shape = broadcast_shapes(a.shape(), b.shape()).and_then(|s| broadcast_shapes(&s, condition.shape()));
        let Some(shape) = shape else {
            let shapes = [condition, a, b].map(|x| x.shape());
            panic!("select: expected shapes that broadcast, got {}, {} and {}", shapes[0], shapes[1], shapes[2]);
        };
        let dtype = a.dtype().promote(b.dtype());
        let (condition, a, b) = (&condition.cast(DType::Bool), &a.cast(dtype), &b.cast(dtype));
        match_dtype!(dtype, T => Array::build::<T>(&shape, |out| {
            let condition = Operand::<bool>::new(condition, &shape);
            let (a, b) = (Operand::<T>::new(a, &shape), Operand::<T>::new(b, &shape));
            parallel::chunks_mut(out, CHUNK, nanoseconds::<T>(shape.count()), |chunk, part| {
                let (mut r, mut s, mut t) = (Buffer::new(), Buffer::new(), Buffer::new());
                for (i, out) in part.chunks_mut(TILE).enumerate() {
                    let (start, n) = (chunk * CHUNK + i * TILE, out.len());
                    let (a, b) = (a.tile(start, n, &mut s), b.tile(start, n, &mut t));
                    let chosen = condition.tile(start, n, &mut r).iter().zip(a.iter().zip(b));
                    for (o, (&c, (&a, &b))) in out.iter_mut().zip(chosen) {
                        *o = select_unpredictable(c, a, b);
                    }
                }
            });
        }))
    }
}
