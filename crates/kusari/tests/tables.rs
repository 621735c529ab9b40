//! Tables: what CSV files of all sorts are read as.

#[path = "tables/parquet.rs"]
mod parquet;

use kusari::tables::{Column, DateOrder, Kind, ReadOptions, Table, Values};

fn read(bytes: &[u8]) -> Result<Table, String> {
    Table::from_bytes(bytes.to_vec(), "t.csv", &ReadOptions::default()).map_err(|e| e.to_string())
}

/// A column as text, for comparisons.
fn shown(table: &Table, name: &str) -> String {
    match &table.column(name).unwrap().values {
        Values::Numbers(v) => format!("{v:?}"),
        Values::Dates(v, order) => format!("{order:?} {v:?}"),
        Values::Words(words) => {
            (0..table.rows()).map(|i| words.get(i).unwrap_or("<missing>")).collect::<Vec<_>>().join("|")
        }
        Values::Various => "various".to_string(),
        Values::Stored(_) => "in a file".to_string(),
    }
}

#[test]
fn what_is_infinite_is_missing() {
    let values = Values::Numbers(vec![1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
    let table = Table::new(vec![Column { name: "a".to_string(), values }]).unwrap();
    assert_eq!(shown(&table, "a"), "[1.0, NaN, NaN, NaN]");
}

#[test]
fn wild_files_are_read_as_meant() {
    let cases: &[(&str, &[u8], &[(&str, &str)])] = &[
        ("comma", b"a,b\n1,x\n2,y\n", &[("a", "[1.0, 2.0]"), ("b", "x|y")]),
        ("no newline at the end", b"a,b\n1,x\n2,", &[("a", "[1.0, 2.0]"), ("b", "x|<missing>")]),
        ("BOM, CRLF", b"\xef\xbb\xbfa,b\r\n1,x\r\n2,y\r\n", &[("a", "[1.0, 2.0]"), ("b", "x|y")]),
        ("old Macs", b"a,b\r1,x\r2,y", &[("a", "[1.0, 2.0]"), ("b", "x|y")]),
        ("tabs", b"a\tb\n1\tx y\n2\ty\n", &[("a", "[1.0, 2.0]"), ("b", "x y|y")]),
        ("bars", b"a|b\n1|x\n2|y\n", &[("a", "[1.0, 2.0]")]),
        ("semicolons, decimal commas", b"a;b\n1,5;x\n-2,25;y\n", &[("a", "[1.5, -2.25]"), ("b", "x|y")]),
        ("thousands", b"a;b\n1.234,5;x\n2.000;y\n", &[("a", "[1234.5, 2000.0]")]),
        (
            "decimal commas without a header",
            b"1,5;2,5\n3,5;4,5\n",
            &[("column1", "[1.5, 3.5]"), ("column2", "[2.5, 4.5]")],
        ),
        ("quoted thousands", b"a,b\n\"1,234\",x\n\"5,000\",y\n", &[("a", "[1234.0, 5000.0]")]),
        (
            "quotes",
            b"a,b\n\"x, \"\"y\"\"\nz\",1\n \"q\" ,2\n5\" pipe,3\n",
            &[("a", "x, \"y\"\nz|q|5\" pipe"), ("b", "[1.0, 2.0, 3.0]")],
        ),
        ("missing", b"a,b\nNA,x\n2,\n?,null\n", &[("a", "[NaN, 2.0, NaN]"), ("b", "x|<missing>|<missing>")]),
        ("all missing", b"a,b\n,1\n,2\n", &[("a", "[NaN, NaN]")]),
        ("empty lines", b"\na,b\n\n1,x\n\r\n2,y\n\n", &[("a", "[1.0, 2.0]")]),
        ("no header", b"1,x\n2,y\n3,x\n", &[("column1", "[1.0, 2.0, 3.0]"), ("column2", "x|y|x")]),
        ("no header, texts only", b"x,p\ny,q\nx,p\n", &[("column1", "x|y|x")]),
        ("header, texts only", b"kind,size\nash,big\noak,small\nash,small\n", &[("kind", "ash|oak|ash")]),
        ("years as names", b"id,2019,2020\na,1,2\nb,3,4\n", &[("column1", "id|a|b")]),
        (
            "duplicates",
            b"a,a,a_2,a\n1,2,3,4\n5,6,7,8\n",
            &[("a", "[1.0, 5.0]"), ("a_2", "[3.0, 7.0]"), ("a_3", "[2.0, 6.0]")],
        ),
        ("a name lacks", b"x,y\nr1,1,2\nr2,3,4\n", &[("unnamed1", "r1|r2"), ("x", "[1.0, 3.0]")]),
        ("delimiters at the end", b"x,y\n1,2,\n3,4,\n", &[("x", "[1.0, 3.0]"), ("y", "[2.0, 4.0]")]),
        ("delimiters at the end of all rows", b"x,y,\n1,2,\n3,4,\n", &[("y", "[2.0, 4.0]")]),
        ("Latin-1", b"stra\xdfe,n\nM\xfcller,1\nx,2\n", &[("straße", "Müller|x")]),
        ("UTF-16", b"\xff\xfea\0,\0b\0\n\x001\0,\x002\0\n\0", &[("a", "[1.0]"), ("b", "[2.0]")]),
        ("dates", b"d,n\n2024-02-29,1\n1970-01-02,2\n", &[("d", "Ymd [19782.0, 1.0]")]),
        ("days first", b"d,n\n29.02.2024,1\n02.01.1970,2\n", &[("d", "Dmy [19782.0, 1.0]")]),
        ("months first", b"d,n\n2/29/2024,1\n1/2/1970,2\n", &[("d", "Mdy [19782.0, 1.0]")]),
        ("one column", b"a\n1\n2\n", &[("a", "[1.0, 2.0]")]),
    ];
    for (name, bytes, columns) in cases {
        let table = read(bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        for (column, expected) in *columns {
            assert!(table.find(column).is_some(), "{name}: no '{column}' in {:?}", table.names());
            assert_eq!(&shown(&table, column), expected, "{name}, column '{column}'");
        }
    }
}

#[test]
fn notices_say_what_was_done() {
    let notice = |bytes: &[u8]| read(bytes).unwrap().notices().join("; ");
    assert_eq!(notice(b"a,b\n1,2\n"), "");
    assert_eq!(notice(b"\xe4,b\n1,2\n"), "the file is not UTF-8 (byte 0); it was read as Windows-1252");
    assert_eq!(notice(b"a,a,a\n1,2,3\n"), "columns of one name were renamed: 'a_2', 'a_3'");
    let mut junk = String::from("a,b\n");
    (0..100).for_each(|i| junk += &format!("{},{i}\n", if i == 70 { "n/k".to_string() } else { i.to_string() }));
    assert_eq!(notice(junk.as_bytes()), "column 'a': one cell that is no number ('n/k') counted as missing");
}

#[test]
fn files_that_are_no_tables_are_refused() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "t.csv: the file is empty"),
        (b" \r\n\n", "t.csv: the file is empty"),
        (b"a,b\n", "t.csv: there is no row below the header"),
        (b"a,b\n1,2\n3\n4,5\n6,7\n", "t.csv: line 3: expected 2 cells separated by ',', got 1 cell"),
        (b"a;b\n1;2\n3;4\n5;6;7\n8;9\n", "t.csv: line 4: expected 2 cells separated by ';', got 3 cells"),
        (b"a,b\n1,\"2\n3,4\n", "t.csv: line 2: a quotation begins here and is never closed"),
        (b"PK\x03\x04....", "t.csv: this is an Excel workbook or another zip archive: save the sheet as CSV"),
        (b"\x1f\x8b....", "t.csv: this is compressed with gzip: unpack it first"),
        (b"\x00\x01\x02\x03", "t.csv: this is not a text file: byte 0 is 0; kusari reads CSV and TSV"),
    ];
    for (bytes, message) in cases {
        assert_eq!(read(bytes).map(|t| t.rows()), Err(message.to_string()));
    }
    let missing = Table::read("no-such-file.csv").unwrap_err().to_string();
    assert!(missing.starts_with("no-such-file.csv: No such file"), "{missing}");
    let message = read(b"a,b\n1,2\n").unwrap().column("c").unwrap_err().to_string();
    assert_eq!(message, "t.csv: there is no column 'c'; its columns are 'a', 'b'");
}

