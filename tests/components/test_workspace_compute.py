"""Compute of a workspace: what is made, with which inputs, and what is refused."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import (
    PrivateWorkspaceArgs,
    WorkspaceKind,
)
from azureml_network._private_workspace.compute import ComputePlan, read_compute
from azureml_network._private_workspace.compute_resources import compute
from azureml_network._roles import RoleHolder
from azureml_rulebook.compute import duration
from azureml_rulebook.roles import ROLE_IDS, Holder, grants_of

TENANT = "11111111-1111-4111-8111-111111111111"
ADA = "33333333-3333-4333-8333-333333333333"
GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
AKS = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
WORKSPACE = {
    "resourceGroupName": "rg",
    "workspaceName": "mlw-vision-dev-7k2d",
    "location": "westeurope",
    "tags": {"environment": "test"},
}
IDENTITY = {
    "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/fake/nodes"]}
}
FIXED_NODES = ["vmSize", "vmPriority", "subnet", "enableNodePublicIp"]
FIXED_MACHINE = [
    "vmSize",
    "subnet",
    "enableNodePublicIp",
    "personalComputeInstanceSettings",
    "idleTimeBeforeShutdown",
]
ALL_KINDS = {
    "clusters": {
        "gpu": {
            "vm_size": "Standard_NC6s_v3",
            "minimum_nodes": 1,
            "maximum_nodes": 2,
            "idle_minutes": 30,
            "low_priority": True,
        }
    },
    "instances": {"ci-ada": {"user_object_id": ADA}},
    "kubernetes": {"aks-a": {"cluster_id": AKS, "namespace": "ml"}},
}


def read(
    kind: WorkspaceKind = WorkspaceKind.DEFAULT, *, managed: bool = False, **inputs: Any
) -> tuple[ComputePlan, list[str]]:
    """Read inputs; returns the plan, and every finding as a line."""
    reader = InputReader(inputs, PrivateWorkspaceArgs)
    plan = read_compute(reader, kind=kind, has_managed_network=managed)
    return plan, [str(finding) for finding in reader.findings]


@pytest.fixture(scope="module")
def make(record: Any, workspace_parts: Callable[..., Any]) -> Callable[..., Any]:
    """Make the compute of these inputs, after a resource called ``endpoint``."""

    def made(
        kind: WorkspaceKind = WorkspaceKind.DEFAULT,
        *,
        managed: bool = False,
        system_assigned: bool = False,
        **inputs: Any,
    ) -> Any:
        plan, findings = read(kind, managed=managed, **inputs)
        assert findings == []

        holder = RoleHolder(
            stem="ml",
            key="id-vision",
            principal_id="/fake/principal",
            grants=grants_of(Holder.WORKSPACE, system_assigned=system_assigned),
        )

        def program() -> None:
            compute(
                workspace_parts(),
                plan,
                identity_id="/fake/nodes",
                workspace_identity=holder,
                subscription_id="sub",
                tenant_id=TENANT,
                subnet_id="/fake/training",
                waits_for=[pulumi.CustomResource("test:index:E", "endpoint", {})],
            )

        return record(program)

    return made


@pytest.fixture(scope="module")
def everything(make: Callable[..., Any]) -> Any:
    """One of each kind, in the training subnet."""
    return make(**ALL_KINDS)


def properties(*fields: str) -> tuple[str, ...]:
    """The paths of fields of compute, as the engine names them."""
    return tuple(f"properties.properties.{field}" for field in fields)


def test_the_cluster_that_builds_images(everything: Any) -> None:
    """Its inputs, exactly: no public address, no local login, SSH closed, an identity,
    and no node while there is nothing to do."""
    assert everything.inputs("ml-cluster") == {
        **WORKSPACE,
        **IDENTITY,
        "computeName": "training-cluster",
        "properties": {
            "computeType": "AmlCompute",
            "description": "Training and image builds",
            "disableLocalAuth": True,
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "vmPriority": "Dedicated",
                "osType": "Linux",
                "enableNodePublicIp": False,
                "remoteLoginPortPublicAccess": "Disabled",
                "subnet": {"id": "/fake/training"},
                "scaleSettings": {
                    "minNodeCount": 0,
                    "maxNodeCount": 4,
                    "nodeIdleTimeBeforeScaleDown": "PT15M",
                },
            },
        },
    }


def test_a_further_cluster(everything: Any) -> None:
    """Named by its key; may have GPU nodes, and nodes that Azure may take back."""
    assert everything.inputs("ml-cluster-gpu") == {
        **WORKSPACE,
        **IDENTITY,
        "computeName": "gpu",
        "properties": {
            "computeType": "AmlCompute",
            "description": "Training",
            "disableLocalAuth": True,
            "properties": {
                "vmSize": "Standard_NC6s_v3",
                "vmPriority": "LowPriority",
                "osType": "Linux",
                "enableNodePublicIp": False,
                "remoteLoginPortPublicAccess": "Disabled",
                "subnet": {"id": "/fake/training"},
                "scaleSettings": {
                    "minNodeCount": 1,
                    "maxNodeCount": 2,
                    "nodeIdleTimeBeforeScaleDown": "PT30M",
                },
            },
        },
    }


def test_an_instance(everything: Any) -> None:
    """One person's, who alone may use it; stopped when idle; and without an identity
    of its own, with which it would never be."""
    assert everything.inputs("ml-instance-ci-ada") == {
        **WORKSPACE,
        "computeName": "ci-ada",
        "properties": {
            "computeType": "ComputeInstance",
            "disableLocalAuth": True,
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "enableNodePublicIp": False,
                "enableSSO": True,
                "subnet": {"id": "/fake/training"},
                "sshSettings": {"sshPublicAccess": "Disabled"},
                "applicationSharingPolicy": "Personal",
                "computeInstanceAuthorizationType": "personal",
                "personalComputeInstanceSettings": {
                    "assignedUser": {"objectId": ADA, "tenantId": TENANT}
                },
                "idleTimeBeforeShutdown": "PT60M",
            },
        },
    }


def test_attached_kubernetes(everything: Any) -> None:
    """By the cluster's id; jobs in it act as the nodes do elsewhere."""
    assert everything.inputs("ml-kubernetes-aks-a") == {
        **WORKSPACE,
        **IDENTITY,
        "computeName": "aks-a",
        "properties": {
            "computeType": "Kubernetes",
            "resourceId": AKS,
            "disableLocalAuth": True,
            "properties": {"namespace": "ml"},
        },
    }


