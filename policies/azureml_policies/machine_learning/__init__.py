"""The rules for Azure Machine Learning, a module per subject."""

from azureml_policies.machine_learning import (
    assets,
    compute,
    compute_instances,
    managed_networks,
    online_endpoints,
    workspace_compute,
    workspaces,
)

MODULES = (
    workspaces,
    workspace_compute,
    managed_networks,
    compute,
    compute_instances,
    online_endpoints,
    assets,
)
