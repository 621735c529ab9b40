//! Writing the cells of a table to files, block by block.

use super::{
    super::{
        Column, Kind, Table, Values, Words,
        table::finite,
        words::{Collector, MISSING},
    },
    NONE, Place, Store, Stored, kind, width,
};
use crate::{
    Error, Result,
    memory::{self, Share},
    scratch::Scratch,
};
use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

/// What texts may take of the memory that is left.
const TEXTS: u64 = 8;
/// Bytes of records that are put together at once.
const GROUP: usize = 1 << 20;

/// Takes the cells of a table block by block, those of some columns perhaps several times.
pub(in crate::tables) struct Writer<'a> {
    source: &'a Path,
    folder: &'a Path,
    file: Scratch,
    blocks: Vec<usize>,
    columns: Vec<Written>,
    /// Columns whose texts would take too much memory.
    pub long: Vec<usize>,
    /// How much texts may take.
    texts: Share,
    most: u64,
}

/// What was written of a column.
#[derive(Default)]
struct Written {
    kind: Option<Kind>,
    chunks: Vec<u64>,
    texts: Collector,
    /// Whether there are more different texts than are kept.
    various: bool,
}

impl<'a> Writer<'a> {
    /// Nothing yet of a table with so many columns; `source` names it in messages.
    pub fn new(source: &'a Path, folder: &'a Path, columns: usize) -> Result<Writer<'a>> {
        let columns = (0..columns).map(|_| Written::default()).collect();
        let (file, most) = (Scratch::new(folder)?, memory::left() / TEXTS);
        let texts = memory::take(source, "different texts", most)?;
        Ok(Writer { source, folder, file, blocks: Vec::new(), columns, long: Vec::new(), texts, most })
    }
    /// Forgets what was written of a column.
    pub fn forget(&mut self, column: usize) {
        self.columns[column] = Written::default();
    }
    /// The cells of columns in block number `block` of `rows` rows.
    pub fn block(&mut self, block: usize, rows: usize, cells: Vec<(usize, Values)>) -> Result<()> {
        match self.blocks.get(block) {
            None => self.blocks.push(rows),
            Some(&before) if before == rows => {}
            Some(_) => return Err(Error::format(self.source, "the file changes while it is read")),
        }
        cells.into_iter().try_for_each(|(column, values)| self.cells(column, values))?;
        self.shorten();
        Ok(())
    }
    fn cells(&mut self, column: usize, values: Values) -> Result<()> {
        let written = &mut self.columns[column];
        let bytes: Vec<u8> = match values {
            _ if written.various => return Ok(()),
            Values::Numbers(ref v) | Values::Dates(ref v, _) => {
                v.iter().flat_map(|&v| finite(v).to_le_bytes()).collect()
            }
            Values::Words(ref words) => match written.texts.renumbered(words) {
                Some(codes) => codes.flat_map(|c| (if c == MISSING { NONE } else { c as u16 }).to_le_bytes()).collect(),
                None => {
                    *written = Written { various: true, ..Written::default() };
                    return Ok(());
                }
            },
            Values::Various | Values::Stored(_) => {
                *written = Written { various: true, ..Written::default() };
                return Ok(());
            }
        };
        written.kind = kind(&values);
        written.chunks.push(self.file.append(&bytes)?);
        Ok(())
    }
    /// Leaves out columns until the different texts of all take no more memory than they may.
    fn shorten(&mut self) {
        let sizes = |columns: &[Written]| columns.iter().map(|c| c.texts.size()).collect::<Vec<u64>>();
        while sizes(&self.columns).iter().sum::<u64>() > self.most {
            let Some((longest, _)) = sizes(&self.columns).into_iter().enumerate().max_by_key(|(_, size)| *size) else {
                return;
            };
            self.columns[longest] = Written { various: true, ..Written::default() };
            self.long.push(longest);
        }
    }
    /// The table of these columns, with its records written row by row; `reading` is what was taken to read it.
    pub fn finish(mut self, names: Vec<String>, mut notices: Vec<String>, reading: Share) -> Result<Table> {
        let rows: usize = self.blocks.iter().sum();
        if u32::try_from(rows).is_err() {
            return Err(Error::format(self.source, format_args!("expected fewer than 2³² rows, got {rows}")));
        }
        let texts = self.columns.iter().map(|column| column.texts.size()).sum();
        let (mut places, mut kinds, mut record) = (Vec::new(), Vec::new(), 0);
        for written in &mut self.columns {
            let Some(kind) = written.kind else {
                kinds.push(None);
                continue;
            };
            let words: Arc<[String]> = std::mem::take(&mut written.texts).finish().words;
            kinds.push(Some((kind, words, places.len())));
            places.push(Place { width: width(kind), at: record, chunks: std::mem::take(&mut written.chunks) });
            record += width(kind);
        }
        if rows == 0 {
            return Err(Error::format(self.source, "there is no row below the header"));
        }
        for &column in &self.long {
            notices.push(format!("column '{}': its texts take too much memory: free text", names[column]));
        }
        let taken = memory::taken();
        drop((reading, self.texts));
        kusari_array::trim_memory();
        let mut store = Store {
            by_column: self.file,
            by_row: Scratch::new(self.folder)?,
            record,
            texts: memory::take(self.source, "different texts", texts)?,
            orders: OnceLock::new(),
            reading: taken,
            blocks: self.blocks,
            columns: places,
        };
        (0..store.blocks.len()).try_for_each(|block| store.turn(block))?;
        let store = Arc::new(store);
        let values = |kind: Option<(Kind, Arc<[String]>, usize)>| match kind {
            None => Values::Various,
            Some((kind, words, column)) => Values::Stored(Stored { kind, words, column, store: store.clone() }),
        };
        let columns = names.into_iter().zip(kinds).map(|(name, kind)| Column { name, values: values(kind) });
        let columns: Vec<Column> = columns.collect();
        let source = self.source.display().to_string();
        Ok(Table { columns: columns.into(), rows, notices, source, share: None })
    }
}

impl Store {
    /// Writes the records of a block.
    fn turn(&mut self, block: usize) -> Result<()> {
        let rows = self.blocks[block];
        let group = (GROUP / self.record.max(1)).clamp(1, rows.max(1));
        let mut records = vec![0; group * self.record];
        for first in (0..rows).step_by(group) {
            let n = group.min(rows - first);
            for Place { width, at, chunks } in &self.columns {
                let cells = self.by_column.read(chunks[block] + (first * width) as u64, n * width)?;
                for (cell, record) in cells.chunks_exact(*width).zip(records.chunks_exact_mut(self.record)) {
                    record[*at..at + width].copy_from_slice(cell);
                }
            }
            self.by_row.append(&records[..n * self.record])?;
        }
        Ok(())
    }
}

impl Collector {
    /// The codes of `words` in the numbering of this collector, which keeps the words only; none when there are too
    /// many different ones.
    fn renumbered<'w>(&mut self, words: &'w Words) -> Option<impl Iterator<Item = u32> + use<'w>> {
        let numbers: Option<Vec<u32>> = words.words.iter().map(|word| self.number(word.as_bytes())).collect();
        let numbers = numbers?;
        Some(words.codes.iter().map(move |&c| numbers.get(c as usize).copied().unwrap_or(MISSING)))
    }
}