ROLES_TO_ATTACH = {
    "Reader",
    "Kubernetes Extension Contributor",
    "Azure Kubernetes Service Cluster Admin Role",
}


def test_roles_come_before_a_cluster_is_attached(make: Callable[..., Any]) -> None:
    """The workspace's identity gets what attaching needs, on the cluster alone, and
    once however often that is attached; each attachment waits for it."""
    made = make(
        kubernetes={
            "aks-a": {"cluster_id": AKS},
            "aks-b": {"cluster_id": AKS.upper()},
        }
    )
    names = {ROLE_IDS[role]: role for role in ROLES_TO_ATTACH}
    assignments = made.of_type("RoleAssignment")
    given = [
        names[item.inputs["roleDefinitionId"].rpartition("/")[2]]
        for item in assignments.values()
    ]
    assert sorted(given) == sorted(ROLES_TO_ATTACH)
    for item in assignments.values():
        assert item.inputs["scope"] == AKS
        assert item.inputs["principalId"] == "/fake/principal"
        assert item.inputs["principalType"] == "ServicePrincipal"
    for name in ("ml-kubernetes-aks-a", "ml-kubernetes-aks-b"):
        assert made.waits_for(name) >= assignments.keys()
    assert not made.waits_for("ml-cluster") & assignments.keys()


def test_the_service_gives_a_system_assigned_identity_its_roles(
    make: Callable[..., Any],
) -> None:
    """They are not given a second time."""
    made = make(system_assigned=True, kubernetes=ALL_KINDS["kubernetes"])
    assert made.of_type("RoleAssignment") == {}


def test_an_online_endpoint(make: Callable[..., Any]) -> None:
    """Closed to the public; callers sign in with Entra ID, and there are no keys."""
    made = make(managed=True, online_endpoints={"churn": {"description": "Who goes"}})
    assert made.inputs("ml-online-endpoint-churn") == {
        **WORKSPACE,
        **IDENTITY,
        "endpointName": "churn",
        "kind": "Managed",
        "properties": {
            "authMode": "AADToken",
            "description": "Who goes",
            "publicNetworkAccess": "Disabled",
        },
    }


