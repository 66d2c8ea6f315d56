"""The rules of a sandbox; knows no vendor, no server, no browser."""
