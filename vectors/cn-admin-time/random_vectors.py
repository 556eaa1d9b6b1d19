#!/usr/bin/env python3
"""Random vectors, answered by reference.py: to compare another implementation with it beyond the suite.

    random_vectors.py [--count N] [--seed S] [--law DIR] > FILE

Takes the limits of the suite (statute, article, phrase) and draws the start, the events and the options. Most answers are
days; a good part are errors, several causes at once included, so that the order of the checks is compared as well.
"""

import argparse
import json
import random
from datetime import date, timedelta
from pathlib import Path

import reference

FIRST, LAST = date(2018, 6, 1), date(2027, 6, 30)
UNITS = reference.UNITS[:5]


def limits_of_the_suite():
    known = {}
    for path in sorted(reference.HERE.glob("*.json")):
        for vector in reference.vectors_of(path):
            if "due" in vector:
                key = (vector["statute"], vector.get("edition"), vector["phrase"])
                known.setdefault(key, vector)
    return list(known.values())


def drawn(pick, base, number):
    hours = "T" in base["start"]

    def written(that, share):
        moment = f"{that}T{pick.randrange(24):02}:{pick.randrange(60):02}"
        return moment if hours and pick.random() < share else str(that)

    start = FIRST + pick.randrange((LAST - FIRST).days) * timedelta(days=1)
    vector = {"id": f"random-{number}", **{name: base[name] for name in ("statute", "article", "phrase")}}
    if "edition" in base and pick.random() < 0.8:
        vector["edition"] = base["edition"]
    if "limit" in base and pick.random() < 0.6:
        vector["limit"] = base["limit"]
    elif pick.random() < 0.2:
        vector["limit"] = {"amount": pick.choice([1, 2, 5, 7, 10, 30]), "unit": pick.choice(UNITS)}
    vector["start"] = written(start, 0.95)
    vector["events"] = []
    for _ in range(pick.choice([0, 0, 1, 1, 2, 3])):
        first = start + timedelta(days=pick.randrange(-10, 3 if hours else 120))
        until = first + timedelta(days=pick.choice([0, 1, 2, 3, 7, 10, 20, 40, 100, -1]))
        kind = pick.random()
        if kind < 0.55:
            end = written(until, 0.8) if pick.random() < 0.98 else None
            vector["events"].append({"exclude": [written(first, 0.8), end]})
        elif kind < 0.85:
            own = vector.get("limit", {}).get("unit", "day")
            unit = pick.choice([*UNITS, own, own]) if own != "fixed" else pick.choice(UNITS)
            vector["events"].append({"extend": {"amount": pick.choice([1, 3, 5, 7, 10, 15, 30, 60]), "unit": unit}})
        else:
            vector["events"].append({"restart": written(first, 0.8)})
    for name, values in {
        "roll": (True, False),
        "direction": ("forward", "backward"),
        "kind": ("max", "min"),
        "duty": ("organ", "party"),
    }.items():
        if pick.random() < 0.08:
            vector[name] = pick.choice(values)
    if pick.random() < 0.1:
        misshape(pick, vector)
    return vector


def misshape(pick, vector):
    """One thing that is not as the README has it, or only looks so: a null of an optional field is none."""
    day, other = vector["start"], pick.choice(["2024-02-30", "2024-05-01", 5, None, True, {}, []])
    odd_events = [
        {"exclude": {"from": day, "to": other}},
        {"exclude": [day, day], "note": "x"},
        {"exclude": [day, day], "restart": other},
        {"exclude": [day, day, other]},
        {"exclude": [other, day]},
        {"exclude": [day, other]},
        {"restart": other},
        {"extend": other},
        {"extend": {"amount": other, "unit": "day"}},
        {"pause": day},
        {},
        other,
    ]
    if pick.random() < 0.6:
        vector["events"].insert(pick.randrange(len(vector["events"]) + 1), pick.choice(odd_events))
        return
    fields = ("statute", "edition", "article", "phrase", "limit", "start", "events", "direction", "kind", "duty", "roll")
    name = pick.choice(fields)
    if pick.random() < 0.3:
        vector.pop(name, None)
    else:
        vector[name] = other


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--law", type=Path, default=reference.HERE.parent.parent / "law")
    given = options.parse_args()
    statutes = reference.Statutes(given.law / "statutes.toml")
    calendar = reference.Calendar(given.law / "calendars")
    pick, bases, vectors = random.Random(given.seed), limits_of_the_suite(), []
    for number in range(given.count):
        vector = drawn(pick, pick.choice(bases), number)
        try:
            vector["due"] = reference.answer(vector, statutes, calendar, reference.Texts(None))
        except reference.Refused as refused:
            vector["error"] = refused.code
        vector["because"] = "随机抽取，由参考实现计算。"
        vectors.append(vector)
    print(json.dumps(vectors, ensure_ascii=False))


if __name__ == "__main__":
    main()
