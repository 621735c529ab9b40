//! What hurt the users of other frameworks, where no other test shows that it cannot happen here.

use kusari::{
    Array, Context, DType, Function, Grads, Keep, Needs, Outputs, Variable, functions as F, link, links as L,
    optimizers, prelude::*, using_config,
};
use std::process::Command;

/// y = ab, without the gradient of b: a fast path whose backward was never written.
struct Half;
impl Function for Half {
    fn name(&self) -> &str {
        "half"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].mul(x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        [Some(ctx.input(1) * &gy[0]), None].into()
    }
}

#[test]
#[should_panic(expected = "backward of half")]
fn an_input_that_silently_gets_no_gradient_is_an_error_in_debug_mode() {
    let _guard = using_config(|config| config.debug = true);
    let (a, b) = (Variable::new(2.0f32), Variable::new(3.0f32));
    Half.apply1(&[&a, &b]).backward();
}

#[derive(Clone)]
struct Tower {
    layers: Vec<L::Linear>,
    out: L::Linear,
}
link!(Tower { layers, out });

/// Runs in a process of its own: memory is counted for the whole process.
#[test]
#[ignore = "called by the test below"]
fn memory_of_a_tower() {
    const ROWS: usize = 2048;
    const UNITS: usize = 256;
    let layer = (ROWS * UNITS * 4) as f64;
    let tower = Tower { layers: (0..8).map(|_| L::Linear::new(UNITS, UNITS)).collect(), out: L::Linear::new(UNITS, 1) };
    let mut opt = optimizers::SGD::new(0.1);
    opt.setup(&tower);
    let x = Variable::constant(Array::ones(&[ROWS, UNITS], DType::F32));
    let before = kusari::memory_in_use();
    let h = tower.layers.iter().fold(x.clone(), |h, l| F::relu(&l.forward(&h)));
    let loss = F::mean(&tower.out.forward(&h), ());
    drop(h);
    // Of each layer one array: what relu gives is what the next product reads. The products themselves are gone.
    let kept = (kusari::memory_in_use() - before) as f64 / layer;
    assert!(kept < 8.3, "the graph of 8 layers keeps {kept:.2} arrays of a layer's size");
    opt.minimize(loss);
    let left = (kusari::memory_in_use() - before) as f64 / layer;
    assert!(left < 1.3, "{left:.2} arrays of a layer's size are left, and the gradients of 8 layers are one");
}

#[test]
fn a_graph_keeps_what_backward_reads_and_nothing_else() {
    let mut alone = Command::new(std::env::current_exe().unwrap());
    let output = alone.args(["--exact", "failures::memory_of_a_tower", "--ignored"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
