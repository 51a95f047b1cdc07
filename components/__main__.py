"""Serve the components to programs in any Pulumi language."""

import sys
from pathlib import Path

from pulumi.provider.experimental import component_provider_host

# The plugin runs from this folder without being installed.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from azureml_network._plugin import COMPONENTS, NAME  # noqa: E402
from azureml_network._version import VERSION  # noqa: E402

if __name__ == "__main__":
    component_provider_host(COMPONENTS, name=NAME, version=VERSION)
