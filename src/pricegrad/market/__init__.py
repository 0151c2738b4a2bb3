"""The market itself: the network out of equilibrium, moved by rules that read local information only."""
