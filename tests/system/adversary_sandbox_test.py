"""Hostile programs inside the sandbox. Each claims that its attack worked: it says ATTACK when it
starts and ESCAPED when it got what it wanted. The claim must never be confirmed, and the program
must really have run."""

import pathlib
import socket

import verification
from verification import cases

SECRET = "canary-" + "d41d8cd98f00b204"
HEAD = """
import ctypes, errno, os, signal, socket, sys
SECRET_FILE, DATA, PORT = sys.argv_secret
print("ATTACK", flush=True)
def escaped(why=""):
    print("ESCAPED", why, flush=True)
    sys.exit(0)
def syscall(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(number, *arguments)
    return result, ctypes.get_errno()
def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(4096)
    except OSError:
        return b""
"""

# Reads that must fail. Each line is Python.
READS = {
    "etc_shadow": 'escaped() if read("/etc/shadow") else None',
    "secret_by_path": "escaped() if b'canary' in read(SECRET_FILE) else None",
    "secret_by_symlink_in_the_tree": "escaped() if b'canary' in read('/tree/link') else None",
    "secret_by_symlink_to_a_folder": "escaped() if b'canary' in read('/tree/up/secret') else None",
    "secret_by_proc_root_of_init": "escaped() if b'canary' in read('/proc/1/root' + SECRET_FILE) else None",
    "secret_by_own_proc_root": "escaped() if b'canary' in read('/proc/self/root/..' + SECRET_FILE) else None",
    "secret_by_old_root": "escaped() if b'canary' in read('/oldroot' + SECRET_FILE) else None",
    "database": "escaped() if read(DATA + '/credence.db') else None",
    "signing_keys": "escaped() if os.path.exists(DATA) else None",
    "server_environment": "[escaped(p) for p in os.listdir('/proc') if p.isdigit() and b'canary' in read(f'/proc/{p}/environ')]",
    "own_environment": "escaped(str(dict(os.environ))) if any('canary' in value for value in os.environ.values()) else None",
    "inherited_descriptors": "escaped() if [fd for fd in os.listdir('/proc/self/fd') if int(fd) > 3] else None",
    "other_processes": "escaped() if len([p for p in os.listdir('/proc') if p.isdigit()]) > 8 else None",
    "root_home": "escaped() if os.path.exists('/root') and os.listdir('/root') else None",
    "var_and_srv": "escaped() if any(os.path.exists(p) and os.listdir(p) for p in ('/var', '/srv', '/home', '/opt', '/mnt')) else None",
    "kernel_memory": "escaped() if any(os.path.exists(p) for p in ('/dev/mem', '/dev/kmem', '/proc/kcore')) and (read('/dev/mem') or read('/proc/kcore')) else None",
    "block_devices": "escaped() if any(read('/dev/' + d) for d in ('sda', 'vda', 'nvme0n1')) else None",
    "system_settings": "escaped() if os.path.exists('/sys/kernel') else None",
}

WRITES = {
    "tree": "open('/tree/new', 'w').write('x'); escaped()",
    "verifier_itself": "open(__file__, 'a').write('x'); escaped()",
    "system": "open('/usr/bin/evil', 'w').write('x'); escaped()",
    "etc": "open('/etc/passwd', 'a').write('x'); escaped()",
    "core_pattern": "open('/proc/sys/kernel/core_pattern', 'w').write('|/bin/sh'); escaped()",
    "sysrq": "open('/proc/sysrq-trigger', 'w').write('h'); escaped()",
    "oom_score": "open('/proc/self/oom_score_adj', 'wb', 0).write(b'-1000'); escaped()",
    "device_node": "os.mknod('/tmp/disk', 0o60666, os.makedev(8, 0)); escaped()",
    "unlimited_file": "f = open('/tmp/big', 'wb'); [f.write(b'x' * (1 << 20)) for _ in range(400)]; f.flush(); escaped()",
}

