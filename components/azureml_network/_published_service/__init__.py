"""The parts of a PublishedService and of its consumers."""
