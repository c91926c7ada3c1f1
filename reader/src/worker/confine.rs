//! What a worker gives up before it sees a file: memory, time, files, children and the network.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::Costs;

/// Limits this process for good.
pub(super) fn confine(costs: &Costs) -> io::Result<()> {
    limit(Resource::As, Some(costs.memory))?;
    // No core dump of a stranger's file, and nothing written anywhere but to the pipe.
    limit(Resource::Core, Some(0))?;
    limit(Resource::Fsize, Some(0))?;
    network_off()
}

/// Gives the next file its computing time; the kernel ends the process when it is used up.
pub(super) fn allow_time(costs: &Costs) -> io::Result<()> {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let soft = Rlimit { current: Some(used + costs.cpu_seconds + 1), maximum: None };
    Ok(setrlimit(Resource::Cpu, soft)?)
}

fn limit(resource: Resource, most: Option<u64>) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: most, maximum: most })?)
}

/// Takes away the system calls that open files, sockets or other programs. They fail from now on as if they
/// were forbidden, which they are.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn network_off() -> io::Result<()> {
    use std::collections::BTreeMap;

    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    let forbidden = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_openat,
        libc::SYS_openat2,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_io_uring_setup,
    ];
    #[cfg(target_arch = "x86_64")]
    let forbidden =
        forbidden.into_iter().chain([libc::SYS_open, libc::SYS_creat, libc::SYS_unlink, libc::SYS_rename]);
    let arch: TargetArch = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    let rules: BTreeMap<_, _> = forbidden.into_iter().map(|call| (call, Vec::new())).collect();
    let denied = SeccompAction::Errno(u32::try_from(libc::EACCES).unwrap_or(13));
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, denied, arch).map_err(io::Error::other)?;
    let program: BpfProgram = filter.try_into().map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

/// Elsewhere the limits of memory and time hold, but the system calls stay open.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn network_off() -> io::Result<()> {
    Ok(())
}
