/* Makes the disk of one process fail, or ends the process, at its n-th call that changes the disk.
 *
 * Loaded with LD_PRELOAD. A seccomp filter turns the calls into SIGSYS, so that those are counted too that do not go
 * through the C library; the handler counts, and carries out the call or what was asked for instead. Calls from
 * fault_raw pass the filter. Workers inherit the filter but not this library: they write to their pipes only, and
 * descriptors up to 2 are not looked at.
 *
 * FAULT_AT=N     the call, counted from 1; 0 or absent: none, calls are only logged
 * FAULT_DO=...   ENOSPC or EIO: the call fails so; KILL: half of a write is done, then SIGKILL; STOP: SIGSTOP, then
 *                the call goes on
 * FAULT_STAYS=1  the disk stays full (half of a write is done, then nothing more can be allocated) or broken
 * FAULT_LOG=F    one line a call: number, name, path
 * FAULT_GATE=F   the program starts when this file is there
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

long fault_raw(long number, long a, long b, long c, long d, long e, long f) __attribute__((visibility("hidden")));
extern char fault_raw_end[] __attribute__((visibility("hidden")));

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define ARGUMENT(context, n) \
    ((context)->uc_mcontext.gregs[(int[]){REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9}[n]])
#define RESULT(context) ((context)->uc_mcontext.gregs[REG_RAX])
__asm__(".text\n.hidden fault_raw\n.globl fault_raw\n.type fault_raw,@function\nfault_raw:\n"
        "mov %rdi,%rax\nmov %rsi,%rdi\nmov %rdx,%rsi\nmov %rcx,%rdx\nmov %r8,%r10\nmov %r9,%r8\nmov 8(%rsp),%r9\n"
        "syscall\n.hidden fault_raw_end\n.globl fault_raw_end\nfault_raw_end:\nret\n");
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define ARGUMENT(context, n) ((context)->uc_mcontext.regs[n])
#define RESULT(context) ((context)->uc_mcontext.regs[0])
__asm__(".text\n.hidden fault_raw\n.globl fault_raw\n.type fault_raw,%function\nfault_raw:\n"
        "mov x8,x0\nmov x0,x1\nmov x1,x2\nmov x2,x3\nmov x3,x4\nmov x4,x5\nmov x5,x6\n"
        "svc #0\n.hidden fault_raw_end\n.globl fault_raw_end\nfault_raw_end:\nret\n");
#else
#error "this processor is not known here"
#endif

/* How a call names what it works on, and what a full disk means for it. */
enum names { DESCRIPTOR, PATH, AT, TWO_PATHS, TWO_AT };
enum need { FREES, ALLOCATES };

static const struct call {
    long number;
    const char *name;
    enum names names;
    enum need need;
} calls[] = {
    {SYS_write, "write", DESCRIPTOR, ALLOCATES},
    {SYS_pwrite64, "pwrite", DESCRIPTOR, ALLOCATES},
    {SYS_writev, "writev", DESCRIPTOR, ALLOCATES},
    {SYS_fsync, "fsync", DESCRIPTOR, FREES},
    {SYS_fdatasync, "fdatasync", DESCRIPTOR, FREES},
    {SYS_ftruncate, "ftruncate", DESCRIPTOR, ALLOCATES},
    {SYS_fallocate, "fallocate", DESCRIPTOR, ALLOCATES},
    {SYS_fchmod, "fchmod", DESCRIPTOR, FREES},
    {SYS_openat, "create", AT, ALLOCATES},
    {SYS_unlinkat, "unlink", AT, FREES},
    {SYS_mkdirat, "mkdir", AT, ALLOCATES},
    {SYS_linkat, "link", TWO_AT, ALLOCATES},
    {SYS_renameat2, "rename", TWO_AT, ALLOCATES},
#ifdef SYS_renameat
    {SYS_renameat, "rename", TWO_AT, ALLOCATES},
#endif
#ifdef SYS_open
    {SYS_open, "create", PATH, ALLOCATES},
    {SYS_unlink, "unlink", PATH, FREES},
    {SYS_rmdir, "rmdir", PATH, FREES},
    {SYS_mkdir, "mkdir", PATH, ALLOCATES},
    {SYS_rename, "rename", TWO_PATHS, ALLOCATES},
    {SYS_link, "link", TWO_PATHS, ALLOCATES},
#endif
    /* Named by the file that is read, where it stands first. */
    {SYS_copy_file_range, "copy", DESCRIPTOR, ALLOCATES},
    {SYS_sendfile, "copy", DESCRIPTOR, ALLOCATES},
};
#define CALLS (sizeof calls / sizeof *calls)

static long at;
static long count;
static int error;
static int ends;
static int stops;
static int stays;
static int log_to = -1;

static int is_write(const struct call *call) { return call->number == SYS_write || call->number == SYS_pwrite64; }

