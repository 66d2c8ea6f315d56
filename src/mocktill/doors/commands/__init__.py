"""The commands that steer a running server, and what they print."""
