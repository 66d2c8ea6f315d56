"""Benchmarks: run by `make bench`, never by the tests. They print figures and ratios, and judge nothing."""
