"""A running server from Python: `Remote`, and `RemoteSandbox` with the methods of a `Sandbox` in this process."""

from mocktill.doors.remote.server import Listed as Listed
from mocktill.doors.remote.server import Remote as Remote
from mocktill.doors.remote.server import RemoteSandbox as RemoteSandbox
