//! `Array`: shape, dtype and a handle to shared elements.

use crate::{
    DType, Element, MAX_RANK, Shape,
    buffer::{Buffer, Storage, TINY},
    dtype::match_dtype,
    kernels::layout,
    shared::Shared,
};
use std::sync::Arc;

/// Where an array's elements are and its operations run. Today there is one: the processor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
}

/// An n-dimensional array of one dtype. Cloning shares the elements.
#[derive(Clone)]
pub struct Array(pub(crate) Shared<Body>);

#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) device: Device,
    pub(crate) dtype: DType,
    pub(crate) shape: Shape,
    /// Strides and offset, unless the elements lie contiguous from the start.
    pub(crate) view: Option<Box<View>>,
    pub(crate) storage: Storage,
}

impl Body {
    /// Contiguous elements of a type.
    #[inline(always)]
    pub(crate) fn new<T: Element>(shape: Shape, storage: Storage) -> Body {
        Body { device: Device::Cpu, dtype: T::DTYPE, shape, view: None, storage }
    }
}

/// A way to look at a buffer other than row by row; in elements.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct View {
    pub(crate) strides: [isize; MAX_RANK],
    pub(crate) offset: usize,
}

/// How an array looks at a buffer: shape, strides and offset.
#[derive(Clone, Copy)]
pub struct Layout {
    shape: Shape,
    strides: [isize; MAX_RANK],
    offset: usize,
}

impl Layout {
    /// The shape of an array with this layout.
    pub fn shape(&self) -> Shape {
        self.shape
    }
    /// The largest index into the buffer; unlimited for a layout that starts before it.
    fn last(&self) -> usize {
        let (mut low, mut high) = (self.offset as isize, self.offset as isize);
        for (&n, &stride) in self.shape.iter().zip(&self.strides) {
            let reach = n.saturating_sub(1) as isize * stride;
            low += reach.min(0);
            high += reach.max(0);
        }
        if low < 0 { usize::MAX } else { high as usize }
    }
}

impl Array {
    /// Makes an array by writing all its elements into the slice given to `fill` (which holds arbitrary old values).
    #[inline]
    pub(crate) fn build<T: Element>(shape: impl Into<Shape>, fill: impl FnOnce(&mut [T])) -> Array {
        let shape = shape.into();
        let n = shape.count();
        let body = || Body::new::<T>(shape, Storage::new(n * size_of::<T>()));
        Array(Shared::build(body, |body| {
            let pointer = body.storage.unique_pointer().expect("fresh storage is not shared");
            if T::DTYPE == DType::Bool {
                // SAFETY: the storage has n bytes. Old bytes need not be valid as bool, zeros are.
                unsafe { pointer.write_bytes(0, n) };
            }
            // SAFETY: the storage holds n elements' bytes, initialised, aligned to 8 at least, and is not shared.
            fill(unsafe { std::slice::from_raw_parts_mut(pointer.cast(), n) });
        }))
    }

    /// Whether the elements are so few that they lie in the array itself.
    #[inline]
    pub fn is_inline(&self) -> bool {
        matches!(self.0.storage, Storage::Tiny(_))
    }
    /// How many handles to this array there are; views of its elements are arrays of their own.
    pub fn handles(&self) -> usize {
        Shared::references(&self.0)
    }
    /// Whether nobody else holds the array or its elements, which lie in a block of their own.
    pub(crate) fn is_own(&self) -> bool {
        self.0.view.is_none() && Shared::is_unique(&self.0) && self.0.storage.is_own()
    }
    /// The block of an array that nobody else holds, with all its elements in order; the array is of no use any more.
    pub(crate) fn take_buffer(&mut self) -> Option<Buffer> {
        if self.0.view.is_some() { None } else { Shared::get_mut(&mut self.0)?.storage.take_buffer() }
    }

    /// As [`Array::build`], in the given block if there is one: `fill` sees its elements then.
    pub(crate) fn build_over<T: Element>(shape: &Shape, block: Option<Buffer>, fill: impl FnOnce(&mut [T])) -> Array {
        let Some(mut block) = block else { return Array::build::<T>(*shape, fill) };
        fill(block.elements(shape.count()));
        Array(Shared::new(Body::new::<T>(*shape, Storage::Heap(Shared::new(block)))))
    }

    /// An array with arbitrary old elements, to be written.
    pub(crate) fn blank<T: Element>(shape: &[usize]) -> Array {
        Array::build::<T>(shape, |_| {})
    }

