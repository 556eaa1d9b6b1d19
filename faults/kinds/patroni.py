"""A machine of the database cluster dies under load: Patroni on loopback, synchronous, its primary killed with its agent.

What was acknowledged is there on the other machine, once; acts go on by themselves within 45 s, without a restart of ours.
Only in the full form: each failover waits for the dead machine's lease to run out.
Control: a client that takes sending for acknowledgement must be seen to lose acts in a failover.
"""

import time

from harness import county
from harness.ledger import Ledger, judge
from harness.load import Client, Load
from harness.report import Result
from harness.server import Server
from harness.work import command, fresh
from patroni_cluster import Cluster, Missing

NAME = "patroni"
FAILOVERS, FAILOVERS_FULL = 1, 3
BACK_MAX = 45.0
BACK_WAIT = 90.0
LOAD_SECONDS = 3.0
REJOIN_SECONDS = 120.0


def run(plan):
    result = Result(NAME)
    try:
        cluster = Cluster()
    except Missing as what:
        result.skipped = f"{what} is missing"
        return result
    with cluster:
        _failovers(plan, cluster, result)
    return result


def _failovers(plan, cluster, result):
    made, folder = county.made(plan.binary), fresh("patroni")
    ledger, early, data, url = Ledger(), Ledger(), made.copy_to(folder / "data"), cluster.url("county")
    command(["psql", cluster.url(), "-qc", "CREATE DATABASE county"])
    command([plan.binary, "move", "--from", "file", "--to", url, "--data", data])
    back = []
    with Server(plan.binary, data, env={"ZHUNSHENG_DATABASE": url}, log=folder / "log").wait_ready() as server:
        for turn in range(FAILOVERS_FULL if plan.full else FAILOVERS):
            # The first one is the control's, too.
            lying = Load(made, server.port, early, early=True).start() if turn == 0 else None
            back.append(_failover(cluster, made, server, ledger, result))
            if lying:
                lying.stop()
            if back[-1] is None:
                break
            client = Client(made, server.port, ledger)
            client.repeat()
            result.require(
                not ledger.doubtful(),
                f"{len(ledger.doubtful())} acts in doubt were not acknowledged when they were repeated: "
                f"{client.refusals[-1:] + client.unexpected[-1:] + client.silences[-1:]}",
            )
        server.stop()
    command([plan.binary, "move", "--from", url, "--to", "file", "--data", data])
    verdict = judge(ledger, early, data, plan.binary, result)
    times = [seconds for seconds in back if seconds is not None]
    result.require(all(seconds <= BACK_MAX for seconds in times), f"acts went on only after {max(times, default=0):.0f} s")
    result.numbers = {
        "failovers": len(times), "back_max": round(max(times, default=0), 1), "acknowledged": len(ledger.acknowledged()),
        "lost": len(verdict.lost), "doubled": len(verdict.doubled),
    }
    result.said = (
        f"{len(times)} primaries killed, acts again after {', '.join(f'{seconds:.0f}' for seconds in times)} s; "
        f"{len(ledger.acknowledged())} acts acknowledged, {len(verdict.lost)} lost, {len(verdict.doubled)} doubled"
    )


def _failover(cluster, made, server, ledger, result):
    """Seconds from the death of the primary to the next acknowledged act; none if there was none."""
    load = Load(made, server.port, ledger).start()
    time.sleep(LOAD_SECONDS)
    primary = cluster.primary()
    primary.kill()
    killed, first = time.monotonic(), None
    while first is None and time.monotonic() - killed < BACK_WAIT:
        time.sleep(0.2)
        first = ledger.told_after(killed + 1.0)
    time.sleep(LOAD_SECONDS)
    load.stop()
    result.require(first is not None, f"no act was acknowledged within {BACK_WAIT:.0f} s of the death of the primary")
    result.require(not load.unexpected(), f"an unexpected answer: {load.unexpected()[:1]}")
    primary.start()
    cluster.wait(lambda roles: None not in roles and "primary" in roles and "synchronous" in roles, REJOIN_SECONDS)
    return None if first is None else first - killed
