"""Killed at every system call that writes: a scripted case with an uploaded file, from the start to the orderly end.

The calls are counted first. Then the case is run once for each: the kernel delivers SIGKILL at the K-th call of that sort
(strace counts for each thread: the first thread that gets there dies at its K-th). Afterwards the record holds what was
acknowledged, every file that a row names is there with its digest, and nothing waits in `incoming`.
Control: a file that a row names is taken away; that must be seen.
"""

import hashlib
import http.client
import random
import re
import shutil
import time
from pathlib import Path

from harness import county, record
from harness.ledger import Ledger, database
from harness.load import Client, opening, urging
from harness.report import Result, number
from harness.server import DidNotStart, Server
from harness.work import fresh

NAME = "every-call"
CALLS = ("fsync", "fdatasync", "rename", "unlink", "ftruncate", "mkdir", "writev", "write", "pwrite64")
# In the short form: every call, but of these so many, spread over all.
SPREAD = {"write": 6, "pwrite64": 10}
FILE = b"%PDF-1.4\n% faults "
SEAL_SECONDS = 0.7


def run(plan):
    result = Result(NAME)
    if shutil.which("strace") is None:
        result.skipped = "strace is missing"
        return result
    folder, made = fresh("every-call"), county.made(plan.binary)
    counts = _count(plan, made, folder)
    points = _points(counts, plan)
    totals = dict.fromkeys(("killed", "ended", "acknowledged", "lost", "doubled", "repeated", "files", "wrong", "orphans"), 0)
    for call, nth in points:
        _one(plan, made, folder, call, nth, totals, result)
        if len(result.problems) > 5:
            break
    result.control = _control(made, folder, result)
    shutil.rmtree(folder)
    result.numbers = {**totals, "calls": counts, "points": len(points)}
    of = ", ".join(f"{count} {call}" for call, count in counts.items())
    result.said = (
        f"{number(sum(counts.values()))} calls counted ({of}), killed at {number(totals['killed'])}; "
        f"{number(totals['acknowledged'])} acts acknowledged, {totals['lost']} lost, {totals['doubled']} doubled, "
        f"{totals['repeated']} in doubt repeated; {totals['files']} files named by rows, {totals['wrong']} of them missing or "
        f"wrong; {totals['orphans']} files without a row"
    )
    return result


def _points(counts, plan):
    chance, points = random.Random(plan.seed), []
    for call, count in counts.items():
        every = list(range(1, count + 1))
        if not plan.full and call in SPREAD:
            every = sorted(chance.sample(every, min(SPREAD[call], count)))
        points += [(call, nth) for nth in every]
    return points


def _count(plan, made, folder):
    """How often the busiest thread makes each call in the whole case."""
    log = folder / "calls"
    wrap = ["strace", "-f", "-qq", "-o", log, "-e", f"trace={','.join(CALLS)}"]
    data = made.copy_to(folder / "data")
    _case(plan, made, data, Ledger(), folder, wrap)
    busiest = {call: {} for call in CALLS}
    for thread, call in re.findall(r"^(\d+) +(\w+)\(", log.read_text(errors="replace"), re.MULTILINE):
        busiest[call][thread] = busiest[call].get(thread, 0) + 1
    return {call: max(threads.values()) for call, threads in busiest.items() if threads}


def _case(plan, made, data, ledger, folder, wrap=()):
    """The script. Whatever is not answered is in doubt; returns whether it came to its end."""
    try:
        with Server(plan.binary, data, wrap=wrap, log=folder / "log") as server:
            server.wait_ready()
            client = Client(made, server.port, ledger)
            matter = client.send(*opening()) or made.matter
            client.send(*urging(matter))
            _attach(server.port, matter)
            client.send(*urging(matter))
            client.close()
            time.sleep(SEAL_SECONDS)
            server.stop()
            return server.process.returncode == 0
    except (DidNotStart, OSError, http.client.HTTPException):
        return False


def _attach(port, matter):
    """A file comes with a form, as people send it."""
    browser = county.sign_in(port, "mediator", county.PASSWORD)
    browser.get(f"/matters/{matter}/steps/_attach")
    status, _, page = browser.post_file(f"/matters/{matter}/steps/_attach", "evidence.proof", "证据.pdf", FILE + matter.encode())
    if status != 303:
        raise RuntimeError(f"the file was not taken: {status} {page[:200]}")


def _one(plan, made, folder, call, nth, totals, result):
    ledger, data = Ledger(), made.copy_to(folder / "data")
    wrap = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={nth}"]
    ended = _case(plan, made, data, ledger, folder, wrap)
    totals["ended" if ended else "killed"] += 1
    here = f"killed at {call} {nth}"
    with Server(plan.binary, data, log=folder / "log").wait_ready() as server:
        totals["repeated"] += Client(made, server.port, ledger).repeat()
        verdict = ledger.compare(data)
        totals["lost"] += len(verdict.lost)
        totals["doubled"] += len(verdict.doubled)
        result.require(verdict.fine(), f"{here}: {verdict.problems()}")
        result.require(not ledger.doubtful(), f"{here}: an act in doubt was not acknowledged when repeated")
        waiting = list((data / "incoming").glob("*"))
        result.require(not waiting, f"{here}: {len(waiting)} files still wait in incoming")
        server.stop()
    said = record.verify(plan.binary, data)
    result.require(said.fine, f"{here}: record verify: {said.text}")
    named, orphans, wrong = files(data)
    result.require(not wrong, f"{here}: {wrong[:1]}")
    totals["acknowledged"] += len(ledger.acknowledged())
    totals["files"] += named
    totals["wrong"] += len(wrong)
    totals["orphans"] += orphans


def files(data):
    """How many files rows name, how many no row names, and what is wrong with those that are named."""
    connection = database(data)
    named = {bytes(digest).hex() for (digest,) in connection.execute("SELECT DISTINCT digest FROM evidence")}
    connection.close()
    there = {}
    for path in Path(data, "evidence").glob("*/*"):
        there[path.parent.name + path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    wrong = [f"{name} is missing" for name in named - there.keys()]
    wrong += [f"{name} has other bytes" for name in named & there.keys() if there[name] != name]
    return len(named), len(there.keys() - named), wrong


def _control(made, folder, result):
    """The last case, with its file taken away."""
    for path in (folder / "data" / "evidence").glob("*/*"):
        path.unlink()
    missing = files(folder / "data")[2]
    result.require(missing, "control: a file that was taken away was not missed")
    return "a file taken away was missed"
