//! What is computed again gives the same gradients, with less memory.

use kusari::{
    Array, Backward, DType, Link, Optimizer, Parameter, Variable,
    computational_graph::build_computational_graph,
    functions as F, grad, link,
    links::{BatchNormalization, Linear},
    optimizers::SGD,
    random,
};

#[derive(Clone)]
struct Block {
    a: Linear,
    norm: BatchNormalization,
    b: Linear,
}
link!(Block { a, norm, b });

impl Block {
    fn new(a: Linear) -> Block {
        Block { a, norm: BatchNormalization::new(8), b: Linear::new(8, 3) }
    }
    fn forward(&self, x: &Variable) -> Variable {
        F::dropout(&F::tanh(&self.b.forward(&self.norm.forward(&F::tanh(&self.a.forward(x))))), 0.3)
    }
}

/// Loss, gradients and running statistics after one pass, and the next random number.
fn pass(open: bool, forget: bool, constant: bool) -> Vec<Array> {
    random::seed(5);
    let block = Block::new(if open { Linear::new(None, 8) } else { Linear::new(3, 8) });
    let data = random::normal(&[6, 3], 0.0, 1.0, DType::F32);
    let x = if constant { Variable::constant(data) } else { Variable::new(data) };
    let y = match forget {
        true => F::forget(&block, &[&x], |block, x| vec![block.forward(&x[0])]).remove(0),
        false => block.forward(&x),
    };
    let loss = F::sum_to(&(&y * &y), &[]);
    loss.backward();
    let mut found = vec![loss.array().clone()];
    found.extend(x.grad().map(|g| g.array().clone()));
    found.extend(block.params().iter().map(|p| p.grad().expect("every parameter took part").array().clone()));
    found.extend(block.namedpersistents().iter().map(|(_, p)| p.get()));
    found.push(random::uniform(&[1], 0.0, 1.0, DType::F32));
    found
}

#[test]
fn the_same_gradients_statistics_and_random_numbers() {
    for constant in [false, true] {
        let (plain, again) = (pass(false, false, constant), pass(false, true, constant));
        assert_eq!(plain.len(), again.len());
        for (i, (a, b)) in plain.iter().zip(&again).enumerate() {
            assert!(a.same(b), "value {i}, constant {constant}: {a} {b}");
        }
    }
    // Parameters without shapes get them first, for which random numbers are drawn.
    let (plain, again) = (pass(true, false, true), pass(true, true, true));
    assert!(plain.len() == again.len() && plain.iter().zip(&again).all(|(a, b)| a.shape() == b.shape()));
}

#[test]
fn minimize_reaches_the_parameters() {
    let w = Parameter::new(kusari::array![2.0f32]);
    let mut sgd = SGD::new(0.1);
    sgd.setup(&w);
    let x = Variable::constant(kusari::array![3.0f32]);
    let y = F::forget(&w, &[&x], |w, x| vec![w.get() * &x[0]]).remove(0);
    sgd.minimize(F::sum_to(&y, &[]));
    assert!((w.array().item() - 1.7).abs() < 1e-6);
}

#[test]
fn gradients_of_gradients() {
    let w = Parameter::new(kusari::array![2.0f64]);
    let x = Variable::new(kusari::array![3.0f64]);
    let y = F::forget(&w, &[&x], |w, x| vec![w.get() * &x[0] * &x[0] * &x[0]]).remove(0);
    y.backward_with(Backward { create_graph: true, ..Backward::default() });
    let gx = x.grad().unwrap(); // 3 w x²
    assert_eq!(gx.array().to_vec::<f64>(), [54.0]);
    let second = grad(&[&gx], &[&x, &w.get()]);
    let values: Vec<f64> = second.iter().map(|g| g.as_ref().unwrap().array().to_vec::<f64>()[0]).collect();
    assert_eq!(values, [36.0, 27.0]); // 6 w x, 3 x²
}

/// First derivatives with and without the graph recorded, then the second ones of their squares, with respect to x and w.
fn derivatives(forget: bool, twice: impl Fn(&dyn Fn(&[&Variable]) -> Variable, &Variable) -> Variable) -> Vec<f64> {
    let w = Parameter::new(kusari::array![0.7f64]);
    let x = Variable::new(kusari::array![1.3f64]);
    let block =
        |w: &Parameter, x: &[Variable]| vec![F::tanh(&(w.get() * x.iter().fold(Variable::new(1.0f64), |p, x| p * x)))];
    let step = |x: &[&Variable]| match forget {
        true => F::forget(&w, x, block).remove(0),
        false => block(&w, &x.iter().map(|&x| x.clone()).collect::<Vec<_>>()).remove(0),
    };
    let y = twice(&step, &x);
    let mut found = Vec::new();
    for create_graph in [false, true] {
        y.backward_with(Backward { create_graph, ..Backward::default() });
        found.extend([x.grad().unwrap(), w.grad().unwrap()].map(|g| g.array().to_vec::<f64>()[0]));
        if create_graph {
            let squares = F::square(&x.grad().unwrap()) + F::square(&w.grad().unwrap());
            found.extend(
                grad(&[&squares], &[&x, &w.get()]).iter().map(|g| g.as_ref().unwrap().array().to_vec::<f64>()[0]),
            );
        }
        x.cleargrad();
        w.cleargrad();
    }
    found
}

#[test]
fn one_block_twice_and_inputs_that_are_made_of_each_other() {
    let close = |a: &[f64], b: &[f64]| a.len() == 6 && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
    let chained = |forget| derivatives(forget, |step, x| step(&[&step(&[x])]));
    assert!(close(&chained(true), &chained(false)), "{:?} {:?}", chained(true), chained(false));
    // An input that is a parameter of the block, too.
    let w = Parameter::new(kusari::array![2.0f64]);
    let y = F::forget(&w, &[&w.get()], |w, x| vec![w.get() * &x[0]]).remove(0);
    y.backward_with(Backward { create_graph: true, ..Backward::default() });
    assert_eq!(w.grad().unwrap().item(), 4.0);
    let related = |forget| derivatives(forget, |step, x| step(&[x, &F::tanh(x)]));
    assert!(close(&related(true), &related(false)), "{:?} {:?}", related(true), related(false));
}

#[test]
#[should_panic(expected = "was updated after forget at")]
fn a_parameter_that_was_updated_since_is_named() {
    let w = Parameter::new(kusari::array![2.0f32]);
    let x = Variable::new(kusari::array![3.0f32]);
    let y = F::forget(&w, &[&x], |w, x| vec![w.get() * &x[0]]).remove(0);
    w.set(kusari::array![1.0f32]);
    F::sum_to(&y, &[]).backward();
}

#[test]
fn less_is_kept() {
    let functions = |forget: bool| {
        let block = Linear::new(4, 4);
        let layer = |block: &Linear, x: &[Variable]| vec![F::tanh(&(F::tanh(&block.forward(&x[0])) + 1.0))];
        let x = Variable::new(Array::zeros(&[2, 4], DType::F32));
        let y = match forget {
            true => F::forget(&block, &[&x], layer).remove(0),
            false => layer(&block, &[x]).remove(0),
        };
        build_computational_graph(&[&y]).dump().matches("tanh").count()
    };
    assert_eq!([functions(false), functions(true)], [2, 0]);
}
