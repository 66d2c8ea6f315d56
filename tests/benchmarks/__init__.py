"""Benchmarks: run by `make bench`. They print figures and ratios, and judge nothing; tests see to their manners."""
