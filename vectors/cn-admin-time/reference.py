#!/usr/bin/env python3
"""Reference implementation of the suite cn-admin-time, written from the rules in README.md and from nothing else.

    reference.py [--law DIR] [--statutes DIR] [--show] [FILE…]

Reads `statutes.toml` and `calendars/*.toml` in --law (default: the project's `law`), computes every vector of the
files (default: all beside this script) and prints `N vectors, M differ`; exits 1 on a difference. With --statutes,
a folder of statute texts as Markdown (`名称(YYYY-MM-DD).md`), every article and phrase is looked up as well.
Python 3.11, standard library only. No part of the product imports this.
"""

import argparse
import calendar as gregorian
import json
import re
import sys
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
ONE_DAY = timedelta(days=1)
UNITS = ("day", "work_day", "month", "year", "hour", "fixed")


class Refused(Exception):
    """One of the error codes of the README."""

    def __init__(self, code, detail=""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


# ---------------------------------------------------------------- numbers and citations

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SCALES = {"十": 10, "百": 100, "千": 1000}
NUMBER = r"(?:[0-9０-９]+|[零〇一二两三四五六七八九十百千]+)"


def number(text):
    """`90`, `９０`, `九十`, `六〇`, `一百八十`, `两` as an integer; None if it is none."""
    if text.isdecimal():
        return int(text)
    if re.fullmatch("[一二三四五六七八九][一二三四五六七八九]*[零〇][零〇一二三四五六七八九]*", text):
        return int("".join(str(DIGITS[c]) for c in text))  # 六〇, 二〇二四
    total = digit = 0
    pending = False
    for c in text:
        if c in SCALES:
            total += (digit if pending else 1) * SCALES[c]
            digit, pending = 0, False
        elif c in DIGITS:
            digit, pending = DIGITS[c], True
        else:
            return None
    return total + digit


CITATION = (
    re.compile(rf"^§?\s*(\d+)(?:-(\d+))?(?:\.(\d+))?(?:[（(]({NUMBER})[）)])?$"),
    re.compile(
        rf"^§?\s*第?({NUMBER})(?:条)?(?:之({NUMBER}))?(?:第({NUMBER})款)?(?:第?[（(]({NUMBER})[）)]项?|第({NUMBER})项)?$"
    ),
)


def citation(value, names=()):
    """(条, 之, 款, 项), each but the first None if not cited. The statute's name may stand in front."""
    text = str(whole(value)).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"^《?(?:中华人民共和国)?{re.escape(name)}》?", "", text)
    for form in CITATION:
        found = form.match(text)
        if found:
            numbers = [None if part is None else number(part) for part in found.groups()]
            if None not in numbers[:1]:
                return (*numbers[:3], next((item for item in numbers[3:] if item is not None), None))
    raise Refused("bad-article", repr(value))


