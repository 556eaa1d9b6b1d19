"""What the product itself says about a data folder: `record verify`, and later `record audit`.

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


def verify(binary, data, what="verify"):
    """Runs `record verify` (or `audit`) on a folder."""
    ran = subprocess.run([binary, "record", what, data, "--json"], capture_output=True, text=True, timeout=TIME_MAX)
    try:
        answer = json.loads(ran.stdout)
    except ValueError:
        answer = {}
    text = answer.get("wrong") or ran.stderr.strip() or ran.stdout.strip()
    return Said(ran.returncode, text, answer.get("entries", 0))
