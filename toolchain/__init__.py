"""The Pulumi engine and the Python language host, found or built."""
