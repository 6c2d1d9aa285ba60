"""The domain kernel: which part fits which vehicle, and why. Standard library only; no I/O, no clock."""
