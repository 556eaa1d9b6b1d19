"""Where the harness works, and how it leaves nothing behind: child processes that die with it, mounts that only it sees.

Does not belong here: anything about the product.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "faults"

COUNTY_SECONDS_MAX = 86_400
COMMAND_SECONDS_MAX = 300

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_CLONE_NEWNS = 0x20000


def dies_with_us():
    """For `preexec_fn`: the kernel kills this child when the harness is gone, however it went."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def command(words):
    """Runs a command to its end. Raises `RuntimeError` with what it said if it failed."""
    ran = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX)
    if ran.returncode != 0:
        raise RuntimeError(f"{words[0]}: exit code {ran.returncode}: {ran.stderr[-400:]}{ran.stdout[-200:]}")


def stop_on_signals():
    """SIGTERM and SIGHUP unwind like Ctrl-C, so that every `finally` runs."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))


def fresh(name):
    """An empty folder of this process."""
    folder = WORK / f"{name}.{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def sweep():
    """Removes what runs that were killed have left, and counties of binaries of yesterday; those that still run keep theirs."""
    for made in [*WORK.glob("county-*"), *WORK.glob("demo-*")]:
        if time.time() - made.stat().st_mtime > COUNTY_SECONDS_MAX:
            shutil.rmtree(made, ignore_errors=True)
    for folder in WORK.glob("*.*"):
        number = folder.suffix[1:]
        if folder.is_dir() and number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def private_mounts():
    """From here on mounts are seen by this process and its children only and end with them. False: not allowed."""
    if _LIBC.unshare(_CLONE_NEWNS) != 0:
        return False
    made = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True)
    return made.returncode == 0


class Image:
    """A small ext4 file system in a file."""

    def __init__(self, file, mebibytes):
        self.file, self.at = Path(file), Path(f"{file}.mounted")
        with open(self.file, "wb") as image:
            image.truncate(mebibytes << 20)
        # No space kept for root, or root would write on when the disk is full.
        subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", self.file], check=True, capture_output=True)

    @classmethod
    def of(cls, file):
        """One that is there already."""
        image = cls.__new__(cls)
        image.file, image.at = Path(file), Path(f"{file}.mounted")
        return image

    def __enter__(self):
        self.at.mkdir(exist_ok=True)
        # The journal writes only when it is asked to: nothing reaches the image that nobody synced.
        subprocess.run(["mount", "-o", "loop,commit=300", self.file, self.at], check=True, capture_output=True)
        return self.at

    def __exit__(self, *_):
        ended = subprocess.run(["umount", self.at], capture_output=True)
        if ended.returncode != 0:
            subprocess.run(["umount", "-l", self.at], capture_output=True)


def loop_missing():
    """Why no loop image can be mounted here; none if it can."""
    for tool in ("mkfs.ext4", "mount", "losetup"):
        if shutil.which(tool, path=os.environ.get("PATH", "") + ":/sbin:/usr/sbin") is None:
            return f"{tool} is missing"
    if os.geteuid() != 0:
        return "mounting needs root"
    folder = fresh("probe")
    try:
        pid = os.fork()
        if pid == 0:
            os._exit(_try_mount(folder))
        return None if os.waitpid(pid, 0)[1] == 0 else "no loop device can be mounted"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try_mount(folder):
    try:
        if private_mounts():
            with Image(folder / "image", 4):
                return 0
    except (OSError, subprocess.SubprocessError):
        pass
    return 1
