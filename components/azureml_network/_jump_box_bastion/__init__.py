"""The parts of a JumpBoxBastion: a plan from plain inputs, and the resources of it."""
