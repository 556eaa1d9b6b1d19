"""Clients that act without pause until they are stopped: new matters, and urgings on them, each under a key of its own.

Does not belong here: what is done to the server meanwhile.
"""

import http.client
import threading
import time
import uuid

from .client import Program
from .county import dispute
from .ledger import MARK, Act

ACTS_PER_MATTER = 4


class Load:
    """Threads on one server. `early` makes a dishonest client that takes sending for having been told: a control."""

    def __init__(self, county, port, ledger, threads=8, early=False):
        self.county, self.port, self.ledger, self.early = county, port, ledger, early
        self.stopping, self.unexpected, self.refusals = threading.Event(), [], []
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _work(self):
        mediator = Program(self.port, self.county.mediator["token"])
        head = Program(self.port, self.county.head["token"])
        while not self.stopping.is_set():
            matter = self._send(mediator, opening())
            for _ in range(ACTS_PER_MATTER - 1):
                if matter is None or self.stopping.is_set():
                    break
                self._send(head, urging(matter))
        mediator.close()
        head.close()

    def _send(self, program, prepared):
        """The matter, if the act was acknowledged."""
        key, act = prepared
        act.doubt = not self.early
        self.ledger.intend(key, act)
        if self.early:
            self.ledger.acknowledge(key, -1, time.monotonic())
        return deliver(self, program, key, act)


def deliver(load, program, key, act):
    """Sends an act and enters the answer. A client that is not answered leaves the act in doubt."""
    try:
        status, answer = program.ask("POST", act.path, act.body, key)
    except (OSError, http.client.HTTPException, ValueError):
        load.stopping.wait(0.01)
        return None
    if status in (200, 201):
        load.ledger.acknowledge(key, answer["entry"], time.monotonic())
        return answer["matter"]
    if status >= 500:
        load.refusals.append((time.monotonic(), status, answer))
        load.stopping.wait(0.01)
        return None
    act.doubt = False
    load.unexpected.append((status, answer))
    return None


def opening():
    """A new matter."""
    key = uuid.uuid4().hex
    return key, Act("/api/v1/matters/mediation", dispute(MARK + key))


def urging(matter):
    """Another act on a matter."""
    key = uuid.uuid4().hex
    return key, Act(f"/api/v1/matters/{matter}/steps/_urge", {"reason": MARK + key})


class Repeater:
    """After a restart: every act in doubt is sent again under its old key, as an honest client does."""

    def __init__(self, county, port, ledger):
        self.ledger, self.stopping, self.unexpected, self.refusals = ledger, threading.Event(), [], []
        self.programs = {"urge": Program(port, county.head["token"]), "open": Program(port, county.mediator["token"])}

    def run(self):
        """How many were sent again."""
        acts = self.ledger.doubtful()
        for key, act in acts:
            deliver(self, self.programs["urge" if act.path.endswith("_urge") else "open"], key, act)
        for program in self.programs.values():
            program.close()
        return len(acts)
