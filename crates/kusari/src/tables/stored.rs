//! Columns that lie in files, because a table takes more memory than it may.
//!
//! The cells lie there twice: column by column, for statistics and splits, which need whole columns one after another;
//! and row by row, for minibatches, which need few rows from anywhere. Numbers and dates take 8 bytes, texts the 2 of
//! their number. The files have no name: whatever ends the program, nothing of them is left.

#[cfg(test)]
mod tests;
mod writer;

use super::{Column, Kind, ReadOptions, Table, Values, Words, csv::TIMES, words::MISSING};
use crate::{
    Error, Result,
    memory::{self, Share},
    scratch::Scratch,
};
use std::{
    borrow::Cow,
    fmt,
    io::Read,
    path::Path,
    slice::ChunksExact,
    sync::{Arc, OnceLock},
};
pub(super) use writer::Writer;

/// The most memory for each row that splitting, fitting and shuffling take: a column of 8 bytes a cell and two orders of
/// the rows, or four orders.
const A_ROW: u64 = 16;
/// Bytes that are copied in one go.
const STEP: u64 = 1 << 20;
/// The number in a file of a text that is missing.
const NONE: u16 = u16::MAX;

/// A column whose cells lie in a file.
#[derive(Clone)]
pub struct Stored {
    kind: Kind,
    words: Arc<[String]>,
    /// Its number in the store.
    column: usize,
    store: Arc<Store>,
}

/// The cells of all columns of a table.
struct Store {
    by_column: Scratch,
    by_row: Scratch,
    /// Bytes of a row.
    record: usize,
    /// The memory that the different texts take.
    #[allow(dead_code)] // held, not looked at
    texts: Share,
    /// The memory that the orders of the rows take, once they are asked for.
    orders: OnceLock<Share>,
    /// The most that was taken while the file was read.
    reading: u64,
    /// Rows in each block of the file.
    blocks: Vec<usize>,
    columns: Vec<Place>,
}

/// Where the cells of a column lie.
struct Place {
    width: usize,
    /// The first byte in a row's record.
    at: usize,
    /// Where its cells of each block begin.
    chunks: Vec<u64>,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Stored({:?}, {} rows)", self.kind, self.rows())
    }
}

/// Bytes of a cell of this kind.
fn width(kind: Kind) -> usize {
    if kind == Kind::Text { 2 } else { 8 }
}

impl Stored {
    /// What the cells were read as.
    pub fn kind(&self) -> Kind {
        self.kind
    }
    /// The number of cells.
    pub fn rows(&self) -> usize {
        self.store.blocks.iter().sum()
    }
    /// All cells, in memory.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn load(&self) -> Result<Values> {
        let mut values = self.empty(self.rows());
        self.chunks(|_, bytes| {
            self.extend(&mut values, bytes);
            Ok(())
        })?;
        Ok(values)
    }
    /// The numbers of rows and the cells' bytes, block by block.
    fn chunks(&self, mut each: impl FnMut(usize, ChunksExact<u8>) -> Result<()>) -> Result<()> {
        let place = &self.store.columns[self.column];
        for (&rows, &chunk) in self.store.blocks.iter().zip(&place.chunks) {
            let bytes = self.store.by_column.read(chunk, rows * place.width)?;
            each(rows, bytes.chunks_exact(place.width))?;
        }
        Ok(())
    }
    /// No cells yet, but room for `n`.
    fn empty(&self, n: usize) -> Values {
        match self.kind {
            Kind::Number => Values::Numbers(Vec::with_capacity(n)),
            Kind::Date(order) => Values::Dates(Vec::with_capacity(n), order),
            Kind::Text => Values::Words(Words { codes: Vec::with_capacity(n), words: self.words.clone() }),
        }
    }
    /// Adds cells as they lie in a file.
    fn extend<'b>(&self, values: &mut Values, cells: impl Iterator<Item = &'b [u8]>) {
        match values {
            Values::Numbers(v) | Values::Dates(v, _) => {
                v.extend(cells.map(|cell| cell.try_into().map_or(f64::NAN, f64::from_le_bytes)))
            }
            Values::Words(words) => words.codes.extend(cells.map(|cell| {
                let code = cell.try_into().map_or(NONE, u16::from_le_bytes);
                if code == NONE { MISSING } else { u32::from(code) }
            })),
            Values::Various | Values::Stored(_) => {}
        }
    }
}

