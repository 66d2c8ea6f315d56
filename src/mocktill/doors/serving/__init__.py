"""The server door: granian on a socket of ours, its edge, its bounds, and what it keeps in files."""
