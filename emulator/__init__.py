"""The emulated Azure."""
