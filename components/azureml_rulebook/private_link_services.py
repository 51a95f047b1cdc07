"""What a Private Link service takes: its addresses, who sees it, who is let in.

Consumers come from addresses of the service's own network, so that theirs may overlap
with it; who may ask for a connection, and who is let in without asking, are two lists,
and an asterisk in either opens it to everybody who knows the alias.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network

from azureml_rulebook.address_ranges import length_for, usable_addresses
from azureml_rulebook.findings import Finding
from azureml_rulebook.locks import LOCKS_PAGE
from azureml_rulebook.resource_ids import (
    any_resource_id,
    subscription_id_findings,
)

_LEARN = "https://learn.microsoft.com/azure/private-link"
SERVICE_PAGE = f"{_LEARN}/private-link-service-overview"
_POLICIES_PAGE = f"{_LEARN}/disable-private-link-service-network-policy"
_ENDPOINT_PAGE = f"{_LEARN}/private-endpoint-overview"

FEWEST_ADDRESSES = 1
MOST_ADDRESSES = 8
"""Addresses that consumers of one service come from (``SERVICE_PAGE``)."""

LONGEST_REQUEST = 140
"""Characters of the message to a service's owner (https://learn.microsoft.com/rest/api/
virtualnetwork/private-endpoints/create-or-update)."""

EVERYBODY = "*"
"""In the place of subscriptions: every one in Azure (``SERVICE_PAGE``)."""

# Prefix, an id of Azure's, the region and a fixed end (``SERVICE_PAGE``).
_ALIAS = re.compile(
    r"[a-z0-9]([a-z0-9_.-]*[a-z0-9_])?\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"\.[a-z0-9]+\.azure\.privatelinkservice",
    re.IGNORECASE,
)


def address_count_findings(count: int, *, path: str) -> list[Finding]:
    """Check how many addresses consumers come from."""
    if FEWEST_ADDRESSES <= count <= MOST_ADDRESSES:
        return []
    return [
        Finding(
            path,
            f"{count} is not allowed; use {FEWEST_ADDRESSES} to {MOST_ADDRESSES} "
            f"({SERVICE_PAGE})",
        )
    ]


def subnet_size_findings(
    subnet: IPv4Network, count: int, *, path: str
) -> list[Finding]:
    """Check that a subnet has ``count`` addresses to give away.

    Whoever grows later needs room for ``MOST_ADDRESSES``: an address that a service has
    is never taken away, and a subnet in use never grows (``SERVICE_PAGE``).
    """
    usable = usable_addresses(subnet)
    if usable >= count:
        return []
    return [
        Finding(
            path,
            f"'{subnet}' has {usable} usable addresses and the Private Link service "
            f"takes {count}; use a subnet of /{length_for(MOST_ADDRESSES)} or larger, "
            f"with which it can grow to {MOST_ADDRESSES} ({SERVICE_PAGE})",
        )
    ]


def audience_findings(
    visible_to: Sequence[str],
    approved_for: Sequence[str],
    *,
    path: str = "private_link",
) -> list[Finding]:
    """Check who may ask for a connection, and who is let in at once.

    Each entry is a subscription's id, or ``EVERYBODY`` alone; who is let in at once
    must be among those who may ask (``SERVICE_PAGE``).
    """
    findings = [
        *_subscriptions(visible_to, f"{path}.visible_to"),
        *_subscriptions(approved_for, f"{path}.approved_for"),
    ]
    if findings or EVERYBODY in visible_to:
        return findings
    visible = {item.lower() for item in visible_to}
    return [
        Finding(
            f"{path}.approved_for[{index}]",
            f"'{item}' is not among visible_to, and only who may ask can be let in; "
            f"add it there, or leave it out ({SERVICE_PAGE})",
        )
        for index, item in enumerate(approved_for)
        if item.lower() not in visible
    ]


def audience_warnings(
    visible_to: Iterable[str],
    approved_for: Iterable[str],
    *,
    path: str = "private_link",
) -> tuple[str, ...]:
    """What a review is told of a service that is open to everybody, a line for each."""
    warnings: list[str] = []
    if EVERYBODY in approved_for:
        warnings.append(
            f"{path}.approved_for: everybody in Azure who knows the alias is connected "
            "without being asked; name subscriptions to close it again"
        )
    if EVERYBODY in visible_to:
        warnings.append(
            f"{path}.visible_to: everybody in Azure who knows the alias may ask for a "
            "connection; name subscriptions to close it again"
        )
    return tuple(warnings)


def request_message_findings(
    message: str | None, *, manual: bool, path: str
) -> list[Finding]:
    """Check the message to the service's owner.

    ``manual``: whether somebody there lets the consumer in, and reads it.
    """
    if message is None:
        return []
    if not manual:
        return [
            Finding(
                path,
                "is read by whoever approves, and nobody does with approval "
                "'automatic'; leave it out, or set approval to 'manual'",
            )
        ]
    if len(message) > LONGEST_REQUEST:
        return [
            Finding(
                path,
                f"has {len(message)} characters; Azure takes {LONGEST_REQUEST}, "
                f"shorten it by {len(message) - LONGEST_REQUEST} ({_ENDPOINT_PAGE})",
            )
        ]
    return []


def is_alias(text: str) -> bool:
    """Whether ``text`` has the form of the alias of a Private Link service."""
    return _ALIAS.fullmatch(text) is not None


def alias_findings(alias: str, *, path: str) -> list[Finding]:
    """Check that ``alias`` is the alias of a Private Link service."""
    if is_alias(alias):
        return []
    return [
        Finding(
            path,
            f"'{alias}' is not an alias; ask the service's owner for it, it is like "
            "'scoring.00000000-0000-0000-0000-000000000000.westeurope.azure."
            f"privatelinkservice' ({SERVICE_PAGE})",
        )
    ]


def own_subnet_findings(
    subnet_id: object, balancer_subnet_id: object, *, path: str
) -> list[Finding]:
    """Check that a Private Link service has a subnet apart from its load balancer's.

    Its subnet is one without network policies for such services (``_POLICIES_PAGE``).
    What is not a plain id is not looked at.
    """
    if not isinstance(subnet_id, str) or not isinstance(balancer_subnet_id, str):
        return []
    if subnet_id.lower() != balancer_subnet_id.lower():
        return []
    return [
        Finding(
            path,
            "is the load balancer's subnet too; give it a subnet of its own without "
            "network policies for Private Link services, so that rules can tell "
            f"consumers from the load balancer ({_POLICIES_PAGE})",
        )
    ]


def consumer_subscription_findings(
    subnet_id: object, service_subnet_id: object, *, path: str
) -> list[Finding]:
    """Check that a consumer's endpoint can be made beside the service.

    An endpoint is made in the subscription of its network (``_ENDPOINT_PAGE``). What is
    not a plain id is not looked at.
    """
    if not isinstance(subnet_id, str) or not isinstance(service_subnet_id, str):
        return []
    subnet, own = any_resource_id(subnet_id), any_resource_id(service_subnet_id)
    if subnet is None or own is None:
        return []
    if subnet.subscription_id.lower() == own.subscription_id.lower():
        return []
    return [
        Finding(
            path,
            f"is in subscription '{subnet.subscription_id}', where the endpoint would "
            f"have to be made, and the service is in '{own.subscription_id}'; make a "
            "ServiceConsumer with a provider of that subscription instead "
            f"({_ENDPOINT_PAGE})",
        )
    ]


def lock_findings(
    *, read_only: bool, manual: Iterable[str], path: str
) -> list[Finding]:
    """Check that a lock on the service leaves its owner able to let consumers in.

    ``manual``: names of the consumers that wait for that.
    """
    waiting = ", ".join(manual)
    if not (read_only and waiting):
        return []
    return [
        Finding(
            path,
            f"'ReadOnly' cannot be used with consumers that somebody approves "
            f"({waiting}): to approve one changes the service, which such a lock "
            f"stops; use 'CanNotDelete' ({LOCKS_PAGE})",
        )
    ]


def _subscriptions(items: Sequence[str], path: str) -> list[Finding]:
    findings: list[Finding] = []
    first: dict[str, str] = {}
    for index, item in enumerate(items):
        place = f"{path}[{index}]"
        if item == EVERYBODY:
            if len(items) > 1:
                findings.append(
                    Finding(
                        place,
                        "'*' is everybody, those beside it too; leave it out, or "
                        f"give it alone ({SERVICE_PAGE})",
                    )
                )
            continue
        findings += subscription_id_findings(item, path=place)
        other = first.setdefault(item.lower(), place)
        if other != place:
            findings.append(
                Finding(place, f"'{item}' is {other} already; leave it out")
            )
    return findings
