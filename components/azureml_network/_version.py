"""The package's version, the one place for pip, the plugin host and the schema."""

VERSION = "0.1.0"