#[test]
fn what_is_known_beforehand_decides() {
    let options = ReadOptions {
        kinds: [("a".to_string(), Kind::Text), ("d".to_string(), Kind::Date(DateOrder::Dmy))].into(),
        ..ReadOptions::default()
    };
    let table = Table::from_bytes(b"a,d\n007,1/2/2020\n8,3/4/2020\n".to_vec(), "t", &options).unwrap();
    assert_eq!(shown(&table, "a"), "007|8");
    assert_eq!(shown(&table, "d"), "Dmy [18293.0, 18355.0]");
}

/// Rows over several pieces, with quoted newlines, numbers that end as texts, and quotes that break the parity.
#[test]
fn long_files_are_read_in_pieces() {
    for (stray, quoted) in [("", "\"a \"\"b\"\",\nc\""), ("5\" pipe", "plain")] {
        let mut text = String::from("n,text,late,x\n");
        let rows = 400_000;
        for i in 0..rows {
            let word = if i == 7 {
                stray
            } else if i % 3 == 0 {
                quoted
            } else {
                "w"
            };
            let late = if i < rows / 2 { "1" } else { "one" };
            text += &format!("{i},{word},{late},{}.25\n", i % 10);
        }
        let table = read(text.as_bytes()).unwrap();
        assert_eq!(table.rows(), rows);
        let Values::Numbers(n) = &table.column("n").unwrap().values else { panic!("numbers") };
        assert!(n.iter().enumerate().all(|(i, &v)| v == i as f64));
        let Values::Words(words) = &table.column("text").unwrap().values else { panic!("texts") };
        assert_eq!(words.get(399_999).unwrap(), quoted.trim_matches('"').replace("\"\"", "\""));
        let Values::Words(words) = &table.column("late").unwrap().values else { panic!("texts") };
        assert_eq!((words.get(0), words.get(rows - 1)), (Some("1"), Some("one")));
    }
}

