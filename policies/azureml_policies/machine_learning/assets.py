"""Rules for what workspaces share and read: registries of models, and datastores."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import Context, Finding, Resource, must_be, resource_rule
from azureml_policies._frameworks import assigned
from azureml_policies._workspaces import DOCS

ASSET_REGISTRY = "machinelearningservices:Registry"
DATASTORE = "machinelearningservices:Datastore"


@resource_rule(
    id="ML024",
    name="ml-registry-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ASSET_REGISTRY,),
    controls=(assigned("NS-2"),),
    remedy={"publicNetworkAccess": "Disabled"},
    steps="Set publicNetworkAccess to Disabled on the registry and give it a private "
    "endpoint with the group id amlregistry.",
    url=f"{DOCS}/how-to-registry-network-isolation",
    bad={"publicNetworkAccess": "Enabled"},
    good={"publicNetworkAccess": "Disabled"},
)
def asset_registry_no_public_access(
    registry: Resource, context: Context
) -> Iterator[Finding]:
    """A registry of models and environments is not reachable from public networks."""
    yield from must_be(
        registry,
        "publicNetworkAccess",
        "Disabled",
        unset="Azure opens a registry that does not say",
    )


@resource_rule(
    id="ML025",
    name="ml-datastore-no-keys",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(DATASTORE,),
    controls=(assigned("IM-1"),),
    steps="Set properties.credentials.credentialsType to None and give people and "
    "compute their roles on the storage account: data are read as whoever asks.",
    url=f"{DOCS}/how-to-identity-based-service-authentication",
    bad={
        "properties": {
            "datastoreType": "AzureBlob",
            "credentials": {"credentialsType": "AccountKey"},
        }
    },
    good={
        "properties": {
            "datastoreType": "AzureBlob",
            "credentials": {"credentialsType": "None"},
        }
    },
)
def datastore_no_keys(datastore: Resource, context: Context) -> Iterator[Finding]:
    """A datastore keeps no keys, tokens or certificates."""
    yield from must_be(
        datastore,
        "properties.credentials.credentialsType",
        "None",
        unset="nothing says what the data are read with",
    )
