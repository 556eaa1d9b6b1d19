"""What the product itself says about a data folder: `record verify` and `record audit`.

Does not belong here: comparing with a ledger.
"""

import json
import subprocess
from dataclasses import dataclass

TIME_MAX = 300


@dataclass
class Said:
    """The answer of a verification."""

    code: int
    text: str
    entries: int = 0

    @property
    def fine(self):
        return self.code == 0


def verify(binary, data, kept=None):
    """Every leaf and the root again; `kept` is a checkpoint from elsewhere."""
    code, answer, said = _ask(binary, ["verify", data], kept)
    return Said(code, answer.get("wrong") or said, answer.get("entries") or 0)


def audit(binary, data, kept=None):
    """Everything that is derived, too: what was found, each with its sort, entry and sentence."""
    code, answer, said = _ask(binary, ["audit", "--data", data], kept)
    if code in (0, 1):
        return answer.get("findings", [])
    return [{"sort": "database", "entry": None, "sentence": said}]


def _ask(binary, words, kept):
    """Exit code, answer, what was said to people."""
    command = [binary, "record", *words, "--json", *(["--checkpoint", kept] if kept else [])]
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=TIME_MAX)
    if ran.returncode not in (0, 1, 3):
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {ran.returncode}: {ran.stderr[-300:]}")
    try:
        answer = json.loads(ran.stdout)
    except ValueError:
        answer = {}
    return ran.returncode, answer, ran.stderr.strip() or ran.stdout.strip()
