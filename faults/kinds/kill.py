"""kill -9 at any moment, under load: what was acknowledged is there, once; what was in doubt is repeated and is there once.

Control: a client that takes sending for acknowledgement must be seen to lose acts; an act planted twice must be seen.
"""

import random
import statistics
import time

from harness import county, record
from harness.ledger import Ledger, entries_by_key
from harness.load import Client, Load, opening
from harness.report import Result, number
from harness.server import Server
from harness.work import fresh

NAME = "kill-9"
KILLS, KILLS_FULL = 200, 1_000
KILLS_PER_COUNTY = 50
LOAD_SECONDS = (0.02, 0.25)
VERIFY_EVERY = 10
# Seconds; a debug build beside other work is only kept from hanging.
READY_MEDIAN_MAX, READY_MEDIAN_MAX_FULL = 15.0, 2.0
EARLY_KILLS = 5


def run(plan):
    result, chance = Result(NAME), random.Random(plan.seed)
    kills = KILLS_FULL if plan.full else KILLS
    made, folder = county.made(plan.binary), fresh("kill")
    totals = {"kills": 0, "acknowledged": 0, "repeated": 0, "lost": 0, "doubled": 0, "verified": 0}
    ready = []
    while totals["kills"] < kills and not result.problems:
        data = made.copy_to(folder / "data")
        _round(plan, made, data, min(KILLS_PER_COUNTY, kills - totals["kills"]), chance, totals, ready, result)
    median = statistics.median(ready)
    allowed = READY_MEDIAN_MAX_FULL if plan.full else READY_MEDIAN_MAX
    result.require(median <= allowed, f"ready again after {median:.2f} s (median), more than {allowed}")
    result.control = _control(plan, made, folder, chance, result)
    result.numbers = {**totals, "ready_median": round(median, 3), "ready_max": round(max(ready), 3)}
    result.said = (
        f"{number(totals['kills'])} kills, {number(totals['acknowledged'])} acts acknowledged, {totals['lost']} lost, "
        f"{totals['doubled']} doubled, {number(totals['repeated'])} in doubt repeated and there once; ready again after "
        f"{median:.2f} s (median), {max(ready):.2f} s (worst); record verified {totals['verified']} times"
    )
    return result


def _round(plan, made, data, kills, chance, totals, ready, result):
    """So many kills of one county."""
    ledger, log = Ledger(), data.parent / "log"
    for kill in range(kills):
        if chance.random() < 0.1:
            _kill_while_starting(plan, data, chance, log)
            totals["kills"] += 1
        server = Server(plan.binary, data, log=log)
        with server.wait_ready():
            ready.append(server.ready_after)
            totals["repeated"] += Client(made, server.port, ledger).repeat()
            verdict = ledger.compare(data)
            totals["lost"] += len(verdict.lost)
            totals["doubled"] += len(verdict.doubled)
            result.require(verdict.fine(), f"after kill {totals['kills']}: {verdict.problems()}")
            result.require(not ledger.doubtful(), "an act in doubt was not acknowledged when it was repeated")
            load = Load(made, server.port, ledger).start()
            time.sleep(chance.uniform(*LOAD_SECONDS))
            server.kill()
            load.stop()
            result.require(not load.unexpected(), f"an unexpected answer: {load.unexpected()[:1]}")
        totals["kills"] += 1
        if kill % VERIFY_EVERY == VERIFY_EVERY - 1 or kill == kills - 1:
            said = record.verify(plan.binary, data)
            totals["verified"] += 1
            result.require(said.fine, f"record verify after kill {totals['kills']}: {said.text}")
    totals["acknowledged"] += len(ledger.acknowledged())


def _kill_while_starting(plan, data, chance, log):
    server = Server(plan.binary, data, log=log)
    time.sleep(chance.uniform(0.005, 0.4))
    server.kill()


def _control(plan, made, folder, chance, result):
    """The same check on a client that lies to itself, and on an act that is there twice."""
    early, data = Ledger(), made.copy_to(folder / "data")
    for _ in range(EARLY_KILLS):
        with Server(plan.binary, data).wait_ready() as server:
            load = Load(made, server.port, early, early=True).start()
            time.sleep(chance.uniform(*LOAD_SECONDS) + 0.1)
            server.kill()
            load.stop()
    there = entries_by_key(data)
    lost = [key for key in early.acts if key not in there]
    twice = Ledger()
    with Server(plan.binary, data).wait_ready() as server:
        key, act = opening()
        act.doubt = True
        twice.acts = {key: act}
        Client(made, server.port, twice).repeat()
        act.doubt, twice.acts = True, {key + "'": act}
        Client(made, server.port, twice).repeat()
    doubled = twice.compare(data).doubled
    result.require(lost, "control: acts taken for acknowledged too early were not found lost")
    result.require(doubled == [key], "control: an act filed twice was not found")
    return f"of a client that does not wait for the answer {len(lost)} acts were found lost, an act filed twice was found"
