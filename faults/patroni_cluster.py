"""A throw-away PostgreSQL cluster under Patroni on loopback: one etcd, two or more nodes, synchronous replication.

Needs Debian's postgresql, patroni and etcd-server, and root (the servers run as user postgres). Everything lies in one
temporary folder and ends with `stop`.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PASSWORD = "throw-away"


class Missing(Exception):
    """What the machine lacks for this."""


def postgres_bin() -> Path:
    """The folder of the newest PostgreSQL server on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        raise Missing("postgresql")
    return found[-1].parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """One PostgreSQL with its Patroni agent."""

    def __init__(self, cluster: "Cluster", name: str):
        self.cluster, self.name = cluster, name
        self.port, self.api = free_port(), free_port()
        self.folder = cluster.folder / name
        self.agent: subprocess.Popen | None = None

    def config(self) -> str:
        """Patroni's YAML. JSON is YAML, so nothing beyond the standard library writes it."""
        replication = {"username": "replicator", "password": PASSWORD}
        superuser = {"username": "postgres", "password": PASSWORD}
        return json.dumps({
            "scope": "zhunsheng",
            "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.api}", "connect_address": f"127.0.0.1:{self.api}"},
            "etcd3": {"host": f"127.0.0.1:{self.cluster.etcd_port}"},
            "bootstrap": {
                # Patroni's defaults, and synchronous: the loss of a primary loses nothing that was acknowledged.
                "dcs": {
                    "ttl": 30, "loop_wait": 10, "retry_timeout": 10,
                    "synchronous_mode": True,
                    "postgresql": {
                        "use_pg_rewind": True,
                        "parameters": {"max_connections": 100, "synchronous_commit": "on", "shared_buffers": "64MB"},
                    },
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
                "pg_hba": [
                    "host all all 127.0.0.1/32 scram-sha-256",
                    "host replication replicator 127.0.0.1/32 scram-sha-256",
                ],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}",
                "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self.folder / "data"),
                "bin_dir": str(postgres_bin()),
                "pgpass": str(self.folder / "pgpass"),
                "authentication": {"replication": replication, "superuser": superuser},
                "parameters": {"unix_socket_directories": str(self.folder)},
            },
        })

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "patroni.json"
        config.write_text(self.config())
        self.cluster.give(self.folder)
        self.agent = self.cluster.spawn(["patroni", str(config)], self.folder / "patroni.log")

    def role(self) -> str | None:
        """`primary`, `synchronous` or `replica` as the agent says; None while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.api}/patroni", timeout=1) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            found = json.load(error)
        except OSError:
            return None
        if found.get("state") != "running":
            return None
        if found.get("role") in ("master", "primary"):
            return "primary"
        return "synchronous" if found.get("sync_standby") else "replica"

    def postmaster(self) -> int | None:
        """The process of the database server, if it runs."""
        try:
            return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def kill(self) -> None:
        """Server and agent die at the same moment, as a machine does."""
        server = self.postmaster()
        if self.agent and self.agent.poll() is None:
            os.kill(self.agent.pid, signal.SIGKILL)
            self.agent.wait()
        if server:
            children = subprocess.run(["pgrep", "-P", str(server)], capture_output=True, text=True).stdout.split()
            for process in [server, *map(int, children)]:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass


class Cluster:
    """etcd and its nodes, in a folder of their own."""

    def __init__(self, nodes: int = 2):
        for tool in ("patroni", "etcd"):
            if shutil.which(tool) is None:
                raise Missing(tool)
        postgres_bin()
        if os.geteuid() != 0:
            raise Missing("root")
        self.user = pwd.getpwnam("postgres")
        self.folder = Path(tempfile.mkdtemp(prefix="zhunsheng-patroni-"))
        os.chmod(self.folder, 0o711)
        self.etcd_port = free_port()
        self.etcd: subprocess.Popen | None = None
        self.nodes = [Node(self, f"node{n}") for n in range(1, nodes + 1)]

    def give(self, folder: Path) -> None:
        """Hands a folder to user postgres."""
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def spawn(self, command: list[str], log: Path) -> subprocess.Popen:
        out = open(log, "ab")
        os.chown(log, self.user.pw_uid, self.user.pw_gid)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        return subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=log.parent,
                                user=self.user.pw_uid, group=self.user.pw_gid, extra_groups=[],
                                start_new_session=True, env=environment)

    def start(self, seconds: float = 90) -> None:
        """Starts all and waits until one is primary and another holds every commit before it is acknowledged."""
        folder = self.folder / "etcd"
        folder.mkdir()
        self.give(folder)
        peer = f"http://127.0.0.1:{free_port()}"
        client = f"http://127.0.0.1:{self.etcd_port}"
        self.etcd = self.spawn(["etcd", "--data-dir", str(folder / "data"),
                                "--listen-client-urls", client, "--advertise-client-urls", client,
                                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                                "--initial-cluster", f"default={peer}"], folder / "etcd.log")
        for node in self.nodes:
            node.start()
        self.wait(lambda roles: None not in roles and "primary" in roles and "synchronous" in roles, seconds)

    def wait(self, holds, seconds: float) -> float:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if holds([node.role() for node in self.nodes]):
                return time.monotonic() - began
            time.sleep(0.2)
        roles = [node.role() for node in self.nodes]
        raise TimeoutError(f"the cluster is not ready after {seconds} s: {roles}; logs in {self.folder}")

    def primary(self) -> Node | None:
        return next((node for node in self.nodes if node.role() == "primary"), None)

    def url(self, database: str = "postgres") -> str:
        """All nodes in one URL; the client takes the one that accepts writes."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgres://postgres:{PASSWORD}@{hosts}/{database}?target_session_attrs=read-write"

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
        if self.etcd and self.etcd.poll() is None:
            self.etcd.kill()
            self.etcd.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Cluster":
        try:
            self.start()
        except BaseException:
            self.keep_logs()
            self.stop()
            raise
        return self

    def keep_logs(self) -> None:
        for log in self.folder.rglob("*.log"):
            print(f"-- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:]))

    def __exit__(self, *_ended) -> None:
        self.stop()
