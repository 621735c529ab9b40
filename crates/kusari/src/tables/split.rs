//! Which rows train, which validate, which test.

use crate::random::Generator;

/// How many rows of neighbouring target values make a stratum.
pub(super) const STRATUM: usize = 10;

/// The positions `0..strata.len()` in a random order of which every part holds every stratum in its share of the whole.
pub(crate) fn stratified(strata: &[usize], seed: u64) -> Vec<usize> {
    let mut shuffled = Generator::new(seed).permutation(strata.len());
    let groups = strata.iter().max().map_or(0, |m| m + 1);
    let (mut sizes, mut taken) = (vec![0usize; groups], vec![0usize; groups]);
    strata.iter().for_each(|&s| sizes[s] += 1);
    let mut places = vec![0.0; strata.len()];
    for &i in &shuffled {
        let s = strata[i];
        places[i] = (taken[s] as f64 + 0.5) / sizes[s] as f64;
        taken[s] += 1;
    }
    // Stable: rows at one place stay in random order.
    shuffled.sort_by(|&a, &b| places[a].total_cmp(&places[b]));
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
        let strata: Vec<usize> = (0..1000).map(|i| usize::from(i % 10 == 0) + usize::from(i == 5) * 2).collect();
        let order = stratified(&strata, 3);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
        for part in order.chunks(200) {
            assert_eq!(part.iter().filter(|&&i| strata[i] == 1).count(), 20);
        }
        assert!(!order[..200].contains(&5), "the only row of its class trains");
        assert_ne!(order, stratified(&strata, 4));
    }
}
