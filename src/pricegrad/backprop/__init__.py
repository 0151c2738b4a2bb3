"""Code in, derivative code out. Knows nothing of economics."""
