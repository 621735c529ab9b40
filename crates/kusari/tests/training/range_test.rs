//! The learning-rate range test, and the graph of a step.

use super::{Net, data, trainer};
use crate::serialize::Folder;
use kusari::{
    Batch, Optimizer, functions as F,
    iterators::SerialIterator,
    links as L, optimizers, random,
    schedules::OneCycle,
    training::{RangeTest, StandardUpdater, Trainer, triggers::epochs},
};

#[test]
fn the_suggested_rate_lies_where_the_loss_falls() {
    random::seed(0);
    let folder = Folder::new("range");
    let model = L::Sequential::mlp(2, 16, 1, 1);
    let mut opt = optimizers::SGD::new(1.0);
    opt.setup(&model);
    let loss = |m: &L::Sequential, b: &Batch| {
        let y = F::reshape(&m.forward(&b.x), [b.t.shape()[0] as isize]);
        F::mean_squared_error(&y, &b.t)
    };
    let updater = StandardUpdater::with_loss(SerialIterator::new(data(40), 10), opt, model, loss);
    let test = Trainer::new(updater, epochs(1), &folder.0).range_test(1e-5, 100.0, 150).unwrap();
    assert!(test.diverged && test.losses.len() < 150, "{test:?}");
    assert!((test.losses[0][0] - 1e-5).abs() < 1e-12 && test.losses[1][0] > test.losses[0][0]);
    let (suggested, largest) = (test.suggestion(false).unwrap(), test.largest().unwrap());
    assert!(largest > 1e-2 && largest < 10.0 && (suggested / largest - 0.1).abs() < 0.01, "{suggested} {largest}");
    assert!(test.suggestion(true).unwrap() > suggested);
    assert!(test.chart(true).to_png().starts_with(b"\x89PNG"));
}

#[test]
fn no_rate_is_suggested_where_nothing_falls() {
    let losses = (0..50).map(|i| [1e-5 * 1.2f64.powi(i), 1.0 + i as f64 / 50.0]).collect();
    let test = RangeTest { losses, diverged: false };
    assert_eq!((test.suggestion(true), test.largest()), (None, None));
    test.chart(true).to_png();
    let none = RangeTest { losses: Vec::new(), diverged: true };
    assert_eq!(none.suggestion(false), None);
    none.chart(false).to_png();
}

#[test]
fn senseless_rates_are_refused() {
    let folder = Folder::new("range-refused");
    let message = trainer(&Net::new(), epochs(1), &folder.0).range_test(1.0, 0.5, 10).unwrap_err().to_string();
    assert_eq!(message, "range_test: expected 0 < low < high and two steps, got 1, 0.5, 10");
    // A schedule would have the last word on every rate.
    let net = Net::new();
    let mut sgd = optimizers::SGD::new(0.1);
    sgd.setup(&net);
    sgd.set_schedule(OneCycle::new(0.1, 1000.0));
    let updater = StandardUpdater::with_loss(SerialIterator::new(data(40), 10), sgd, net, |net: &Net, _: &Batch| {
        F::sum(&net.w.get(), ())
    });
    let message = Trainer::new(updater, epochs(1), &folder.0).range_test(1e-5, 1.0, 10).unwrap_err().to_string();
    assert!(message.contains("set_schedule"), "{message}");
}

#[test]
fn the_graph_of_a_step_as_a_picture() {
    let folder = Folder::new("loss-graph");
    let graph = trainer(&Net::new(), epochs(1), &folder.0).loss_graph().unwrap();
    let svg = graph.to_svg();
    for text in [">mul<", "class=\"parameter\"", ">number<", "</svg>\n"] {
        assert!(svg.contains(text), "no '{text}' in\n{svg}");
    }
    assert_eq!(svg.matches("<rect").count(), graph.nodes().len());
    // Boxes of one layer do not overlap.
    let number = |line: &str, name: &str| -> f64 {
        line.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let mut boxes: Vec<[f64; 3]> = (svg.lines().filter(|line| line.starts_with("<rect")))
        .map(|line| [number(line, "y"), number(line, "x"), number(line, "width")])
        .collect();
    boxes.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    for pair in boxes.windows(2).filter(|pair| pair[0][0] == pair[1][0]) {
        assert!(pair[0][1] + pair[0][2] <= pair[1][1], "{pair:?}");
    }
}
