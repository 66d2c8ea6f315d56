"""Mocktill: a stateful sandbox for purchase APIs."""
