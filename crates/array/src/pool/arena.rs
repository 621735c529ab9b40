//! Where large blocks come from: long stretches of memory, cut where a block is needed and joined again where it is given
//! back, so that what one shape no longer needs serves another.

use super::{ALIGN, system};
use std::{collections::BTreeMap, ptr::NonNull};

/// The least that is asked of the system at once; what nobody writes takes no memory.
const SEGMENT: usize = if size_of::<usize>() > 4 { 256 << 20 } else { 16 << 20 };
/// Segments start one of so many steps into their memory: arrays that are read side by side would else lie at the same
/// place of each row of memory, and wait for each other at its banks.
const SHIFTS: usize = 16;
/// A step: some rows of memory and a line.
const SHIFT: usize = (32 << 10) + ALIGN;
/// Longer blocks are long. With half of it, steps of the four models of `kusari bench` take up to 4 % more memory.
const LONG: usize = 4 << 20;
/// What is left of a stretch and shorter than this goes with the block.
const LEAST: usize = 4096;

/// Memory that is free, by address.
#[derive(Clone, Copy)]
struct Stretch {
    length: usize,
    /// How much of it was never used, or was given back since: it takes no memory.
    fresh: usize,
}

struct Segment {
    memory: NonNull<u8>,
    length: usize,
    shift: usize,
    kind: usize,
}

/// Long blocks lie in segments of their own: where one was, another fits, if no short one, which may stay, has been put into
/// its middle.
fn kind(bytes: usize) -> usize {
    usize::from(bytes > LONG)
}

/// Segments and what is free of them.
pub(super) struct Arena {
    segments: Vec<Segment>,
    obtained: usize,
    /// Of each kind of segments.
    free: [BTreeMap<usize, Stretch>; 2],
    /// Bytes that are free and take memory.
    pub(super) pooled: usize,
}
// SAFETY: free memory is owned by the arena alone.
unsafe impl Send for Arena {}

impl Arena {
    pub(super) const fn new() -> Arena {
        Arena { segments: Vec::new(), obtained: 0, free: [BTreeMap::new(), BTreeMap::new()], pooled: 0 }
    }

    /// A block of at least `bytes`, and its length: from the first stretch that has room, of those in use before.
    pub(super) fn take(&mut self, bytes: usize) -> (NonNull<u8>, usize) {
        // Blocks of one length that lie in a row would else meet in the same banks and sets of caches.
        let length = (bytes + (bytes / 64).min(SHIFT / 2)).next_multiple_of(ALIGN) + ALIGN;
        let kind = kind(bytes);
        let enough = self.free[kind].iter().filter(|(_, stretch)| stretch.length >= length);
        let found = enough.min_by_key(|&(&at, stretch)| (stretch.fresh, at)).map(|(&at, _)| at);
        let at = found.unwrap_or_else(|| self.extend(length, kind));
        let Stretch { length: all, fresh } = self.free[kind].remove(&at).expect("a stretch that was found");
        let length = if all - length < LEAST { all } else { length };
        let (rest, used) = (all - length, all - fresh);
        if rest > 0 {
            self.free[kind].insert(at + length, Stretch { length: rest, fresh: fresh.min(rest) });
        }
        self.pooled -= used.min(length);
        (self.address(at), length)
    }

    /// A new segment that has room for `length`; where it starts.
    fn extend(&mut self, length: usize, kind: usize) -> usize {
        let shift = self.obtained % SHIFTS * SHIFT;
        self.obtained += 1;
        let size = (shift + length).next_multiple_of(system::HUGE_PAGE).max(SEGMENT);
        let memory = system::obtain(size);
        let start = memory.addr().get() + shift;
        self.segments.push(Segment { memory, length: size, shift, kind });
        self.free[kind].insert(start, Stretch { length: size - shift, fresh: size - shift });
        start
    }

    /// Takes a block back; what it is joined to goes back to the system if `spare` says so of the bytes that are free now.
    pub(super) fn give(&mut self, block: NonNull<u8>, length: usize, spare: impl Fn(usize) -> bool) {
        let (mut start, mut joined) = (block.addr().get(), Stretch { length, fresh: 0 });
        let &Segment { memory, length: size, shift, kind } = self.segment(start);
        let (begin, end) = (memory.addr().get() + shift, memory.addr().get() + size);
        let free = &mut self.free[kind];
        if start + length < end
            && let Some(after) = free.remove(&(start + length))
        {
            joined = Stretch { length: joined.length + after.length, fresh: after.fresh };
        }
        if let Some((&at, &before)) = free.range(begin..start).next_back()
            && at + before.length == start
        {
            free.remove(&at);
            joined = Stretch { length: joined.length + before.length, fresh: joined.fresh + before.fresh };
            start = at;
        }
        self.pooled += length;
        let whole = start == begin && start + joined.length == end;
        if spare(self.pooled) {
            self.pooled -= joined.length - joined.fresh;
            if whole {
                return self.release(start);
            }
            joined = self.forget(start, joined);
        }
        self.free[kind].insert(start, joined);
    }