def test_nothing_is_in_a_subnet_of_a_managed_network(make: Callable[..., Any]) -> None:
    """C15: with a managed network no compute names a subnet, and none is public."""
    made = make(managed=True, **ALL_KINDS)
    for item in made.of_type("Compute").values():
        settings = item.inputs["properties"]["properties"]
        assert "subnet" not in settings
        assert settings.get("enableNodePublicIp", False) is False


def test_compute_comes_last(make: Callable[..., Any]) -> None:
    """Each waits for the endpoints that it is told to wait for."""
    made = make(managed=True, **ALL_KINDS, online_endpoints={"churn": {}})
    everything = made.of_type("Compute") | made.of_type("OnlineEndpoint")
    assert len(everything) == 5
    assert all("endpoint" in made.waits_for(name) for name in everything)


def test_what_azure_keeps_as_it_was_made(everything: Any) -> None:
    """A change that Azure would not take replaces, and shows so in the preview; names
    are fixed, so that the old one goes first."""
    resources = everything.resources
    for name, fixed in (
        ("ml-cluster", properties(*FIXED_NODES)),
        ("ml-cluster-gpu", properties(*FIXED_NODES)),
        ("ml-instance-ci-ada", properties(*FIXED_MACHINE)),
        (
            "ml-kubernetes-aks-a",
            ("properties.resourceId", "properties.properties.namespace"),
        ),
    ):
        assert resources[name].replace_on_changes == fixed
        assert resources[name].deletes_first is True


@pytest.mark.parametrize(
    ("kind", "managed", "in_own_subnet", "builder"),
    [
        (WorkspaceKind.DEFAULT, False, True, "training-cluster"),
        (WorkspaceKind.DEFAULT, True, False, "training-cluster"),
        (WorkspaceKind.HUB, True, False, None),
        (WorkspaceKind.PROJECT, False, False, None),
    ],
)
def test_where_nodes_are_and_what_builds_images(
    kind: WorkspaceKind, managed: bool, in_own_subnet: bool, builder: str | None
) -> None:
    """In the training subnet only of the default kind without a managed network; only
    the default kind has a cluster."""
    plan, findings = read(kind, managed=managed)
    assert findings == []
    assert plan.in_own_subnet is in_own_subnet
    assert plan.image_build_cluster == builder
    assert list(plan.clusters) == ([builder] if builder else [])


def test_other_kinds_have_instances_and_endpoints(make: Callable[..., Any]) -> None:
    """A hub's instances serve its projects; a project uses its hub's network."""
    hub = make(WorkspaceKind.HUB, managed=True, instances=ALL_KINDS["instances"])
    assert list(hub.of_type("Compute")) == ["ml-instance-ci-ada"]
    project = make(WorkspaceKind.PROJECT, online_endpoints={"churn": {}})
    assert list(project.of_type("OnlineEndpoint")) == ["ml-online-endpoint-churn"]


def test_values_known_only_later_are_taken(make: Callable[..., Any]) -> None:
    """A person's id and a cluster's may be outputs; they are checked by Azure then."""
    made = make(
        instances={"ci-ada": {"user_object_id": pulumi.Output.from_input(ADA)}},
        kubernetes={"aks-a": {"cluster_id": pulumi.Output.secret(AKS)}},
    )
    instance = made.inputs("ml-instance-ci-ada")["properties"]["properties"]
    user = instance["personalComputeInstanceSettings"]["assignedUser"]
    assert user["objectId"] == ADA
    attached = made.inputs("ml-kubernetes-aks-a")["properties"]["resourceId"]
    assert attached["value"] == AKS


def test_order_of_writing_changes_nothing() -> None:
    """What is written in another order makes the same plan, in the same order."""
    specs = {name: {} for name in ("cpu-b", "cpu-a")}
    there, _ = read(clusters=specs)
    back, _ = read(clusters=dict(reversed(specs.items())))
    assert list(there.clusters) == ["training-cluster", "cpu-a", "cpu-b"]
    assert list(there.clusters.items()) == list(back.clusters.items())