def whole(value):
    """60.0 is 60, as some programs write every number; an amount may be written as a text."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def amount_of(limit):
    """How many: 90, 90.0, "90", "九十"."""
    value = whole(limit.get("amount"))
    return number(value.strip()) if isinstance(value, str) and re.fullmatch(NUMBER, value.strip()) else value


# ---------------------------------------------------------------- days and moments

EDITION_WORDS = re.compile("(?:年修订|年修正|修订|修正|通过|公布|年版|版|年)$")


def day(text):
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise Refused("bad-date", repr(text))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("bad-date", text) from None


def moment(text, day_stands_for_midnight=False):
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(\+08:00)?", text):
        try:
            return datetime.fromisoformat(text.removesuffix("+08:00"))
        except ValueError:
            raise Refused("bad-date", text) from None
    if day_stands_for_midnight:
        return datetime.combine(day(text), datetime.min.time())
    raise Refused("bad-date", repr(text))


def day_of(text):
    """The day of a day or a moment."""
    return moment(text).date() if isinstance(text, str) and "T" in text else day(text)


def plus_months(start, months):
    """The corresponding day, or the last of the month if it has none (民法典§202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Refused("bad-date", f"year {year}")
    return date(year, month + 1, min(start.day, gregorian.monthrange(year, month + 1)[1]))


class Calendar:
    def __init__(self, folder):
        self.years, self.off, self.made_up = set(), {}, set()
        for file in sorted(folder.glob("*.toml")):
            data = tomllib.loads(file.read_text("utf-8"))
            self.years.add(data["year"])
            for run in data.get("off", []):
                first, last = date.fromisoformat(run["from"]), date.fromisoformat(run["to"])
                for n in range((last - first).days + 1):
                    self.off[first + n * ONE_DAY] = run["name"]
            for run in data.get("work", []):
                self.made_up |= {date.fromisoformat(text) for text in run["days"]}

    def works(self, that):
        if that.year not in self.years:
            raise Refused("missing-calendar-year", str(that.year))
        return that in self.made_up or (that.weekday() < 5 and that not in self.off)


# ---------------------------------------------------------------- statutes


@dataclass
class Edition:
    adopted: date
    in_force: date
    until: date | None
    work_days: dict | None
    roll: str | None
    silent: bool
    articles: int | None

    def covers(self, amount):
        rule = self.work_days
        return bool(rule) and (
            rule.get("all", False) or amount <= rule.get("at_most", 0) or amount in rule.get("amounts", [])
        )

    def organs_only(self):
        return bool(self.work_days) and self.work_days.get("bound") == "organ"

    def on_a_party(self, article, amount):
        """Limits on parties that a rule confined to organs leaves open."""
        return {"article": article, "amount": amount} in (self.work_days or {}).get("party", [])


def bare(name):
    return name.strip().strip("《》").removeprefix("中华人民共和国") or name


class Statutes:
    def __init__(self, file):
        self.by_name, self.names = {}, {}
        for raw in tomllib.loads(file.read_text("utf-8"))["statute"]:
            editions = raw["edition"]
            ends = [e["in_force"] for e in editions[1:]] + [raw.get("repealed")]
            known = [
                Edition(
                    adopted=date.fromisoformat(e["adopted"]),
                    in_force=date.fromisoformat(e["in_force"]),
                    until=date.fromisoformat(end) if end else None,
                    work_days=e.get("work_days"),
                    roll=e.get("roll"),
                    silent=e.get("days_open", False),
                    articles=e.get("articles"),
                )
                for e, end in zip(editions, ends, strict=True)
            ]
            names = [raw["short"], raw["title"], *raw.get("aliases", [])]
            for name in names:
                self.by_name[bare(name)] = (raw["short"], known)
                self.names[raw["short"]] = [bare(name) for name in names]

    def edition(self, name, adopted, on):
        short, editions = self.by_name.get(bare(name), (None, []))
        bracketed = re.fullmatch(r"(.*)[（(](.*)[）)]》?", name.strip())
        if short is None and bracketed:  # 行政处罚法（2021修订）
            short, editions = self.by_name.get(bare(bracketed[1]), (None, []))
            meant = EDITION_WORDS.sub("", bracketed[2].strip())
            said = [e for e in editions if meant in (str(e.adopted), str(e.adopted.year))]
            short, adopted = (short, adopted or said[0].adopted) if said else (None, None)
        if short is None:
            raise Refused("unknown-statute", name)
        if adopted is not None:
            editions = [e for e in editions if e.adopted == adopted]
            if not editions:
                raise Refused("unknown-edition", f"{name} {adopted}")
        for edition in editions:
            if edition.in_force <= on and (edition.until is None or on < edition.until):
                return short, edition
        raise Refused("edition-not-in-force", f"{name} {on}")


class Texts:
    """Articles of the statutes in a folder of `名称(YYYY-MM-DD).md`."""

    def __init__(self, folder):
        self.files = {path.stem: path for path in folder.glob("*.md")} if folder else {}
        self.loaded = {}

    def articles(self, names, adopted):
        for name in names:
            path = self.files.get(f"{bare(name)}({adopted})")
            if path is not None:
                if path not in self.loaded:
                    self.loaded[path] = parsed(path.read_text("utf-8"))
                return self.loaded[path]
        return None


def parsed(source):
    """{(条, 之): [paragraph, …]}; items stand as lines of their own and are kept so."""
    head = re.compile(rf"^第({NUMBER})条(?:之({NUMBER}))?(?=[\s　]|$)")
    articles, current = {}, None
    for line in source.split("<!-- INFO END -->", 1)[-1].splitlines():
        line = line.strip(" \t　\u200b*")
        found = head.match(line)
        if found:
            key = (number(found[1]), number(found[2]) if found[2] else None)
            current = articles.setdefault(key, [])
            line = line[found.end() :].strip(" 　")
        elif line.startswith("#"):
            current = None
        if current is not None and line:
            current.append(line)
    return articles


def look_up(articles, cited, phrase):
    article, inserted, paragraph, item = cited
    lines = articles.get((article, inserted))
    if lines is None:
        raise Refused("unknown-article", str(cited))
    is_item = re.compile(rf"^[（(]({NUMBER})[）)]")
    paragraphs = sum(not is_item.match(line) for line in lines)
    items = {number(is_item.match(line)[1]) for line in lines if is_item.match(line)}
    if (paragraph or 1) > paragraphs or (item is not None and item not in items):
        raise Refused("unknown-article", str(cited))
    squeezed = re.sub(r"\s", "", "".join(lines))
    if re.sub(r"\s", "", phrase) not in squeezed:
        raise Refused("phrase-not-in-article", phrase)


# ---------------------------------------------------------------- reading the phrase (rules 2 and 3)

FIXED = re.compile(rf"({NUMBER})月({NUMBER})日")
WRITTEN = {"工作日": "work_day", "自然日": "day", "日历日": "day", "月": "month", "小时": "hour", "日": "日", "天": "日"}
UNIT = "(?:个?工作日|个?自然日|个?日历日|个月|个?小时|日|天|周?年(?!度|半))"
HALF_YEARS = re.compile(rf"({NUMBER})年半|(?<![零〇一二两三四五六七八九十百千0-9０-９年])半年")
ALONE = r"(?<![第上下每同本零〇一二两三四五六七八九十百千0-9０-９])(?<!最后)"
QUANTITY = re.compile(
    rf"{ALONE}(?:({NUMBER})(?:至|到|或者|或|、|-|—|～|~))?{ALONE}({NUMBER})\s*({UNIT})"
)
AMOUNT = rf"{NUMBER}\s*{UNIT}"
BEHIND = re.compile(r"以前|之前|前")
WITHIN = re.compile(r"[以之]?内")
AT_LEAST = re.compile(rf"不少于|不得少于|至少|不低于|不得低于|不短于|不得短于|{AMOUNT}(?:以|之)?后")


def levelled(phrase):
    """Without dates of the calendar, and with 半年 as 6个月, 一年半 as 18个月."""
    return HALF_YEARS.sub(
        lambda found: f"{12 * number(found[1]) + 6 if found[1] else 6}个月", FIXED.sub("—", phrase)
    )


def quantities(phrase):
    """The different (amount, written unit) of a phrase; dates of the calendar are none."""
    found = []
    for low, high, unit in QUANTITY.findall(levelled(phrase)):
        written = "year" if unit.endswith("年") else WRITTEN[unit.removeprefix("个")]
        for text in (low, high):
            amount = number(text) if text else None
            if amount and not (written == "year" and amount >= 1000) and (amount, written) not in found:
                found.append((amount, written))
    return found


def counts_back(phrase, amount):
    """Whether the quantity meant (any, if no amount is stated) is one before an event: 七日前, 提前七日, 届满前七日."""
    text = levelled(phrase)
    for found in QUANTITY.finditer(text):
        if amount is None or amount in [number(part) for part in found.groups()[:2] if part]:
            ahead, behind = text[: found.start()], text[found.end() :]
            if BEHIND.match(behind) or ahead.endswith("提前"):
                return True
            return ahead.endswith("前") and not WITHIN.match(behind)
    return False


@dataclass
class Limit:
    amount: int
    unit: str
    month: int = 0
    day: int = 0


def fixed_date(text):
    found = FIXED.search(text)
    if not found:
        return None
    month, that = number(found[1]), number(found[2])
    if not 1 <= month <= 12 or not 1 <= that <= gregorian.monthrange(2024, month)[1]:
        raise Refused("phrase-unreadable", text)
    return Limit(1, "fixed", month, that)


@dataclass
class Reading:
    """What the statute and the vector say of one limit."""

    short: str
    edition: Edition
    cited: tuple
    phrase: str
    backward: bool
    minimum: bool
    party: bool

    def days(self, amount):
        """What that many 日 are: `day`, `work_day`, or None if the text leaves it open."""
        edition = self.edition
        if edition.organs_only() and (self.party or edition.on_a_party(self.cited[0], amount)):
            return None
        if edition.covers(amount):
            return "work_day"
        if edition.work_days or edition.roll or not edition.silent:
            return "day"
        return None

    def agreed(self, amount, unit):
        """Whether a stated unit may stand for that many 日."""
        return unit in ("day", "work_day") and self.days(amount) in (None, unit)

    def unstated(self):
        """Amount and unit where the vector has no `limit`."""
        found = quantities(self.phrase)
        if not found:
            limit = fixed_date(self.phrase)
            if limit is None:
                raise Refused("phrase-unreadable", self.phrase)
            return limit
        if len(found) > 1:
            raise Refused("phrase-unreadable", f"{found}")
        amount, unit = found[0]
        if unit == "日":
            unit = self.days(amount)
            may_choose = self.edition.organs_only() or self.backward or self.minimum
            if unit is None and may_choose:
                raise Refused("unit-open", f"{amount} 日")
            unit = unit or "day"
        return Limit(amount, unit)

    def stated(self, limit):
        if not isinstance(limit, dict) or limit.get("unit") not in UNITS:
            raise Refused("bad-limit", repr(limit))
        amount, unit = limit.get("amount"), limit["unit"]
        if unit != "fixed":
            amount = amount_of(limit)
        else:
            if isinstance(amount, str) and re.fullmatch(r"\d{2}-\d{2}", amount):
                given = fixed_date("{}月{}日".format(*amount.split("-")))
                written = fixed_date(self.phrase)
                if written and written != given:
                    raise Refused("amount-conflict", amount)
                return given
            written = fixed_date(self.phrase)
            if written is None:
                raise Refused("phrase-unreadable", self.phrase)
            return written
        if not positive(amount):
            raise Refused("bad-limit", repr(limit))
        found = quantities(self.phrase)
        same = [written for number_, written in found if number_ == amount]
        if found and not same:
            raise Refused("amount-conflict", f"{amount}, {found}")
        fits = any(self.agreed(amount, unit) if written == "日" else written == unit for written in same)
        if found and not fits:
            raise Refused("unit-conflict", f"{limit}, {found}")
        if not found and unit in ("day", "work_day") and not self.extension_fits(amount, unit):
            raise Refused("unit-conflict", f"{limit}")
        return Limit(amount, unit)

    def extension_fits(self, amount, unit):
        """Without a phrase only a statute's own rule of working days can contradict."""
        return unit not in ("day", "work_day") or not self.edition.work_days or self.agreed(amount, unit)


# ---------------------------------------------------------------- events


@dataclass
class Course:
    """What happened since the last restart."""

    start: object
    excluded: list = field(default_factory=list)
    extensions: list = field(default_factory=list)


def positive(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def course(vector, reading, limit, read):
    """Applies the events in order; `read` turns a text into a day or a moment."""
    result = Course(read(vector["start"]))
    for event in vector["events"]:
        if not isinstance(event, dict) or len(event) != 1:
            raise Refused("bad-event", repr(event))
        ((name, value),) = event.items()
        if name == "exclude" and isinstance(value, list) and len(value) == 2 and value[0] and limit.unit != "fixed":
            first, until = read(value[0]), None if value[1] is None else read(value[1])
            if until is not None and until < first:
                raise Refused("bad-event", repr(event))
            result.excluded.append((first, until))
        elif name == "extend" and isinstance(value, dict) and not reading.backward:
            amount, unit = amount_of(value), value.get("unit")
            if not positive(amount) or unit not in UNITS[:5] or (unit == "hour") != (limit.unit == "hour"):
                raise Refused("bad-event", repr(event))
            if not reading.extension_fits(amount, unit):
                raise Refused("unit-conflict", repr(event))
            result.extensions.append((amount, unit))
        elif name == "restart" and value is not None:
            anew = read(value)
            if anew < result.start and not reading.backward:
                raise Refused("bad-event", repr(event))
            result = Course(anew)
        else:
            raise Refused("bad-event", repr(event))
    if any(until is None for _, until in result.excluded):
        raise Refused("suspended")
    return result


# ---------------------------------------------------------------- counting


class Counter:
    def __init__(self, calendar, happened, backward):
        self.calendar, self.happened, self.step = calendar, happened, -ONE_DAY if backward else ONE_DAY

    def left_out(self, that):
        return any(first <= that < until for first, until in self.happened.excluded)

    def steps(self, at, amount, working):
        while amount:
            at += self.step
            if not self.left_out(at) and (not working or self.calendar.works(at)):
                amount -= 1
        return at

    def months(self, at, months):
        end = plus_months(at, months if self.step == ONE_DAY else -months)
        low, high = (at + ONE_DAY, end) if end > at else (end, at - ONE_DAY)
        lost = {
            first + n * ONE_DAY
            for first, until in self.happened.excluded
            for n in range((until - first).days)
            if low <= first + n * ONE_DAY <= high
        }
        return self.steps(end, len(lost), False)

    def advance(self, at, amount, unit):
        if unit in ("day", "work_day"):
            return self.steps(at, amount, unit == "work_day")
        return self.months(at, amount * (12 if unit == "year" else 1))


def after_hours(happened, amount, backward):
    """The moment so many hours outside the excluded intervals after the start, or before it."""
    sign = -1 if backward else 1
    at = 0
    left = 3600 * (amount + sum(more for more, _ in happened.extensions))
    # Seconds from the start, positive in the direction of the count.
    spans = sorted(
        tuple(sorted(sign * int((moment_ - happened.start).total_seconds()) for moment_ in span))
        for span in happened.excluded
    )
    for first, until in spans:
        if until <= at or first == until:
            continue
        if first - at >= left:
            break
        left -= max(first - at, 0)
        at = until
    return (happened.start + timedelta(seconds=sign * (at + left))).strftime("%Y-%m-%dT%H:%M")


def next_fixed(start, limit):
    for year in range(start.year, start.year + 9):
        if limit.day <= gregorian.monthrange(year, limit.month)[1]:
            that = date(year, limit.month, limit.day)
            if that > start:
                return that
    raise Refused("bad-date", str(start))


def checked(vector):
    """The fields that are there: a null is none."""
    if not isinstance(vector, dict):
        raise Refused("bad-vector", "not an object")
    vector = {name: value for name, value in vector.items() if value is not None}
    written = (str, int, float)
    kinds = {"statute": str, "article": written, "phrase": str, "start": str, "events": list}
    optional = {name: kind for name, kind in {"edition": written, "roll": bool}.items() if name in vector}
    for name, kind in (kinds | optional).items():
        if not isinstance(vector.get(name), kind) or (kind == written and isinstance(vector[name], bool)):
            raise Refused("bad-vector", name)
    choices = {
        "direction": ("forward", "backward"),
        "kind": ("max", "min"),
        "duty": ("organ", "party"),
    }
    for name, allowed in choices.items():
        if name in vector and vector[name] not in allowed:
            raise Refused("bad-vector", name)
    if "limit" not in vector and vector.get("unit", "fixed") != "fixed":
        raise Refused("bad-vector", "unit")
    return vector


def answer(vector, statutes, calendar, texts):
    vector = checked(vector)
    phrase = vector["phrase"]
    on = day_of(vector["start"])
    for event in vector["events"]:
        dates_of(event)
    adopted = day(EDITION_WORDS.sub("", str(vector["edition"]).strip())) if "edition" in vector else None
    short, edition = statutes.edition(vector["statute"], adopted, on)
    cited = citation(vector["article"], statutes.names[short])
    articles = texts.articles([vector["statute"], short], edition.adopted)
    inserted = articles is None and cited[1] is not None
    if 0 in cited or (edition.articles and (cited[0] > edition.articles or inserted)):
        raise Refused("unknown-article", str(vector["article"]))
    if articles is not None:
        look_up(articles, cited, phrase)
    stated = amount_of(vector["limit"]) if isinstance(vector.get("limit"), dict) else None
    direction = vector.get("direction", "backward" if counts_back(phrase, stated) else "forward")
    kind = vector.get("kind", "min" if AT_LEAST.search(phrase) else "max")
    reading = Reading(
        short, edition, cited, phrase, direction == "backward", kind == "min", vector.get("duty") == "party"
    )
    if "limit" not in vector and vector.get("unit") == "fixed":
        limit = reading.stated({"unit": "fixed"})
    else:
        limit = reading.stated(vector["limit"]) if "limit" in vector else reading.unstated()
    return due(vector, reading, limit, calendar)


def dates_of(event):
    """Every day that an event names must be one, whatever else is wrong."""
    if isinstance(event, dict):
        named = event.get("exclude") if isinstance(event.get("exclude"), list) else []
        for text in [*named, *([event["restart"]] if "restart" in event else [])]:
            if text is not None:
                day_of(text)


def due(vector, reading, limit, calendar):
    rolls = bool(reading.edition.roll) and limit.unit not in ("hour", "fixed") and not reading.backward
    if vector.get("roll") is True and (limit.unit in ("hour", "fixed") or reading.backward):
        raise Refused("bad-limit", "roll")
    rolls = vector.get("roll", rolls)
    if limit.unit == "hour":
        moment(vector["start"])
        happened = course(vector, reading, limit, lambda text: moment(text, True))
        return after_hours(happened, limit.amount, reading.backward)
    happened = course(vector, reading, limit, day_of)
    counter = Counter(calendar, happened, reading.backward)
    if limit.unit == "fixed":
        end = next_fixed(happened.start, limit)
    else:
        end = counter.advance(happened.start, limit.amount, limit.unit)
    for amount, unit in happened.extensions:
        end = counter.advance(end, amount, unit)
    while rolls and not calendar.works(end):
        end += ONE_DAY
    return end.isoformat()


# ---------------------------------------------------------------- running the files


def vectors_of(path):
    data = json.loads(path.read_text("utf-8"))
    return data["vectors"] if isinstance(data, dict) else data


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--law", type=Path, default=HERE.parent.parent / "law")
    options.add_argument("--statutes", type=Path)
    options.add_argument("--show", action="store_true", help="print every answer")
    options.add_argument("files", nargs="*", type=Path)
    given = options.parse_args()
    statutes = Statutes(given.law / "statutes.toml")
    calendar = Calendar(given.law / "calendars")
    texts = Texts(given.statutes)
    total = differ = skipped = 0
    seen = set()
    for path in given.files or sorted(HERE.glob("*.json")):
        for vector in vectors_of(path):
            total += 1
            if vector.get("needs") == "texts" and not texts.files:
                skipped += 1
                continue
            try:
                got, why = answer(vector, statutes, calendar, texts), ""
            except Refused as refused:
                got, why = refused.code, str(refused)
            wanted = vector["due"] if "due" in vector else vector["error"]
            twice = vector["id"] in seen
            seen.add(vector["id"])
            if got != wanted or twice:
                differ += 1
                print(f"{path.name} {vector['id']}: expected {wanted}, got {got} {why}{' (id twice)' if twice else ''}")
            elif given.show:
                print(f"{vector['id']}: {got}")
    print(f"{total} vectors, {differ} differ" + (f", {skipped} skipped (no texts)" if skipped else ""))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
