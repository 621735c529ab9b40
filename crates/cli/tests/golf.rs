use super::{Folder, kusari, refused};

fn last(out: &str) -> &str {
    out.lines().last().unwrap_or_default()
}

/// The number before `of 100` in the line that begins so.
fn count(out: &str, line: &str) -> usize {
    let line = out.lines().find(|l| l.trim().starts_with(line)).unwrap_or_else(|| panic!("no line '{line}' in\n{out}"));
    line.split(" of ").next().and_then(|l| l.split_whitespace().last()).and_then(|n| n.parse().ok()).unwrap()
}

#[test]
fn bowl_ends_in_the_hole() {
    let folder = Folder::new("bowl");
    let run = kusari(&folder.0, "golf");
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(last(&run.out), "x = -2.000000  F(x) = -11.000000");
    assert!(run.out.contains("     0      5.000000     38.000000     14.000000\n"), "{}", run.out);
    assert!(run.out.contains("      5.000000         14.000000     14.000000 "), "{}", run.out);
    assert!(!run.out.contains('\x1b'), "no colours where there is no terminal");
    let picture = std::fs::read(folder.0.join("result/golf.png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n") && picture.ends_with(b"IEND\xaeB`\x82"));
    assert_eq!(kusari(&folder.0, "golf").out, run.out, "the same game twice");
}

#[test]
fn too_long_steps_are_explained() {
    let folder = Folder::new("diverge");
    let run = kusari(&folder.0, "golf --lr 1.05");
    assert!(
        run.out.contains("needs a rate below 2 / curvature = 2 / 2 = 1 here, and 1.05 is not. Try --lr 0.2."),
        "{}",
        run.out
    );
    let run = kusari(&folder.0, "golf --lr 1");
    assert!(run.out.contains("The ball jumps from side to side without coming nearer."), "{}", run.out);
    assert!(kusari(&folder.0, "golf --lr 0.2").out.ends_with("x = -2.000000  F(x) = -11.000000\n"));
}

#[test]
fn noise_gets_out_of_the_bump() {
    let folder = Folder::new("bumps");
    let exact = kusari(&folder.0, "golf --course bumps");
    assert!(exact.out.contains("The ball is stuck in the shallow hole"), "{}", exact.out);
    assert_eq!(last(&exact.out), "x = 1.860806  F(x) = -1.033497");
    let noisy = kusari(&folder.0, "golf --course bumps --noise 3 --steps 500 --seeds 20");
    assert_eq!(count(&noisy.out, "exact gradient"), 0);
    assert!(count(&noisy.out, "gradient with noise 3") >= 5, "{}", noisy.out);
}

#[test]
fn noise_gets_off_the_plateau() {
    let folder = Folder::new("plateau");
    let exact = kusari(&folder.0, "golf --course plateau");
    assert!(exact.out.contains("The ball is stuck on the plateau"), "{}", exact.out);
    let noisy = kusari(&folder.0, "golf --course plateau --noise 3 --steps 500 --seeds 20");
    assert_eq!(count(&noisy.out, "exact gradient"), 0);
    assert!(count(&noisy.out, "gradient with noise 3") >= 5, "{}", noisy.out);
}

#[test]
fn optimizers_are_compared() {
    let folder = Folder::new("compare");
    let run = kusari(&folder.0, "golf --course valley --compare --steps 200 --out five.png");
    assert_eq!(run.code, 0, "{}", run.err);
    for name in ["1          SGD   0.001", "2  MomentumSGD", "3   NesterovAG", "4      RMSprop", "5         Adam"] {
        assert!(run.out.contains(name), "{}", run.out);
    }
    assert!(folder.0.join("five.png").is_file());
    let run = kusari(&folder.0, "golf --course valley --optimizer adam");
    assert!(last(&run.out).starts_with("x = 1.0000") || last(&run.out).starts_with("x = 0.9999"), "{}", last(&run.out));
}

#[test]
fn senseless_arguments_are_refused() {
    let folder = Folder::new("golf-errors");
    let cases = [
        ("golf --lr abc", "error: invalid value 'abc' for '--lr <RATE>': expected a number such as 0.1 or 1e-3\n"),
        ("golf --lr -1", "error: invalid value '-1' for '--lr <RATE>': expected a number above 0\n"),
        ("golf --noise nan", "error: invalid value 'nan' for '--noise <S>': expected a number such as 0.1 or 1e-3\n"),
        ("golf --steps 0", "error: invalid value '0' for '--steps <N>': 0 is not in 1..=1000000\n"),
        (
            "golf --start 1,2",
            "error: invalid value '1,2' for '--start <X>': expected a number such as 5 on the course bowl\n",
        ),
        (
            "golf --cours bowl",
            "error: unexpected argument '--cours' found\n\n  tip: a similar argument exists: '--course'\n",
        ),
        ("golf --optimizer adan", "error: invalid value 'adan' for '--optimizer <NAME>'\n"),
        ("goff", "error: unrecognized subcommand 'goff'\n\n  tip: a similar subcommand exists: 'golf'\n"),
    ];
    refused(&folder.0, &cases);
    std::fs::write(folder.0.join("file"), "").unwrap();
    let run = kusari(&folder.0, "golf --out file/golf.png");
    assert_eq!((run.code, &*run.err), (1, "kusari: file: this is a file, not a folder\n"));
    std::fs::create_dir(folder.0.join("folder")).unwrap();
    let run = kusari(&folder.0, "golf --out folder");
    assert_eq!(run.err, "kusari: folder: this is a folder: --out takes the name of a PNG file\n");
}
