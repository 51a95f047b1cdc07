"""The parts of a PrivateWorkspace: its plan from plain inputs, and its resources."""
