"""The computer's clock jumps while people act: ten years on and back, an hour back, sixty times as fast, standing still.

Afterwards moments stand in the order of entries, no entry carries a false time, no clock of a matter has moved or run out,
the checkpoint has not gone back, and with the clock set right acts go on without a restart. A county that is started on a
false date ten years on does not start; one started on a date in the past serves readers and records nothing.
Control: the same look at a county whose newest step was given an earlier moment by hand.
"""

import shutil
import sqlite3
import time
from pathlib import Path

from harness import county, record
from harness.client import Program
from harness.ledger import Ledger, database
from harness.load import Client, Load, urging
from harness.report import Result
from harness.server import DidNotStart, Server
from harness.work import fresh

NAME = "clock"
BEFORE_SECONDS, FALSE_SECONDS, AFTER_SECONDS_MAX = 0.5, 1.5, 15.0
# Five minutes: what the product takes for a correction; and a minute for this harness.
TOLERANCE = 6 * 60
JUMPS = {"ten years on": "+3650d", "ten years back": "-3650d", "an hour back": "-1h", "sixty times as fast": "+0 x60", "standing still": None}
# In these nothing may be acknowledged meanwhile.
FALSE = ("ten years on", "ten years back", "an hour back")
ROUNDS, ROUNDS_FULL = 1, 5


def run(plan):
    result = Result(NAME)
    library = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
    if library is None:
        result.skipped = "faketime is missing"
        return result
    made, folder = county.made(plan.binary), fresh("clock")
    totals = dict.fromkeys(("jumps", "acknowledged", "while_false", "lost", "doubled", "out_of_order", "false_times", "moved"), 0)
    for _ in range(ROUNDS_FULL if plan.full else ROUNDS):
        for name, spec in JUMPS.items():
            _jump(plan, made, folder, library, name, spec, totals, result)
    _started_on(plan, made, folder, library, result)
    result.control = _control(folder / "data", result)
    shutil.rmtree(folder)
    result.numbers = totals
    result.said = (
        f"{totals['jumps']} jumps ({', '.join(JUMPS)}): {totals['acknowledged']} acts acknowledged, {totals['while_false']} of them "
        f"on a false date, {totals['out_of_order']} moments out of order, {totals['false_times']} entries with a false time, "
        f"{totals['moved']} clocks moved or run out, {totals['lost']} lost, {totals['doubled']} doubled"
    )
    return result


