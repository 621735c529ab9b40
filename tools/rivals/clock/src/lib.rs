//! What the rivals in Rust share: the options, the clock, the JSON line. The same rules as `kusari bench`.

use std::{fmt::Display, process::exit, str::FromStr, time::Instant};

/// What is to be measured.
#[derive(Default)]
pub struct Options {
    /// Name of the workload.
    pub workload: String,
    /// Number of threads.
    pub threads: usize,
    rounds: Option<usize>,
    given: Vec<(String, String)>,
}

impl Options {
    /// Reads the command line; an unknown option ends the program. The number of threads goes to rayon.
    pub fn read() -> Options {
        let mut options =
            Options { threads: std::thread::available_parallelism().map_or(1, Into::into), ..Options::default() };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let Some(name) = argument.strip_prefix("--") else {
                options.workload = argument;
                continue;
            };
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, value.to_string()),
                None if ["json", "step"].contains(&name) => continue,
                None => (name, arguments.next().unwrap_or_else(|| stop(format!("--{name} needs a value")))),
            };
            match name {
                "threads" => options.threads = parse(name, &value),
                "rounds" => options.rounds = Some(parse(name, &value)),
                "batch" | "channels" | "size" | "length" | "width" | "elements" => {
                    options.given.push((name.to_string(), value));
                }
                _ => stop(format!("there is no option --{name}")),
            }
        }
        std::env::set_var("RAYON_NUM_THREADS", options.threads.to_string());
        options
    }
    fn find(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(n, _)| n == name).map(|(_, value)| &**value)
    }
    /// The number given for an option of shape, or its default.
    pub fn number(&self, name: &str, default: usize) -> usize {
        self.find(name).map_or(default, |value| parse(name, value))
    }
    /// Height and width of images.
    pub fn size(&self) -> [usize; 2] {
        let Some(value) = self.find("size") else { return [32, 32] };
        let sizes: Vec<usize> = value.split('x').map(|part| parse("size", part)).collect();
        sizes.try_into().unwrap_or_else(|_| stop("--size needs height and width such as 31x33"))
    }
    /// Measures a step and prints the line.
    pub fn report(&self, rival: &str, mut step: impl FnMut()) {
        let mut time = |calls: usize| {
            let start = Instant::now();
            (0..calls).for_each(|_| step());
            start.elapsed().as_secs_f64() / calls as f64
        };
        let one = time(1).min(time(1));
        let calls = (1e-3 / one).ceil() as usize;
        let (least, most) = self.rounds.map_or((5, 2000), |n| (n, n));
        let (start, mut all) = (Instant::now(), Vec::new());
        while all.len() < least || (all.len() < most && start.elapsed().as_secs_f64() < 2.0) {
            all.push(time(calls) * 1e3);
        }
        all.sort_by(f64::total_cmp);
        println!(
            "{{\"workload\": \"{}\", \"threads\": {}, \"ms_min\": {}, \"ms_median\": {}, \"rounds\": {}, \"rss_mb\": {}, \
             \"rival\": \"{rival}\"}}",
            self.workload,
            self.threads,
            all[0],
            all[all.len() / 2],
            all.len(),
            peak_memory().unwrap_or(f64::NAN)
        );
    }
}

fn parse<T: FromStr>(name: &str, value: &str) -> T
where
    T::Err: Display,
{
    value.parse().unwrap_or_else(|e| stop(format!("--{name} {value}: {e}")))
}

/// Says why and ends the program.
pub fn stop(message: impl Display) -> ! {
    eprintln!("{message}");
    exit(1)
}

/// The most memory this process has had, in megabytes.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0 / 1e6)
}