    /// An array of the given shape with the elements of `values` in row-major order.
    ///
    /// # Panics
    /// When their number does not fit.
    #[track_caller]
    pub fn from_slice<T: Element>(shape: &[usize], values: &[T]) -> Array {
        let n: usize = shape.iter().product();
        assert!(
            n == values.len(),
            "Array::from_slice: shape {} has {n} elements, got {}",
            Shape::new(shape),
            values.len()
        );
        Array::build(shape, |out| out.copy_from_slice(values))
    }
    /// An array filled with `value` (converted to `dtype`).
    pub fn full(shape: &[usize], value: f64, dtype: DType) -> Array {
        Array::filled(&Shape::new(shape), value, dtype)
    }
    fn filled(shape: &Shape, value: f64, dtype: DType) -> Array {
        match_dtype!(dtype, T => Array::build::<T>(shape, |out| layout::fill(out, T::from_f64(value))))
    }
    /// An array of zeros.
    pub fn zeros(shape: &[usize], dtype: DType) -> Array {
        Array::full(shape, 0.0, dtype)
    }
    /// An array of ones.
    pub fn ones(shape: &[usize], dtype: DType) -> Array {
        Array::full(shape, 1.0, dtype)
    }
    /// An array of the shape and dtype of `self`, filled with `value`.
    pub fn full_like(&self, value: f64) -> Array {
        Array::filled(self.shape(), value, self.dtype())
    }
    /// A zero-dimensional array.
    pub fn scalar(value: f64, dtype: DType) -> Array {
        Array::full(&[], value, dtype)
    }

