"""`python -m mocktill` is the command line."""

from mocktill.doors.cli import main

main()
