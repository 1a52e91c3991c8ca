#include "confine.hpp"

#include <unistd.h>

#if defined(__linux__) && defined(__LP64__) && \
    (defined(__x86_64__) || (defined(__aarch64__) && !defined(__AARCH64EB__)))
#define MIEN_HAS_SECCOMP_LIST
#endif

#if defined(MIEN_HAS_SECCOMP_LIST)

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <system_error>
#include <vector>

#include "mien/core/folder.hpp"

namespace ferpredict::sandbox {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kProcessor = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kProcessor = AUDIT_ARCH_AARCH64;
#endif

// Of Linux 4.14; what is older takes it for killing the thread, which is the same where there is one.
constexpr std::uint32_t kKill = SECCOMP_RET_KILL_PROCESS;
constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;

// What decoding, malloc and the end of a process ask for, by glibc and musl. The numbers of x32, which have a
// bit of their own, are others.
constexpr std::uint32_t kAllowed[] = {
    SYS_read,           SYS_write,           SYS_readv,   SYS_writev,     SYS_brk,
    SYS_munmap,         SYS_mremap,          SYS_madvise, SYS_futex,      SYS_setitimer,
    SYS_clock_gettime,  // where the kernel lends no clock to processes (vDSO)
    SYS_sched_yield,
    SYS_getrandom,  // by malloc, from glibc 2.36 on
    SYS_rt_sigreturn,   SYS_restart_syscall,
    SYS_rt_sigprocmask,  // by abort(), as the next two
    SYS_getpid,         SYS_gettid,          SYS_exit,    SYS_exit_group,
#if defined(MIEN_SANITIZE)
    SYS_sigaltstack,  // where an exception is thrown
    SYS_pipe2,        // to find out whether memory is there
    SYS_close,
#endif
};

constexpr sock_filter step(int code, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
  return {static_cast<std::uint16_t>(code), if_true, if_false, value};
}
constexpr sock_filter load(std::size_t place) {
  return step(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(place));
}
constexpr sock_filter load_argument(std::size_t i) {  // its lower half: these processors put it first
  return load(offsetof(seccomp_data, args) + i * sizeof(std::uint64_t));
}
constexpr sock_filter give(std::uint32_t verdict) {
  return step(BPF_RET | BPF_K, verdict);
}
constexpr sock_filter skip_if(int comparison, std::uint32_t value) {  // the next step
  return step(BPF_JMP | BPF_K | comparison, value, 1, 0);
}
/// Skips `steps` where the call is another.
constexpr sock_filter if_call(std::uint32_t number, std::uint8_t steps) {
  return step(BPF_JMP | BPF_K | BPF_JEQ, number, 0, steps);
}

std::vector<sock_filter> make_filter() {
  std::vector<sock_filter> filter = {load(offsetof(seccomp_data, arch)), skip_if(BPF_JEQ, kProcessor),
                                     give(kKill), load(offsetof(seccomp_data, nr))};
  const auto add = [&](std::initializer_list<sock_filter> steps) { filter.insert(filter.end(), steps); };
  for (const std::uint32_t call : kAllowed) add({if_call(call, 1), give(kAllow)});
  for (const std::uint32_t call : {SYS_mmap, SYS_mprotect}) {  // never of code
    add({if_call(call, 4), load_argument(2), step(BPF_JMP | BPF_K | BPF_JSET, PROT_EXEC, 0, 1), give(kKill),
         give(kAllow)});
  }
  const auto self = static_cast<std::uint32_t>(getpid());  // abort() sends itself a signal
  add({if_call(SYS_tgkill, 4), load_argument(0), skip_if(BPF_JEQ, self), give(kKill), give(kAllow),
       give(kKill)});
  return filter;
}

/// False where nobody says which others there are.
bool keep_only(int channel) {
  (void)dup2(channel, kChannel);
  std::error_code error;
  for (const std::filesystem::path& entry : mien::list_folder("/proc/self/fd", error)) {
    const int file = std::atoi(entry.filename().c_str());
    if (file != kChannel) close(file);
  }
  return !error;
}

/// Where the system's memory runs out, this process is ended and no other.
void go_first() {
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file == -1) return;
  (void)!write(file, "1000", 4);
  close(file);
}

bool limit(decltype(RLIMIT_AS) what, rlim_t most) {
  rlimit now = {};
  if (getrlimit(what, &now) != 0) return false;
  now.rlim_cur = now.rlim_max = std::min(now.rlim_max, most);
  return setrlimit(what, &now) == 0;
}

bool limit_all() {
#if !defined(MIEN_SANITIZE)  // which reserves terabytes, and opens pipes
  if (!limit(RLIMIT_AS, kMostMemory) || !limit(RLIMIT_NOFILE, 0)) return false;
#endif
  return limit(RLIMIT_NPROC, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0);
}

}  // namespace

std::string confine(int channel) {
  go_first();
  const bool alone = keep_only(channel);
  const auto problem = [](const char* what) {
    return std::string(what) + ": " + std::generic_category().message(errno);
  };
  if (!alone) return "its files cannot be listed (/proc/self/fd)";
  if (!limit_all()) return problem("the system sets no limits (setrlimit)");
  // No core file, even where cores are given to a program, which the limit does not prevent.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return problem("core files cannot be prevented (prctl)");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return problem("privileges cannot be given up (prctl)");
  std::vector<sock_filter> filter = make_filter();
  const sock_fprog program = {static_cast<std::uint16_t>(filter.size()), filter.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) {
    return problem("the kernel does not filter system calls (seccomp)");
  }
  return {};
}

}  // namespace ferpredict::sandbox

#else

namespace ferpredict::sandbox {

std::string confine(int channel) {
  (void)dup2(channel, kChannel);
  return "there is no seccomp here: it takes Linux on x86-64 or 64-bit ARM";
}

}  // namespace ferpredict::sandbox

#endif
