//! Reads an ONNX file far enough to see that its parts fit together.

use std::collections::HashSet;

/// What an ONNX file holds.
#[derive(Default, Debug)]
pub struct File {
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub initializers: Vec<String>,
    pub operators: Vec<String>,
    pub metadata: Vec<(String, String)>,
}

enum Field<'a> {
    Int(u64),
    Four,
    Bytes(&'a [u8]),
}

/// The fields of a message.
fn fields(mut bytes: &[u8]) -> Result<Vec<(u64, Field<'_>)>, String> {
    fn varint(bytes: &mut &[u8]) -> Result<u64, String> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = bytes.split_first().ok_or("a number is cut off")?;
            *bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("a number is too long".into())
    }
    fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = bytes.split_at_checked(n).ok_or("bytes are cut off")?;
        *bytes = rest;
        Ok(taken)
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let field = match key & 7 {
            0 => Field::Int(varint(&mut bytes)?),
            2 => {
                let n = varint(&mut bytes)? as usize;
                Field::Bytes(take(&mut bytes, n)?)
            }
            5 => take(&mut bytes, 4).map(|_| Field::Four)?,
            wire => return Err(format!("wire type {wire}")),
        };
        found.push((key >> 3, field));
    }
    Ok(found)
}

/// The messages, or bytes, in fields of a number.
fn all(message: &[u8], number: u64) -> Result<Vec<&[u8]>, String> {
    let bytes = |(n, field)| if let (true, Field::Bytes(b)) = (n == number, field) { Some(b) } else { None };
    Ok(fields(message)?.into_iter().filter_map(bytes).collect())
}
fn text(message: &[u8], number: u64) -> Result<String, String> {
    let found = all(message, number)?;
    let bytes = found.first().ok_or(format!("field {number} is missing"))?;
    String::from_utf8(bytes.to_vec()).map_err(|e| e.to_string())
}
fn texts(message: &[u8], number: u64) -> Result<Vec<String>, String> {
    all(message, number)?.iter().map(|b| String::from_utf8(b.to_vec()).map_err(|e| e.to_string())).collect()
}
fn named(message: &[u8], number: u64, name: u64) -> Result<Vec<String>, String> {
    all(message, number)?.iter().map(|m| text(m, name)).collect()
}

impl File {
    /// Reads a file, whose nodes must follow what they use and give every value once.
    pub fn read(bytes: &[u8]) -> Result<File, String> {
        let graphs = all(bytes, 7)?;
        let [graph] = graphs[..] else { return Err(format!("{} graphs", graphs.len())) };
        if !fields(bytes)?.iter().any(|field| matches!(field, (1, Field::Int(8)))) {
            return Err("no version of the format".into());
        }
        let mut file = File {
            inputs: named(graph, 11, 1)?,
            outputs: named(graph, 12, 1)?,
            initializers: named(graph, 5, 8)?,
            ..File::default()
        };
        for pair in all(bytes, 14)? {
            file.metadata.push((text(pair, 1)?, text(pair, 2)?));
        }
        let mut known: HashSet<String> = HashSet::new();
        for name in file.inputs.iter().chain(&file.initializers) {
            if !known.insert(name.clone()) {
                return Err(format!("'{name}' twice"));
            }
        }
        for node in all(graph, 1)? {
            let operator = text(node, 4)?;
            for name in texts(node, 1)?.iter().filter(|name| !name.is_empty()) {
                if !known.contains(name) {
                    return Err(format!("{operator} uses '{name}' before it is there"));
                }
            }
            for name in texts(node, 2)? {
                if name.is_empty() || !known.insert(name.clone()) {
                    return Err(format!("{operator} gives '{name}' again"));
                }
            }
            file.operators.push(operator);
        }
        match file.outputs.iter().find(|name| !known.contains(*name)) {
            Some(name) => Err(format!("nothing gives the output '{name}'")),
            None => Ok(file),
        }
    }
}
