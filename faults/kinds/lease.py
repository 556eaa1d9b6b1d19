"""Two processes serve one county on PostgreSQL, and the one that writes dies (kill -9) or sleeps through its lease.

What either of them acknowledged is there, once; the other goes on within a term and a beat, without a restart; the one that
slept writes nothing with its old lease, and passes on again. Only in the full form: each turn waits for a lease to run out.
Control: a client that takes sending for acknowledgement must be seen to lose acts.
"""

import signal
import subprocess
import time

from harness import county
from harness.ledger import Ledger, judge
from harness.load import Client, Load, opening
from harness.report import Result
from harness.server import Server
from harness.work import ROOT, command, fresh

NAME = "lease"
TURNS, TURNS_FULL = 2, 8
# A term of twelve seconds, a beat of three; a debug build beside other work is only kept from hanging.
TAKEN_OVER_MAX, TAKEN_OVER_MAX_FULL, TAKEN_OVER_WAIT = 40.0, 20.0, 60.0
LOAD_SECONDS = 2.0
# Nobody writes for a term: what is asked meanwhile stays in doubt and is repeated.
PAUSE = 0.25
# Longer than a lease's term of twelve seconds: who wakes is no writer any more.
SLEEP_SECONDS = 16.0


class Database:
    """A throw-away PostgreSQL, gone when it is left."""

    def __enter__(self):
        script = [ROOT / "server" / "tests" / "with-postgres", "sh", "-c", 'echo "$ZHUNSHENG_TEST_DATABASE"; exec cat']
        # It ends, and clears away, when its input ends: also when we are killed.
        self.process = subprocess.Popen(list(map(str, script)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def county(self):
        """The address of an empty database."""
        command(["psql", self.url, "-qc", "CREATE DATABASE county"])
        return self.url.replace("@/postgres?", "@/county?")


def run(plan):
    result = Result(NAME)
    with Database() as database:
        if not database.url:
            result.skipped = "a PostgreSQL server is missing"
            return result
        _turns(plan, database.county(), result)
    return result


def _turns(plan, url, result):
    made, folder = county.made(plan.binary), fresh("lease")
    data, ledger, early = made.copy_to(folder / "data"), Ledger(), Ledger()
    command([plan.binary, "move", "--from", "file", "--to", url, "--data", data])
    start = lambda: Server(plan.binary, data, env={"ZHUNSHENG_DATABASE": url}, log=folder / "log").wait_ready()
    writer, other, back = start(), start(), {"killed": [], "asleep": []}
    try:
        for turn in range(TURNS_FULL if plan.full else TURNS):
            lying = Load(made, writer.port, early, early=True, pause=PAUSE).start() if turn == 0 else None
            loads = [Load(made, server.port, ledger, threads=4, pause=PAUSE).start() for server in (writer, other)]
            time.sleep(LOAD_SECONDS)
            way = "killed" if turn % 2 == 0 else "asleep"
            back[way].append(_lose(way, writer, other, ledger, result))
            if way == "killed":
                writer = start()
            time.sleep(LOAD_SECONDS)
            for load in loads + ([lying] if lying else []):
                load.stop()
                result.require(not load.unexpected(), f"an unexpected answer: {load.unexpected()[:1]}")
            # Whoever came back passes on what it is asked: it acknowledges, and another one writes.
            result.require(_passes_on(made, writer, ledger), f"who was {way} does not pass on what it is asked")
            Client(made, other.port, ledger).repeat()
            result.require(not ledger.doubtful(), "an act in doubt was not acknowledged when it was repeated")
            writer, other = other, writer
            if result.problems:
                break
    finally:
        for server in (other, writer):
            server.stop()
    command([plan.binary, "move", "--from", url, "--to", "file", "--data", data])
    _judge(plan, data, (ledger, early), back, result)


def _lose(way, writer, other, ledger, result):
    """Seconds from the loss of the writer to the next act that the other acknowledged."""
    number = signal.SIGKILL if way == "killed" else signal.SIGSTOP
    writer.signal(number)
    if way == "killed":
        writer.end()
    lost, first = time.monotonic(), None
    # What was on its way may still be told; a lease cannot run out within a second.
    while first is None and time.monotonic() - lost < TAKEN_OVER_WAIT:
        time.sleep(0.1)
        first = ledger.told_after(lost + 1.0)
    result.require(first is not None, f"nothing was acknowledged within {TAKEN_OVER_WAIT:.0f} s after the writer was {way}")
    if way == "asleep":
        time.sleep(max(0.0, lost + SLEEP_SECONDS - time.monotonic()))
        writer.signal(signal.SIGCONT)
    return None if first is None else first - lost


def _passes_on(made, server, ledger):
    """Whether acts sent to it are acknowledged, within the time in which it learns who writes."""
    client, until = Client(made, server.port, ledger), time.monotonic() + TAKEN_OVER_MAX
    while time.monotonic() < until:
        if client.send(*opening()) is not None:
            return True
        time.sleep(PAUSE)
    return False


def _judge(plan, data, ledgers, back, result):
    ledger, early = ledgers
    verdict = judge(ledger, early, data, plan.binary, result)
    times = {way: [seconds for seconds in seen if seconds is not None] for way, seen in back.items()}
    slowest = max((seconds for seen in times.values() for seconds in seen), default=0.0)
    allowed = TAKEN_OVER_MAX_FULL if plan.full else TAKEN_OVER_MAX
    result.require(slowest <= allowed, f"the other went on only after {slowest:.0f} s")
    result.numbers = {
        "killed": len(times["killed"]), "asleep": len(times["asleep"]), "taken_over_max": round(slowest, 1),
        "acknowledged": len(ledger.acknowledged()), "lost": len(verdict.lost), "doubled": len(verdict.doubled),
    }
    result.said = (
        f"the writing process killed {len(times['killed'])} times and asleep {len(times['asleep'])} times, the other wrote after "
        f"{slowest:.0f} s at most; {len(ledger.acknowledged())} acts acknowledged, {len(verdict.lost)} lost, {len(verdict.doubled)} doubled"
    )
