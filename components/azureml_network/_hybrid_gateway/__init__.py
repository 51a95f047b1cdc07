"""The parts of a HybridGateway: plans from plain inputs, and the resources of them."""
