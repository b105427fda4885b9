//! What the kernel says of a process: processor time and memory, from /proc.

use std::path::Path;

/// Processor time of this process so far, in microseconds; 0 where there is no /proc.
#[must_use]
pub fn cpu_micros() -> u64 {
    ticks("self", 11)
}

/// Processor time of another process so far, in microseconds; 0 when there is none of this number.
#[must_use]
pub fn process_cpu_micros(pid: u32) -> u64 {
    ticks(&pid.to_string(), 11)
}

/// Processor time of the programs this one has started and waited for, in microseconds.
#[must_use]
pub fn children_cpu_micros() -> u64 {
    ticks("self", 13)
}

/// Two neighbouring fields of a process's line in /proc, in microseconds.
fn ticks(process: &str, at: usize) -> u64 {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process).join("stat")).unwrap_or_default();
    // After the name in brackets: state is field 3, utime 14, stime 15, cutime 16, cstime 17, in hundredths of a
    // second (proc(5)).
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    (field(at) + field(at + 1)).saturating_mul(10_000)
}

/// Processor time of this thread so far, in microseconds; 0 where there is no /proc.
#[must_use]
pub fn thread_cpu_micros() -> u64 {
    // The first number: nanoseconds spent on a processor (Linux, sched-stats).
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos: Option<u64> = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.unwrap_or(0) / 1000
}

/// A line of a process's status such as `VmRSS` or `VmHWM`, in kilobytes.
#[must_use]
pub fn memory_kb(process: &str, line: &str) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(process).join("status")).ok()?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'))?;
    found.split_whitespace().next()?.parse().ok()
}

/// Bytes of all files in a folder and below it.
///
/// # Errors
/// When it cannot be read; a file that goes away meanwhile is none.
pub fn folder_bytes(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(is) if is.is_dir() => bytes += folder_bytes(&entry.path())?,
            Ok(is) => bytes += is.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

/// How busy the machine was before we came: the load of the last minute.
#[must_use]
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{} processors, load {}", processors, text.split(' ').next().unwrap_or("?"))
}
