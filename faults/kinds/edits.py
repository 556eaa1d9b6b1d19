"""Somebody with the disk in his hands: rows changed, deleted, added and exchanged, bits flipped, files swapped, an old copy put back.

Each edit is made on a copy; `record verify`, then `record audit`, with the public key and a checkpoint that were kept
elsewhere, must find it and name the place. A flipped bit that neither finds is compared row by row: where every table still
reads the same (free pages, unused bytes of a page) it has changed nothing. Tables that hold no part of the record (sessions,
tokens, kept answers) are counted apart.
Control: an edit of the record whose traces are covered up as far as a forger without the key can is found by the kept
checkpoint only; and a folder that nobody touched is found sound.
"""

import hashlib
import os
import random
import shutil
import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from harness import county, record
from harness.ledger import Ledger, database
from harness.load import Load
from harness.report import Result, number
from harness.server import DidNotStart, Server
from harness.work import fresh

NAME = "edits"
EDITS, EDITS_FULL = 150, 10_000
# Enough for a complete tile of the tree; and enough for everything else.
ENTRIES_LARGE, ENTRIES_SMALL = 270, 24
RECORD = ("entry", "sealed", "head", "tile", "checkpoint")
DERIVED = ("matter", "matter_organ", "todo", "track_state", "fact", "clock_run", "step", "instrument", "disclosure", "evidence",
           "query_code", "place", "organ", "person", "post", "credential")
OTHER = ("account", "session", "api_token", "answered_command", "attempt", "setting", "schema_migration")
# When a checkpoint was signed is machine time, said by nobody else.
UNBOUND = ("checkpoint.sealed_ms",)
# What a finding must be about, by what was edited.
ABOUT = {"law_file": {"law"}, "checkpoint": {"checkpoint", "record"}, "evidence": {"projection", "evidence"}, "file": {"evidence"}}
ABOUT |= dict.fromkeys(("entry", "sealed", "head", "tile"), {"record"}) | dict.fromkeys(DERIVED[:9] + DERIVED[10:], {"projection", "series"})


class Base:
    """A county at rest, and what somebody elsewhere has kept of it."""

    def __init__(self, plan, made, folder, entries):
        self.data = made.copy_to(folder / f"base-{entries}")
        with Server(plan.binary, self.data).wait_ready() as server:
            self.old = folder / f"old-{entries}"
            _act(made, server, 8)
            _upload(made, server)
            time.sleep(1.0)
            server.stop()
        shutil.copytree(self.data, self.old)
        with Server(plan.binary, self.data).wait_ready() as server:
            _act(made, server, entries)
            time.sleep(1.0)
            server.stop()
        connection = database(self.data)
        (note,) = connection.execute("SELECT note FROM checkpoint ORDER BY size DESC").fetchone()
        self.kept = folder / f"kept-{entries}"
        self.kept.write_text(note)
        self.content = content(self.data)
        connection.close()


def _act(made, server, entries):
    """Acts until the record has so many entries."""
    load = Load(made, server.port, Ledger(), threads=4).start()
    while len(load.clients[0].ledger.acknowledged()) < entries:
        time.sleep(0.02)
    load.stop()


def _upload(made, server):
    browser = county.sign_in(server.port, "mediator", county.PASSWORD)
    path = f"/matters/{made.matter}/steps/_attach"
    for number_ in range(2):
        browser.get(path)
        status = browser.post_file(path, "evidence.proof", "证据.pdf", b"%PDF-1.4\n% edits " + bytes(str(number_), "ascii"))[0]
        if status != 303:
            raise RuntimeError(f"the file was not taken: {status}")


