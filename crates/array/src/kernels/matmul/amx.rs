//! Products on processors with AMX: tiles of 16 × 16 sums in registers of their own, to which one instruction adds the
//! products of 32 steps. It multiplies bf16 only, sixteen times as many of them as AVX-512 multiplies f32. An f32 may be
//! taken apart into three bf16 whose sum it is (see [`parts`]), and of
//!
//! ```text
//! (a₁ + a₂ + a₃) (b₁ + b₂ + b₃) = a₁b₁ + a₁b₂ + a₂b₁ + a₁b₃ + a₂b₂ + a₃b₁ + …
//! ```
//!
//! these six products are computed. What is left out is below 2⁻²⁴ of the product, no more than an f32 is rounded by, and
//! sums are f32; so the result is as near as that of multiplications in f32 (after Henry, Tang and Heinecke, "Leveraging the
//! bfloat16 artificial intelligence datatype for higher-precision computations", 2019). A sum of such products that is not
//! finite is computed again in f32, so that infinities go where they belong.
//!
//! The instruction takes denormal numbers for 0, what it reads and what it adds: products below 2⁻¹²⁶ are lost, and of f32
//! below 2⁻¹⁰⁹ the last parts.

mod block;
mod parts;
mod sums;
#[cfg(test)]
mod tests;
mod whole;

use super::kernel::{Form, Kernel};
use crate::kernels::simd::{Level, level};
use block::block;
pub(super) use parts::{Parts, deep};
use std::{
    arch::{asm, x86_64::*},
    sync::LazyLock,
};

/// Rows and columns of a block of sums: two tiles each way.
const SIDE: usize = 32;

/// Products of bf16, and of what is rounded to it.
pub(super) static ONE_PART: Kernel<f32> = Kernel {
    steps: 1024,
    form: Form::OnePart,
    packing: Parts::<f32, 1>::PACKING,
    ..Kernel::plain(SIDE, SIDE, block::<1>)
};
/// Products of f32.
pub(super) static THREE_PARTS: Kernel<f32> = Kernel {
    steps: 512,
    form: Form::ThreeParts,
    packing: Parts::<f32, 3>::PACKING,
    ..Kernel::plain(SIDE, SIDE, block::<3>)
};

/// What AMX is used for.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Use {
    /// Nothing: the processor lacks it, the system refuses its registers, or `KUSARI_SIMD` names something less.
    Nothing,
    /// Products of bf16.
    Halves,
    /// Those of f32 too (`KUSARI_SIMD=amx`). They gain less than those of bf16, and lose where somebody else keeps the
    /// core's other thread busy: that slows these instructions down to a third, multiplications in f32 hardly.
    All,
}

impl Use {
    /// Whether it includes products of these rows, columns and steps: packing takes longer than otherwise, which many uses of
    /// each number must make up for.
    pub(super) fn pays(self, lengths: [usize; 3]) -> bool {
        let least = if self == Use::All { 256 } else { 32 };
        lengths.iter().all(|&n| n >= least) && used_for() >= self
    }
}

/// What AMX is used for in this process. The system has to be asked for its registers.
fn used_for() -> Use {
    static USE: LazyLock<Use> = LazyLock::new(|| {
        let wanted = match std::env::var("KUSARI_SIMD").as_deref() {
            Ok("amx") => Use::All,
            Ok("portable" | "avx2" | "avx512") => Use::Nothing,
            _ => Use::Halves,
        };
        let there = wanted > Use::Nothing && level() == Level::Avx512 && has_bf16_tiles() && permitted();
        if there { wanted } else { Use::Nothing }
    });
    *USE
}

fn has_bf16_tiles() -> bool {
    const AMX_BF16: u32 = 1 << 22;
    const AMX_TILE: u32 = 1 << 24;
    #[allow(unused_unsafe)] // newer compilers know these as safe
    // SAFETY: every processor of this kind has the instruction.
    let features = unsafe { if __cpuid(0).eax < 7 { 0 } else { __cpuid_count(7, 0).edx } };
    features & AMX_BF16 != 0 && features & AMX_TILE != 0
}

/// Asks for the registers, for all threads of the process.
#[cfg(target_os = "linux")]
fn permitted() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_long = 18;
    // SAFETY: the call changes nothing but the permission; systems that do not know it refuse.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 }
}
#[cfg(not(target_os = "linux"))]
fn permitted() -> bool {
    false
}

/// The tiles' registers, in use by this thread as long as this lives: a system must save them whenever it interrupts.
pub(super) struct Registers(());

/// Lengths of the eight registers, in the form the processor reads.
#[repr(C, align(64))]
struct Lengths {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

impl Registers {
    /// Nothing where AMX is not used.
    pub(super) fn new() -> Option<Registers> {
        if used_for() == Use::Nothing {
            return None;
        }
        let (mut row_bytes, mut rows) = ([0; 16], [0; 16]);
        row_bytes[..8].fill(64);
        rows[..8].fill(16);
        let lengths = Lengths { palette: 1, start: 0, reserved: [0; 14], row_bytes, rows };
        // SAFETY: the processor has the instruction, which reads 64 bytes.
        unsafe {
            asm!(
                "ldtilecfg [{}]", in(reg) &lengths,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, readonly, preserves_flags),
            )
        };
        Some(Registers(()))
    }
}
impl Drop for Registers {
    fn drop(&mut self) {
        // SAFETY: the processor has the instruction.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) };
    }
}
