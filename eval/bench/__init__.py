"""Benchmarks: ratios of things measured in the same run, never absolute promises."""
