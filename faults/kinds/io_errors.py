"""The disk answers with errors: EIO, ENOSPC, EINTR, EMFILE on the K-th write, sync, rename, truncation or open, and really short writes.

Whatever happens: what was acknowledged is there after a restart, once. After a failed sync (the kernel may have dropped
the pages and call them clean) nothing more is acknowledged although later syncs would succeed, the process says so, and
reading goes on. Where the answer was only "no space" or "interrupted", acts go on without a restart.
Control: a server that is quietly replaced after its failed sync acknowledges again; that must be seen.
"""

import http.client
import random
import resource
import shutil
import time

from harness import county, record
from harness.client import Program
from harness.inject import Injection
from harness.ledger import Ledger
from harness.load import Client, Load
from harness.report import Result
from harness.server import Server
from harness.work import fresh
from kinds.every_call import files

NAME = "io-errors"
HIT_MAX = 5.0
AFTER_SECONDS = 0.4

# What the server must be afterwards.
STOPS, GOES_ON, EITHER = "stops writing", "goes on", "either"
# Calls, fault (the position is put in), what follows. Of syncs only those of the WAL: SQLite also syncs the folder after it has
# made the WAL, and passes over a failure of that.
CASES = [
    ("fsync,fdatasync", "error=EIO", STOPS),
    ("fsync,fdatasync", "error=ENOSPC", STOPS),
    ("pwrite64", "error=EIO", STOPS),
    ("pwrite64", "error=ENOSPC", GOES_ON),
    ("pwrite64", "error=EINTR", GOES_ON),
    ("pread64", "error=EIO", EITHER),
    ("ftruncate", "error=EIO", EITHER),
    ("openat", "error=EMFILE", EITHER),
    ("writev", "error=EPIPE", GOES_ON),
]
POSITIONS, POSITIONS_FULL = 2, 20
FILE_LIMITS, FILE_LIMITS_FULL = 2, 20
UPLOADS = [("rename", "error=EIO"), ("openat", "error=ENOSPC"), ("mkdir", "error=EIO")]


def run(plan):
    result = Result(NAME)
    if shutil.which("strace") is None:
        result.skipped = "strace is missing"
        return result
    chance, folder, made = random.Random(plan.seed), fresh("io"), county.made(plan.binary)
    totals = dict.fromkeys(("injected", "missed", "stopped", "went_on", "died", "acknowledged", "after_stop", "lost", "doubled"), 0)
    for calls, fault, follows in CASES:
        for _ in range(POSITIONS_FULL if plan.full else POSITIONS):
            nth = chance.choice((1, 2, 3, 5, 8, 13))
            _injected(plan, made, folder, calls, f"{fault}:when={nth}", follows, totals, result)
    for _ in range(FILE_LIMITS_FULL if plan.full else FILE_LIMITS):
        _short_write(plan, made, folder, chance, totals, result)
    uploads = _uploads(plan, made, folder, result)
    result.control = _control(plan, made, folder, result)
    shutil.rmtree(folder)
    result.numbers = {**totals, "uploads": uploads}
    result.said = (
        f"{totals['injected']} faults delivered ({totals['missed']} not reached): {totals['stopped']} servers stopped writing and "
        f"acknowledged {totals['after_stop']} acts after that, {totals['went_on']} went on, {totals['died']} died; {uploads} uploads hit; "
        f"{totals['acknowledged']} acts acknowledged, {totals['lost']} lost, {totals['doubled']} doubled"
    )
    return result


def _injected(plan, made, folder, calls, fault, follows, totals, result):
    """One fault under load, a look at the server, a restart, the comparison."""
    here, ledger, data = f"{calls} {fault}", Ledger(), made.copy_to(folder / "data")
    with Server(plan.binary, data, log=folder / "log").wait_ready() as server:
        load = Load(made, server.port, ledger, threads=4).start()
        wal = data / "zhunsheng.db-wal" if "sync" in calls else None
        with Injection(server.pid(), calls, fault, folder / "strace", wal) as injection:
            hit = injection.wait_hit(HIT_MAX)
        totals["injected" if hit else "missed"] += 1
        _look(made, server, load, ledger, follows if hit else EITHER, f"{here} ({injection.told()})", totals, result)
        server.kill()
    _recovered(plan, made, data, ledger, folder, here, totals, result)