def run(plan):
    result, chance, folder = Result(NAME), random.Random(plan.seed), fresh("edits")
    made = county.made(plan.binary)
    small, large = Base(plan, made, folder, ENTRIES_SMALL), Base(plan, made, folder, ENTRIES_LARGE)
    untouched = _find(plan, small, small.data)
    result.require(not untouched, f"control: an untouched county is found wrong: {untouched}")
    edits = EDITS_FULL if plan.full else EDITS
    counts, missed, unnamed = Counter(), Counter(), Counter()
    for seen in _all(plan, edits, small, large, folder):
        counts[f"edits of {seen.table}"] += 1
        counts["named"] += seen.named
        if seen.verdict == "missed":
            missed[seen.place] += 1
        else:
            counts[seen.verdict] += 1
        unnamed[seen.place] += seen.verdict == "found" and not seen.named
    for place, times in sorted(missed.items()):
        result.require(place.split(".")[0] in OTHER or place in UNBOUND, f"{times} edits of {place} not found")
    result.control = _control(plan, small, folder / "data", result)
    shutil.rmtree(folder)
    beyond = sum(missed.values())
    result.numbers = {**counts, "missed": dict(missed), "unnamed": dict(unnamed)}
    result.said = (
        f"{number(edits)} edits: {number(counts['found'])} found, {number(counts['named'])} of them with the place named; "
        f"{counts['nothing']} flipped bits changed nothing that can be read; {beyond} not found"
        + (f" ({', '.join(f'{place} {times}' for place, times in sorted(missed.items()))})" if missed else "")
    )
    return result


@dataclass
class Seen:
    """What became of one edit. Verdict: found, nothing (no table reads otherwise), missed, lost keys."""

    table: str
    place: str
    verdict: str
    named: bool = False


def _all(plan, edits, small, large, folder):
    """Every edit on a copy of its own; each draws from its own number, so that they are the same in any order. The full form
    uses every core: most of it is spent in the program under test."""
    workers = os.cpu_count() if plan.full else 1
    folders = SimpleQueue()
    for worker in range(workers):
        folders.put(folder / f"data-{worker}")

    def edit(number_):
        chance, data = random.Random(f"{plan.seed}/{number_}"), folders.get()
        try:
            return _one(plan, large if chance.random() < 0.1 else small, data, chance)
        finally:
            folders.put(data)

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(edit, range(edits))


def _one(plan, base, data, chance):
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(base.data, data)
    table, place, entry = _edit(base, data, chance)
    findings = _find(plan, base, data)
    if findings:
        return Seen(table, place, "found", any(_names(finding, table, entry) for finding in findings))
    if place == "keys":
        return Seen(table, place, "found" if _refused(plan, data) else "lost keys")
    changed = [name for name, rows in content(data).items() if base.content.get(name) != rows]
    if not changed and table in ("bytes", "header"):
        return Seen(table, place, "nothing")
    return Seen(table, place if table != "bytes" else f"{changed[0] if changed else table}.bytes", "missed")


def _find(plan, base, data):
    """What the product finds: sort, entry, sentence."""
    said = record.verify(plan.binary, data, kept=base.kept)
    if not said.fine:
        return [{"sort": "record", "entry": said.entries, "sentence": said.text}]
    return record.audit(plan.binary, data, kept=base.kept)


def _names(finding, table, entry):
    about = ABOUT.get(table)
    if about is None or finding["sort"] not in about:
        return about is None
    return entry is None or finding["entry"] == entry or str(entry) in finding["sentence"]


def _refused(plan, data):
    try:
        with Server(plan.binary, data).wait_ready():
            return False
    except DidNotStart:
        return True


def _edit(base, data, chance):
    """Makes one edit: what was edited, where, and the entry if it is one's."""
    draw = chance.random()
    if draw < 0.7:
        return _edit_row(data, chance)
    if draw < 0.9:
        return _flip(data / "zhunsheng.db", chance, "bytes")
    if draw < 0.97:
        return _edit_file(data, chance)
    if draw < 0.99:
        return _flip(data / "keys" / "checkpoint", chance, "keys")
    for name in ("zhunsheng.db", "zhunsheng.db-wal", "zhunsheng.db-shm"):
        (data / name).unlink(missing_ok=True)
    shutil.copyfile(base.old / "zhunsheng.db", data / "zhunsheng.db")
    return "record", "an old copy put back", None