class Faked:
    """The environment of a server whose clock is a file's."""

    def __init__(self, folder, library):
        self.file = folder / "time"
        self.set("+0")
        self.environment = {
            "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
            # Waiting and timeouts go by the monotonic clock, which no administrator can set.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, spec):
        # Standing still is an absolute time; faketime reads it in the zone of the process.
        self.file.write_text((spec or time.strftime("%Y-%m-%d %H:%M:%S")) + "\n")


def _jump(plan, made, folder, library, name, spec, totals, result):
    ledger, data, faked = Ledger(), made.copy_to(folder / "data"), Faked(folder, library)
    began = time.time()
    with Server(plan.binary, data, env=faked.environment, log=folder / "log").wait_ready() as server:
        load = Load(made, server.port, ledger, threads=4).start()
        time.sleep(BEFORE_SECONDS)
        before = _clocks(data)
        faked.set(spec)
        time.sleep(0.1)
        falsely = time.monotonic()
        time.sleep(FALSE_SECONDS)
        health = server.health()
        while_false = _sent_since(ledger, falsely)
        faked.set("+0")
        load.stop()
        result.require(_reads(made, server), f"{name}: reading does not go on")
        if name in FALSE:
            totals["while_false"] += while_false
            result.require(while_false == 0, f"{name}: {while_false} acts acknowledged on a false date")
            result.require(health == 503, f"{name}: healthz says {health}")
        else:
            result.require(while_false > 0, f"{name}: no act was acknowledged")
        result.require(_goes_on(made, server, ledger), f"{name}: acts do not go on when the clock is right again")
        Client(made, server.port, ledger).repeat()
        server.stop()
    totals["jumps"] += 1
    _compare(plan, data, ledger, name, before, (began, time.time()), totals, result)


def _compare(plan, data, ledger, name, before, real, totals, result):
    verdict, said = ledger.compare(data), record.verify(plan.binary, data)
    totals["acknowledged"] += verdict.acknowledged
    totals["lost"] += len(verdict.lost)
    totals["doubled"] += len(verdict.doubled)
    result.require(verdict.fine() and not ledger.doubtful(), f"{name}: {verdict.problems()}")
    result.require(said.fine, f"{name}: record verify: {said.text}")
    order, false_times = out_of_order(data), _false_times(data, *real)
    moved = sum(now != before.get(run) for run, now in _clocks(data).items() if run in before)
    totals["out_of_order"] += order
    totals["false_times"] += false_times
    totals["moved"] += moved
    result.require(order == 0, f"{name}: {order} moments out of order")
    result.require(false_times == 0, f"{name}: {false_times} entries carry a false time")
    result.require(moved == 0, f"{name}: {moved} clocks moved or ran out")
    result.require(_sealed(data, *real), f"{name}: the checkpoint carries a false time")


def _sent_since(ledger, moment):
    """What was asked for after a moment and acknowledged. An answer to what was recorded before may come later on a busy machine."""
    with ledger.lock:
        return sum(act.entry is not None and act.sent > moment for act in ledger.acts.values())


def _reads(made, server):
    # A token that seems to have ended is answered with 401: that is an answer, too.
    return Program(server.port, made.mediator["token"]).ask("GET", f"/api/v1/matters/{made.matter}")[0] in (200, 401)


def _goes_on(made, server, ledger):
    load, before, began = Load(made, server.port, ledger, threads=2).start(), len(ledger.acknowledged()), time.monotonic()
    while len(ledger.acknowledged()) - before < 5 and time.monotonic() - began < AFTER_SECONDS_MAX:
        time.sleep(0.02)
    load.stop()
    return len(ledger.acknowledged()) - before >= 5


def out_of_order(data):
    """How many steps were recorded at an earlier moment than one with a smaller number."""
    connection = database(data)
    moments = [moment for (moment,) in connection.execute("SELECT recorded FROM step ORDER BY seq")]
    connection.close()
    return sum(later < earlier for earlier, later in zip(moments, moments[1:]))


def _false_times(data, began, ended):
    connection = database(data)
    wrong = connection.execute(
        "SELECT count(*) FROM step WHERE seq > 13 AND (recorded < ? OR recorded > ?)",
        ((began - TOLERANCE) * 1_000, (ended + TOLERANCE) * 1_000),
    ).fetchone()[0]
    connection.close()
    return wrong


def _clocks(data):
    """Every clock of every matter: when it ends and whether it has run out."""
    connection = database(data)
    found = {row[:2]: row[2:] for row in connection.execute("SELECT matter, run, due_day, expired FROM clock_run")}
    connection.close()
    return found


def _sealed(data, began, ended):
    connection = database(data)
    (sealed,) = connection.execute("SELECT sealed_ms FROM checkpoint").fetchone()
    connection.close()
    return (began - TOLERANCE) * 1_000 <= sealed <= (ended + TOLERANCE) * 1_000


def _started_on(plan, made, folder, library, result):
    """A false date that is there from the start."""
    data, faked = made.copy_to(folder / "data"), Faked(folder, library)
    faked.set("+3650d")
    try:
        with Server(plan.binary, data, env=faked.environment, log=folder / "log").wait_ready():
            result.problems.append("a county ten years silent starts without a question")
    except DidNotStart:
        pass
    faked.set("-30d")
    ledger = Ledger()
    with Server(plan.binary, data, env=faked.environment, log=folder / "log") as server:
        server.wait_port()
        client = Client(made, server.port, ledger)
        result.require(client.send(*urging(made.matter)) is None, "an act is recorded thirty days before the newest entry")
        result.require(_reads(made, server), "started on a past date: no reading")
        faked.set("+0")
        time.sleep(0.1)
        # The process began on the false date: its own clocks agree only after a restart.
        server.kill()
    with Server(plan.binary, data, log=folder / "log").wait_ready() as server:
        Client(made, server.port, ledger).repeat()
    result.require(not ledger.doubtful() and ledger.compare(data).fine(), "started on the right date: the act is not there once")


def _control(data, result):
    """A moment set back by hand is seen."""
    connection = sqlite3.connect(data / "zhunsheng.db")
    connection.execute("UPDATE step SET recorded = recorded - 3600000 WHERE seq = (SELECT max(seq) FROM step)")
    connection.commit()
    connection.close()
    found = out_of_order(data)
    result.require(found > 0, "control: a moment set back by hand was not seen")
    return f"{found} moment set back by hand was seen"
