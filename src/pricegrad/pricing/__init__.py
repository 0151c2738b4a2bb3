"""Prices of a given plan by two sweeps, prices from costs, what a shock does to them, and why they are so."""
