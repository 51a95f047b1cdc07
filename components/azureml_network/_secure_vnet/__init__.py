"""The parts of a SecureVnet: its plan from plain inputs, and the resources from it."""
