"""Which values a packet takes that shows what a set holds.

Where the set leaves a choice, they are what people know: port 443, the first dynamic
source port, addresses reserved for documentation, and in a subnet the first address
that Azure gives to a machine.
"""

from ipaddress import ip_address

from azureml_reachability._steps import Below, as_steps
from azureml_reachability.addresses import position_of

# Documentation addresses: https://www.rfc-editor.org/rfc/rfc5737 and rfc3849; dynamic
# ports: https://www.rfc-editor.org/rfc/rfc6335
_PREFERRED: tuple[tuple[int, ...], ...] = (
    (443,),
    (49152,),
    tuple(position_of(ip_address(text)) for text in ("203.0.113.1", "2001:db8::1")),
    tuple(position_of(ip_address(text)) for text in ("198.51.100.1", "2001:db8::2")),
)
"""What a witness takes on each of the four lines where it may."""

_FIRST_MACHINE = 4
"""Azure keeps the first four addresses of a subnet
(https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq)."""


def _choice(below: Below, preferred: tuple[int, ...]) -> tuple[int, Below]:
    """Return a value of a line that is not empty, and what stands below it."""
    steps = as_steps(below)
    for value in preferred:
        if steps.at(value) is not False:
            return value, steps.at(value)
    first, end, child = next(steps.pieces())
    starts_a_range = len(preferred) > 1 and first % (2 * _FIRST_MACHINE) == 0
    return (min(first + _FIRST_MACHINE, end - 1) if starts_a_range else first), child


def shown_values(diagram: Below) -> list[int]:
    """Return a value of each line of a set of packets that is not empty."""
    chosen: list[int] = []
    for preferred in _PREFERRED:
        value, diagram = _choice(diagram, preferred)
        chosen.append(value)
    return chosen
