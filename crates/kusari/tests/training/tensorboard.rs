//! Event files, read back by the letter of their format.

use super::{Net, trainer};
use crate::serialize::Folder;
use kusari::training::{extensions::*, triggers::*};
use std::{fs, path::Path};

/// An event: step, whether training starts there, values.
type Event = (u64, bool, Vec<(String, f32)>);

/// A field of a protocol buffer: number, and its bytes (of a varint its value).
fn fields(mut bytes: &[u8]) -> Vec<(u64, u64, Vec<u8>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut v = 0;
        for shift in (0..).step_by(7) {
            let (&b, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            v |= u64::from(b & 127) << shift;
            if b < 128 {
                break;
            }
        }
        v
    }
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let (value, length) = match key & 7 {
            0 => (varint(&mut bytes), 0),
            1 => (0, 8),
            2 => (0, varint(&mut bytes) as usize),
            5 => (0, 4),
            other => panic!("wire type {other}"),
        };
        let (content, rest) = bytes.split_at(length);
        bytes = rest;
        all.push((key >> 3, value, content.to_vec()));
    }
    all
}

/// CRC-32C bit by bit, masked as TFRecord's is.
fn masked(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for &b in bytes {
        crc ^= u32::from(b);
        (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 });
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The events of all event files of a folder, in the order of their names.
fn events(folder: &Path) -> Vec<Vec<Event>> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.file_name().unwrap().to_str().unwrap().starts_with("events.out.tfevents."));
    files.sort();
    let read = |path| {
        let bytes: Vec<u8> = fs::read(path).unwrap();
        let mut rest = &bytes[..];
        let (mut all, mut first) = (Vec::new(), true);
        let number = |b: &[u8]| u32::from_le_bytes(b.try_into().unwrap());
        while !rest.is_empty() {
            let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
            assert_eq!(number(&rest[8..12]), masked(&rest[..8]));
            let (data, after) = rest[12..].split_at(length);
            assert_eq!(number(&after[..4]), masked(data));
            rest = &after[4..];
            let event = fields(data);
            if std::mem::take(&mut first) {
                assert!(event.iter().any(|f| f.0 == 3 && f.2 == b"brain.Event:2"));
                continue;
            }
            let step = event.iter().find(|f| f.0 == 2).unwrap().1;
            let start = event.iter().any(|f| f.0 == 7 && fields(&f.2)[0].1 == 1);
            let summaries = event.iter().filter(|f| f.0 == 5).flat_map(|f| fields(&f.2));
            let values = summaries.map(|(_, _, value)| {
                let value = fields(&value);
                let tag = String::from_utf8(value[0].2.clone()).unwrap();
                (tag, f32::from_le_bytes(value[1].2.clone().try_into().unwrap()))
            });
            all.push((step, start, values.collect()));
        }
        all
    };
    files.into_iter().map(read).collect()
}

#[test]
fn event_files_hold_the_log_and_go_on_where_training_does() {
    let folder = Folder::new("tensorboard");
    let train = |resume: bool, until: f64| {
        let net = Net::new();
        let mut trainer = trainer(&net, epochs(until), &folder.0);
        trainer.extend(LogReport::new());
        trainer.extend(TensorBoard::new());
        trainer.extend(snapshot()).trigger(epochs(2));
        assert!(!resume || trainer.resume("snapshot_iter_{iteration}").unwrap().is_some());
        trainer.run().unwrap();
        let log = trainer.extension::<LogReport>("LogReport").unwrap().log().to_vec();
        log.iter().map(|row| (row.iteration as u64, row.get("main/loss").unwrap() as f32)).collect::<Vec<_>>()
    };
    // Three epochs with a snapshot after two; going on makes the third anew.
    let before = train(false, 3.0);
    let after = train(true, 4.0);
    let files = events(&folder.0);
    let [first, second] = &files[..] else { panic!("two files, got {}", files.len()) };
    let losses = |events: &[Event]| -> Vec<(u64, f32)> {
        let values = events.iter().filter(|e| !e.2.is_empty());
        values.map(|(step, _, values)| (*step, values.iter().find(|v| v.0 == "main/loss").unwrap().1)).collect()
    };
    assert_eq!(losses(first), before);
    assert!(first[2].2.contains(&("epoch".to_string(), 3.0)) && first.iter().all(|event| !event.1));
    assert_eq!((second[0].0, second[0].1), (after[1].0 + 1, true));
    assert_eq!(losses(second), after[2..]);
}

#[test]
fn without_a_log_nothing_is_written() {
    let folder = Folder::new("tensorboard-no-log");
    let mut trainer = trainer(&Net::new(), epochs(1), &folder.0);
    trainer.extend(TensorBoard::new());
    trainer.run().unwrap();
    assert_eq!(events(&folder.0), [vec![]]);
}
