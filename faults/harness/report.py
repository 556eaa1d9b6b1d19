"""One line for each kind of fault, and the same in JSON.

Does not belong here: deciding what is right.
"""

import json
import os
import platform
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone


@dataclass
class Plan:
    """What a kind is asked to do."""

    binary: str
    full: bool
    seed: int


@dataclass
class Result:
    """What a kind found. `said` is the line after its name; `problems` is empty if all is well."""

    name: str
    said: str = ""
    numbers: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    control: str = ""
    skipped: str = ""
    seconds: float = 0.0

    def require(self, holds, problem):
        """Notes a problem unless `holds`."""
        if not holds:
            self.problems.append(problem)
        return bool(holds)

    def line(self):
        if self.skipped:
            return f"SKIPPED {self.name}: {self.skipped}"
        verdict = "" if not self.problems else " — FAILED: " + "; ".join(self.problems[:5])
        control = f"; control: {self.control}" if self.control else ""
        return f"{self.name}: {self.said}{control} ({self.seconds:.0f} s){verdict}"


def number(value):
    return f"{value:,}"


def machine():
    """Where and when it was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {memory} GiB, {platform.system()} {platform.release()}",
        "load": os.getloadavg()[0],
    }


def summary(results, full, began):
    return {
        **machine(),
        "full": full,
        "seconds": round(time.monotonic() - began),
        "kinds": [asdict(result) for result in results],
    }


def write(path, value):
    with open(path, "w") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.write("\n")


BEGIN, END = "<!-- faults/run --write -->\n", "<!-- end -->"


def write_table(path, results):
    """Puts what was found between the two marks of a document."""
    here, text = machine(), open(path).read()
    head, rest = text.split(BEGIN, 1)
    lines = [f"{here['date']}, {here['machine']}, load {here['load']:.1f}", "", "| kind | found | control | seconds |", "| --- | --- | --- | --- |"]
    for result in results:
        said = f"SKIPPED: {result.skipped}" if result.skipped else result.said + (f" — FAILED: {result.problems[0]}" if result.problems else "")
        lines.append(f"| {result.name} | {said} | {result.control} | {result.seconds:.0f} |")
    with open(path, "w") as file:
        file.write(head + BEGIN + "\n".join(lines) + "\n" + END + rest.split(END, 1)[1])
