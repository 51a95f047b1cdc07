"""Rules for networks that the service manages: how closed, and what they let out.

The outbound rules stand inline in the workspace, or as resources of their own.
"""

from collections.abc import Callable, Iterable, Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Known,
    Reading,
    Resource,
    Unknown,
    Violation,
    must_be,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import MCSB_V2, assigned
from azureml_policies._plan import WORKSPACE
from azureml_policies._workspaces import (
    perhaps,
    unless_hub_project,
)
from azureml_rulebook import findings as rulebook
from azureml_rulebook.managed_network import (
    APPROVED_OUTBOUND,
    FQDN,
    INTERNET_OUTBOUND,
    MANAGED_NETWORK_PAGE,
    PRIVATE_ENDPOINT,
    SERVICE_TAG,
)
from azureml_rulebook.managed_outbound import (
    host_rule_findings,
    port_findings,
    wide_prefix_findings,
    wide_tag_findings,
)

OUTBOUND_RULE = "machinelearningservices:ManagedNetworkSettingsRule"
_DISABLED = "Disabled"
_MODE = "managedNetwork.isolationMode"


@resource_rule(
    id="ML004",
    name="ml-workspace-managed-network-mode",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    settings={
        "allowedModes": {
            "type": "array",
            "items": {
                "type": "string",
                "enum": [APPROVED_OUTBOUND, _DISABLED, INTERNET_OUTBOUND],
            },
            "default": [APPROVED_OUTBOUND, _DISABLED],
            "description": "Isolation modes that a workspace may have. Disabled, which "
            "counts where none is set too: compute lives in a network of yours. "
            "AllowInternetOutbound opens the whole Internet to compute",
        }
    },
    controls=(Control(MCSB_V2, "NS-2"),),
    azure_policies=("6ddb1705-c8cf-450e-aa4b-19ad6703c440",),
    steps="Set managedNetwork.isolationMode to AllowOnlyApprovedOutbound when the "
    "workspace is made, with a rule for each destination: the mode cannot go back to "
    "Disabled, and changing it makes the network anew.",
    url=MANAGED_NETWORK_PAGE,
    bad={"managedNetwork": {"isolationMode": INTERNET_OUTBOUND}},
    good={"managedNetwork": {"isolationMode": APPROVED_OUTBOUND}},
)
def managed_network_mode(workspace: Resource, context: Context) -> Iterator[Finding]:
    """The managed network of a workspace lets out what is approved, and no more."""
    modes = context.settings["allowedModes"]
    unset = "" if _DISABLED in modes else "compute has no managed network"
    findings = must_be(workspace, _MODE, *modes, unset=unset)
    yield from unless_hub_project(workspace, findings)


@resource_rule(
    id="ML005",
    name="ml-managed-network-outbound-narrow",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(WORKSPACE, OUTBOUND_RULE),
    controls=(assigned("NS-2"), assigned("DP-2")),
    twins=("checkov:CKV_AZURE_243",),
    steps="Name hosts, the tags of services and the ports that they use. Reach storage "
    "accounts by rules of type PrivateEndpoint.",
    url=MANAGED_NETWORK_PAGE,
    bad={
        "managedNetwork": {
            "outboundRules": {"packages": {"type": FQDN, "destination": "*.org"}}
        }
    },
    good={
        "managedNetwork": {
            "outboundRules": {
                "packages": {"type": FQDN, "destination": "packages.example.com"}
            }
        }
    },
)
def managed_network_outbound_narrow(
    subject: Resource, context: Context
) -> Iterator[Finding]:
    """No outbound rule of a managed network opens the Internet, or nearly all ports."""
    if subject.key == OUTBOUND_RULE.lower():
        yield from _rule_findings(subject.value("properties"))
        return
    for rule in subject.value("managedNetwork.outboundRules").entries().values():
        yield from _rule_findings(rule)


def _rule_findings(rule: Reading) -> Iterator[Finding]:
    kind = rule.at("type")
    match kind:
        case Unknown():
            yield undecided(kind, "what the rule opens depends on it")
        case Known() if kind.is_any_of((FQDN,)):
            yield from _judged(rule.at("destination"), host_rule_findings)
        case Known() if kind.is_any_of((SERVICE_TAG,)):
            yield from _tag_rule_findings(rule.at("destination"))
        case Known() if kind.is_any_of((PRIVATE_ENDPOINT,)):
            pass
        case _:
            given = kind.text if isinstance(kind, Known) else "missing"
            yield Violation(
                kind.path,
                f"{kind.path} is {given}, so what the rule opens cannot be judged; set "
                f"it to '{FQDN}', '{SERVICE_TAG}' or '{PRIVATE_ENDPOINT}'",
            )


def _tag_rule_findings(destination: Reading) -> Iterator[Finding]:
    action = destination.at("action")
    findings = (*_place_findings(destination), *_port_findings(destination))
    match action:
        case Known() if action.is_any_of(("Deny",)):
            return
        case Unknown():
            yield from perhaps(action, "it is 'Allow'", findings)
        case _:
            yield from findings


def _place_findings(destination: Reading) -> Iterator[Finding]:
    """Judge where a tag rule leads to: its ranges, if it has any, in place of its tag
    (``MANAGED_NETWORK_PAGE``)."""
    ranges = destination.at("addressPrefixes")
    match ranges:
        case Unknown():
            yield undecided(ranges, "no range may be wider than one owner has")
        case Known(value=[_, *_]):
            for each in ranges.elements():
                yield from _judged(each, wide_prefix_findings)
        case _:
            yield from _judged(destination.at("serviceTag"), wide_tag_findings)


def _port_findings(destination: Reading) -> Iterator[Finding]:
    protocol = destination.at("protocol")
    name = str(protocol.value) if isinstance(protocol, Known) else ""
    if name.upper() == "ICMP":
        return

    def judge(ports: str, *, path: str) -> list[rulebook.Finding]:
        return port_findings(ports, name, path=path)

    yield from _judged(destination.at("portRanges"), judge)


def _judged(
    reading: Reading, judge: Callable[..., Iterable[rulebook.Finding]]
) -> Iterator[Finding]:
    """Yield what ``judge`` finds about the text of ``reading``, which has to be set."""
    path = reading.path
    match reading:
        case Unknown():
            yield undecided(reading, "it must not open more than is needed")
        case Known(value=str() as text, is_blank=False):
            for finding in judge(text, path=path):
                told = "opens too much" if reading.secret else finding.message
                yield Violation(path, f"{path}: {told}")
        case Known(is_blank=False):
            yield Violation(path, f"{path} is {reading.text}; set it to a text")
        case _:
            yield Violation(path, f"{path} is missing: it may open all; set it")