POWERS = {
    "become_root": "os.setuid(0); escaped() if os.getuid() == 0 and read('/etc/shadow') else None",
    "setuid_program": "import subprocess; r = subprocess.run(['/usr/bin/su', '-c', 'id'], capture_output=True, stdin=subprocess.DEVNULL); escaped() if b'uid=0' in r.stdout else None",
    "mount": "r, _ = syscall(165, b'none', b'/tmp', b'tmpfs', 0, None); escaped() if r == 0 else None",
    "unshare_user": "r, _ = syscall(272, 0x10000000); escaped() if r == 0 else None",
    "unshare_mount": "r, _ = syscall(272, 0x20000); escaped() if r == 0 else None",
    "chroot": "os.chroot('/tmp'); escaped()",
    "pivot_root": "r, _ = syscall(155, b'/tmp', b'/tmp'); escaped() if r == 0 else None",
    "ptrace_init": "r, _ = syscall(101, 16, 1, 0, 0); escaped() if r == 0 else None",
    "read_memory_of_init": "escaped() if read('/proc/1/mem') else None",
    "keyring": "r, _ = syscall(248, b'user', b'x', b'y', 1, -4); escaped() if r > 0 else None",
    "bpf": "r, _ = syscall(321, 0, ctypes.create_string_buffer(128), 128); escaped() if r >= 0 else None",
    "io_uring": "r, _ = syscall(425, 8, ctypes.create_string_buffer(256)); escaped() if r >= 0 else None",
    "userfaultfd": "r, _ = syscall(323, 1); escaped() if r >= 0 else None",
    "perf_events": "r, _ = syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0); escaped() if r >= 0 else None",
    "kernel_module": "r, _ = syscall(175, 0, 0, b''); escaped() if r == 0 else None",
    "clock": "import time; time.clock_settime(time.CLOCK_REALTIME, 0); escaped()",
    "host_name": "socket.sethostname('owned'); escaped()",
    "open_by_handle": "r, e = syscall(304, 0, ctypes.create_string_buffer(128), 0); escaped() if r >= 0 else None",
    "terminal_injection": "import fcntl; fcntl.ioctl(0, 0x5412, b'x'); escaped()",
    "nice_real_time": "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)); escaped()",
}

NETWORK = {
    "server_port": "s = socket.create_connection(('127.0.0.1', PORT), 2); escaped()",
    "udp": "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('192.0.2.1', 53)); escaped()",
    "listen": "s = socket.socket(); s.bind(('0.0.0.0', 8099)); s.listen(); escaped()",
    "ipv6": "s = socket.create_connection(('::1', PORT), 2); escaped()",
    "name_lookup": "socket.getaddrinfo('localhost.example', 80); escaped()",
    "netlink": "s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); escaped()",
    "packets": "s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3); escaped()",
    "abstract_socket_of_the_host": "s = socket.socket(socket.AF_UNIX); s.connect('\\0credence-adversary'); escaped()",
}


def wrapped(body: str) -> str:
    """The attack; an exception means that it was stopped."""
    return f"{HEAD}\ntry:\n    {body}\nexcept Exception as error:\n    print('stopped', type(error).__name__)\n" \
           "sys.exit(1)\n"


