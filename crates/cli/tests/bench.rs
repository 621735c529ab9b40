use super::{Folder, kusari, refused};

/// The number of this name in a line of JSON.
fn number(line: &str, name: &str) -> f64 {
    let (_, rest) = line.split_once(&format!("\"{name}\": ")).unwrap_or_else(|| panic!("no {name} in {line}"));
    rest.split([',', '}']).next().unwrap().parse().unwrap_or_else(|e| panic!("{name}: {e} in {line}"))
}

#[test]
fn json_has_a_line_a_workload() {
    let folder = Folder::new("bench-json");
    let small = "--batch 2 --width 16 --length 3 --channels 2 --size 8x9 --elements 1000";
    let run = kusari(&folder.0, &format!("bench --json --rounds 2 --threads 1 {small}"));
    assert_eq!(run.code, 0, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    let names = ["mlp", "cnn", "lstm", "gpt", "scalar", "tinymlp", "adam", "elementwise"];
    assert_eq!(lines.len(), names.len(), "{}", run.out);
    for (line, name) in lines.iter().zip(names) {
        assert!(line.starts_with(&format!("{{\"workload\": \"{name}\", \"threads\": 1, ")), "{line}");
        assert!(number(line, "ms_min") >= 0.0 && number(line, "ms_median") >= number(line, "ms_min"), "{line}");
        if cfg!(target_os = "linux") {
            assert!(number(line, "rss_mb") > 0.0, "{line}");
        }
        if ["mlp", "cnn", "lstm", "gpt"].contains(&name) {
            for key in ["minimize_ms_min", "forward_ms_min", "forward_backward_ms_min", "gflops", "sum_mb", "kept_mb"] {
                assert!(number(line, key) > 0.0, "{key} in {line}");
            }
        }
    }
    assert!(lines[1].contains("\"options\": \"--batch 2 --channels 2 --size 8x9\""), "{}", lines[1]);
}

#[test]
fn a_table_for_people() {
    let folder = Folder::new("bench-table");
    let run = kusari(&folder.0, "bench scalar tinymlp --step --rounds 2");
    assert_eq!(run.code, 0, "{}", run.err);
    for text in ["; peak ", "\nworkload ", "\nscalar ", "\ntinymlp "] {
        assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
    }
}

#[test]
fn functions_by_parts_of_their_names() {
    let folder = Folder::new("bench-functions");
    let run = kusari(&folder.0, "bench --functions=select,floor --json --rounds 1");
    assert_eq!(run.code, 0, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.out);
    assert!(lines[0].starts_with("{\"function\": \"floor\", ") && !lines[0].contains("backward"), "{}", lines[0]);
    assert!(lines[1].contains("\"inputs\": \"1024x1024 1024\"") && number(lines[1], "forward_backward_ms_min") > 0.0);
}

#[test]
fn functions_at_several_sizes() {
    let folder = Folder::new("bench-sizes");
    let run = kusari(&folder.0, "bench --sizes --json --rounds 1 --elements 3000");
    assert_eq!(run.code, 0, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 12, "{}", run.out);
    for (i, line) in lines.iter().enumerate() {
        assert_eq!(number(line, "elements"), [1000.0, 3000.0][i % 2], "{line}");
        assert!(number(line, "ns") > 0.0, "{line}");
    }
}

#[test]
fn senseless_arguments_are_refused() {
    let folder = Folder::new("bench-errors");
    let cases = [
        ("bench mpl", "error: invalid value 'mpl' for '[WORKLOAD]...'\n"),
        (
            "bench mlp --size 31",
            "error: invalid value '31' for '--size <HxW>': expected height and width such as 31x33\n",
        ),
        ("bench mlp gpt --elements 5", "error: --elements concerns none of these workloads, only adam, elementwise\n"),
        ("bench --rounds 0", "error: invalid value '0' for '--rounds <N>': 0 is not in 1..=1000000\n"),
    ];
    refused(&folder.0, &cases);
}