    /// The lengths of the axes.
    #[inline]
    pub fn shape(&self) -> &Shape {
        &self.0.shape
    }
    /// The type of the elements.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }
    /// Number of axes.
    pub fn ndim(&self) -> usize {
        self.0.shape.len()
    }
    /// Number of elements.
    #[inline]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.0.shape.count()
    }
    /// Where the elements are.
    pub fn device(&self) -> Device {
        self.0.device
    }
    /// Whether the elements lie row by row without gaps.
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.0.view.is_none()
    }
    /// Distance between neighbours along each axis, in elements.
    #[inline]
    pub fn strides(&self) -> [isize; MAX_RANK] {
        self.0.view.as_ref().map_or_else(|| self.0.shape.contiguous_strides(), |v| v.strides)
    }
    /// Whether both look at the same buffer.
    pub fn shares_memory(&self, other: &Array) -> bool {
        match (&self.0.storage, &other.0.storage) {
            (Storage::Heap(a), Storage::Heap(b)) => Shared::ptr_eq(a, b),
            (Storage::Deferred(a), Storage::Deferred(b)) => Arc::ptr_eq(a, b),
            _ => Shared::ptr_eq(&self.0, &other.0),
        }
    }

    /// Whether both are handles to the very same array.
    pub fn is_same(&self, other: &Array) -> bool {
        Shared::ptr_eq(&self.0, &other.0)
    }
    /// How this array looks at its buffer.
    pub fn layout(&self) -> Layout {
        let view = self.0.view.as_deref();
        Layout { shape: self.0.shape, strides: self.strides(), offset: view.map_or(0, |v| v.offset) }
    }
    /// Looks at this array's buffer with the layout of another array on a buffer of the same length.
    ///
    /// # Panics
    /// When the layout reaches outside.
    pub fn with_layout(&self, layout: &Layout) -> Array {
        assert!(self.is_contiguous() && layout.last() < self.len().max(1), "with_layout: the layout reaches outside");
        self.viewed(layout.shape, layout.strides, layout.offset)
    }

    /// The first element's address and the strides: for kernels that read strides. `T` must be the dtype's type.
    #[inline]
    pub(crate) fn strided<T: Element>(&self) -> (*const T, [isize; MAX_RANK]) {
        (self.start(), self.strides())
    }
    /// The first element's address.
    #[inline]
    pub(crate) fn start<T: Element>(&self) -> *const T {
        self.expect_dtype::<T>();
        let offset = self.0.view.as_ref().map_or(0, |v| v.offset);
        // SAFETY: views are made so that the offset lies inside the buffer (or one past it, for an empty array).
        unsafe { self.0.storage.pointer().cast::<T>().add(offset) }
    }
    #[track_caller]
    fn expect_dtype<T: Element>(&self) {
        assert!(self.dtype() == T::DTYPE, "expected an array of {}, got {}", T::DTYPE, self.dtype());
    }
    /// The elements in row-major order, of a contiguous array.
    #[inline]
    #[track_caller]
    pub(crate) fn as_slice<T: Element>(&self) -> &[T] {
        self.expect_dtype::<T>();
        assert!(self.is_contiguous(), "a kernel that needs contiguous elements was given a view");
        // SAFETY: the storage holds `len` initialised elements of this type, aligned, and lives as long as `self`.
        unsafe { std::slice::from_raw_parts(self.0.storage.pointer().cast(), self.len()) }
    }
    /// The elements for writing in place; they are copied first if another handle shares them or this is a view.
    #[inline]
    pub(crate) fn make_mut<T: Element>(&mut self) -> &mut [T] {
        self.expect_dtype::<T>();
        let (pointer, n) = match self.unique_pointer() {
            Some(found) => found,
            None => {
                *self = self.copy();
                self.unique_pointer().expect("a copy is not shared")
            }
        };
        // SAFETY: the storage holds n initialised elements of this type and is not shared while `self` is borrowed.
        unsafe { std::slice::from_raw_parts_mut(pointer.cast(), n) }
    }
    /// The address and number of the elements, if no other handle shares them and this is no view.
    #[inline]
    fn unique_pointer(&mut self) -> Option<(*mut u8, usize)> {
        let body = Shared::get_mut(&mut self.0).filter(|b| b.view.is_none())?;
        Some((body.storage.unique_pointer()?, body.shape.count()))
    }
    /// Whether an update in place would write into this array without copying it first.
    pub fn is_unique(&mut self) -> bool {
        self.unique_pointer().is_some()
    }

    /// An array with elements of its own, contiguous.
    pub fn copy(&self) -> Array {
        match_dtype!(self.dtype(), T => Array::build::<T>(self.shape(), |out| layout::gather(self, out)))
    }
    /// This array if it is contiguous, else a copy that is.
    #[inline]
    pub fn contiguous(&self) -> Array {
        if self.is_contiguous() { self.clone() } else { self.copy() }
    }
    /// The elements in row-major order.
    ///
    /// # Panics
    /// When `T` is not the type behind the dtype: convert first with [`Array::cast`].
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Vec<T> {
        self.contiguous().as_slice::<T>().to_vec()
    }
    /// Calls `f` with the elements in row-major order.
    ///
    /// # Panics
    /// When `T` is not the type behind the dtype.
    #[track_caller]
    pub fn with_slice<T: Element, R>(&self, f: impl FnOnce(&[T]) -> R) -> R {
        f(self.contiguous().as_slice::<T>())
    }
    /// The only element, as a double.
    ///
    /// # Panics
    /// When there is not exactly one.
    #[track_caller]
    pub fn item(&self) -> f64 {
        assert!(self.len() == 1, "item: expected one element, got shape {}", self.shape());
        match_dtype!(self.dtype(), T => { // SAFETY: there is one element, at the strided start.
            unsafe { *self.start::<T>() }.to_f64() })
    }
    /// The array with its elements converted to `dtype`, as NumPy's `astype` does.
    pub fn cast(&self, dtype: DType) -> Array {
        if dtype == self.dtype() {
            return self.clone();
        }
        let x = self.contiguous();
        match (x.dtype(), dtype) {
            (DType::BF16, DType::F32) => return x.half_to_single(),
            (DType::F32, DType::BF16) => return x.single_to_half(),
            _ => {}
        }
        match_dtype!(x.dtype(), S => match_dtype!(dtype, T => Array::build::<T>(x.shape(), |out| {
            const PIECE: usize = 1 << 14;
            let x = x.as_slice::<S>();
            crate::parallel::chunks_mut(out, PIECE, x.len() / 2, |c, out| for (o, &v) in out.iter_mut().zip(&x[c * PIECE..]) {
                *o = if S::DTYPE.is_float() || T::DTYPE.is_float() { T::from_f64(v.to_f64()) } else { T::from_i64(v.to_i64()) };
            });
        })))
    }
    /// The elements of a contiguous array with another shape of as many elements.
    pub(crate) fn reshaped(&self, shape: Shape) -> Array {
        let Body { device, dtype, storage, .. } = &*self.0;
        let body = || Body { device: *device, dtype: *dtype, shape, view: None, storage: storage.clone() };
        Array(Shared::build(body, |_| ()))
    }
    /// Looks at the same elements with another shape, strides and offset. Tiny arrays are copied instead.
    ///
    /// `offset` and `strides` must stay inside the buffer; callers derive them from this array's own.
    pub(crate) fn viewed(&self, shape: Shape, strides: [isize; MAX_RANK], offset: usize) -> Array {
        let Body { device, dtype, storage, .. } = &*self.0;
        if shape.count() * dtype.size() <= TINY {
            // A view so small is copied out: it becomes contiguous, inline, and frees the large buffer.
            let source = Array(Shared::new(Body {
                device: *device,
                dtype: *dtype,
                shape,
                view: Some(Box::new(View { strides, offset })),
                storage: storage.clone(),
            }));
            return source.copy();
        }
        let natural = shape.contiguous_strides();
        let contiguous = offset == 0 && (0..shape.len()).all(|d| shape[d] == 1 || strides[d] == natural[d]);
        let view = (!contiguous).then(|| Box::new(View { strides, offset }));
        // Inline elements are always all of an array, one after the other: kernels rely on it. A broadcast view of them
        // looks at a copy in a buffer.
        let storage = if view.is_some() { storage.on_heap() } else { storage.clone() };
        Array(Shared::new(Body { device: *device, dtype: *dtype, shape, view, storage }))
    }
}
