//! Protocol buffers, as much as ONNX needs of them: a message is a list of numbered fields.

/// The bytes of a message that grows field by field.
#[derive(Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub fn new() -> Message {
        Message::default()
    }
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
    /// Starts field `number` whose value is of a wire type: 0 a varint, 2 bytes with their length, 5 four bytes.
    fn key(&mut self, number: u32, wire: u32) {
        self.varint((number << 3 | wire).into());
    }
    /// An integer.
    pub fn int(mut self, number: u32, value: i64) -> Message {
        self.key(number, 0);
        self.varint(value as u64);
        self
    }
    /// A number.
    pub fn float(mut self, number: u32, value: f32) -> Message {
        self.key(number, 5);
        self.0.extend(value.to_le_bytes());
        self
    }
    /// Bytes.
    pub fn bytes(mut self, number: u32, value: &[u8]) -> Message {
        self.key(number, 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }
    /// A text.
    pub fn text(self, number: u32, value: &str) -> Message {
        self.bytes(number, value.as_bytes())
    }
    /// A message inside.
    pub fn message(self, number: u32, value: Message) -> Message {
        self.bytes(number, &value.0)
    }
    /// A field for each of several things.
    pub fn each<T>(self, items: impl IntoIterator<Item = T>, f: impl Fn(Message, T) -> Message) -> Message {
        items.into_iter().fold(self, f)
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    /// The examples of the format's documentation.
    #[test]
    fn documented_examples() {
        assert_eq!(Message::new().int(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        assert_eq!(Message::new().text(2, "testing").into_bytes(), b"\x12\x07testing");
        assert_eq!(Message::new().message(3, Message::new().int(1, 150)).into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        assert_eq!(Message::new().int(1, -2).into_bytes(), b"\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    }
}