#[test]
fn ten_thousand_columns() {
    let names: Vec<String> = (0..10_000).map(|i| format!("c{i}")).collect();
    let row: Vec<String> = (0..10_000).map(|i| i.to_string()).collect();
    let table = read(format!("{}\n{}\n{}\n", names.join(","), row.join(","), row.join(",")).as_bytes()).unwrap();
    assert_eq!((table.names().len(), table.rows()), (10_000, 2));
    assert_eq!(shown(&table, "c9999"), "[9999.0, 9999.0]");
}

/// No bytes make the reader panic.
#[test]
fn damaged_files_never_panic() {
    let seeds: [&[u8]; 4] = [
        b"a,b,d\n1,\"x, \"\"y\"\"\",2020-01-01\n2,,2021-12-31\r\n",
        b"a;b\n1,5;x\n2,5;y\n",
        b"\xff\xfea\0,\0b\0\n\x001\0,\x002\0\n\0",
        b"x\ty\n\n-1e5\t$3.00\n(4)\t5%\n",
    ];
    let mut random = kusari::random::Generator::new(1);
    for i in 0..20_000 {
        let mut bytes = seeds[i % seeds.len()].to_vec();
        for _ in 0..1 + random.below(4) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[at] = b"\",;\n\r\t|.-0 \xff\x00aE/:"[random.below(17)],
                1 => drop(bytes.drain(at..(at + 1 + random.below(3)).min(bytes.len()))),
                _ => bytes.insert(at, random.below(256) as u8),
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        let _ = read(&bytes);
    }
}

/// Whatever a description says, a model file loads and predicts, or is refused with a message.
#[test]
fn damaged_model_files_never_panic() {
    use kusari::serializers::{safetensors_bytes, safetensors_from_bytes};
    let rows: String = (0..80).map(|i| format!("{i},k{},2024-01-{:02},{}\n", i % 40, i % 28 + 1, i % 3)).collect();
    let table = Table::from_csv(&format!("a,k,d,y\n{rows}")).unwrap();
    let settings = kusari::tables::Settings { epochs: Some(1), units: 4, members: Some(1), ..Default::default() };
    let folder = std::env::temp_dir().join(format!("kusari-test-{}-model", std::process::id()));
    let model = kusari::tables::Lesson::new(&table, &settings).unwrap().run(&folder).unwrap();
    let file = folder.join("m.safetensors");
    model.save(&file).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let again = kusari::tables::TableModel::from_bytes(&bytes, "m").unwrap();
    assert_eq!(again.predict(&table).unwrap(), model.predict(&table).unwrap());

    let (entries, description) = safetensors_from_bytes(&bytes, "m").unwrap();
    let mut random = kusari::random::Generator::new(2);
    let mut loaded = 0;
    for i in 0..4_000 {
        let damaged = if i % 2 == 0 {
            let mut text: Vec<char> = description.chars().collect();
            for _ in 0..1 + random.below(3) {
                let at = random.below(text.len());
                match random.below(3) {
                    0 => text[at] = ['0', '9', '-', 'e', '"', ',', '{', ']'][random.below(8)],
                    1 => drop(text.remove(at)),
                    _ => text.insert(at, ['0', '9', '.', 'E', '"', ','][random.below(6)]),
                }
            }
            safetensors_bytes(&entries, &text.into_iter().collect::<String>()).unwrap()
        } else {
            let mut bytes = bytes.clone();
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
            bytes
        };
        if let Ok(model) = kusari::tables::TableModel::from_bytes(&damaged, "m") {
            loaded += 1;
            if let Ok(predictions) = model.predict(&table) {
                predictions.write_csv(&mut Vec::new()).unwrap();
            }
            let _ = (model.evaluate(&table), model.describe());
        }
    }
    assert!(loaded > 100, "some damages do not matter: {loaded}");
}
