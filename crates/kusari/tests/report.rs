//! The page about a training: what it holds, and that texts from data stay texts.

use crate::serialize::Folder;
use kusari::{
    Array, Batch, Optimizer, array,
    datasets::TupleDataset,
    functions as F,
    iterators::SerialIterator,
    links as L, optimizers,
    plot::{Chart, Series},
    report::{Judgement, Picture, Report, Section},
    training::{LogEntry, Observation, StandardUpdater, Trainer, extensions as X, triggers::epochs},
};
use std::fs;

const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\"{{title}}&\u{2028}";

/// The JSON of each chart in a page.
fn charts(html: &str) -> Vec<serde_json::Value> {
    let parts = html.split("<script type=\"application/json\">").skip(1);
    parts.map(|part| serde_json::from_str(part.split("</script>").next().unwrap()).unwrap()).collect()
}

#[test]
fn texts_from_data_stay_texts() {
    let names = [HOSTILE.to_string(), "b".to_string()];
    let chart = Chart::new(HOSTILE).x_label(HOSTILE).line(HOSTILE, [[1.0, 2.0], [2.0, f64::NAN]]);
    let cells = vec![vec![HOSTILE.to_string(), "1.5".to_string()]];
    let section = Section::new(HOSTILE)
        .text(HOSTILE)
        .note(HOSTILE)
        .heading(HOSTILE)
        .code(HOSTILE)
        .facts([(HOSTILE, HOSTILE)])
        .table(&[HOSTILE, "number"], &cells)
        .bars(&[HOSTILE, "number"], &cells, &[2.0])
        .classes(&names, &[(HOSTILE, vec![1, 2])])
        .matrix(&names, &[vec![3, 1], vec![0, 2]])
        .chart(&chart)
        .pictures([Picture::gray(2, 1, &[0, 255]).caption(HOSTILE)]);
    let mut report = Report::new(HOSTILE).lead(HOSTILE).about(section).settings([(HOSTILE, HOSTILE)]).command(HOSTILE);
    report.set_state(HOSTILE);
    report.figure(HOSTILE, HOSTILE);
    let html = report.to_html();
    // One script is the page's own; charts are JSON that no browser runs.
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!(html.matches("</script>").count(), 2);
    assert_eq!(html.matches("<img").count(), 1);
    assert!(!html.contains("<img src=x"), "{html}");
    assert_eq!(html.matches("&lt;/script&gt;&lt;script&gt;alert(1)").count(), 33);
    // What looks like a place in the template is none.
    assert!(html.contains("{{title}}"));
    let [chart] = &charts(&html)[..] else { panic!("one chart") };
    assert_eq!(chart["title"], HOSTILE);
    assert_eq!(chart["series"][0]["label"], HOSTILE);
    assert_eq!(chart["series"][0]["points"], serde_json::json!([[1.0, 2.0], [2.0, null]]));
}

#[test]
fn numbers_stand_right_and_many_classes_become_pairs() {
    let rows = vec![vec!["1".to_string(), "−2.5".into(), "x".into()], vec!["2".into(), "98 %".into(), "3".into()]];
    let html = Report::new("t").about(Section::new("s").table(&["a", "b", "c"], &rows)).to_html();
    assert!(html.contains("<td>1</td><td class=\"n\">−2.5</td><td>x</td>"), "{html}");
    let names: Vec<String> = (0..40).map(|c| format!("class {c}")).collect();
    let mut counts = vec![vec![0; 40]; 40];
    (0..40).for_each(|c| counts[c][c] = 5);
    (counts[3][7], counts[9][1]) = (2, 4);
    let html = Report::new("t").about(Section::new("s").matrix(&names, &counts)).to_html();
    let [first, second] =
        ["class 9</td><td>class 1</td>", "class 3</td><td>class 7</td>"].map(|s| html.find(s).unwrap());
    assert!(first < second && !html.contains("<table class=\"matrix"), "{html}");
}

