"""The real binary as a process: started, asked whether it is ready, stopped, killed, wrapped in strace or faketime.

Does not belong here: what is sent to it.
"""

import http.client
import os
import re
import select
import signal
import subprocess
import time

from .work import dies_with_us

START_MAX = 60


class DidNotStart(Exception):
    """The process ended, or said nothing, before it could be asked."""


class Server:
    """`zhunsheng serve` on a data folder; on a port of its own choosing unless one is given."""

    def __init__(self, binary, data, wrap=(), env=None, log=None, port=0):
        self.data, self.began = data, time.monotonic()
        self.log = open(log, "ab") if log else subprocess.DEVNULL
        command = [*wrap, binary, "serve", "--data", data, "--port", port]
        environment = {**os.environ, "ZHUNSHENG_LOG": "warn", **(env or {})}
        # SIGXFSZ stays ignored (as Python has it): a file at its limit is an error to be answered, not a death.
        self.process = subprocess.Popen(
            list(map(str, command)), stdout=subprocess.PIPE, stderr=self.log, env=environment,
            preexec_fn=dies_with_us, restore_signals=False,
        )
        self.port, self.ready_after = None, None

    def wait_ready(self):
        """Waits until visitors are answered. Raises `DidNotStart`."""
        self.wait_port()
        while self.health() != 200:
            if self.process.poll() is not None or time.monotonic() - self.began > START_MAX:
                raise DidNotStart(f"exit code {self.process.poll()}")
            time.sleep(0.002)
        self.ready_after = time.monotonic() - self.began
        return self

    def wait_port(self):
        """Waits until it says where it listens. Raises `DidNotStart`."""
        said = b""
        while True:
            left = self.began + START_MAX - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise DidNotStart("it says nothing")
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                raise DidNotStart(f"exit code {self.process.wait()}")
            said += more
            found = re.search(rb"http://127\.0\.0\.1:(\d+)/", said)
            if found:
                self.port = int(found[1])
                return self.port

    def health(self):
        """The status of /healthz; none without an answer."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
            connection.close()
            return status
        except (OSError, http.client.HTTPException):
            return None

    def pid(self):
        """The server itself, also under a wrapper."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            below = children.read().split()
        return int(below[0]) if below and not self._is_server(self.process.pid) else self.process.pid

    @staticmethod
    def _is_server(pid):
        with open(f"/proc/{pid}/comm") as comm:
            return comm.read().startswith("zhunsheng")

    def signal(self, number):
        os.kill(self.pid(), number)

    def kill(self):
        """kill -9, and wait until the process is gone."""
        if self.process.poll() is None:
            try:
                self.signal(signal.SIGKILL)
            except (OSError, ValueError):
                self.process.kill()
        self.end()

    def stop(self):
        """An orderly end."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        self.end()

    def end(self):
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        if self.log is not subprocess.DEVNULL:
            self.log.close()
            self.log = subprocess.DEVNULL
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
