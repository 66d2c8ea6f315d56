"""Steering a sandbox from outside."""
