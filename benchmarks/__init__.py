"""Measurements, as ratios against a peer or a floor in the same run. docs/benchmarks.md keeps the numbers."""