def _flip(path, chance, place):
    content_ = bytearray(path.read_bytes())
    at = chance.randrange(len(content_))
    content_[at] ^= 1 << chance.randrange(8)
    path.chmod(0o600)
    path.write_bytes(content_)
    path.chmod(0o400 if place == "keys" else 0o600)
    return place, place, None


def _edit_file(data, chance):
    paths = sorted((data / "evidence").glob("*/*"))
    path, how = chance.choice(paths), chance.choice(("flip", "cut", "gone", "swapped"))
    path.chmod(0o600)
    if how == "flip":
        _flip(path, chance, "file")
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif how == "gone":
        path.unlink()
    else:
        path.write_bytes(next(other for other in paths if other != path).read_bytes())
    return "file", f"evidence file {how}", None


def _edit_row(data, chance):
    """One statement on one table, of those that have rows."""
    connection = sqlite3.connect(data / "zhunsheng.db", isolation_level=None)
    weighted = [*RECORD * 4, *DERIVED, "law_file", "law_file", *OTHER[:-1]]
    while True:
        table = chance.choice(weighted)
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        if rows == 0:
            continue
        how = chance.choice(("update", "update", "update", "delete", "insert", "swap"))
        done = _statement(connection, table, rows, how, chance)
        if done:
            connection.close()
            return table, f"{table}.{done[0]}", done[1]


def _statement(connection, table, rows, how, chance):
    """Column or kind of edit, and the entry; none if the database itself refuses it or nothing would change."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    names, key = [column[1] for column in columns], [column[1] for column in columns if column[5]]
    row = connection.execute(f"SELECT * FROM {table} LIMIT 1 OFFSET ?", (chance.randrange(rows),)).fetchone()
    known = dict(zip(names, row))
    where, values = " AND ".join(f"{name} IS ?" for name in key), [known[name] for name in key]
    column = chance.choice(names)
    try:
        if how == "delete":
            connection.execute(f"DELETE FROM {table} WHERE {where}", values)
            column = "deleted"
        elif how == "insert":
            if key == ["county_code"]:
                return None  # a row of another county is none of this one's
            known[key[-1]] = _other(known[key[-1]], chance)
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", list(known.values()))
            column = "inserted"
        else:
            value = _other(known[column], chance)
            if how == "swap":
                (value,) = connection.execute(f"SELECT {column} FROM {table} LIMIT 1 OFFSET ?", (chance.randrange(rows),)).fetchone()
            if value == known[column]:
                return None
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", [value, *values])
    except sqlite3.Error:
        return None
    return column, row[names.index("seq")] if table in ("entry", "sealed") and how in ("update", "delete") and column != "seq" else None


def _other(value, chance):
    if value is None:
        return 1
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 86_400_000))
    if isinstance(value, str):
        at = chance.randrange(len(value) + 1)
        return value[:at] + chance.choice("甲乙x1 ") + value[at + 1:]
    flipped = bytearray(value or b"\0")
    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def content(data):
    """Every table by name: a digest of all its rows, or that it cannot be read."""
    connection, found = database(data), {}
    try:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").fetchall()
        found["schema"] = str(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").fetchall())
        found["integrity"] = str(connection.execute("PRAGMA integrity_check(1)").fetchall())
    except sqlite3.Error as error:
        return {"schema": str(error)}
    for (table,) in tables:
        try:
            rows = repr(connection.execute(f"SELECT * FROM {table}").fetchall())
        except sqlite3.Error as error:
            rows = str(error)
        found[table] = hashlib.sha256(rows.encode()).hexdigest()
    connection.close()
    return found


def _control(plan, base, data, result):
    """Cut back to an earlier whole state: sound in itself, and found by what was kept elsewhere."""
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(base.old, data)
    alone, with_kept = record.verify(plan.binary, data), record.verify(plan.binary, data, kept=base.kept)
    result.require(alone.fine, f"control: the old copy is not sound in itself: {alone.text}")
    result.require(not with_kept.fine, "control: an old copy put back was not found by the kept checkpoint")
    return "an untouched county is found sound; an old copy put back is sound in itself and found by a checkpoint kept elsewhere"
