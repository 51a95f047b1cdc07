"""The rules for storage accounts, a module per subject.

The workspace keeps data, notebooks and logs in its account, so the account has to be
as closed as the workspace.
"""

from azureml_policies.storage import access, networks, protection

MODULES = (networks, access, protection)
