"""The ways in: the server and the command line."""
