"""Reading a plan's resources into a topology, part by part."""
