//! Parquet files that do not fit in memory: their groups of rows, column by column.

use super::{Cells, flat, left_out, said};
use crate::{
    Error, Result, decoding, memory,
    tables::{ReadOptions, Table, csv::TIMES, stored::Writer},
};
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use std::{fs::File, path::Path};

/// Bytes of a cell while it is read: a list that grows, and the bytes that are written.
const A_CELL: u64 = 24;
/// Bytes of pages, packed and unpacked, and of a dictionary.
const PAGES: u64 = 8 << 20;

/// Reads a file into memory, or moves its columns to files in `folder` if they take more of it than they may.
pub(in crate::tables) fn open(file: File, source: &Path, options: &ReadOptions, folder: &Path) -> Result<Table> {
    let wrong = |message: String| Error::format(source, message);
    let failed = |e| Error::io(source, e);
    let length = file.metadata().map_err(failed)?.len();
    let same = file.try_clone().map_err(failed)?;
    let reader = decoding::decode("the Parquet file", || SerializedFileReader::new(same).map_err(said));
    let reader = reader.map_err(wrong)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let rows = u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(u64::MAX);
    let in_memory = rows.saturating_mul(8 * schema.num_columns() as u64).max(length.saturating_mul(TIMES));
    let Some(why) = options.why_stored(in_memory) else {
        return Ok(Table::from_bytes(memory::read_open(file, source, TIMES)?, source, options)?.counted());
    };
    Ok(store(&reader, source, options, folder)?.announced(&why))
}

/// Moves the columns of a file to files in `folder`.
pub(in crate::tables) fn store<R: ChunkReader + 'static>(
    reader: &SerializedFileReader<R>,
    source: &Path,
    options: &ReadOptions,
    folder: &Path,
) -> Result<Table> {
    let wrong = |message: String| Error::format(source, message);
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let (columns, nested) = flat(&schema).map_err(wrong)?;
    let mut writer = Writer::new(source, folder, columns.len())?;
    let rows_of = |number| u64::try_from(reader.metadata().row_group(number).num_rows()).unwrap_or(u64::MAX);
    let longest = (0..reader.num_row_groups()).map(rows_of).max().unwrap_or(0);
    let bytes = longest.saturating_mul(A_CELL).saturating_add(PAGES);
    let share = memory::take(source, format_args!("a column of {longest} rows, the longest group"), bytes)?;
    for number in 0..reader.num_row_groups() {
        let rows = rows_of(number);
        for (c, (i, name)) in columns.iter().enumerate() {
            let descriptor = schema.column(*i);
            let cells = decoding::decode("the Parquet file", || {
                let group = reader.get_row_group(number).map_err(said)?;
                let mut cells = Cells::new(&descriptor, options.kinds.get(name).copied());
                cells.read(group.get_column_reader(*i).map_err(said)?, &descriptor)?;
                Ok(cells)
            });
            let cells = cells.map_err(wrong)?;
            if cells.count as u64 != rows {
                let message = format!("the Parquet file is damaged: columns of {} and of {rows} rows", cells.count);
                return Err(wrong(message));
            }
            writer.block(number, cells.count, vec![(c, cells.finish())])?;
        }
    }
    let names = columns.into_iter().map(|(_, name)| name).collect();
    writer.finish(names, left_out(&nested).into_iter().collect(), share)
}
