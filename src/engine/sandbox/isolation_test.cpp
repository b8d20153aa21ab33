// What a program cannot reach.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "engine/sandbox/sandbox_test_support.h"

namespace credence::sandbox {
namespace {

using IsolationTest = RunnerTest;
INSTANTIATE_TEST_SUITE_P(Runners, IsolationTest,
                         testing::Values(Runner::bubblewrap, Runner::native), runner_name);

constexpr std::string_view kMarker = "the marker of a file outside";

TEST_P(IsolationTest, NoNetwork) {
    const auto output = output_of(python(R"(
import socket
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, 40):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind)
            print('opened', family, kind)
        except OSError as e:
            pass
left, right = socket.socketpair()
print([line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line])
print([l for name in ('route', 'tcp', 'udp') for l in open('/proc/net/' + name).readlines()[1:]])
)"));
    EXPECT_EQ(output.value_or("['lo']\n[]\n"), "['lo']\n[]\n");
}

TEST_P(IsolationTest, NoSocketOfTheHost) {
    // An abstract socket has no path; only the network namespace keeps it out.
    const auto output =
        output_of(python("print(len([l for l in open('/proc/net/unix').readlines()[1:]]))"));
    EXPECT_EQ(output.value_or("0\n"), "0\n");
}

TEST_P(IsolationTest, NoFileOutside) {
    const TestFolder outside;
    const std::string secret = outside.write("secret.txt", std::string(kMarker));
    const TestFolder source;
    source.write("own.txt", "own");
    std::filesystem::create_symlink(secret, source.path() + "/absolute");
    std::filesystem::create_symlink("../../../../../.." + secret, source.path() + "/relative");
    std::filesystem::create_symlink(outside.path(), source.path() + "/folder");
    const auto tree = snapshot_tree(source.path(), {}, {});
    ASSERT_TRUE(tree);
    Command command = python(R"(
import os, sys
secret, marker = sys.argv[1], sys.argv[2]
paths = [secret, '/tree/absolute', '/tree/relative', '/tree/folder/secret.txt',
         '/tree/..' + secret, '/proc/self/cwd/../..' + secret]
for pid in ['self', 'thread-self'] + \
        [p for p in os.listdir('/proc') if p.isdigit()] + ['1', '2', str(os.getppid())]:
    for name in ('root', 'cwd', 'root/..'):
        paths.append(f'/proc/{pid}/{name}{secret}')
        paths.append(f'/proc/{pid}/{name}/old{secret}')
        paths.append(f'/proc/{pid}/{name}/oldroot{secret}')
    for fd in range(40):
        paths.append(f'/proc/{pid}/fd/{fd}{secret}')
found = []
for path in paths:
    try:
        if marker in open(path).read(): found.append(path)
    except OSError: pass
print(found, open('/tree/own.txt').read(), os.path.islink('/tree/absolute'))
)",
                             {secret, std::string(kMarker)});
    command.tree = tree->path();
    EXPECT_EQ(output_of(command).value_or("[] own True\n"), "[] own True\n");
}