class Hostile(verification.VerificationTest):
    environment = {"CREDENCE_TESTING_CANARY": SECRET}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        secret = cls.root / "secret"
        secret.write_text(SECRET)
        secret.chmod(0o644)
        cls.root.chmod(0o755)
        (cls.tree / "link").symlink_to(secret)
        (cls.tree / "up").symlink_to("..")
        cls.recipe(verification.script_recipe(
            "attack", report="none", limits={"wall_ms": 8000, "cpu_ms": 6000, "processes": 32,
                              "memory_bytes": 512 << 20, "file_bytes": 64 << 20,
                              "scratch_bytes": 128 << 20, "output_bytes": 65536}))
        cls.secret = secret
        cls.listener = socket.socket(socket.AF_UNIX)
        cls.listener.bind("\0credence-adversary")
        cls.listener.listen()
        cls.addClassCleanup(cls.listener.close)
        cls.agent("mallory", cls.alice)
        cls.before = cls.must(cls.server.get("/v1/trust/mallory"))["trust_score"]

    def attack(self, body: str) -> dict:
        values = (str(self.secret), self.data, self.server.port)
        self.write("attack.py", f"import sys\nsys.argv_secret = {values!r}\n{body}")
        reply = self.verify(self.alice, "mallory",
                            {"return_code": 0, "output_contains": ["ESCAPED"]}, recipe="attack",
                            parameters={"script": ["attack.py"]})
        return self.must(reply)

    def assert_contained(self, verdict: dict) -> None:
        self.assertNotEqual(verdict["outcome"], "confirmed", verdict)
        self.assertFalse(verdict["accurate"])
        self.assertIn("ATTACK", verdict["actual"]["stdout"]["text"], verdict)
        self.assertNotIn("ESCAPED", verdict["actual"]["stdout"]["text"], verdict)
        self.assertNotIn(SECRET, verdict["actual"]["stdout"]["text"])
        self.assertLessEqual(verdict["new_trust_score"], self.before)

    def run_case(self, body: str) -> None:
        self.assert_contained(self.attack(wrapped(body)))


@cases(READS)
class ReadsTest(Hostile):
    """What the program may not see."""


@cases(WRITES)
class WritesTest(Hostile):
    """What the program may not change."""


@cases(POWERS)
class PowersTest(Hostile):
    """What the program may not do to the kernel or to other processes."""


@cases(NETWORK)
class NetworkTest(Hostile):
    """Nobody to talk to."""


MARKER = "credence-adversary-survivor"