#[test]
fn dots_and_long_curves() {
    let long = Series::line((0..10_000).map(|i| [i as f64, 1.0 / 3.0])).label("long");
    let dots = Chart::new("d").add(Series::dots([[1.0, 2.0]])).add(Series::line([[0.0, 0.0], [2.0, 2.0]]));
    let section = Section::new("s").chart(&Chart::new("l").add(long)).chart(&dots);
    let html = Report::new("t").about(section).to_html();
    let [line, dots] = &charts(&html)[..] else { panic!("two charts") };
    let points = line["series"][0]["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[1000]), (1001, &serde_json::json!([9999.0, 0.333333])));
    assert_eq!((&dots["kind"], &dots["series"][1]["style"]), (&"dots".into(), &"guide".into()));
}

#[test]
fn the_curves_of_a_log() {
    let row = |i: usize| {
        let mut values = Observation::new();
        values.set("main/accuracy", 0.5);
        values.set("main/loss", 1.0 / i as f64);
        values.set("validation/main/loss", (i as f64 - 2.0).abs());
        values.set("lr", 0.1);
        LogEntry { values, epoch: i, iteration: 10 * i, elapsed_time: 1.0 }
    };
    let mut report = Report::new("t");
    report.set_log(&[row(1), row(2), row(3)]);
    let all = charts(&report.to_html());
    let titles: Vec<_> = all.iter().map(|c| c["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["loss", "accuracy", "lr"]);
    let labels: Vec<_> = all[0]["series"].as_array().unwrap().iter().map(|s| s["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["training", "validation", "lowest"]);
    assert_eq!(
        (&all[0]["x_label"], &all[0]["series"][2]["points"]),
        (&"epoch".into(), &serde_json::json!([[2.0, 0.0]]))
    );
    // Several rows an epoch.
    report.set_log(&[row(1), LogEntry { epoch: 1, ..row(2) }]);
    assert_eq!(charts(&report.to_html())[0]["x_label"], "iteration");
}

#[test]
fn judgements_and_the_worst_of_them() {
    let p = array![[0.7f32, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.05, 0.05, 0.9]];
    let all = Judgement::of(10, &p, &array![0i32, 0, 2, 1]).unwrap();
    assert_eq!((all[1].sample, all[1].truth, all[1].predicted), (11, 0, 1));
    let worst: Vec<usize> = Judgement::worst(&all, 5).iter().map(|j| j.sample).collect();
    assert_eq!(worst, [13, 11]);
    let names = ["a", "b", "c"].map(str::to_string);
    assert_eq!(Judgement::confusion(&all, "t", &names).counts, [[1, 1, 0], [0, 0, 1], [0, 0, 1]]);
    let message = Judgement::of(0, &p, &array![0i32, 3, 0, 0]).unwrap_err().to_string();
    assert_eq!(message, "Judgement::of: expected labels below 3, got 3");
    assert!(Judgement::of(0, &p, &array![0i32]).is_err());
}

/// A small training with the page among its extensions.
fn trainer(folder: &Folder, file: &str) -> Trainer {
    let x = Array::from_vec(&[12, 2], (0..24).map(|i| (i % 5) as f32 - 2.0).collect::<Vec<_>>());
    let data = TupleDataset::new(x, Array::from_vec(&[12], (0..12).map(|i| i % 2).collect::<Vec<i32>>()));
    let model = L::Sequential::mlp(2, 4, 1, 2);
    let mut opt = optimizers::Adam::default();
    opt.setup(&model);
    let loss = |m: &L::Sequential, b: &Batch| F::softmax_cross_entropy(&m.forward(&b.x), &b.t);
    let updater = StandardUpdater::with_loss(SerialIterator::new(data, 3), opt, model, loss);
    let mut trainer = Trainer::new(updater, epochs(5), &folder.0);
    trainer.extend(X::LogReport::new());
    trainer.extend(X::HtmlReport::new(Report::new("small")).file(file));
    trainer
}

#[test]
fn a_training_leaves_its_page() {
    let folder = Folder::new("report");
    let mut trainer = trainer(&folder, "report.html");
    trainer.run().unwrap();
    let html = fs::read_to_string(folder.0.join("report.html")).unwrap();
    assert!(html.contains("trained, epoch 5, iteration 20"), "{html}");
    assert_eq!(charts(&html)[0]["series"][0]["points"].as_array().unwrap().len(), 5);
    for text in ["id=\"time-per-function\"", "the mean of 10 early steps", "<td>linear</td>", "softmax_cross_entropy"] {
        assert!(html.contains(text), "no '{text}' in\n{html}");
    }
    for outside in ["http://", "https://", "src=\"/", "url("] {
        assert!(!html.replace("http://www.w3.org/2000/svg", "").contains(outside), "{outside}");
    }
}

#[test]
fn a_page_that_cannot_be_written_ends_no_training() {
    let folder = Folder::new("report-unwritable");
    let mut trainer = trainer(&folder, "no/such/folder.html");
    trainer.run().unwrap();
    assert!(folder.0.join("log").is_file());
}
