"""The disk is full: acts are refused in plain words, reading goes on, and with space acts go on without a restart.

The county lies on a small ext4 of its own, which a file fills to the last block while clients act.
Control: on a disk that is not filled, no act is refused.
"""

import shutil
import time

from harness import county, record
from harness.client import Program
from harness.ledger import Ledger
from harness.load import Client, Load
from harness.report import Result
from harness.server import Server
from harness.work import Image, fresh, loop_missing, private_mounts
from kinds.every_call import files

NAME = "disk-full"
TIMES, TIMES_FULL = 3, 20
# Room for the longest WAL between two foldings beside the county.
IMAGE_MEBIBYTES = 128
REFUSED_MAX = 10.0
RESUMED_MAX = 10.0


def run(plan):
    result = Result(NAME)
    missing = loop_missing()
    if missing or not private_mounts():
        result.skipped = missing or "no mounts of one's own"
        return result
    made, folder, ledger = county.made(plan.binary), fresh("disk-full"), Ledger()
    totals = dict.fromkeys(("filled", "refused", "pages", "resumed"), 0)
    with Image(folder / "disk", IMAGE_MEBIBYTES) as disk:
        data = made.copy_to(disk / "data")
        with Server(plan.binary, data, log=folder / "log").wait_ready() as server:
            load = Load(made, server.port, ledger, threads=4).start()
            time.sleep(1.0)
            unfilled = len(load.refusals())
            for _ in range(TIMES_FULL if plan.full else TIMES):
                _fill_and_free(made, server, load, ledger, disk, totals, result)
            load.stop()
            result.require(not load.unexpected(), f"an unexpected answer: {load.unexpected()[:1]}")
            Client(made, server.port, ledger).repeat()
            server.kill()
        verdict, said = ledger.compare(data), record.verify(plan.binary, data)
        result.require(verdict.fine(), f"afterwards: {verdict.problems()}")
        result.require(not ledger.doubtful(), f"{len(ledger.doubtful())} acts were refused again when there was space")
        result.require(said.fine, f"record verify: {said.text}")
        result.require(not files(data)[2], f"{files(data)[2][:1]}")
    shutil.rmtree(folder)
    result.require(unfilled == 0, "control: acts were refused on a disk with space")
    result.control = f"with space left {unfilled} acts were refused"
    result.numbers = {**totals, "acknowledged": verdict.acknowledged, "lost": len(verdict.lost), "doubled": len(verdict.doubled)}
    result.said = (
        f"filled {totals['filled']} times: {totals['refused']} acts refused, {totals['pages']} pages and answers read meanwhile, "
        f"acts went on {totals['resumed']} times without a restart; {verdict.acknowledged} acts acknowledged, "
        f"{len(verdict.lost)} lost, {len(verdict.doubled)} doubled"
    )
    return result


def _fill_and_free(made, server, load, ledger, disk, totals, result):
    browser = county.sign_in(server.port, "mediator", county.PASSWORD)
    before = len(load.refusals())
    _fill(disk / "filler")
    totals["filled"] += 1
    began = time.monotonic()
    while len(load.refusals()) - before < 5 and time.monotonic() - began < REFUSED_MAX:
        _fill(disk / "filler")
        time.sleep(0.05)
    refused = load.refusals()[before:]
    result.require(refused, "no act was refused on a full disk")
    for _, status, answer in refused[:20]:
        _plain(status, answer, result)
    totals["refused"] += len(refused)
    _reads(made, server, browser, totals, result)
    _upload(made, browser, result)
    (disk / "filler").unlink()
    totals["resumed"] += _resumes(ledger, server, result)


def _fill(path):
    """Writes until there is no space; the last blocks too."""
    for step in (1 << 16, 4_096, 512):
        try:
            with open(path, "ab", buffering=0) as file:
                while True:
                    file.write(b"\0" * step)
        except OSError:
            pass


def _plain(status, answer, result):
    """503, and a Chinese sentence that says what to do."""
    text = str(answer)
    told = any("\u4e00" <= letter <= "\u9fff" for letter in text)
    result.require(status == 503 and told, f"refused with {status} {text[:200]}")


def _reads(made, server, browser, totals, result):
    answer = Program(server.port, made.mediator["token"]).ask("GET", f"/api/v1/matters/{made.matter}")
    result.require(answer[0] == 200, f"reading a matter on a full disk: {answer}")
    for path in ("/desk", f"/matters/{made.matter}", "/", "/healthz"):
        status = browser.get(path)[0]
        totals["pages"] += 1
        result.require(status == 200, f"{path} on a full disk: {status}")


def _upload(made, browser, result):
    """A file that does not fit is refused in words, too."""
    path = f"/matters/{made.matter}/steps/_attach"
    browser.get(path)
    status, _, page = browser.post_file(path, "evidence.proof", "证据.pdf", b"%PDF-1.4\n" + b"x" * 300_000)
    result.require(status in (422, 503) and "保存" in page, f"an upload on a full disk: {status}")


def _resumes(ledger, server, result):
    """Whether acts are acknowledged again by the same process."""
    began, before = time.monotonic(), len(ledger.acknowledged())
    while len(ledger.acknowledged()) - before < 5 and time.monotonic() - began < RESUMED_MAX:
        time.sleep(0.02)
    alive = server.process.poll() is None and server.health() == 200
    return result.require(alive and len(ledger.acknowledged()) - before >= 5, "acts do not go on when there is space again")
