"""What a type of azure-native is called, whatever version and module it is named by."""

from functools import lru_cache

_FORMER_KEYS = {
    "insights:actiongroup": "monitor:actiongroup",
    "insights:component": "applicationinsights:component",
    "insights:datacollectionendpoint": "monitor:datacollectionendpoint",
    "insights:datacollectionrule": "monitor:datacollectionrule",
    "insights:datacollectionruleassociation": "monitor:datacollectionruleassociation",
    "insights:diagnosticsetting": "monitor:diagnosticsetting",
    "insights:metricalert": "monitor:metricalert",
    "insights:privatelinkscope": "monitor:privatelinkscope",
    "insights:privatelinkscopedresource": "monitor:privatelinkscopedresource",
    "machinelearningservices:machinelearningcompute": "machinelearningservices:compute",
    "machinelearningservices:machinelearningdatastore": (
        "machinelearningservices:datastore"
    ),
    "network:dnsforwardingruleset": "dnsresolver:dnsforwardingruleset",
    "network:dnsresolver": "dnsresolver:dnsresolver",
    "network:forwardingrule": "dnsresolver:forwardingrule",
    "network:inboundendpoint": "dnsresolver:inboundendpoint",
    "network:outboundendpoint": "dnsresolver:outboundendpoint",
    "network:privaterecordset": "privatedns:privaterecordset",
    "network:privateresolvervirtualnetworklink": (
        "dnsresolver:privateresolvervirtualnetworklink"
    ),
    "network:privatezone": "privatedns:privatezone",
    "network:virtualnetworklink": "privatedns:virtualnetworklink",
}
"""Where older versions of the provider had a type, to where it is now: from the aliases
of pulumi_azure_native 3.29.0."""


@lru_cache(maxsize=4096)
def type_key(token: str) -> str:
    """Return ``module:resource`` in lower case for a type of azure-native, else "".

    The API version does not matter, wherever it stands:
    ``azure-native:storage/v20240101:StorageAccount`` and
    ``azure-native_storage_v20240101:storage:StorageAccount`` both give
    ``storage:storageaccount``. A type that has moved since has the key of today:
    ``azure-native:network:PrivateZone`` gives ``privatedns:privatezone``.
    """
    package, _, rest = token.partition(":")
    module, _, resource = rest.partition(":")
    if package != "azure-native" and not package.startswith("azure-native_"):
        return ""
    key = f"{module.partition('/')[0]}:{resource}".lower()
    return _FORMER_KEYS.get(key, key)
