//! Parquet files: columns of numbers, dates and texts; nested ones are left out.

mod groups;

use super::{Column, DateOrder, Kind, ReadOptions, Table, Values, words::Collector};
use crate::{Error, Result, decoding, memory};
use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::DataType,
    file::reader::{FileReader, SerializedFileReader},
    schema::types::{ColumnDescriptor, SchemaDescriptor},
};
use std::path::Path;

pub(super) use groups::open;
#[cfg(test)]
pub(super) use groups::store;

/// The first bytes of every Parquet file, and its last.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// Cells that are read at once.
const BATCH: usize = 8192;
const SECONDS_A_DAY: f64 = 86_400.0;

impl Table {
    /// Reads a table from the bytes of a Parquet file; `source` names it in messages. Compression is none, Snappy or
    /// gzip; zstd with the feature of that name.
    ///
    /// # Errors
    /// When the file is damaged, too large for the memory that may be taken, compressed otherwise, or has no column of
    /// single values.
    pub fn from_parquet(bytes: Vec<u8>, source: impl AsRef<Path>, options: &ReadOptions) -> Result<Table> {
        let source = source.as_ref();
        let bytes = bytes::Bytes::from(bytes);
        let file = decoding::decode("the Parquet file", || SerializedFileReader::new(bytes).map_err(said));
        let file = file.map_err(|message| Error::format(source, message))?;
        let rows = u64::try_from(file.metadata().file_metadata().num_rows()).unwrap_or(u64::MAX);
        let columns = file.metadata().file_metadata().schema_descr().num_columns() as u64;
        memory::allow(source, rows.saturating_mul(columns).saturating_mul(8))?;
        let read = decoding::decode("the Parquet file", || read(&file, options));
        let mut table = read.map_err(|message| Error::format(source, message))?;
        table.source = source.display().to_string();
        if table.rows == 0 {
            return Err(Error::format(source, "there is no row in it"));
        }
        Ok(table)
    }
}

/// What the reader says, for people.
fn said(error: impl std::fmt::Display) -> String {
    let text = error.to_string();
    match text.split_once("Disabled feature at compile time: ") {
        Some((_, codec)) => format!(
            "it is compressed with {codec}, which this program cannot read: write it with Snappy, gzip or no compression \
             (zstd can be read if kusari is built with the feature zstd)"
        ),
        None => format!("the Parquet file is damaged: {text}"),
    }
}

fn read(file: &SerializedFileReader<bytes::Bytes>, options: &ReadOptions) -> Result<Table, String> {
    let schema = file.metadata().file_metadata().schema_descr_ptr();
    let (flat, nested) = flat(&schema)?;
    let (mut columns, mut rows) = (Vec::new(), 0);
    for (i, path) in flat {
        let descriptor = schema.column(i);
        let mut cells = Cells::new(&descriptor, options.kinds.get(&path).copied());
        for group in 0..file.num_row_groups() {
            let group = file.get_row_group(group).map_err(said)?;
            cells.read(group.get_column_reader(i).map_err(said)?, &descriptor)?;
        }
        match columns.is_empty() {
            true => rows = cells.count,
            false if rows != cells.count => {
                return Err(format!("the Parquet file is damaged: columns of {rows} and of {} rows", cells.count));
            }
            false => {}
        }
        columns.push(Column { name: path, values: cells.finish() });
    }
    let mut table = Table::new(columns).map_err(|e| e.to_string())?;
    table.rows = rows;
    table.notices.extend(left_out(&nested));
    Ok(table)
}

/// Number and name of each column of single values, and the names of the others.
fn flat(schema: &SchemaDescriptor) -> Result<(Vec<(usize, String)>, Vec<String>), String> {
    let (mut flat, mut nested) = (Vec::new(), Vec::new());
    for i in 0..schema.num_columns() {
        let descriptor = schema.column(i);
        let path = descriptor.path().parts().join(".");
        match descriptor.max_rep_level() > 0 || descriptor.path().parts().len() > 1 {
            true => nested.push(path),
            false => flat.push((i, path)),
        }
    }
    match flat.is_empty() {
        true => Err("there is no column of single values in it".to_string()),
        false => Ok((flat, nested)),
    }
}

/// A sentence on the columns that are left out, if there are any.
fn left_out(nested: &[String]) -> Option<String> {
    let listed = super::table::listed(nested);
    (!nested.is_empty()).then(|| format!("columns of lists or structures are left out: {listed}"))
}

/// The cells of a column that have been read.
struct Cells {
    count: usize,
    kept: Kept,
    /// What the numbers in the file are multiplied by.
    scale: f64,
}

enum Kept {
    Numbers(Vec<f64>),
    Dates(Vec<f64>),
    Words(Collector),
    /// Too many different texts.
    Various,
}

