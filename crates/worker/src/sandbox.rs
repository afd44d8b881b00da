//! What a child is forbidden, so that a file that takes it over gains nothing: other files, the
//! network, other programs, other processes.
//!
//! Two layers of Linux, both inherited by every thread and impossible to take off: Landlock lets
//! it open its input and write in its own folder, nothing else; seccomp refuses the system calls
//! a converter never needs. A kernel without one of them leaves the other, and the limits.

use std::collections::BTreeMap;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule};

/// Calls that would start programs, reach other processes or machines, or change the system.
/// Threads are made with `clone`, which stays; without `execve` its other uses are worth little.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kcmp,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_memfd_create,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_personality,
    libc::SYS_quotactl,
    libc::SYS_acct,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
];

/// Enters the sandbox; must be called before any thread is started. What comes back are the
/// layers this kernel does not have, in words for the log.
pub(crate) fn enter(input: &Path, folder: &Path) -> Vec<String> {
    let mut missing = Vec::new();
    match only_files(input, folder) {
        Ok(true) => {}
        Ok(false) => missing.push("no Landlock in this kernel".to_owned()),
        Err(error) => missing.push(format!("no Landlock: {error}")),
    }
    if let Err(error) = refuse_calls() {
        missing.push(format!("no seccomp: {error}"));
    }
    missing
}

/// Whether the kernel took any of it.
fn only_files(input: &Path, folder: &Path) -> Result<bool, RulesetError> {
    let abi = ABI::V5;
    let own = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::Truncate;
    let (Ok(input), Ok(folder)) = (PathFd::new(input), PathFd::new(folder)) else {
        // Opening the input will fail with a better message in a moment.
        return Ok(true);
    };
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?
        .add_rule(PathBeneath::new(input, AccessFs::ReadFile))?
        .add_rule(PathBeneath::new(folder, own))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

fn refuse_calls() -> Result<(), seccompiler::Error> {
    let rules: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let refusal = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refusal, arch)?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)
}
