//! Rows held back for validation or a test: a share of the data, or a file of their own.

use kusari::{
    Error, Result,
    serializers::file_checksum,
    tables::{ReadOptions, Rows, Table, Target, share_of},
};
use std::path::{Path, PathBuf};

/// A share of the rows, or a file.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    Share(f64),
    File(PathBuf),
}

impl Part {
    /// Reads `0.2` or the name of a file.
    pub fn parse(text: &str) -> Result<Part, String> {
        match text.parse::<f64>() {
            Ok(share) if share > 0.0 && share < 1.0 => Ok(Part::Share(share)),
            Ok(_) => Err("expected a share between 0 and 1, such as 0.2, or a file".to_string()),
            Err(_) if Path::new(text).exists() => Ok(Part::File(text.into())),
            Err(_) => Err("there is no file of this name; expected a share such as 0.2, or a file".to_string()),
        }
    }
    /// The file or folder, if it is one.
    pub fn file(&self) -> Option<&Path> {
        if let Part::File(path) = self { Some(path) } else { None }
    }
    /// The share, if it is one.
    pub fn share(&self) -> Option<f64> {
        if let Part::Share(share) = self { Some(*share) } else { None }
    }
    /// It for the settings of a run, a file with its checksum.
    pub fn settings(part: Option<&Part>) -> Result<String> {
        match part {
            None => Ok("none".to_string()),
            Some(Part::Share(share)) => Ok(share.to_string()),
            Some(Part::File(path)) => Ok(format!("{}, {}", path.display(), contents(path)?)),
        }
    }
    /// The table in the file, read as `like` was; if it does not fit in memory, its rows are kept in `folder`.
    pub fn table(part: Option<&Part>, like: &Table, folder: &Path) -> Result<Option<Table>> {
        let Some(Part::File(path)) = part else { return Ok(None) };
        let kinds = like.columns().iter().map(|c| (c.name.clone(), c.values.kind())).collect();
        Table::open(path, &ReadOptions { kinds, ..ReadOptions::default() }, folder).map(Some)
    }
    /// The rows for validation, those of a table of their own or a share of `rows`, and what is left of `rows`.
    pub fn validation<'a>(own: Option<&Rows<'a>>, rows: &Rows<'a>, share: f64) -> (Rows<'a>, Rows<'a>) {
        match own {
            Some(valid) => (valid.clone(), rows.clone()),
            None => rows.split_at(share_of(rows.len(), share)),
        }
    }
    /// Its rows that have a target.
    pub fn rows<'a>(table: &'a Table, target: &Target) -> Result<Rows<'a>> {
        let rows = target.known(table)?;
        if rows.is_empty() {
            return Err(Error::Data(format!("{}: no row has a value of the target", table.source())));
        }
        Ok(Rows::new(table, rows))
    }
}

/// Whether a file is the same as before: its size and checksum; of what can be read only once, nothing.
pub fn contents(path: &Path) -> Result<String> {
    let file = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
    if !file.is_file() {
        return Ok("no file".to_string());
    }
    Ok(format!("{} bytes, checksum {:08x}", file.len(), file_checksum(path)?))
}