BAD: list[tuple[dict[str, Any], str, str]] = [
    # (inputs, path, part of the message)
    ({"cluster": {"vm_size": "DS3"}}, "cluster.vm_size", "is not a machine size"),
    (
        {"cluster": {"vm_size": "Standard_ND40rs_v2"}},
        "cluster.vm_size",
        "put GPU nodes into one of `clusters`",
    ),
    ({"cluster": {"minimum_nodes": -1}}, "cluster.minimum_nodes", "-1 is negative"),
    ({"cluster": {"maximum_nodes": 0}}, "cluster.maximum_nodes", "0 is below 1"),
    ({"cluster": {"minimum_nodes": 9}}, "cluster.minimum_nodes", "maximum_nodes (4)"),
    ({"cluster": {"idle_minutes": 0}}, "cluster.idle_minutes", "0 is below 1"),
    ({"cluster": {"low_priority": "no"}}, "cluster.low_priority", "true or false"),
    ({"cluster": {"size": "big"}}, "cluster.size", "is not a known input"),
    ({"clusters": ["gpu"]}, "clusters", "a mapping from names to objects"),
    ({"clusters": {"gpu": 4}}, "clusters.gpu", "is not an object"),
    ({"clusters": {"ab": {}}}, "clusters.ab", "2 characters; Azure allows 3 to 16"),
    ({"clusters": {"a" * 17: {}}}, f"clusters.{'a' * 17}", "shorten it by 1"),
    ({"clusters": {"gpu-1": {}}}, "clusters.gpu-1", "behind the last hyphen"),
    ({"clusters": {"1gpu": {}}}, "clusters.1gpu", "beginning with a letter"),
    ({"clusters": {"g_p_u": {}}}, "clusters.g_p_u", "letters, digits and hyphens"),
    (
        {"clusters": {"gpu": {"vm_size": "Big"}}},
        "clusters.gpu.vm_size",
        "is not a machine size",
    ),
    (
        {"clusters": {"Training-Cluster": {}}},
        "clusters.Training-Cluster",
        "is that of cluster too",
    ),
    (
        {"clusters": {"ada": {}}, "instances": {"ADA": {"user_object_id": ADA}}},
        "instances.ADA",
        "is that of clusters.ada too",
    ),
    (
        {
            "instances": {"ada": {"user_object_id": ADA}},
            "kubernetes": {"ada": {"cluster_id": AKS}},
        },
        "kubernetes.ada",
        "is that of instances.ada too",
    ),
    ({"instances": {"ada": {}}}, "instances.ada.user_object_id", "is required"),
    (
        {"instances": {"ada": {"user_object_id": "ada@contoso.com"}}},
        "instances.ada.user_object_id",
        "'ada@contoso.com' is not an object id",
    ),
    (
        {"instances": {"ada": {"user_object_id": ADA, "idle_minutes": 14}}},
        "instances.ada.idle_minutes",
        "14 is not allowed; use 15 minutes to 4320",
    ),
    (
        {"instances": {"ada": {"user_object_id": ADA, "idle_minutes": 4321}}},
        "instances.ada.idle_minutes",
        "4321 is not allowed",
    ),
    (
        {"instances": {"ada": {"user_object_id": ADA, "vm_size": "x"}}},
        "instances.ada.vm_size",
        "is not a machine size",
    ),
    (
        {"instances": {"a" * 25: {"user_object_id": ADA}}},
        f"instances.{'a' * 25}",
        "Azure allows 3 to 24",
    ),
    (
        {"instances": {"ci-ada-2": {"user_object_id": ADA}}},
        "instances.ci-ada-2",
        "behind the last hyphen",
    ),
    ({"kubernetes": {"aks": {}}}, "kubernetes.aks.cluster_id", "is required"),
    (
        {"kubernetes": {"aks": {"cluster_id": "aks"}}},
        "kubernetes.aks.cluster_id",
        "'aks' is not a resource id",
    ),
    (
        {"kubernetes": {"aks": {"cluster_id": AKS.replace("managedC", "c")}}},
        "kubernetes.aks.cluster_id",
        "is the id of a Microsoft.ContainerService/clusters",
    ),
    (
        {"kubernetes": {"aks": {"cluster_id": AKS, "namespace": "ML"}}},
        "kubernetes.aks.namespace",
        "'ML' is not the name of a namespace",
    ),
    (
        {"online_endpoints": {"churn": {}}},
        "online_endpoints",
        "set managed_network, or serve models from a cluster of `kubernetes`",
    ),
    (
        {"training_subnet_prefix": "10.20.0.1/25"},
        "training_subnet_prefix",
        "10.20.0.1/25",
    ),
    (
        {"cluster": {"maximum_nodes": 12}, "training_subnet_prefix": "10.20.0.0/28"},
        "cluster.maximum_nodes",
        "/28 has 11 usable addresses and the 12 nodes of cluster 'training-cluster' "
        "need 12; use /27 or larger",
    ),
    (
        {
            "cluster": {"maximum_nodes": 9},
            "clusters": {"gpu": {"maximum_nodes": 2}},
            "instances": {"ada": {"user_object_id": ADA}},
            "training_subnet_prefix": "10.20.0.0/28",
        },
        "training_subnet_prefix",
        "/28 has 11 usable addresses and the 9 nodes of cluster 'training-cluster' (9) "
        "and the 2 nodes of cluster 'gpu' (2) and instance 'ada' (1) need 12; use /27 "
        "or larger",
    ),
]


