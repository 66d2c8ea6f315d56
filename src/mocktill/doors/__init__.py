"""The ways in: the server, calls that never leave the process, pytest, a client from afar, and the command line."""
