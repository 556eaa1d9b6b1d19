"""strace beside a running server: the K-th call of a sort fails, as the kernel would let it fail.

Does not belong here: what should follow.
"""

import re
import subprocess
import time
from pathlib import Path

from .work import dies_with_us

ATTACH_MAX = 20


class Injection:
    """Attached on entering, gone on leaving; `hits` says how often the fault was delivered. `path`: only calls on that file."""

    def __init__(self, pid, calls, fault, log, path=None):
        self.pid, self.calls, self.fault, self.log, self.hits = pid, calls, fault, log, 0
        self.only = ["-P", str(path)] if path else []

    def __enter__(self):
        self.log.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["strace", "-f", "-y", "-p", str(self.pid), "-o", str(self.log), *self.only, "-e", f"trace={self.calls}", "-e", f"inject={self.calls}:{self.fault}"],
            stderr=subprocess.DEVNULL, preexec_fn=dies_with_us,
        )
        began = time.monotonic()
        while not self._traced() and self.process.poll() is None and time.monotonic() - began < ATTACH_MAX:
            time.sleep(0.005)
        return self

    def _traced(self):
        """Whether every thread of the server has a tracer."""
        try:
            tasks = [(task / "status").read_text() for task in Path(f"/proc/{self.pid}/task").iterdir()]
        except OSError:
            return True
        return all(re.search(r"^TracerPid:\t[1-9]", status, re.MULTILINE) for status in tasks)

    def wait_hit(self, seconds):
        """Waits until the fault was delivered, at most so long."""
        began = time.monotonic()
        while self.count() == 0 and time.monotonic() - began < seconds:
            time.sleep(0.01)
        return self.count() > 0

    def told(self):
        """The calls that were failed, with their files."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "; ".join(line.strip() for line in lines if "(INJECTED)" in line)

    def count(self):
        return self.log.read_text(errors="replace").count("(INJECTED)") if self.log.exists() else 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.hits = self.count()
