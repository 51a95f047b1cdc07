"""Does a service provider's part for an ExpressRoute circuit: provisions it.

Usage: python -m emulator.provision_circuit --store DIR --id ID [--deprovision]

A new circuit waits for its provider, who is told the service key. Until he has
provisioned it, it has no peerings and no connections; as long as it is provisioned,
it cannot be deleted.
"""

import argparse
import sys
from pathlib import Path

from emulator.network_values import NOT_PROVISIONED, PROVISIONED
from emulator.store import Store, StoreUnusable

_CIRCUIT = "network:ExpressRouteCircuit"


def main(arguments: list[str]) -> int:
    """Provision or deprovision a circuit, and say so.

    Returns 1 if there is no circuit of that id, 2 if the store is unusable.
    """
    parser = argparse.ArgumentParser(prog="python -m emulator.provision_circuit")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--id", required=True, help="the circuit's resource id")
    parser.add_argument("--deprovision", action="store_true")
    options = parser.parse_args(arguments)
    try:
        store = Store(options.store)
    except (OSError, StoreUnusable) as failure:
        print(f"provision_circuit: error: {failure}", file=sys.stderr)
        return 2
    state = NOT_PROVISIONED if options.deprovision else PROVISIONED
    circuit = store.get(options.id)
    known = [found.id for found in store.of_type(_CIRCUIT)]
    if circuit is not None and circuit.token == _CIRCUIT:
        body = {**circuit.body, "serviceProviderProvisioningState": state}
        store.put(circuit.id, circuit.token, body)
    store.close()
    if circuit is None or circuit.token != _CIRCUIT:
        print(
            f"{options.id}: there is no such circuit; there are "
            f"{', '.join(known) or 'none'}",
            file=sys.stderr,
        )
        return 1
    print(f"{circuit.id} is {state}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
