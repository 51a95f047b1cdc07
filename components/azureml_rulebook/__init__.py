"""What Azure demands."""
