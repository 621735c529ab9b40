//! Memory of the process.

/// The most memory this process has had so far, in bytes, where the system says it (Linux).
pub fn peak() -> Option<usize> {
    status("VmHWM:")
}

/// How much of the process's memory is now pages of files, the program's own and libraries', in bytes (Linux). The
/// system maps them by blocks, whether all of a block is read or not, and all processes share them.
pub fn of_files() -> Option<usize> {
    status("RssFile:")
}

fn status(name: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
