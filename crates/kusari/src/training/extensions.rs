//! Extensions: evaluation, the log and its pictures, progress, snapshots, schedules, checks.

mod average_weights;
mod dump_graph;
mod evaluator;
mod fail_on_non_number;
mod html_report;
mod keep_best;
mod log_report;
mod micro_average;
mod observe;
mod pace;
mod parameter_statistics;
mod plot_report;
mod print_report;
mod progress_bar;
mod shift;
mod snapshot;
mod statistics;
mod tensor_board;
mod variable_statistics_plot;

pub use average_weights::AverageWeights;
pub use dump_graph::DumpGraph;
pub use evaluator::Evaluator;
pub use fail_on_non_number::FailOnNonNumber;
pub use html_report::HtmlReport;
pub use keep_best::KeepBest;
pub use log_report::LogReport;
pub use micro_average::MicroAverage;
pub use observe::{ObserveValue, observe_lr, observe_value};
pub use parameter_statistics::ParameterStatistics;
pub use plot_report::PlotReport;
pub use print_report::PrintReport;
pub use progress_bar::ProgressBar;
pub use shift::{
    CosineShift, ExponentialShift, InverseShift, LinearShift, MultistepShift, OneCycleShift, PolynomialShift, Shift,
    StepShift, WarmupShift,
};
pub use snapshot::{Snapshot, snapshot, snapshot_object};
pub use tensor_board::TensorBoard;
pub use variable_statistics_plot::VariableStatisticsPlot;
