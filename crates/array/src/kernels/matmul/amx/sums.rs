//! Sums of products of tiles, in the processor's own language: the compiler knows no tiles yet.

use super::SIDE;
use std::arch::asm;

/// Loads the tiles of the left (4, 5) or right (6, 7) for a part.
macro_rules! load {
    (a 1 $at:literal) => { concat!("tileloadd tmm4, [{a} + {line}*1 + ", $at, "]\n") };
    (a 2 $at:literal) => { concat!(load!(a 1 $at), "tileloadd tmm5, [{a} + {line}*1 + ", $at, " + 1024]\n") };
    (b 1 $at:literal) => { concat!("tileloadd tmm6, [{b} + {line}*1 + ", $at, "]\n") };
    (b 2 $at:literal) => { concat!(load!(b 1 $at), "tileloadd tmm7, [{b} + {line}*1 + ", $at, " + 1024]\n") };
}
/// Adds the products of the loaded tiles to the sums (0 to 3).
macro_rules! multiply {
    (1 1) => { "tdpbf16ps tmm0, tmm4, tmm6\n" };
    (1 2) => { concat!(multiply!(1 1), "tdpbf16ps tmm1, tmm4, tmm7\n") };
    (2 1) => { concat!(multiply!(1 1), "tdpbf16ps tmm2, tmm5, tmm6\n") };
    (2 2) => { concat!(multiply!(1 2), "tdpbf16ps tmm2, tmm5, tmm6\ntdpbf16ps tmm3, tmm5, tmm7\n") };
}
/// Writes the tiles of sums.
macro_rules! store {
    (1 1) => { "tilestored [{sums} + {row}*1], tmm0\n" };
    (1 2) => { concat!(store!(1 1), "tilestored [{sums} + {row}*1 + 64], tmm1\n") };
    (2 1) => { concat!(store!(1 1), "tilestored [{sums} + {row}*1 + 2048], tmm2\n") };
    (2 2) => { concat!(store!(1 2), "tilestored [{sums} + {row}*1 + 2048], tmm2\ntilestored [{sums} + {row}*1 + 2112], tmm3\n") };
}
/// A chunk of steps: of three parts six products, in an order in which only one side is loaded for each.
macro_rules! chunk {
    (1, $r:tt $c:tt) => { concat!(load!(a $r "0"), load!(b $c "0"), multiply!($r $c)) };
    (3, $r:tt $c:tt) => { concat!(
        load!(a $r "0"), load!(b $c "4096"), multiply!($r $c),
        load!(b $c "2048"), multiply!($r $c),
        load!(a $r "2048"), multiply!($r $c),
        load!(b $c "0"), multiply!($r $c),
        load!(a $r "0"), multiply!($r $c),
        load!(a $r "4096"), multiply!($r $c),
    ) };
}
/// Defines the sums over chunks of steps, of so many parts, tiles of rows and tiles of columns.
macro_rules! sums {
    ($($name:ident: $parts:tt $r:tt $c:tt;)*) => { $(
        /// # Safety
        /// As for [`block`](super::block()).
        pub(super) unsafe fn $name(chunks: usize, a: *const f32, b: *const f32, sums: *mut f32) {
            // SAFETY: by the caller's word.
            unsafe {
                asm!(
                    "tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3",
                    "test {chunks}, {chunks}",
                    "jz 3f",
                    "2:",
                    chunk!($parts, $r $c),
                    "add {a}, {bytes}",
                    "add {b}, {bytes}",
                    "dec {chunks}",
                    "jnz 2b",
                    "3:",
                    store!($r $c),
                    a = inout(reg) a => _, b = inout(reg) b => _, chunks = inout(reg) chunks => _,
                    sums = in(reg) sums, line = in(reg) 64usize, row = in(reg) 4 * SIDE, bytes = const $parts * 2048,
                    out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                    out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                    options(nostack),
                )
            }
        }
    )* };
}
sums! {
    add_1_1_1: 1 1 1;
    add_1_1_2: 1 1 2;
    add_1_2_1: 1 2 1;
    add_1_2_2: 1 2 2;
    add_3_1_1: 3 1 1;
    add_3_1_2: 3 1 2;
    add_3_2_1: 3 2 1;
    add_3_2_2: 3 2 2;
}