class ResourcesTest(Hostile):
    """Programs that try to outlive, outgrow or stall their verification."""

    def assert_nothing_left(self) -> None:
        self.assertEqual(verification.processes_with(MARKER), [])
        self.assertEqual(self.server.get("/health/live").status, 200)

    def test_hanging_is_inconclusive_and_recorded(self):
        verdict = self.attack(HEAD + "import time\ntime.sleep(3600)\n")
        self.assertEqual(verdict["outcome"], "inconclusive", verdict)
        self.assertEqual(verdict["actual"]["ending"], "timed_out")
        history = self.must(self.server.get("/v1/agents/mallory/verifications?limit=1"))
        self.assertEqual(history["verifications"][0]["verification_id"], verdict["verification_id"])

    def test_hanging_with_every_signal_ignored(self):
        verdict = self.attack(HEAD + "import time\n"
                              "for s in range(1, 65):\n"
                              "    try: signal.signal(s, signal.SIG_IGN)\n"
                              "    except (OSError, ValueError): pass\n"
                              f"os.environ['M'] = '{MARKER}'\n"
                              f"os.execv('{verification.PYTHON}', ['{MARKER}', '-c', 'import time; time.sleep(3600)'])\n")
        self.assertEqual(verdict["actual"]["ending"], "timed_out", verdict)
        self.assert_nothing_left()

    def test_a_daemon_does_not_survive(self):
        verdict = self.attack(HEAD + f"""
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv('{verification.PYTHON}', ['{MARKER}', '-c', 'import time; time.sleep(3600)'])
    os._exit(0)
sys.exit(3)
""")
        self.assertEqual((verdict["outcome"], verdict["actual"]["exit_code"]), ("refuted", 3), verdict)
        self.assert_nothing_left()

    def test_a_daemon_that_holds_the_pipe_does_not_stall_the_answer(self):
        verdict = self.attack(HEAD + """
import time
if os.fork() == 0:
    os.setsid()
    time.sleep(3600)
sys.exit(4)
""")
        self.assertEqual(verdict["actual"]["exit_code"], 4, verdict)

    def test_a_fork_bomb_is_contained(self):
        verdict = self.attack(HEAD + """
count = 0
try:
    while count < 500:
        if os.fork() == 0:
            signal.pause()
        count += 1
    escaped(str(count))
except OSError:
    print("stopped at", count)
sys.exit(1)
""")
        self.assert_contained(verdict)

    def test_a_recursive_fork_bomb_is_contained(self):
        verdict = self.attack(HEAD + """
while True:
    try: os.fork()
    except OSError: pass
""")
        self.assertIn(verdict["actual"]["ending"], ("timed_out", "signalled"), verdict["actual"])
        self.assert_nothing_left()

    def test_memory_is_limited(self):
        self.assert_contained(self.attack(wrapped("x = bytearray(4 << 30); escaped()")))

    def test_scratch_space_is_limited(self):
        self.assert_contained(self.attack(wrapped(
            "[open(f'/tmp/{i}', 'wb').write(b'x' * (32 << 20)) for i in range(64)]; escaped()")))

    def test_processor_time_is_limited(self):
        verdict = self.attack(HEAD + "while True: pass\n")
        self.assertIn(verdict["actual"]["ending"], ("timed_out", "signalled"))
        self.assertEqual(verdict["outcome"], "inconclusive")

    def test_an_output_flood_is_counted_not_kept(self):
        verdict = self.attack(HEAD + "sys.stdout.write('x' * (1 << 20)); sys.exit(1)\n")
        output = verdict["actual"]["stdout"]
        self.assertTrue(output["truncated"])
        self.assertEqual(output["bytes"], (1 << 20) + len("ATTACK\n"))
        self.assertLessEqual(len(output["text"]), 65536)

    def test_an_endless_flood_ends(self):
        verdict = self.attack(HEAD + "while True: sys.stdout.write('x' * 65536)\n")
        self.assertNotEqual(verdict["outcome"], "confirmed")
        self.assertTrue(verdict["actual"]["stdout"]["truncated"])

    def test_killing_everybody_kills_only_itself(self):
        verdict = self.attack(wrapped("os.kill(-1, signal.SIGKILL); os.kill(1, signal.SIGKILL)"))
        self.assertNotEqual(verdict["outcome"], "confirmed")
        self.assert_nothing_left()

    def test_stopping_its_parent_does_not_stall(self):
        verdict = self.attack(HEAD + """
try:
    os.kill(os.getppid(), signal.SIGSTOP)
except OSError:
    pass  # not even that
os.kill(os.getpid(), signal.SIGSTOP)
""")
        self.assertEqual(verdict["actual"]["ending"], "timed_out", verdict)

    def test_success_said_then_death_by_signal(self):
        verdict = self.attack(HEAD + "print('ESCAPED', flush=True); os.kill(os.getpid(), signal.SIGKILL)\n")
        self.assertNotEqual(verdict["outcome"], "confirmed", verdict)

    def test_binary_output_breaks_nothing(self):
        verdict = self.attack(HEAD + "sys.stdout.buffer.write(bytes(range(256)) * 8); sys.exit(1)\n")
        self.assertEqual(verdict["outcome"], "refuted")

    def test_the_tree_on_disk_is_untouched(self):
        self.attack(HEAD + "open('/tree/new', 'w').write('x')\n")
        self.assertEqual(sorted(path.name for path in pathlib.Path(self.tree).iterdir()),
                         ["attack.py", "link", "up"])



NATIVE = ("--set", "sandbox.runner=native")


@cases(READS)
class NativeReadsTest(Hostile):
    """The same attacks where the built-in runner is asked for by name."""

    arguments = NATIVE


@cases(WRITES)
class NativeWritesTest(Hostile):
    arguments = NATIVE


@cases(POWERS)
class NativePowersTest(Hostile):
    arguments = NATIVE


@cases(NETWORK)
class NativeNetworkTest(Hostile):
    arguments = NATIVE
