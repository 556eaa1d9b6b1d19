"""Proofs, checkpoints and receipts with something changed: none is accepted, no verifier panics, and a stranger's verifier agrees.

The mutants are made and counted in Rust (core/tests/it/hostile.rs), because a million processes would take days. Then a played county
gives a sample of its record (`record sample`): the program and verifier/verify.py, which shares no code with it, take every line, and
refuse every spoilt one for the same reason. Controls: verifiers that leave a check out must be seen to accept.
"""

import random
import re
import subprocess
import sys

from harness import county
from harness.report import Result, number
from harness.work import ROOT, fresh

NAME = "proofs"
TIME_MAX = 3_600
COUNTED = re.compile(
    r"^hostile (\w+): (\d+) mutants, (\d+) accepted, (\d+) panics, (\d+) the same in other bytes, (\d+) accepted by the control",
    re.MULTILINE,
)
# Of each: one continuation and ten entries, in both trees.
POSITIONS, POSITIONS_FULL = 100, 5_000


def run(plan):
    result = Result(NAME)
    if hostile(plan, result):
        two_verifiers(plan, result)
    return result


def hostile(plan, result):
    """Mutants against the program alone."""
    test = "a_million_mutated_proofs" if plan.full else "twenty_thousand_mutated_proofs"
    # The whole workspace, as ./check has built it: with one package alone, dependencies would be built again.
    which = ["--package", "zhunsheng-core", "--release"] if plan.full else ["--workspace"]
    command = ["cargo", "test", "--locked", *which, "--test", "it", "--", "--ignored", "--exact", "--nocapture", f"hostile::{test}"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIME_MAX)
    lines = COUNTED.findall(ran.stdout)
    if not result.require(len(lines) == 4, f"the test did not count: {ran.stderr[-400:]}"):
        return False
    kinds = {name: dict(zip(("mutants", "accepted", "panics", "same", "control"), map(int, rest))) for name, *rest in lines}
    total = {what: sum(kind[what] for kind in kinds.values()) for what in ("mutants", "accepted", "panics", "same")}
    result.require(ran.returncode == 0, f"the test failed: {ran.stdout[-400:]}")
    result.require(total["accepted"] == 0 and total["panics"] == 0, "a mutant was accepted, or a verifier panicked")
    for name, kind in kinds.items():
        result.require(kind["control"] > 0, f"control: no mutant of {name} was accepted by the verifier that leaves a check out")
    result.numbers = kinds
    shares = ", ".join(f"{number(kind['mutants'])} {name}" for name, kind in kinds.items())
    result.said = f"{number(total['mutants'])} mutants ({shares}), {total['accepted']} accepted, {total['panics']} panics"
    result.control = f"verifiers that leave a check out accepted {number(sum(kind['control'] for kind in kinds.values()))}"
    return True


def two_verifiers(plan, result):
    """A sample of a played county, and the same lines spoilt, judged by the program and by the stranger's verifier."""
    folder, data = fresh("proofs"), county.demonstration(plan.binary, "changtu" if plan.full else "small")
    sample, spoilt = folder / "sample", folder / "spoilt"
    positions = POSITIONS_FULL if plan.full else POSITIONS
    command = [plan.binary, "record", "sample", sample, "--seed", f"faults {plan.seed}", "--positions", positions, "--data", data]
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=TIME_MAX)
    if not result.require(ran.returncode == 0, f"no sample: {ran.stderr[-300:]}"):
        return
    lines = sample.read_text().splitlines()
    honest = judged(plan, sample)
    result.require(all(verdicts == ("1", "1") for verdicts in honest), "an honest proof was refused")
    made = mutants(lines, random.Random(plan.seed))
    spoilt.write_text("".join(line + "\n" for line, _ in made))
    verdicts = judged(plan, spoilt)
    result.require(len(honest) == len(lines) and len(verdicts) == len(made), "a verifier left lines out")
    differ = sum(ours != theirs for ours, theirs in honest + verdicts)
    result.require(differ == 0, f"{differ} verdicts differ")
    accepted = sum(says_more and "1" in both for (_, says_more), both in zip(made, verdicts))
    result.require(accepted == 0, f"{accepted} spoilt proofs were accepted")
    reasons = {}
    for ours, _ in verdicts:
        reasons[ours] = reasons.get(ours, 0) + 1
    unrooted = sum(count for reason, count in reasons.items() if reason == "0 root")
    result.require(unrooted > 0, "control: a verifier that does not compare roots would not have been seen")
    entries = sum(" inclusion " in line for line in lines)
    refused = len(made) - reasons.get("1", 0)
    result.numbers["second verifier"] = {
        "inclusion": entries, "consistency": len(lines) - entries, "spoilt": len(made), "differ": differ, "accepted": accepted, **reasons,
    }
    result.said += (
        f"; a stranger's verifier and ours took {number(entries)} inclusion and {number(len(lines) - entries)} consistency proofs"
        f" and refused {number(refused)} of {number(len(made))} spoilt ones (of the rest only a size was changed, and sizes come signed, or a tree that is its own root);"
        f" {differ} verdicts or reasons differ"
    )
    result.control += f"; one that does not compare roots would have taken {number(unrooted)} spoilt lines"


def judged(plan, file):
    """Of each line, what the program says and what the second verifier says."""
    ours = [plan.binary, "record", "sample", str(file), "--check", "--verdicts"]
    theirs = [sys.executable, str(ROOT / "verifier" / "verify.py"), "proofs", str(file)]
    said = [subprocess.run(command, capture_output=True, text=True, timeout=TIME_MAX).stdout.splitlines() for command in (ours, theirs)]
    return list(zip(*said)) if len(said[0]) == len(said[1]) else []


def mutants(lines, chance):
    """Each line with one thing changed, and whether it then says something that is not so. Of other sizes alone nobody could
    tell: they come signed, and a path can fit two of them; nor of a tree that is its own root."""
    made = []
    for line in lines:
        words, way = line.split(" "), chance.randrange(10)
        at, place = chance.randrange(4, len(words)), chance.randrange(64)
        if way in (0, 1):
            words[2 + way] = str(int(words[2 + way]) + chance.choice([-1, 1, 1024]))
        elif way == 2:
            words.pop(at)
        elif way == 3:
            words.insert(at, words[chance.randrange(4, len(words))])
        elif way == 4:
            words[4], words[5] = words[5], words[4]
        elif way == 5:
            words[0] = "sm3" if words[0] == "sha256" else "sha256"
        elif way == 6:
            words[4:6] = chance.choice(lines).split(" ")[4:6]
        elif way == 7:
            words[at] = words[at][:place] + chance.choice(["", "g", "A", "é"])
        else:
            digit = "0123456789abcdef"[int(words[at][place], 16) ^ 1 << chance.randrange(4)]
            words[at] = words[at][:place] + digit + words[at][place + 1:]
        changed = " ".join(words)
        untold = way == 1 or (way == 0 and words[1] == "consistency") or (way == 5 and len(words) == 6)
        made.append((changed, changed != line and not untold))
    return made
