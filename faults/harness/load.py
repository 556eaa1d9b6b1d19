"""Clients that act under keys of their own: one that repeats what is in doubt, and many that act without pause.

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


def opening():
    """A new matter: its key and the act."""
    key = uuid.uuid4().hex
    return key, Act("/api/v1/matters/mediation", dispute(MARK + key))


def urging(matter):
    """Another act on a matter."""
    key = uuid.uuid4().hex
    return key, Act(f"/api/v1/matters/{matter}/steps/_urge", {"reason": MARK + key})


class Client:
    """The two officials' programs on one server, and what they are told."""

    def __init__(self, county, port, ledger, early=False):
        self.ledger, self.early = ledger, early
        self.mediator = Program(port, county.mediator["token"])
        self.head = Program(port, county.head["token"])
        self.refusals, self.unexpected, self.silences = [], [], []

    def send(self, key, act):
        """Sends a new act; the matter, if it was acknowledged."""
        act.doubt = not self.early
        self.ledger.intend(key, act)
        if self.early:
            self.ledger.acknowledge(key, -1, time.monotonic())
        return self.deliver(key, act)

    def deliver(self, key, act):
        """Sends an act and enters the answer. Without an answer, or after a fault, it stays in doubt."""
        program = self.head if act.path.endswith("_urge") else self.mediator
        act.sent = time.monotonic()
        try:
            status, answer = program.ask("POST", act.path, act.body, key)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.silences.append(repr(error))
            return None
        if status in (200, 201):
            self.ledger.acknowledge(key, answer["entry"], time.monotonic())
            return answer["matter"]
        if status >= 500:
            self.refusals.append((time.monotonic(), status, answer))
        else:
            act.doubt = False
            self.unexpected.append((status, answer))
        return None

    def repeat(self):
        """After a restart: every act in doubt again, under its old key, as an honest client does. How many."""
        acts = self.ledger.doubtful()
        for key, act in acts:
            self.deliver(key, act)
            if act.doubt:  # a kept connection that the server had closed meanwhile
                self.deliver(key, act)
        self.close()
        return len(acts)

    def close(self):
        self.mediator.close()
        self.head.close()


class Load:
    """Clients on threads, that wait for `pause` seconds after a refusal. `early` makes dishonest ones, that take sending for having
    been told: a control."""

    def __init__(self, county, port, ledger, threads=8, early=False, pause=0.01):
        self.stopping, self.pause = threading.Event(), pause
        self.clients = [Client(county, port, ledger, early) for _ in range(threads)]
        self.threads = [threading.Thread(target=self._work, args=(client,), daemon=True) for client in self.clients]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def refusals(self):
        """When, which status, which answer: what the server said instead of yes because it could not."""
        return sorted((said for client in self.clients for said in client.refusals), key=lambda said: said[0])

    def unexpected(self):
        """Answers that no fault explains."""
        return [said for client in self.clients for said in client.unexpected]

    def _work(self, client):
        while not self.stopping.is_set():
            done = matter = client.send(*opening())
            for _ in range(ACTS_PER_MATTER - 1):
                if done is None or self.stopping.is_set():
                    break
                done = client.send(*urging(matter))
            if done is None:
                self.stopping.wait(self.pause)
        client.close()
