//! The scores of finished trainings of a cross-validation, kept in a file so that a run that goes on does not repeat them.

use kusari::{
    Error, Result,
    serializers::{checksum, replace_bytes},
    tables::Scores,
};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The name of the file in the folder of results.
const FILE: &str = "folds";
/// What it begins with.
const HEAD: &str = "kusari folds 1\n";

/// The score of a training.
#[derive(Clone, PartialEq, Debug)]
pub struct Score {
    /// For people.
    pub line: String,
    pub values: Vec<(String, f64)>,
}

impl Score {
    pub fn of(scores: &Scores) -> Score {
        let values = scores.values().into_iter().map(|(name, value)| (name.to_string(), value));
        Score { line: scores.line(), values: values.collect() }
    }
    /// A line of the file; numbers in as many digits as they have.
    fn text(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|(name, value)| format!("\t{name}={value}")).collect();
        format!("{}{}\n", self.line, values.concat())
    }
    fn parse(text: &str) -> Option<Score> {
        let mut cells = text.split('\t');
        let line = cells.next()?.to_string();
        let value = |cell: &str| {
            let (name, value) = cell.split_once('=')?;
            Some((name.to_string(), value.parse().ok()?))
        };
        Some(Score { line, values: cells.map(value).collect::<Option<_>>()? })
    }
}

/// What is finished so far.
#[derive(Debug)]
pub struct Finished {
    path: PathBuf,
    /// What the scores depend on.
    settings: String,
    scores: Vec<Score>,
}

impl Finished {
    /// For a run in the folder `out`, whose trainings depend on `settings`, lines of text; what is there is read if it
    /// `goes_on`. A damaged file is told of, and one of other settings; then nothing is finished.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn new(out: &Path, settings: &str, goes_on: bool) -> Result<Finished> {
        let path = out.join(FILE);
        let mut finished = Finished { settings: settings.to_string(), scores: Vec::new(), path };
        let path = &finished.path;
        let bytes = match fs::read(path) {
            Ok(bytes) if goes_on => bytes,
            Ok(_) => return Ok(finished),
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(finished),
            Err(e) => return Err(Error::io(path, e)),
        };
        match parse(&bytes) {
            Some((begun, scores)) if begun == settings => finished.scores = scores,
            Some(_) => crate::say!("{}: of another number of epochs; trained again", path.display()),
            None => eprintln!("kusari: {}: the file is damaged; trained again", path.display()),
        }
        Ok(finished)
    }
    /// The score of training `number`, if it is finished.
    pub fn get(&self, number: usize) -> Option<&Score> {
        self.scores.get(number)
    }
    /// How many are finished.
    pub fn len(&self) -> usize {
        self.scores.len()
    }
    /// Adds the score of the next training, and writes the file anew.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, score: Score) -> Result<()> {
        self.scores.push(score);
        let lines: Vec<String> = self.scores.iter().map(Score::text).collect();
        let text = format!("{HEAD}{}\n{}", self.settings, lines.concat());
        let sum = checksum(text.as_bytes());
        replace_bytes(&self.path, format!("{text}checksum {sum:08x}\n").as_bytes())
    }
}

/// Settings and scores in a file, unless it is damaged.
fn parse(bytes: &[u8]) -> Option<(String, Vec<Score>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (body, sum) = text.strip_suffix('\n')?.rsplit_once("checksum ")?;
    if u32::from_str_radix(sum, 16) != Ok(checksum(body.as_bytes())) {
        return None;
    }
    // An empty line ends the settings.
    let (settings, lines) = body.strip_prefix(HEAD)?.split_once("\n\n")?;
    Some((format!("{settings}\n"), lines.lines().map(Score::parse).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_come_back_and_damage_is_noticed() {
        let folder = std::env::temp_dir().join(format!("kusari-finished-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let values = vec![("accuracy".to_string(), 2.0 / 3.0), ("log loss".to_string(), f64::NAN)];
        let score = Score { line: "accuracy 0.6667 · log loss NaN".to_string(), values };
        let open = |settings: &str| Finished::new(&folder, settings, true).unwrap();
        let mut finished = open("--folds 3\n--epoch 2\n");
        finished.add(score.clone()).unwrap();
        finished.add(score.clone()).unwrap();
        let again = open("--folds 3\n--epoch 2\n");
        assert_eq!((again.len(), again.get(1).map(|s| &s.line)), (2, Some(&score.line)));
        assert_eq!(again.get(0).unwrap().values[0].1.to_bits(), (2f64 / 3.0).to_bits());
        assert!(again.get(2).is_none() && open("--folds 3\n--epoch 3\n").len() == 0);
        assert_eq!(Finished::new(&folder, "--folds 3\n--epoch 2\n", false).unwrap().len(), 0);
        let whole = fs::read(folder.join(FILE)).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert!(parse(&bytes).is_none() && parse(&whole[..at]).is_none(), "byte {at}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
