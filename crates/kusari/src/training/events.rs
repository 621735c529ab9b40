//! Event files, as TensorBoard reads them: records with checksums, each a protocol buffer `Event`.

/// The remainder table of CRC-32C (Castagnoli), bits reflected.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let (mut crc, mut bit) = (i as u32, 0);
        while bit < 8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

/// CRC-32C, turned and shifted as TFRecord wants it, so that checksums of checksums are no trouble.
fn masked_crc(bytes: &[u8]) -> u32 {
    let crc = !bytes.iter().fold(!0u32, |crc, &b| crc >> 8 ^ TABLE[(crc as u8 ^ b) as usize]);
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Adds a record: length, its checksum, the bytes, their checksum.
pub(super) fn push_record(records: &mut Vec<u8>, bytes: &[u8]) {
    let length = (bytes.len() as u64).to_le_bytes();
    records.extend(length);
    records.extend(masked_crc(&length).to_le_bytes());
    records.extend(bytes);
    records.extend(masked_crc(bytes).to_le_bytes());
}

/// A protocol buffer being written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(mut self, mut v: u64) -> Message {
        while v >= 0x80 {
            self.0.push(v as u8 | 0x80);
            v >>= 7;
        }
        self.0.push(v as u8);
        self
    }
    /// Field number and wire type.
    fn key(self, field: u64, wire: u64) -> Message {
        self.varint(field << 3 | wire)
    }
    fn int(self, field: u64, v: u64) -> Message {
        self.key(field, 0).varint(v)
    }
    fn double(self, field: u64, v: f64) -> Message {
        self.key(field, 1).raw(&v.to_le_bytes())
    }
    fn float(self, field: u64, v: f32) -> Message {
        self.key(field, 5).raw(&v.to_le_bytes())
    }
    fn bytes(self, field: u64, bytes: &[u8]) -> Message {
        self.key(field, 2).varint(bytes.len() as u64).raw(bytes)
    }
    fn raw(mut self, bytes: &[u8]) -> Message {
        self.0.extend(bytes);
        self
    }
}

fn event(time: f64) -> Message {
    Message::default().double(1, time)
}

/// The first event of a file.
pub(super) fn version(time: f64) -> Vec<u8> {
    event(time).bytes(3, b"brain.Event:2").0
}

/// Says that training goes on at `step`: what earlier files hold from there on is void.
pub(super) fn start(time: f64, step: usize) -> Vec<u8> {
    const START: u64 = 1;
    event(time).int(2, step as u64).bytes(7, &Message::default().int(1, START).0).0
}

/// Values at `step`.
pub(super) fn scalars<'a>(time: f64, step: usize, values: impl Iterator<Item = (&'a str, f64)>) -> Vec<u8> {
    let value = |all: Message, (tag, value): (&str, f64)| {
        all.bytes(1, &Message::default().bytes(1, tag.as_bytes()).float(2, value as f32).0)
    };
    event(time).int(2, step as u64).bytes(5, &values.fold(Message::default(), value).0).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 3720, B.4: 32 zeros, and the numbers 0 to 31.
        let plain = |bytes: &[u8]| masked_crc(bytes).wrapping_sub(0xa282_ead8).rotate_left(15);
        assert_eq!(plain(&[0; 32]), 0x8a91_36aa);
        assert_eq!(plain(&(0..32).collect::<Vec<u8>>()), 0x46dd_794e);
        assert_eq!(plain(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn messages_are_as_protocol_buffers_are() {
        assert_eq!(Message::default().int(2, 300).0, [0x10, 0xac, 0x02]);
        assert_eq!(Message::default().bytes(1, b"ab").float(2, 1.0).0, [0x0a, 2, b'a', b'b', 0x15, 0, 0, 0x80, 0x3f]);
    }
}