@pytest.mark.parametrize(("inputs", "path", "message"), BAD, ids=range(len(BAD)))
def test_bad_inputs(inputs: dict[str, Any], path: str, message: str) -> None:
    """Each is refused once, with the input's path, its value and what to change."""
    _, findings = read(**inputs)
    (finding,) = findings
    assert finding.startswith(f"{path}: ")
    assert message in finding


def test_everything_that_is_wrong_is_told_together() -> None:
    """One run finds the faults of every kind of compute."""
    _, findings = read(
        cluster={"maximum_nodes": 0},
        clusters={"gpu": {"vm_size": "x"}},
        instances={"ada": {"idle_minutes": 1}},
        online_endpoints={"x": {}},
    )
    assert [finding.partition(":")[0] for finding in findings] == [
        "cluster.maximum_nodes",
        "clusters.gpu.vm_size",
        "instances.ada.user_object_id",
        "instances.ada.idle_minutes",
        "online_endpoints.x",
        "online_endpoints",
    ]


@pytest.mark.parametrize("kind", [WorkspaceKind.HUB, WorkspaceKind.PROJECT])
@pytest.mark.parametrize("key", ["cluster", "clusters"])
def test_hubs_and_projects_have_no_clusters(kind: WorkspaceKind, key: str) -> None:
    """Azure has none there; serverless compute is named instead."""
    _, findings = read(kind, managed=True, **{key: {"gpu": {}}})
    assert findings == [
        f"{key}: a workspace of kind {kind} has no compute clusters; leave it out, "
        "jobs run on serverless compute (https://learn.microsoft.com/azure/"
        "machine-learning/concept-hub-workspace#supported-capabilities-by-workspace-"
        "kind)"
    ]


def test_instances_of_a_hub_need_its_managed_network() -> None:
    """There is no other network that they could be in."""
    instances = {"ada": {"user_object_id": ADA}}
    _, findings = read(WorkspaceKind.HUB, instances=instances)
    (finding,) = findings
    assert finding.startswith("instances: a workspace of kind Hub cannot use the")


def test_the_range_of_a_subnet_that_nothing_is_in_is_not_looked_at() -> None:
    """With a managed network nodes take no address of the training subnet."""
    _, findings = read(
        managed=True,
        cluster={"maximum_nodes": 500},
        training_subnet_prefix="10.20.0.0/28",
    )
    assert findings == []


@given(
    nodes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    instances=st.integers(0, 3),
    length=st.integers(24, 29),
)
def test_all_compute_fits_or_is_refused(
    nodes: list[int], instances: int, length: int
) -> None:
    """Refused exactly if nodes and instances together are more than the subnet's
    usable addresses."""
    first, *further = nodes
    _, findings = read(
        cluster={"maximum_nodes": first},
        clusters={
            f"c-{letter}": {"maximum_nodes": count}
            for letter, count in zip("abc", further, strict=False)
        },
        instances={
            f"i-{letter}": {"user_object_id": ADA} for letter in "xyz"[:instances]
        },
        training_subnet_prefix=f"10.20.0.0/{length}",
    )
    usable = 2 ** (32 - length) - 5
    assert bool(findings) == (sum(nodes) + instances > usable)


@given(st.integers(1, 5000))
def test_durations_are_iso_8601(minutes: int) -> None:
    """Minutes are written so that they can be read back."""
    text = duration(minutes)
    assert text.startswith("PT") and text.endswith("M")
    assert int(text[2:-1]) == minutes
