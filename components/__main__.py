"""Serve the components to programs in any Pulumi language."""

import sys
from pathlib import Path

# The plugin runs from this folder without being installed.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from pulumi.provider.experimental import component_provider_host  # noqa: E402

from azureml_network import PrivateWorkspace, SecureVnet, __version__  # noqa: E402

if __name__ == "__main__":
    component_provider_host(
        [PrivateWorkspace, SecureVnet],
        name="azureml-network",
        version=__version__,
    )
