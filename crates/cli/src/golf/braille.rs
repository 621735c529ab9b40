//! Drawing with braille characters: two dots across and four down in each, and one colour.

use kusari::plot::Color;

/// A grid of braille characters.
pub struct Dots {
    columns: usize,
    rows: usize,
    cells: Vec<Cell>,
}

/// A character's dots or the letter in their place, and its colour.
#[derive(Clone, Copy, Default, PartialEq)]
struct Cell {
    dots: u8,
    letter: Option<char>,
    color: Option<Color>,
}

impl Dots {
    /// Empty paper, in characters.
    pub fn new(columns: usize, rows: usize) -> Dots {
        Dots { columns, rows, cells: vec![Cell::default(); columns * rows] }
    }
    /// Sets the dot at shares 0 to 1 of both directions, from the lower left; nothing outside. A colour replaces the
    /// character's; no colour leaves it.
    pub fn set(&mut self, x: f64, y: f64, color: Option<Color>) {
        if let Some((cell, bit)) = self.find(x, y) {
            self.cells[cell].dots |= bit;
            self.cells[cell].color = color.or(self.cells[cell].color);
        }
    }
    /// Puts an ASCII letter where the dot would be: every terminal gives it one column.
    pub fn letter(&mut self, x: f64, y: f64, letter: char, color: Color) {
        if let Some((cell, _)) = self.find(x, y) {
            self.cells[cell] = Cell { letter: Some(letter), color: Some(color), ..self.cells[cell] };
        }
    }
    /// The character, and its bit, at shares of both directions.
    fn find(&self, x: f64, y: f64) -> Option<(usize, u8)> {
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let (width, height) = (2 * self.columns, 4 * self.rows);
        let (x, y) = ((x * (width - 1) as f64).round(), ((1.0 - y) * (height - 1) as f64).round());
        let inside = x >= 0.0 && y >= 0.0 && x < width as f64 && y < height as f64;
        let (x, y) = (x as usize, y as usize);
        inside.then(|| (y / 4 * self.columns + x / 2, BITS[y % 4][x % 2]))
    }
    /// The lines of text, with colours if wanted.
    pub fn lines(&self, colored: bool) -> Vec<String> {
        self.cells.chunks(self.columns).map(|row| line(row, colored)).collect()
    }
}

fn line(row: &[Cell], colored: bool) -> String {
    let (mut text, mut now) = (String::new(), None);
    for cell in row {
        let color = cell.color.filter(|_| colored);
        if color != now {
            text += &color.map_or("\x1b[0m".to_string(), |Color(r, g, b)| format!("\x1b[38;2;{r};{g};{b}m"));
            now = color;
        }
        let dots = char::from_u32(0x2800 + cell.dots as u32).filter(|_| cell.dots > 0);
        text.push(cell.letter.or(dots).unwrap_or(' '));
    }
    if now.is_some() { text + "\x1b[0m" } else { text.trim_end().to_string() }
}