/* Whether the call changes the disk: pipes, sockets and terminals are none, and opening what is there changes nothing. */
static int counts(const struct call *call, const long *a) {
    struct stat found;
    if (call->names == DESCRIPTOR) {
        return fstat((int)a[0], &found) == 0 && (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode));
    }
    if (call->number == SYS_openat) {
        return faccessat((int)a[0], (const char *)a[1], F_OK, 0) != 0;
    }
#ifdef SYS_open
    if (call->number == SYS_open) {
        return access((const char *)a[0], F_OK) != 0;
    }
#endif
    return 1;
}

static void note(long n, const struct call *call, const long *a) {
    char line[2 * PATH_MAX + 64], path[PATH_MAX] = "?";
    const char *first = path, *second = "";
    switch (call->names) {
    case DESCRIPTOR: {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", (int)a[0]);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length > 0) {
            path[length] = 0;
        }
        break;
    }
    case PATH: first = (const char *)a[0]; break;
    case AT: first = (const char *)a[1]; break;
    case TWO_PATHS: first = (const char *)a[0], second = (const char *)a[1]; break;
    case TWO_AT: first = (const char *)a[1], second = (const char *)a[3]; break;
    }
    int length = snprintf(line, sizeof line, "%ld %s %s %s\n", n, call->name, first, second);
    fault_raw(SYS_write, log_to, (long)line, length, 0, 0, 0);
}

/* What the call gives instead of what it would have given; 1 where it is to be carried out. */
static long fail(const struct call *call, const long *a, long n) {
    if (at == 0 || n < at || (n > at && !stays)) {
        return 1;
    }
    if (stops) {
        fault_raw(SYS_kill, getpid(), SIGSTOP, 0, 0, 0, 0);
        return 1;
    }
    int half = n == at && (ends || stays) && is_write(call) && a[2] > 1;
    long done = half ? fault_raw(call->number, a[0], a[1], a[2] / 2, a[3], 0, 0) : 0;
    if (ends) {
        fault_raw(SYS_kill, getpid(), SIGKILL, 0, 0, 0, 0);
    }
    if (stays && error == ENOSPC) {
        return half ? done : call->need == FREES ? 1 : -ENOSPC;
    }
    return -error;
}

static void on_call(int signal, siginfo_t *info, void *raw) {
    (void)signal;
    ucontext_t *context = raw;
    int before = errno;
    long a[6];
    for (int i = 0; i < 6; i++) {
        a[i] = (long)ARGUMENT(context, i);
    }
    const struct call *call = NULL;
    for (size_t i = 0; i < CALLS; i++) {
        if (calls[i].number == info->si_syscall) {
            call = &calls[i];
        }
    }
    long result = 1;
    if (call != NULL && counts(call, a)) {
        long n = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
        if (log_to >= 0) {
            note(n, call, a);
        }
        result = fail(call, a, n);
    }
    if (result == 1) {
        result = fault_raw(info->si_syscall, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    RESULT(context) = result;
    errno = before;
}

static void install(void) {
    struct sock_filter filter[16 + 6 * CALLS];
    size_t length = 0;
#define ADD(...) filter[length++] = (struct sock_filter)__VA_ARGS__
#define LOAD(offset) ADD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset)))
    const uint64_t end = (uint64_t)(uintptr_t)fault_raw_end;
    const unsigned pointer = offsetof(struct seccomp_data, instruction_pointer);
    const unsigned arguments = offsetof(struct seccomp_data, args);
    LOAD(offsetof(struct seccomp_data, arch));
    ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    LOAD(pointer);
    ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)end, 0, 3));
    LOAD(pointer + 4);
    ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(end >> 32), 0, 1));
    ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    for (size_t i = 0; i < CALLS; i++) {
        const struct call *call = &calls[i];
        LOAD(offsetof(struct seccomp_data, nr));
        ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call->number, 0, 4));
        if (call->names == DESCRIPTOR) {
            LOAD(arguments);
            ADD(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 2, 0, 1));
        } else if (strcmp(call->name, "create") == 0) {
            LOAD(arguments + (call->names == AT ? 2 : 1) * 8);
            ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT, 0, 1));
        } else {
            LOAD(arguments);
            ADD(BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0));
        }
        ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
        ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("the disk cannot be made to fail");
        _exit(99);
    }
}

__attribute__((constructor)) static void start(void) {
    const char *gate = getenv("FAULT_GATE");
    while (gate != NULL && access(gate, F_OK) != 0) {
        usleep(500);
    }
    const char *when = getenv("FAULT_AT"), *what = getenv("FAULT_DO"), *log = getenv("FAULT_LOG");
    at = when == NULL ? 0 : atol(when);
    what = what == NULL ? "" : what;
    error = strcmp(what, "ENOSPC") == 0 ? ENOSPC : EIO;
    ends = strcmp(what, "KILL") == 0;
    stops = strcmp(what, "STOP") == 0;
    stays = getenv("FAULT_STAYS") != NULL;
    if (log != NULL) {
        log_to = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    struct sigaction action = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO};
    if (sigaction(SIGSYS, &action, NULL) != 0) {
        _exit(99);
    }
    install();
}
