//! CSV and TSV files: their dialect is found out, and what their columns hold.

mod blocks;
mod date;
mod decoder;
mod dialect;
mod guess;
mod kinds;
mod number;
mod pieces;
mod scanner;
mod text;

use super::{Column, Kind, Table, npz, parquet, stored::Writer};
use crate::{Error, Result, memory};
use blocks::Blocks;
pub use date::DateOrder;
pub(super) use date::{date_as_text, month_of};
use decoder::Decoder;
use dialect::Dialect;
use kinds::Kinds;
use pieces::Read;
use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    io,
    path::Path,
};
use text::Text;

/// What is known about a CSV file beforehand; all else is found out.
#[derive(Clone, Default, Debug)]
pub struct ReadOptions {
    /// What separates cells.
    pub delimiter: Option<u8>,
    /// Whether the first row holds the names.
    pub header: Option<bool>,
    /// What columns of these names are read as, whatever lies in them; cells that are something else count as missing.
    pub kinds: BTreeMap<String, Kind>,
    /// Whether [`Table::open`] leaves the rows in files also if they fit in memory.
    pub stream: bool,
}

/// How many times a file's size a table may take while it is read: the text, and numbers of one digit, which take most.
pub(super) const TIMES: u64 = 5;

impl Table {
    /// Reads a CSV, TSV or Parquet file. Delimiter, header, quotes, decimal commas, missing values (`NA`, `?`, …), encoding and the
    /// columns' kinds are found out; what was noticed on the way is in [`notices`](Table::notices).
    ///
    /// It needs the size of the file, 8 bytes for every number and 4 for every text in memory.
    ///
    /// # Errors
    /// When it cannot be read, may take more memory than [`max_memory`](crate::max_memory), or is not a table: the message
    /// says where and why.
    pub fn read(path: impl AsRef<Path>) -> Result<Table> {
        Table::read_with(path, &ReadOptions::default())
    }
    /// [`Table::read`] with what is known beforehand.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn read_with(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Table> {
        let path = path.as_ref();
        let bytes = memory::read(path, TIMES)?;
        Table::from_bytes(bytes, path, options)
    }
    /// [`Table::read_with`], but a table that may take more memory than [`max_memory`](crate::max_memory) stays in files: its
    /// cells are moved to two in `folder`, which have no name and end with the program, and are read from there in parts
    /// ([`is_stored`](Table::is_stored)). Memory then holds a few blocks of the file, the different texts, and, to train, at
    /// most 16 bytes a row; the sum of these and of 42 MB for the program stays below the limit. The columns are read as they
    /// would be in memory.
    ///
    /// ```
    /// use kusari::tables::{ReadOptions, Table};
    /// let folder = std::env::temp_dir();
    /// let file = folder.join(format!("kusari-doc-open-{}.csv", std::process::id()));
    /// std::fs::write(&file, "a,b\n1,x\n2,y\n").unwrap();
    /// assert!(!Table::open(&file, &ReadOptions::default(), &folder)?.is_stored(), "it is small");
    /// # std::fs::remove_file(&file).unwrap();
    /// # Ok::<(), kusari::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Table::read`], when the cells cannot be written to `folder`, and when even parts of the file take too much
    /// memory.
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions, folder: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| Error::io(path, e))?;
        // What is no file can be read only once.
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => Table::open_file(file, path, options, folder),
            _ => Table::read_with(path, options),
        }
    }
    /// [`Table::open`] of a file that is open already; `source` names it in messages.
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn open_file(
        mut file: File,
        source: impl AsRef<Path>,
        options: &ReadOptions,
        folder: impl AsRef<Path>,
    ) -> Result<Table> {
        let (source, folder) = (source.as_ref(), folder.as_ref());
        let failed = |e| Error::io(source, e);
        let length = file.metadata().map_err(failed)?.len();
        let mut magic = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(&file, 4), &mut magic).map_err(failed)?;
        io::Seek::rewind(&mut file).map_err(failed)?;
        if magic == parquet::MAGIC {
            return parquet::open(file, source, options, folder);
        }
        if source.extension().is_some_and(|e| e.eq_ignore_ascii_case("npz")) {
            return npz::open(file, source, options, folder);
        }
        let in_memory = length.saturating_mul(TIMES);
        let Some(why) = options.why_stored(in_memory) else {
            return Ok(Table::from_bytes(memory::read_open(file, source, TIMES)?, source, options)?.counted());
        };
        Ok(store(&file, options, source, folder, blocks::size())?.announced(&why))
    }
    /// Reads a table from a text.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn from_csv(text: &str) -> Result<Table> {
        Table::from_bytes(text.into(), "the table", &ReadOptions::default())
    }
    /// Reads a table from the bytes of a file, of an npz file the columns of its arrays `x` and `t`; `source` names it in
    /// messages.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn from_bytes(bytes: Vec<u8>, source: impl AsRef<Path>, options: &ReadOptions) -> Result<Table> {
        let source = source.as_ref();
        if bytes.starts_with(parquet::MAGIC) {
            return Table::from_parquet(bytes, source, options);
        }
        if source.extension().is_some_and(|e| e.eq_ignore_ascii_case("npz")) {
            return Table::from_npz(&bytes, source);
        }
        let mut notices = Vec::new();
        let text = Text::decode(bytes, source, &mut notices)?;
        let dialect = Dialect::find(text.bytes(), options, source)?;
        let names = unique(&dialect.names, &mut notices);
        let (columns, rows) = columns(&text, &dialect, &names, options, source, &mut notices)?;
        let source_name = source.display().to_string();
        let table = Table { columns: columns.into(), rows, notices, source: source_name, share: None };
        if table.rows == 0 {
            return Err(Error::format(source, "there is no row below the header"));
        }
        Ok(table)
    }
}