TEST_P(IsolationTest, NothingOfTheHostButTheProgramsItself) {
    const auto output = output_of(python(R"(
import os
absent = ['/etc/shadow', '/etc/hostname', '/etc/hosts', '/etc/ssh', '/root', '/home', '/var',
    '/run', '/sys',
          '/boot', '/opt', '/srv', '/mnt', '/dev/tty', '/dev/sda', '/dev/vda', '/dev/kmsg',
          '/dev/mem',
          '/dev/fuse', '/dev/ptmx', '/old', '/oldroot', '/newroot']
print([p for p in absent if os.path.lexists(p)], sorted(os.listdir('/dev')), os.listdir('/tmp'))
print(os.uname().nodename, [p for p in ('/proc/kcore', '/proc/kmsg') if os.access(p, os.R_OK)])
)"));
    const std::string expected =
        "[] ['fd', 'full', 'null', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'urandom', "
        "'zero'] []\nsandbox []\n";
    EXPECT_EQ(output.value_or(expected), expected);
}

TEST_P(IsolationTest, OnlyTheScratchIsWritable) {
    const TestFolder folder;
    folder.write("file.txt", "before");
    const auto tree = snapshot_tree(folder.path(), {}, {});
    ASSERT_TRUE(tree);
    Command command = python(R"(
import os
written = []
for path in ('/tree/file.txt', '/tree/new', '/usr/new', '/etc/new', '/etc/passwd', '/new',
    '/dev/new',
             '/proc/new', '/bin/new', '/proc/sys/kernel/hostname', '/proc/sysrq-trigger'):
    try:
        open(path, 'a').write('x')
        written.append(path)
    except OSError: pass
for action in (lambda: os.unlink('/tree/file.txt'), lambda: os.chmod('/tree/file.txt', 0o777),
               lambda: os.rename('/tree/file.txt', '/tree/other'),
               lambda: os.mkdir('/tree/folder')):
    try:
        action()
        written.append('action')
    except OSError: pass
open('/tmp/new', 'w').write('x'); open('/dev/shm/new', 'w').write('x'); open('/dev/null',
    'w').write('x')
print(written)
)");
    command.tree = tree->path();
    EXPECT_EQ(output_of(command).value_or("[]\n"), "[]\n");
    EXPECT_EQ(read_file(tree->path() + "/file.txt", 100).value(), "before");
}

TEST_P(IsolationTest, AWritableTreeIsWritten) {
    const TestFolder folder;
    folder.write("file.txt", "before");
    const auto tree = snapshot_tree(folder.path(), {}, {});
    ASSERT_TRUE(tree);
    Command command = python(
        "import os; open('file.txt', 'w').write('after'); os.mkdir('made'); "
        "open('made/new', 'w').write('x'); os.rename('made/new', 'moved')");
    command.tree = tree->path();
    command.writable_tree = true;
    const bool ran = output_of(command).has_value();
    EXPECT_EQ(read_file(tree->path() + "/file.txt", 100).value(), ran ? "after" : "before");
    EXPECT_EQ(read_file(folder.path() + "/file.txt", 100).value(), "before");
    EXPECT_EQ(std::filesystem::exists(tree->path() + "/moved"), ran);
}

TEST_P(IsolationTest, PrivateSourcesAreReadable) {
    const TestFolder folder;
    folder.write("private/file.txt", "text", 0600);
    std::filesystem::permissions(folder.path() + "/private", std::filesystem::perms::owner_all);
    const auto tree = snapshot_tree(folder.path(), {}, {});
    ASSERT_TRUE(tree);
    Command command;
    command.argv = {"/usr/bin/cat", "/tree/private/file.txt"};
    command.tree = tree->path();
    EXPECT_EQ(output_of(command).value_or("text"), "text");
}

TEST_P(IsolationTest, RefusedSystemCalls) {
    const auto output = output_of(python(R"(
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def refused(name, *arguments):
    ctypes.set_errno(0)
    result = getattr(libc, name)(*arguments)
    return result == -1 and ctypes.get_errno() == 1
print(all([
    refused('mount', b'tmpfs', b'/tmp', b'tmpfs', 0, None), refused('umount2', b'/tmp', 2),
    refused('unshare', 0x10000000), refused('unshare', 0x20000), refused('setns', 0, 0),
    refused('chroot', b'/tmp'), refused('ptrace', 0, 0, 0, 0), refused('personality', 0x40000),
    refused('process_vm_readv', 1, None, 0, None, 0, 0), refused('reboot', 0),
    refused('swapon', b'/tmp/x', 0), refused('acct', None), refused('clock_settime', 0, bytes(16)),
    refused('ioctl', 0, 0x5412, b'x'), refused('ioctl', 0, 0x541c, b'x'),
    refused('fanotify_init', 0, 0), refused('memfd_create', b'x', 0),
    refused('name_to_handle_at', -100, b'/', None, None, 0), refused('shmget', 0, 4096, 0o1600)]))
if os.uname().machine == 'x86_64':
    print([n for n in (321, 298, 250, 248, 249, 323, 246, 175, 176, 313, 155, 304, 310, 311,
    172, 173, 444 - 16,
                       429, 430, 432, 438, 442, 457, 458, 467) if not refused('syscall', n, 0,
                       0, 0, 0, 0)])
    ctypes.set_errno(0)
    print([libc.syscall(n, 0, 0, 0, 0) == -1 and ctypes.get_errno() for n in (435, 425)])
    flags = [0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000]
    print([hex(f) for f in flags if not refused('syscall', 56, f | 17, 0, 0, 0, 0)])
)"));
    const std::string expected = "True\n[]\n[38, 38]\n[]\n";
    EXPECT_EQ(output.value_or(expected).substr(0, 5), "True\n");
#ifdef __x86_64__
    EXPECT_EQ(output.value_or(expected), expected);
#endif
}

TEST_P(IsolationTest, NoRightsAndNoWayToGetThem) {
    // Bubblewrap's own process 1 has no more rights than the program; ours has.
    const auto output = output_of(python(R"(
import os, sys
status = dict(line.split(':', 1) for line in open('/proc/self/status'))
print([status[k].strip() for k in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb', 'NoNewPrivs',
    'Seccomp')])
print(os.getuid() != 0, os.geteuid() != 0, os.getsid(0) == os.getpid() or os.getsid(0) != 0)
for action in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.chown('/tmp', 0, 0)):
    try:
        action()
        print('became root')
    except OSError: pass
others = [p for p in os.listdir('/proc') if p.isdigit() and int(p) not in (1, os.getpid())]
print(others)
try:
    os.kill(1, 9)
except OSError: pass
if sys.argv[1] == 'native':
    try:
        open('/proc/1/environ').read()
        print('read process 1')
    except OSError: pass
)",
                                         {GetParam() == Runner::native ? "native" : "bubblewrap"}));
    const std::string expected =
        "['0000000000000000', '0000000000000000', '0000000000000000', '0000000000000000', '1', "
        "'2']\nTrue True True\n[]\n";
    EXPECT_EQ(output.value_or(expected), expected);
}

TEST_P(IsolationTest, TheDataFolderOfTheServerIsAbsent) {
    const std::string here = std::filesystem::current_path().string();
    Command command = python(
        "import os,sys; print(os.path.exists(sys.argv[1]) and bool(os.listdir(sys.argv[1])))",
        {here == "/" ? "/var" : here});
    EXPECT_EQ(output_of(command).value_or("False\n"), "False\n");
}

}  // namespace
}  // namespace credence::sandbox
