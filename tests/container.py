"""What a container engine does before it starts a container's process, as a program of its own: it is run in the new
namespaces by an interpreter without any of ours. Its argument is JSON: `Setup`, then what to run as whom.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys

SIOCSIFFLAGS = 0x8914
UP_AND_RUNNING = 0x41


def bring_loopback_up() -> None:
    """Let there be 127.0.0.1, and nothing beside it."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", UP_AND_RUNNING))


def show(folder: str, place: str) -> None:
    """Let everyone reach a folder, though it be in somebody's home; `place` is an empty folder to hold it meanwhile."""
    parts = folder.strip("/").split("/")
    above = ["/" + "/".join(parts[:count]) for count in range(1, len(parts))]
    closed = [path for path in above if not os.stat(path).st_mode & 0o001]
    if closed:
        mount("--bind", folder, place)
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", closed[0])
        os.makedirs(folder)
        mount("--bind", place, folder)


def forbid_writing() -> None:
    """Make everything read-only that is mounted, as `docker run --read-only` does."""
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        places = [line.split()[1] for line in mounts]
    for place in places:
        subprocess.run(["mount", "-o", "remount,bind,ro", place], capture_output=True, check=False)


def mount(*arguments: str) -> None:
    """Mount something."""
    subprocess.run(["mount", *arguments], check=True)


def become(uid: int, gid: int) -> None:
    """Be nobody but that user from now on."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main() -> None:
    """Do as the argument says, and turn into the process."""
    told = json.loads(sys.argv[1])
    if told["fresh"]:
        bring_loopback_up()
        show(told["interpreter"], told["place"])
        forbid_writing()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # as every container begins; this interpreter ignores some
    if told["user"] is not None:
        become(*told["user"])
    os.chdir(told["cwd"])
    os.execvpe(told["command"][0], told["command"], told["env"])


if __name__ == "__main__":
    main()
