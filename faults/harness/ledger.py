"""What clients asked for and what they were told, compared with what the record says.

Every act carries its idempotency key in a text that the record keeps, so the comparison needs neither the product's own
memory of keys nor its word: an acknowledged act must stand in the record exactly once, at the entry that was named.
Does not belong here: sending.
"""

import sqlite3
import threading
from dataclasses import dataclass, field
from pathlib import Path

from . import record

MARK = "故障演练 "


@dataclass
class Act:
    """One act that a client wants to happen once."""

    path: str
    body: dict
    entry: int | None = None     # where the answer said that it stands: acknowledged
    doubt: bool = False          # sent, and no answer that says yes or no
    sent: float = 0.0            # when it was sent the last time (monotonic)
    told: float = 0.0            # when it was acknowledged


@dataclass
class Verdict:
    """How the record compares with a ledger."""

    acknowledged: int = 0
    lost: list = field(default_factory=list)       # acknowledged, and not (there) in the record
    doubled: list = field(default_factory=list)    # in the record more than once
    strangers: list = field(default_factory=list)  # in the record, and no client asked for it
    gaps: list = field(default_factory=list)       # the entries are not numbered 0, 1, 2 … up to the head

    def fine(self):
        return not (self.lost or self.doubled or self.strangers or self.gaps)

    def problems(self):
        parts = ((word, getattr(self, word)) for word in ("lost", "doubled", "strangers", "gaps"))
        return ", ".join(f"{len(found)} {word} (first: {found[0]})" for word, found in parts if found)


class Ledger:
    """All acts of one experiment, by key."""

    def __init__(self):
        self.acts, self.lock = {}, threading.Lock()

    def intend(self, key, act):
        with self.lock:
            self.acts[key] = act

    def acknowledge(self, key, entry, now):
        with self.lock:
            act = self.acts[key]
            act.entry, act.doubt, act.told = entry, False, now

    def doubtful(self):
        with self.lock:
            return [(key, act) for key, act in self.acts.items() if act.doubt]

    def acknowledged(self):
        """Key and entry of what was acknowledged until now."""
        with self.lock:
            return {key: act.entry for key, act in self.acts.items() if act.entry is not None}

    def told_after(self, moment):
        """When the first act after this moment was acknowledged; none if none was."""
        with self.lock:
            return min((act.told for act in self.acts.values() if act.entry is not None and act.told > moment), default=None)

    def compare(self, data, known=None):
        """The record of a data folder against what was acknowledged (`known`: at an earlier moment)."""
        with self.lock:
            sent = set(self.acts)
        known = self.acknowledged() if known is None else known
        found, verdict = entries_by_key(data), Verdict(acknowledged=len(known))
        verdict.lost = [key for key, entry in known.items() if entry not in found.get(key, ())]
        verdict.doubled = [key for key, entries in found.items() if len(entries) > 1]
        verdict.strangers = [key for key in found if key not in sent]
        verdict.gaps = gaps(data)
        return verdict


def database(data):
    """A connection that only reads, also beside the server."""
    return sqlite3.connect(f"file:{Path(data) / 'zhunsheng.db'}?mode=ro", uri=True, timeout=10)


def entries_by_key(data):
    """For every key that stands in the record: the entries in which it does."""
    found = {}
    connection = database(data)
    for text, entry in connection.execute("SELECT value, seq FROM sealed WHERE value LIKE ?", (MARK + "%",)):
        found.setdefault(text[len(MARK):], []).append(entry)
    connection.close()
    return found


def gaps(data):
    """What is wrong with the numbering of entries; nothing if they run from 0 to the head."""
    connection = database(data)
    count, last = connection.execute("SELECT count(*), max(seq) FROM entry").fetchone()
    (head,) = connection.execute("SELECT size FROM head").fetchone()
    connection.close()
    return [] if count == last + 1 == head else [f"{count} entries, last {last}, head {head}"]


def judge(ledger, early, data, binary, result):
    """Compares a record with what clients were told (`ledger`), and with what dishonest ones told themselves (`early`): the control
    must be seen to lose acts. Returns the verdict."""
    with early.lock:
        asked = set(early.acts)
    verdict = ledger.compare(data)
    verdict.strangers = [key for key in verdict.strangers if key not in asked]
    found = entries_by_key(data)
    lost = [key for key in asked if key not in found]
    result.require(verdict.fine(), verdict.problems())
    said = record.verify(binary, data)
    result.require(said.fine, f"record verify: {said.text}")
    result.require(lost, "control: a client that does not wait for the answer was not seen to lose acts")
    result.control = f"of a client that does not wait for the answer {len(lost)} acts were found lost"
    return verdict
