"""Calls of HTTP clients in this process, answered without a socket, or led to a server: none reaches a real vendor."""
