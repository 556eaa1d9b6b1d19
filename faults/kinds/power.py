"""The power goes: what was acknowledged is on the disk.

The county lies on ext4 in an image file. The server is stopped in the middle of its work (SIGSTOP) and the image is copied
as it is: what the kernel still holds in memory is not in the copy, as after a power cut. The copy is mounted, its journal
replayed, its record verified and compared with the ledger.
Control: the same with every fsync swallowed (strace) must lose acknowledged acts.
Not shown: a device that reorders writes or tears sectors, and system calls cut in the middle.
"""

import os
import random
import shutil
import signal
import time
from contextlib import contextmanager
from dataclasses import replace

from harness import county, record
from harness.ledger import Ledger
from harness.load import Client, Load
from harness.report import Result, number
from harness.server import Server
from harness.work import Image, fresh, loop_missing, private_mounts

NAME = "power"
CUTS, CUTS_FULL = 60, 200
CUTS_PER_COUNTY = 20
CUTS_CONTROL = 3
RESTART_EVERY = 10
# Room for the longest WAL between two foldings beside the county.
IMAGE_MEBIBYTES = 128
LOAD_SECONDS = (0.03, 0.4)
# Answers that were sent before the stop are still on their way to the clients.
SETTLE_SECONDS = 0.05
NO_SYNC = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,sync_file_range,syncfs",
           "-e", "inject=fsync,fdatasync,sync_file_range,syncfs:retval=0"]


def run(plan):
    result = Result(NAME)
    missing = loop_missing() or (None if shutil.which("strace") else "strace is missing (the control needs it)")
    if missing or not private_mounts():
        result.skipped = missing or "no mounts of one's own"
        return result
    chance, folder = random.Random(plan.seed), fresh("power")
    totals = {"cuts": 0, "acknowledged": 0, "lost": 0, "doubled": 0, "wrong": 0, "restarts": 0}
    cuts = CUTS_FULL if plan.full else CUTS
    while totals["cuts"] < cuts and not result.problems:
        here = min(CUTS_PER_COUNTY, cuts - totals["cuts"])
        found = _county(plan, folder, chance, here, totals)
        result.problems += found
    broken = {"cuts": 0, "acknowledged": 0, "lost": 0, "doubled": 0, "wrong": 0, "restarts": 0}
    _county(plan, folder, chance, CUTS_CONTROL, broken, wrap=NO_SYNC)
    result.require(broken["lost"] or broken["wrong"], "control: without fsync nothing was lost")
    shutil.rmtree(folder)
    result.numbers = {**totals, "control": broken}
    result.control = f"with every fsync swallowed {number(broken['lost'])} acknowledged acts were lost in {broken['cuts']} cuts"
    result.said = (
        f"{totals['cuts']} cuts, {number(totals['acknowledged'])} acts acknowledged, {totals['lost']} lost, "
        f"{totals['doubled']} doubled, {totals['wrong']} records wrong, served again from {totals['restarts']} copies"
    )
    return result


def _county(plan, folder, chance, cuts, totals, wrap=()):
    """Cuts of one running county; returns what was wrong."""
    made, ledger, problems = county.made(plan.binary), Ledger(), []
    with Image(folder / "disk", IMAGE_MEBIBYTES) as disk:
        data = made.copy_to(disk / "data")
        _settle(disk)
        with Server(plan.binary, data, wrap=wrap, log=folder / "log").wait_ready() as server:
            load = Load(made, server.port, ledger).start()
            for cut in range(cuts):
                time.sleep(chance.uniform(*LOAD_SECONDS))
                again = not wrap and cut % RESTART_EVERY == RESTART_EVERY - 1
                with _standing_still(server):
                    known = _copy_as_cut(ledger, folder)
                    totals["cuts"] += 1
                    problems += _look(plan, made, ledger, known, folder, totals, again)
            load.stop()
            if load.unexpected():
                problems.append(f"an unexpected answer: {load.unexpected()[0]}")
    totals["acknowledged"] += len(ledger.acknowledged())
    return problems


def _settle(disk):
    """What was copied in is on the disk; only what the server does is at stake."""
    handle = os.open(disk, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    os.sync()


@contextmanager
def _standing_still(server):
    """The server is stopped, also while its copy is judged: work that it did meanwhile would only slow that down."""
    server.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.signal(signal.SIGCONT)


def _copy_as_cut(ledger, folder):
    """Copies the image of a server that stands still; returns what had been acknowledged by then."""
    time.sleep(SETTLE_SECONDS)
    known = ledger.acknowledged()
    shutil.copyfile(folder / "disk", folder / "cut")
    return known


def _look(plan, made, ledger, known, folder, totals, again):
    """Mounts the copy and compares."""
    problems = []
    with Image.of(folder / "cut") as disk:
        data = disk / "data"
        said = record.verify(plan.binary, data)
        if not said.fine:
            totals["wrong"] += 1
            problems.append(f"cut {totals['cuts']}: record verify: {said.text}")
        try:
            verdict = ledger.compare(data, known)
        except Exception as error:
            return [*problems, f"cut {totals['cuts']}: the database cannot be read: {error}"]
        totals["lost"] += len(verdict.lost)
        totals["doubled"] += len(verdict.doubled)
        if not verdict.fine():
            problems.append(f"cut {totals['cuts']}: {verdict.problems()}")
        if again:
            problems += _serve_again(plan, made, ledger, known, data, folder)
            totals["restarts"] += 1
    return problems


def _serve_again(plan, made, ledger, known, data, folder):
    """The copy is served, and what was sent and not acknowledged by the cut is repeated there."""
    late = Ledger()
    with ledger.lock:
        late.acts = {key: _as_of_the_cut(act, known.get(key)) for key, act in ledger.acts.items()}
    with Server(plan.binary, data, log=folder / "log").wait_ready() as server:
        Client(made, server.port, late).repeat()
        verdict = late.compare(data)
    return [] if verdict.fine() else [f"served again: {verdict.problems()}"]


def _as_of_the_cut(act, entry):
    return replace(act, entry=entry, doubt=entry is None)