impl Cells {
    fn new(descriptor: &ColumnDescriptor, wanted: Option<Kind>) -> Cells {
        let text = matches!(descriptor.physical_type(), Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY);
        let (mut scale, mut date) = (1.0, false);
        match (descriptor.converted_type(), descriptor.logical_type_ref()) {
            (ConvertedType::DATE, _) => date = true,
            (ConvertedType::TIMESTAMP_MILLIS, _) => (scale, date) = (1e-3 / SECONDS_A_DAY, true),
            (ConvertedType::TIMESTAMP_MICROS, _) => (scale, date) = (1e-6 / SECONDS_A_DAY, true),
            (_, Some(LogicalType::Timestamp(time))) => {
                let second = match time.unit {
                    TimeUnit::MILLIS => 1e-3,
                    TimeUnit::MICROS => 1e-6,
                    TimeUnit::NANOS => 1e-9,
                };
                (scale, date) = (second / SECONDS_A_DAY, true);
            }
            (ConvertedType::DECIMAL, _) => scale = 10f64.powi(-descriptor.type_scale()),
            _ => {}
        }
        date |= descriptor.physical_type() == Type::INT96;
        let decimal = descriptor.converted_type() == ConvertedType::DECIMAL;
        let kept = match wanted {
            Some(Kind::Text) => Kept::Words(Collector::default()),
            Some(Kind::Number) => Kept::Numbers(Vec::new()),
            Some(Kind::Date(_)) => Kept::Dates(Vec::new()),
            None if date => Kept::Dates(Vec::new()),
            None if text && !decimal => Kept::Words(Collector::default()),
            None => Kept::Numbers(Vec::new()),
        };
        Cells { count: 0, kept, scale }
    }
    fn read(&mut self, reader: ColumnReader, descriptor: &ColumnDescriptor) -> Result<(), String> {
        let unsigned = matches!(
            descriptor.converted_type(),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
        );
        let decimal = descriptor.converted_type() == ConvertedType::DECIMAL;
        match reader {
            ColumnReader::BoolColumnReader(r) => self.all(r, descriptor, |v| Cell::Number(*v as u8 as f64)),
            ColumnReader::Int32ColumnReader(r) if unsigned => {
                self.all(r, descriptor, |v| Cell::Number(*v as u32 as f64))
            }
            ColumnReader::Int32ColumnReader(r) => self.all(r, descriptor, |v| Cell::Number(*v as f64)),
            ColumnReader::Int64ColumnReader(r) if unsigned => {
                self.all(r, descriptor, |v| Cell::Number(*v as u64 as f64))
            }
            ColumnReader::Int64ColumnReader(r) => self.all(r, descriptor, |v| Cell::Number(*v as f64)),
            ColumnReader::Int96ColumnReader(r) => {
                self.all(r, descriptor, |v| Cell::Number(v.to_seconds() as f64 / SECONDS_A_DAY))
            }
            ColumnReader::FloatColumnReader(r) => self.all(r, descriptor, |v| Cell::Number(*v as f64)),
            ColumnReader::DoubleColumnReader(r) => self.all(r, descriptor, |v| Cell::Number(*v)),
            ColumnReader::ByteArrayColumnReader(r) if decimal => {
                self.all(r, descriptor, |v| Cell::Number(big_endian(v.data())))
            }
            ColumnReader::ByteArrayColumnReader(r) => self.all(r, descriptor, |v| Cell::Text(v.data())),
            ColumnReader::FixedLenByteArrayColumnReader(r) if decimal => {
                self.all(r, descriptor, |v| Cell::Number(big_endian(v.data())))
            }
            ColumnReader::FixedLenByteArrayColumnReader(r) => self.all(r, descriptor, |v| Cell::Text(v.data())),
        }
    }
    /// Reads the cells of a group of rows.
    fn all<T: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        descriptor: &ColumnDescriptor,
        cell: impl Fn(&T::T) -> Cell,
    ) -> Result<(), String> {
        let full = descriptor.max_def_level();
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        loop {
            values.clear();
            levels.clear();
            let (records, _, _) = reader.read_records(BATCH, Some(&mut levels), None, &mut values).map_err(said)?;
            if records == 0 {
                return Ok(());
            }
            let mut values = values.iter();
            for i in 0..records {
                let there = full == 0 || levels.get(i) == Some(&full);
                self.push(if there { values.next().map(&cell) } else { None });
            }
        }
    }
    fn push(&mut self, cell: Option<Cell>) {
        self.count += 1;
        let scale = self.scale;
        match &mut self.kept {
            Kept::Numbers(numbers) | Kept::Dates(numbers) => numbers.push(match cell {
                Some(Cell::Number(v)) => v * scale,
                Some(Cell::Text(text)) => {
                    std::str::from_utf8(text).ok().and_then(|t| t.trim().parse().ok()).unwrap_or(f64::NAN)
                }
                None => f64::NAN,
            }),
            Kept::Words(words) => {
                let kept = match cell {
                    Some(Cell::Text(text)) if !text.is_empty() => words.push(Some(text)),
                    Some(Cell::Number(v)) => words.push(Some((v * scale).to_string().as_bytes())),
                    _ => words.push(None),
                };
                if !kept {
                    self.kept = Kept::Various;
                }
            }
            Kept::Various => {}
        }
    }
    fn finish(self) -> Values {
        match self.kept {
            Kept::Numbers(numbers) => Values::Numbers(numbers),
            Kept::Dates(days) => Values::Dates(days, DateOrder::Ymd),
            Kept::Words(words) => Values::Words(words.finish()),
            Kept::Various => Values::Various,
        }
    }
}

/// A cell that is there.
enum Cell<'a> {
    Number(f64),
    Text(&'a [u8]),
}

/// A whole number of any length, two's complement.
fn big_endian(bytes: &[u8]) -> f64 {
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    let magnitude = bytes.iter().fold(0.0, |n, &b| n * 256.0 + if negative { !b } else { b } as f64);
    if negative { -(magnitude + 1.0) } else { magnitude }
}