    /// Gives everything that is free back to the system.
    pub(super) fn trim(&mut self) {
        for kind in 0..self.free.len() {
            for (at, stretch) in std::mem::take(&mut self.free[kind]) {
                let segment = self.segment(at);
                if segment.length - segment.shift == stretch.length {
                    self.release(at);
                    continue;
                }
                let stretch = self.forget(at, stretch);
                self.free[kind].insert(at, stretch);
            }
        }
        self.pooled = 0;
    }

    /// Lets the system have the memory of a free stretch, not its addresses.
    fn forget(&self, at: usize, stretch: Stretch) -> Stretch {
        // SAFETY: nobody uses what is free.
        unsafe { system::forget(self.address(at), stretch.length) };
        Stretch { fresh: stretch.length, ..stretch }
    }

    /// The segment that an address lies in.
    fn segment(&self, at: usize) -> &Segment {
        &self.segments[self.index(at)]
    }
    fn index(&self, at: usize) -> usize {
        let holds = |s: &Segment| (s.memory.addr().get()..s.memory.addr().get() + s.length).contains(&at);
        self.segments.iter().position(holds).expect("an address of the arena")
    }
    /// The pointer to an address in a segment.
    fn address(&self, at: usize) -> NonNull<u8> {
        let memory = self.segment(at).memory;
        let pointer = memory.as_ptr().wrapping_add(at - memory.addr().get());
        NonNull::new(pointer).expect("a segment does not reach around")
    }
    /// Gives the segment that starts here back.
    fn release(&mut self, start: usize) {
        let Segment { memory, length, .. } = self.segments.swap_remove(self.index(start));
        // SAFETY: it was obtained with this length and all of it is free.
        unsafe { system::release(memory, length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_joined_and_used_again() {
        let mut arena = Arena::new();
        let blocks: Vec<_> = (0..3).map(|_| arena.take(1 << 20)).collect();
        let ends = |(block, length): (NonNull<u8>, usize)| (block.addr().get(), block.addr().get() + length);
        assert!(blocks.windows(2).all(|pair| ends(pair[0]).1 == ends(pair[1]).0));
        assert!(blocks.iter().all(|&(block, length)| length >= 1 << 20 && block.addr().get() % ALIGN == 0));
        for i in [0, 2, 1] {
            arena.give(blocks[i].0, blocks[i].1, |_| false);
        }
        let used = blocks.iter().map(|(_, length)| length).sum::<usize>();
        assert_eq!((arena.free[0].len(), arena.pooled), (1, used));
        assert_eq!(arena.take(3 << 19).0, blocks[0].0);
        assert_eq!(arena.segments.len(), 1);
    }

    #[test]
    fn segments_that_are_free_go_back() {
        let mut arena = Arena::new();
        let (a, b) = (arena.take(1 << 20), arena.take(SEGMENT));
        assert_eq!(arena.segments.len(), 2);
        arena.give(b.0, b.1, |_| true);
        assert_eq!((arena.segments.len(), arena.pooled), (1, 0));
        let c = arena.take(1 << 20);
        arena.give(a.0, a.1, |_| false);
        assert_eq!((arena.segments.len(), arena.pooled), (1, a.1));
        arena.trim();
        assert_eq!((arena.segments.len(), arena.pooled), (1, 0));
        arena.give(c.0, c.1, |_| false);
        arena.trim();
        assert_eq!((arena.segments.len(), arena.free.each_ref().map(|f| f.len()), arena.pooled), (0, [0, 0], 0));
    }

    #[test]
    fn a_long_block_finds_its_place_again_whatever_short_ones_came() {
        let mut arena = Arena::new();
        let long = arena.take(20 << 20);
        arena.give(long.0, long.1, |_| false);
        let short = arena.take(1 << 20);
        assert_eq!(arena.take(20 << 20), long);
        arena.give(short.0, short.1, |_| false);
        arena.give(long.0, long.1, |_| false);
        arena.trim();
        assert_eq!((arena.segments.len(), arena.pooled), (0, 0));
    }
}
