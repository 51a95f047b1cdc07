"""Groups of which everybody knows whether the Internet reaches TCP 22 through them.

The rules are configuration, so that the test says them once: group name to rules, in
the properties of Azure. Sources of the group that is called secret are secrets.
"""

import pulumi
import pulumi_azure_native as azure

resource_group = azure.resources.ResourceGroup("group", location="westeurope")
for name, rules in pulumi.Config().require_object("groups").items():
    if name == "nsg-secret":
        for rule in rules:
            source = pulumi.Output.secret(rule["sourceAddressPrefix"])
            rule["sourceAddressPrefix"] = source
    azure.network.NetworkSecurityGroup(
        name,
        network_security_group_name=name,
        resource_group_name=resource_group.name,
        location="westeurope",
        security_rules=rules,
    )
