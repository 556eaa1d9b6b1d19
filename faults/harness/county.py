"""A small real county, made once for a binary by the same steps as people take, and copied for every experiment.

`init`, the administrator's first sign-in, a village, its mediation committee, two people in posts, a token for each.
Does not belong here: any shortcut past the product's own doors.
"""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

from .client import Browser, Program
from .server import Server
from .work import WORK, fresh

COMMITTEE = "211224100201-tw"
PASSWORD = "演练口令 2026 faults"


class County:
    """Where the made county lies, and who may do what in it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        known = json.loads((self.folder / "people.json").read_text())
        self.mediator, self.head, self.matter = (known[name] for name in ("mediator", "head", "matter"))

    def copy_to(self, target):
        """A data folder of its own for one experiment."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.folder / "data", target)
        return Path(target)


def made(binary):
    """The county of this binary."""
    digest = hashlib.sha256(Path(binary).read_bytes()).hexdigest()[:16]
    folder = WORK / f"county-{digest}"
    if not (folder / "people.json").exists():
        making = fresh("making")
        _make(binary, making)
        making.rename(folder)
    return County(folder)


def demonstration(binary, scenario):
    """The data folder of a demonstration county that this binary has played; only to be read."""
    digest = hashlib.sha256(Path(binary).read_bytes()).hexdigest()[:16]
    data = WORK / f"demo-{scenario}-{digest}"
    if not data.exists():
        command = [binary, "demo", "--scenario", scenario, "--no-serve", "--data", data]
        subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=1_800)
    return data


def _make(binary, folder):
    data = folder / "data"
    said = subprocess.run(
        [binary, "init", "--county", "211224", "--data", data], check=True, capture_output=True, text=True
    ).stdout
    first = re.search(r"一次性口令：(\S+ \S+ \S+ \S+)", said)[1]
    with Server(binary, data, log=folder / "log").wait_ready() as server:
        admin = sign_in(server.port, "admin", first)
        token = _issue(admin, *_self(admin))
        people = _register(Program(server.port, token), admin)
        opened = Program(server.port, people["mediator"]["token"]).ask("POST", "/api/v1/matters/mediation", dispute("设立演练"))
        people["matter"] = _expect(opened, 201)["matter"]
        server.stop()
    (folder / "people.json").write_text(json.dumps(people, ensure_ascii=False, indent=1))


def dispute(text):
    """What opens a matter."""
    return {
        "fields": {"committee": COMMITTEE, "dispute_kind": "neighbour", "source": "proactive", "summary": text},
        "parties": [
            {"role": "applicant", "kind": "natural", "name": "赵演练", "phone": "13941000001"},
            {"role": "respondent", "kind": "natural", "name": "钱演练"},
        ],
    }


def sign_in(port, login, password):
    """A browser in which this account is signed in; a one-time password is changed."""
    browser = Browser(port)
    browser.get("/login")
    _expect(browser.post("/login", login=login, password=password), 303)
    if browser.get("/desk")[1] == "/account/password":
        browser.get("/account/password")
        _expect(browser.post("/account/password", old=password, new=PASSWORD, again=PASSWORD), 303)
    return browser


def _self(admin):
    """Person and post of the administrator."""
    person = re.search(r"/admin/people/([0-9a-z]{26})", admin.get("/admin")[2])[1]
    post = re.search(r'<option value="([0-9a-z]{26})"', admin.get(f"/admin/people/{person}")[2])[1]
    return person, post


def _issue(admin, person, post):
    admin.get(f"/admin/people/{person}")
    page = _expect(admin.post(f"/admin/people/{person}/tokens", title="故障演练", post=post, days="366"), 200)
    return re.search(r"zhs_[0-9A-Za-z_-]+", page)[0]


def _open_account(admin, person, login):
    admin.get(f"/admin/people/{person}")
    page = _expect(admin.post(f"/admin/people/{person}/account", login=login), 200)
    return re.search(r'class="query-code">([^<]+)', page)[1]


def _register(program, admin):
    def enter(procedure, **fields):
        return _expect(program.ask("POST", f"/api/v1/matters/{procedure}", {"fields": fields}), 201)["matter"]

    since = {"valid_from": "2022-01-01"}
    enter("place", code="211224100", name="昌图镇", level="town", parent="211224")
    enter("place", code="211224100201", name="柳树村", level="village", parent="211224100")
    enter("organ", code=COMMITTEE, name="柳树村人民调解委员会", short="柳树", organ_kind="village_committee",
          parent="211224", place="211224100201", functions=["mediation"], **since)
    people = {}
    for role, name, kind in (("mediator", "孙演练", "mediator"), ("head", "李演练", "mediation_head")):
        person = enter("person", name=name, **since)
        post = enter("post", person=person, organ=COMMITTEE, post_kind=kind, **since)
        password = _open_account(admin, person, role)
        sign_in(admin.port, role, password)
        people[role] = {"person": person, "post": post, "login": role, "token": _issue(admin, person, post)}
    return people


def _expect(answer, status):
    if answer[0] != status:
        raise RuntimeError(f"the county cannot be made: {answer}")
    return answer[-1]