/// Names without repetitions: the second `a` becomes `a_2`.
fn unique(names: &[String], notices: &mut Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut seen = HashSet::new();
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    let mut renamed = Vec::new();
    let unique = names.iter().map(|name| {
        if seen.insert(name) {
            return name.clone();
        }
        let count = next.entry(name).or_insert(2);
        let free = loop {
            let candidate = format!("{name}_{count}");
            *count += 1;
            if taken.insert(candidate.clone()) {
                break candidate;
            }
        };
        renamed.push(format!("'{free}'"));
        free
    });
    let unique = unique.collect();
    if !renamed.is_empty() {
        notices.push(format!("columns of one name were renamed: {}", shortened(&renamed)));
    }
    unique
}

/// A list for a message: its first entries.
fn shortened(list: &[String]) -> String {
    let more = list.len().saturating_sub(8);
    let shown = list[..list.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// Reads all columns and counts the rows; those that turn out to hold something else are read again.
fn columns(
    text: &Text,
    dialect: &Dialect,
    names: &[String],
    options: &ReadOptions,
    source: &Path,
    notices: &mut Vec<String>,
) -> Result<(Vec<Column>, usize)> {
    let mut kinds = Kinds::new(names, options, &dialect.sample(text.bytes()));
    let mut rows = 0;
    while let Some(wants) = kinds.wants() {
        let (read, counted) = pieces::read(text.bytes(), dialect.start, dialect, &wants, source, 0)?;
        rows = counted;
        kinds.take(read);
    }
    let (values, noticed) = kinds.finish();
    notices.extend(noticed);
    let columns = names.iter().cloned().zip(values).map(|(name, values)| Column { name, values });
    Ok((columns.collect(), rows))
}

/// Moves the columns of a file to files in `folder`, in blocks of about `size` bytes.
pub(super) fn store(file: &File, options: &ReadOptions, source: &Path, folder: &Path, size: usize) -> Result<Table> {
    let mut notices = Vec::new();
    let mut blocks = Blocks::new(Decoder::new(file, source, &mut notices)?, source, size)?;
    let (dialect, names, mut kinds);
    {
        let beginning = blocks.first()?;
        if beginning.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::format(source, format_args!("its first {} bytes are empty lines", beginning.len())));
        }
        dialect = Dialect::find(beginning, options, source)?;
        names = unique(&dialect.names, &mut notices);
        kinds = Kinds::new(&names, options, &dialect.sample(beginning));
    }
    let mut writer = Writer::new(source, folder, names.len())?;
    while let Some(wants) = kinds.wants() {
        let mut all: Vec<Option<Read>> = wants.iter().map(|&want| Read::nothing(want)).collect();
        let mut block = 0;
        blocks.rewind()?;
        while let Some((read, rows)) = blocks.next(&dialect, &wants)? {
            let mut cells = Vec::new();
            for (c, (read, all)) in read.into_iter().zip(&mut all).enumerate() {
                if let (Some(read), Some(all)) = (read, all) {
                    cells.push((c, all.add(read)));
                }
            }
            writer.block(block, rows, cells)?;
            block += 1;
        }
        kinds.take(all).into_iter().for_each(|again| writer.forget(again));
    }
    notices.extend(kinds.finish().1);
    writer.finish(names, notices, blocks.into_share())
}
