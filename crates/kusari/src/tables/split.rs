//! Which rows train, which validate, which test.

use crate::random::Generator;

/// How many rows of neighbouring target values make a stratum.
pub(super) const STRATUM: usize = 10;

/// The positions `0..strata.len()` in a random order of which every part holds every stratum in its share of the whole.
pub(crate) fn stratified(strata: &[u32], seed: u64) -> Vec<u32> {
    let mut shuffled: Vec<u32> = (0..strata.len() as u32).collect();
    Generator::new(seed).shuffle(&mut shuffled);
    let groups = strata.iter().max().map_or(0, |&m| m as usize + 1);
    let (mut sizes, mut taken) = (vec![0u32; groups], vec![0u32; groups]);
    strata.iter().for_each(|&s| sizes[s as usize] += 1);
    // How many of its stratum come before each.
    let mut before = vec![0u32; strata.len()];
    for &i in &shuffled {
        let taken = &mut taken[strata[i as usize] as usize];
        before[i as usize] = *taken;
        *taken += 1;
    }
    let place = |i: u32| (f64::from(before[i as usize]) + 0.5) / f64::from(sizes[strata[i as usize] as usize]);
    // Stable: rows at one place stay in random order.
    shuffled.sort_by(|&a, &b| place(a).total_cmp(&place(b)));
    shuffled
}

/// How many of `rows` rows a share of them is: at least one, and never all.
pub fn share_of(rows: usize, share: f64) -> usize {
    ((rows as f64 * share).round() as usize).clamp(1, rows.saturating_sub(1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_share_of_every_stratum() {
        let strata: Vec<u32> = (0..1000).map(|i| u32::from(i % 10 == 0) + u32::from(i == 5) * 2).collect();
        let order = stratified(&strata, 3);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
        for part in order.chunks(200) {
            assert_eq!(part.iter().filter(|&&i| strata[i as usize] == 1).count(), 20);
        }
        assert!(!order[..200].contains(&5), "the only row of its class trains");
        assert_ne!(order, stratified(&strata, 4));
    }
}