def _short_write(plan, made, folder, chance, totals, result):
    """A file may not grow past a limit: the write that crosses it is cut short by the kernel, the next one is refused."""
    ledger, data = Ledger(), made.copy_to(folder / "data")
    with Server(plan.binary, data, log=folder / "log").wait_ready() as server:
        load = Load(made, server.port, ledger, threads=4).start()
        wal = data / "zhunsheng.db-wal"
        limit = (wal.stat().st_size if wal.exists() else 0) + 60_000 + chance.randrange(4_096)
        resource.prlimit(server.pid(), resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        time.sleep(1.0)
        totals["injected"] += 1
        result.require(load.refusals(), f"file limit {limit}: no act was refused")
        resource.prlimit(server.pid(), resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        _look(made, server, load, ledger, EITHER, f"file limit {limit}", totals, result)
        server.kill()
    _recovered(plan, made, data, ledger, folder, f"file limit {limit}", totals, result)


def _look(made, server, load, ledger, follows, here, totals, result):
    """The server after the fault is over, with the clients still asking."""
    health = _health(server, follows)
    began = time.monotonic()
    time.sleep(AFTER_SECONDS)
    load.stop()
    with ledger.lock:
        later = [act for act in ledger.acts.values() if act.entry is not None and act.told > began]
    result.require(not load.unexpected(), f"{here}: an unexpected answer: {load.unexpected()[:1]}")
    if server.process.poll() is not None:
        totals["died"] += 1
        result.require(follows == EITHER, f"{here}: the server died")
        return
    stopped = health == 503
    totals["stopped" if stopped else "went_on"] += 1
    if stopped:
        totals["after_stop"] += len(later)
        result.require(not later, f"{here}: {len(later)} acts acknowledged after the server had stopped writing")
        result.require(server.health() == 503, f"{here}: healthz takes it back")
    result.require(follows == EITHER or stopped == (follows == STOPS), f"{here}: healthz says {health}, it should: {follows}")
    result.require(stopped or later, f"{here}: healthz says {health} and no act is acknowledged")
    result.require(_reads(made, server), f"{here}: reading does not go on")


def _health(server, follows):
    """What the server says of itself; on a busy machine it may take it a moment to see that it has to stop."""
    until = time.monotonic() + (HIT_MAX if follows == STOPS else 0.1)
    while (health := server.health()) != 503 and server.process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    return health


def _reads(made, server):
    try:
        return Program(server.port, made.mediator["token"]).ask("GET", f"/api/v1/matters/{made.matter}")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _recovered(plan, made, data, ledger, folder, here, totals, result):
    with Server(plan.binary, data, log=folder / "log").wait_ready() as server:
        Client(made, server.port, ledger).repeat()
        verdict = ledger.compare(data)
        result.require(not ledger.doubtful(), f"{here}: an act in doubt was not acknowledged when repeated")
        server.stop()
    totals["acknowledged"] += len(ledger.acknowledged())
    totals["lost"] += len(verdict.lost)
    totals["doubled"] += len(verdict.doubled)
    result.require(verdict.fine(), f"{here}: {verdict.problems()}")
    said = record.verify(plan.binary, data)
    result.require(said.fine, f"{here}: record verify: {said.text}")


def _uploads(plan, made, folder, result):
    """A file that cannot be kept is refused, no row names it, and the next one is taken."""
    hit, data = 0, made.copy_to(folder / "data")
    with Server(plan.binary, data, log=folder / "log").wait_ready() as server:
        browser = county.sign_in(server.port, "mediator", county.PASSWORD)
        path = f"/matters/{made.matter}/steps/_attach"
        for number, (calls, fault) in enumerate(UPLOADS):
            browser.get(path)
            content = b"%PDF-1.4\n% fault " + bytes(str(number), "ascii")
            with Injection(server.pid(), calls, fault + ":when=1+", folder / "strace") as injection:
                status = _try_upload(browser, path, content)
            hit += bool(injection.hits)
            result.require(status != 303, f"upload, {calls} {fault}: taken although it could not be kept")
            browser.get(path)
            result.require(_try_upload(browser, path, content) == 303, f"upload after {calls} {fault}: not taken")
        result.require(server.health() == 200, "a file that cannot be kept stops the record")
        server.stop()
    named, _, wrong = files(data)
    result.require(named == len(UPLOADS) and not wrong, f"uploads: {named} files named, {wrong[:1]}")
    return hit


def _try_upload(browser, path, content):
    try:
        return browser.post_file(path, "evidence.proof", "证据.pdf", content)[0]
    except (OSError, http.client.HTTPException):
        return None


def _control(plan, made, folder, result):
    """After the failed sync the server is replaced by a fresh one on the same port while the clients ask on."""
    ledger, data = Ledger(), made.copy_to(folder / "data")
    first = Server(plan.binary, data, log=folder / "log").wait_ready()
    load = Load(made, first.port, ledger, threads=4).start()
    wal = data / "zhunsheng.db-wal"
    with Injection(first.pid(), "fsync,fdatasync", "error=EIO:when=2", folder / "strace", wal) as injection:
        injection.wait_hit(HIT_MAX)
    first_said, began = _health(first, STOPS), time.monotonic()
    first.kill()
    with Server(plan.binary, data, log=folder / "log", port=first.port).wait_ready():
        time.sleep(AFTER_SECONDS)
        load.stop()
    with ledger.lock:
        later = sum(act.entry is not None and act.told > began for act in ledger.acts.values())
    result.require(first_said == 503 and later > 0, "control: acts acknowledged after a stop were not found")
    return f"of a server that was quietly replaced {later} acts were found acknowledged after the stop"
