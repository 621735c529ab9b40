//! `kusari golf`: a ball looks for the lowest place of a course by asking, at each step, which way is steepest down.

mod ball;
mod braille;
mod compare;
mod course;
mod escape;
mod picture;
mod report;
mod terminal;

use crate::{optimizer, options};
use ball::{Ball, Club};
use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser};
use course::Course;
use kusari::Result;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  kusari golf                                  F(x) = x² + 4x − 7, from x = 5
  kusari golf --lr 1.05                        steps too long: the ball climbs out
  kusari golf --optimizer momentum             a ball with momentum swings past the hole and back
  kusari golf --course bumps                   stuck in a shallow hole …
  kusari golf --course bumps --noise 3         … unless the gradient is noisy
  kusari golf --course plateau --noise 3       no slope to follow: noise finds the hole
  kusari golf --course valley --compare        five optimisers in Rosenbrock's valley";

/// The arguments of the subcommand.
pub fn command() -> Command {
    let course = options::option(
        "course",
        "NAME",
        "Where to play: bowl and bumps and plateau are curves, valley has two dimensions",
    );
    let start =
        options::option("start", "X", "Where the ball starts; X,Y in the valley [default: depends on the course]");
    Command::new("golf")
        .about("Minimise a function and watch: a table, the ball on the curve, a picture")
        .after_help(EXAMPLES)
        .arg(course.value_parser(PossibleValuesParser::new(course::ALL.iter().map(|c| c.name))).default_value("bowl"))
        .arg(optimizer::option("How the parameters are changed by their gradients").default_value("sgd"))
        .arg(options::positive(
            "lr",
            "RATE",
            "Learning rate: how long the steps are [default: depends on course and optimizer]",
        ))
        .arg(start.allow_hyphen_values(true))
        .arg(options::count("steps", "N", 1..=1_000_000, "How many steps to take [default: depends on the course]"))
        .arg(options::positive(
            "noise",
            "S",
            "Add random numbers of this standard deviation to every gradient, over many seeds",
        ))
        .arg(options::count("seeds", "N", 1..=100_000, "How many balls to play with noise").default_value("100"))
        .arg(
            Arg::new("compare")
                .long("compare")
                .action(ArgAction::SetTrue)
                .help("Play with five optimisers and show them in one picture"),
        )
        .arg(
            options::option("out", "FILE", "Where the picture goes")
                .value_parser(clap::value_parser!(PathBuf))
                .default_value("result/golf.png"),
        )
}

/// What a game is played with.
pub struct Game {
    pub course: &'static Course,
    pub club: Club,
    pub start: Vec<f64>,
    pub steps: usize,
    pub noise: f64,
    pub seeds: usize,
    pub out: PathBuf,
}

impl Game {
    fn new(arguments: &ArgMatches) -> Game {
        let course = course::find(&options::get::<String>(arguments, "course").unwrap_or_default());
        let entry = optimizer::find(&options::get::<String>(arguments, "optimizer").unwrap_or_default());
        let lr = options::get(arguments, "lr").unwrap_or_else(|| course.lr(entry.name));
        let start =
            options::get::<String>(arguments, "start").map_or(course.start.to_vec(), |text| start(course, &text));
        Game {
            course,
            club: Club { entry, lr },
            start,
            steps: options::get(arguments, "steps").unwrap_or(course.steps),
            noise: options::get(arguments, "noise").unwrap_or(0.0),
            seeds: options::get(arguments, "seeds").unwrap_or(100),
            out: options::get(arguments, "out").unwrap_or_default(),
        }
    }
}

/// The numbers of `--start`, one for each dimension; ends the program with clap's message if they are not.
fn start(course: &Course, text: &str) -> Vec<f64> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(options::finite).collect();
    match numbers {
        Ok(numbers) if numbers.len() == course.start.len() => numbers,
        _ => {
            let wanted = ["a number such as 5", "two numbers such as -1.5,2"][course.start.len() - 1];
            let message =
                format!("invalid value '{text}' for '--start <X>': expected {wanted} on the course {}", course.name);
            command().bin_name("kusari golf").error(clap::error::ErrorKind::ValueValidation, message).exit()
        }
    }
}

/// Plays.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let game = Game::new(arguments);
    // Before the game, so that nobody watches one whose picture cannot be kept.
    picture::prepare(&game.out)?;
    if arguments.get_flag("compare") {
        return compare::run(&game);
    }
    crate::say!("{}\n", game.title());
    if game.noise > 0.0 {
        return escape::run(&game);
    }
    let ball = Ball::play(&game, &game.club, None);
    report::table(&game, &ball);
    terminal::show(&game, &ball);
    picture::path_of(&game, &ball)?;
    report::explain(&game, &ball);
    report::gradients(&game, &ball);
    report::finish(&ball);
    Ok(())
}

impl Game {
    fn title(&self) -> String {
        format!("{} · {}, start {}", self.course.formula, self.club, self.from())
    }
    fn from(&self) -> String {
        course::coordinates(&self.start, |v| v.to_string())
    }
}