impl Table {
    /// The cells of the column `name`: from the file if they lie there.
    ///
    /// # Errors
    /// When there is no such column: the message lists those that there are. When it cannot be read.
    pub fn values(&self, name: &str) -> Result<Cow<'_, Values>> {
        match &self.column(name)?.values {
            Values::Stored(stored) => stored.load().map(Cow::Owned),
            values => Ok(Cow::Borrowed(values)),
        }
    }
    /// Calls `each` with one block of a column after another, and the number of its first row; a column in memory is one.
    pub(super) fn blocks(&self, name: &str, mut each: impl FnMut(usize, &Values) -> Result<()>) -> Result<()> {
        let stored = match &self.column(name)?.values {
            Values::Stored(stored) => stored,
            values => return each(0, values),
        };
        let mut first = 0;
        stored.chunks(|rows, bytes| {
            let mut values = stored.empty(rows);
            stored.extend(&mut values, bytes);
            first += rows;
            each(first - rows, &values)
        })
    }
    /// Calls `each` for these rows of a column, with cells and a place in them. Of a column in files they must be in
    /// ascending order.
    pub(super) fn gather(
        &self,
        name: &str,
        mut rows: &[u32],
        mut each: impl FnMut(&Values, usize) -> Result<()>,
    ) -> Result<()> {
        debug_assert!(!self.is_stored() || rows.is_sorted());
        self.blocks(name, |first, values| {
            let here = match values.len() {
                Some(n) if self.is_stored() => rows.partition_point(|&row| (row as usize) < first + n),
                _ => rows.len(),
            };
            let (here, rest) = rows.split_at(here);
            rows = rest;
            here.iter().try_for_each(|&row| each(values, row as usize - first))
        })
    }
    /// [`Table::open`] of what comes from elsewhere than a file, such as standard input.
    ///
    /// ```
    /// use kusari::tables::{ReadOptions, Table};
    /// let rows = &b"a,b\n1,x\n2,y\n"[..];
    /// let table = Table::from_reader(rows, "the rows", &ReadOptions::default(), std::env::temp_dir())?;
    /// assert_eq!((table.rows(), table.is_stored()), (2, false));
    /// # Ok::<(), kusari::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn from_reader(
        mut reader: impl Read,
        source: impl AsRef<Path>,
        options: &ReadOptions,
        folder: impl AsRef<Path>,
    ) -> Result<Table> {
        let (source, folder) = (source.as_ref(), folder.as_ref());
        let failed = |e| Error::io(source, e);
        let most = if options.stream { 0 } else { memory::left() / TIMES };
        let mut bytes = Vec::new();
        reader.by_ref().take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 <= most {
            return Table::from_bytes(bytes, source, options);
        }
        let mut file = Scratch::new(folder)?;
        while !bytes.is_empty() {
            file.append(&bytes)?;
            bytes = Vec::new();
            reader.by_ref().take(STEP).read_to_end(&mut bytes).map_err(failed)?;
        }
        Table::open_file(file.file()?, source, options, folder)
    }
    /// Whether the cells lie in files and not in memory.
    pub fn is_stored(&self) -> bool {
        self.store().is_some()
    }
    /// Some rows of some columns in memory, and their numbers there: the table itself if it lies in memory.
    pub(super) fn picked<'a>(&'a self, rows: &'a [u32], names: &[&str]) -> Result<(Cow<'a, Table>, Cow<'a, [u32]>)> {
        let Some(store) = self.store() else {
            return Ok((Cow::Borrowed(self), Cow::Borrowed(rows)));
        };
        let records = store.records(rows)?;
        let pick = |column: &Column| {
            let values = match &column.values {
                Values::Stored(stored) => {
                    let Place { width, at, .. } = store.columns[stored.column];
                    let mut values = stored.empty(rows.len());
                    let cells = records.chunks_exact(store.record.max(1)).map(|record| &record[at..at + width]);
                    stored.extend(&mut values, cells);
                    values
                }
                other => other.clone(),
            };
            Column { name: column.name.clone(), values }
        };
        let columns: Vec<Column> =
            self.columns.iter().filter(|column| names.contains(&&*column.name)).map(pick).collect();
        let source = self.source.clone();
        let table = Table { columns: columns.into(), rows: rows.len(), notices: Vec::new(), source, share: None };
        Ok((Cow::Owned(table), Cow::Owned((0..rows.len() as u32).collect())))
    }
    /// The store of the columns that lie in files.
    fn store(&self) -> Option<&Arc<Store>> {
        self.columns
            .iter()
            .find_map(|c| if let Values::Stored(stored) = &c.values { Some(&stored.store) } else { None })
    }
    /// Says from where the rows are read, and how much memory is taken; `why` they are not in memory.
    pub(super) fn announced(mut self, why: &str) -> Table {
        let Some(store) = self.store() else { return self };
        let [kept, reading] = [store.by_column.len() + store.by_row.len(), store.reading].map(memory::size);
        let folder = store.by_row.folder().display();
        let notice = format!("{why}: its rows are read from {kept} in {folder}\nmemory: at most {reading} to read it");
        self.notices.push(notice);
        self
    }
    /// Counts memory for `n` orders of the rows more, beside those of one training, as long as what is returned lives; for
    /// rows in memory nothing is counted.
    ///
    /// ```
    /// use kusari::tables::Table;
    /// let table = Table::from_csv("a,b\n1,x\n2,y\n")?;
    /// let _more = table.hold_orders(2)?;
    /// # Ok::<(), kusari::Error>(())
    /// ```
    ///
    /// # Errors
    /// When they take more memory than there may be.
    pub fn hold_orders(&self, n: usize) -> Result<impl Sized + use<>> {
        let what = format!("{n} orders of {} rows more", self.rows);
        let take = || memory::take(Path::new(&self.source), what, (4 * n * self.rows) as u64);
        self.is_stored().then(take).transpose()
    }
    /// Takes the memory that the orders of the rows need, if they lie in files.
    pub(super) fn allow_order(&self) -> Result<()> {
        let Some(store) = self.store().filter(|store| store.orders.get().is_none()) else { return Ok(()) };
        let what = format!("the order of {} rows", self.rows);
        let orders = memory::take(Path::new(&self.source), what, A_ROW * self.rows as u64)?;
        // Set meanwhile by another thread: one is enough.
        let _ = store.orders.set(orders);
        Ok(())
    }
    /// Bytes of a row in files, and of what is made of it.
    pub(super) fn row_bytes(&self) -> usize {
        2 * self.store().map_or(0, |store| store.record)
    }
}

impl ReadOptions {
    /// Why the rows of a table that might take so many bytes of memory stay in files, if they do.
    pub(super) fn why_stored(&self, bytes: u64) -> Option<String> {
        if self.stream {
            return Some("as asked for".to_string());
        }
        let told = || {
            let [whole, most] = [bytes, memory::max_memory()].map(memory::size);
            format!("the table may take {whole}, and all may take the {most} of --max-memory")
        };
        (!memory::is_free(bytes)).then(told)
    }
}

impl Store {
    /// The records of these rows; those that follow one another are read in one go.
    fn records(&self, rows: &[u32]) -> Result<Vec<u8>> {
        let mut records = vec![0; rows.len() * self.record];
        let mut first = 0;
        while first < rows.len() {
            let run = 1 + rows[first..].windows(2).take_while(|pair| pair[0].checked_add(1) == Some(pair[1])).count();
            let out = &mut records[first * self.record..(first + run) * self.record];
            self.by_row.read_into(u64::from(rows[first]) * self.record as u64, out)?;
            first += run;
        }
        Ok(records)
    }
}

/// The kind of the cells, without the cells.
fn kind(values: &Values) -> Option<Kind> {
    match values {
        Values::Various => None,
        other => Some(other.kind()),
    }
}
