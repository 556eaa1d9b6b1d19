"""Proofs, checkpoints and receipts with something changed: none is accepted, no verifier panics.

The mutants are made and counted in Rust (core/tests/it/hostile.rs), because a million processes would take days.
Control: verifiers that leave a check out, in the same test, must be seen to accept.
"""

import re
import subprocess

from harness.report import Result, number
from harness.work import ROOT

NAME = "proofs"
TIME_MAX = 3_600
COUNTED = re.compile(
    r"^hostile (\w+): (\d+) mutants, (\d+) accepted, (\d+) panics, (\d+) the same in other bytes, (\d+) accepted by the control",
    re.MULTILINE,
)


def run(plan):
    result = Result(NAME)
    test = "a_million_mutated_proofs" if plan.full else "twenty_thousand_mutated_proofs"
    # The whole workspace, as ./check has built it: with one package alone, dependencies would be built again.
    which = ["--package", "zhunsheng-core", "--release"] if plan.full else ["--workspace"]
    command = ["cargo", "test", "--locked", *which, "--test", "it", "--", "--ignored", "--exact", "--nocapture", f"hostile::{test}"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIME_MAX)
    lines = COUNTED.findall(ran.stdout)
    if not result.require(len(lines) == 4, f"the test did not count: {ran.stderr[-400:]}"):
        return result
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
    return result
