"""What the store keeps for a resource beside its body: addresses, and fingerprints.

Both belong to their owner, a resource by its id, and go when it is deleted.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from emulator.resource_paths import id_key

OWNED_LAYOUT = """
CREATE TABLE IF NOT EXISTS addresses (
    subnet TEXT NOT NULL,
    address TEXT NOT NULL,
    owner TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (subnet, address)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fingerprints (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner, name)
) WITHOUT ROWID;
"""
OWNED_TABLES = (("addresses", "owner"), ("fingerprints", "owner"))
"""(table, column that names the owner) of all of them."""
_BYTES_OF_A_FINGERPRINT = 4

Execute = Callable[..., list[Any]]
Transaction = Callable[[], AbstractContextManager[None]]


class SubnetAddresses:
    """Which resource has which address of a subnet.

    `place` tells the addresses of a resource apart.
    """

    def __init__(self, execute: Execute, transaction: Transaction) -> None:
        self._execute = execute
        self._transaction = transaction

    def take(
        self, subnet_id: str, owner_id: str, place: str, free: Iterable[str]
    ) -> str | None:
        """The address of a place in a resource; the first free one if it has none.

        `free` are the subnet's addresses in the order of their use. None if all are
        taken.
        """
        subnet, owner = id_key(subnet_id), id_key(owner_id)
        with self._transaction():
            rows = self._execute(
                "SELECT address, owner, place FROM addresses WHERE subnet = ?", subnet
            )
            for address, holder, its_place in rows:
                if (holder, its_place) == (owner, place):
                    return str(address)
            taken = {address for address, _, _ in rows}
            chosen = next((a for a in free if a not in taken), None)
            if chosen is not None:
                self._insert(subnet, chosen, owner, place)
            return chosen

    def hold(self, subnet_id: str, owner_id: str, place: str, address: str) -> None:
        """Give a place in a resource this very address, instead of what it had."""
        owner = id_key(owner_id)
        with self._transaction():
            self._free(owner, place)
            self._insert(id_key(subnet_id), address, owner, place)

    def keep(self, owner_id: str, places: Iterable[str]) -> None:
        """Free the addresses of a resource's other places than these."""
        owner, kept = id_key(owner_id), set(places)
        with self._transaction():
            rows = self._execute("SELECT place FROM addresses WHERE owner = ?", owner)
            for (place,) in rows:
                if place not in kept:
                    self._free(owner, place)

    def of(self, owner_id: str) -> list[str]:
        """The addresses of a resource, in the order of their places."""
        rows = self._execute(
            "SELECT address FROM addresses WHERE owner = ? ORDER BY place",
            id_key(owner_id),
        )
        return [str(address) for (address,) in rows]

    def holder(self, subnet_id: str, address: str) -> str | None:
        """The id, in lower case, of the resource that has an address, or None."""
        rows = self._execute(
            "SELECT owner FROM addresses WHERE subnet = ? AND address = ?",
            id_key(subnet_id),
            address,
        )
        return str(rows[0][0]) if rows else None

    def _insert(self, subnet: str, address: str, owner: str, place: str) -> None:
        self._execute(
            "INSERT OR IGNORE INTO addresses VALUES (?, ?, ?, ?)",
            subnet,
            address,
            owner,
            place,
        )

    def _free(self, owner: str, place: str) -> None:
        self._execute(
            "DELETE FROM addresses WHERE owner = ? AND place = ?", owner, place
        )


class Fingerprints:
    """Enough of a secret input to notice that it changes, and too little to find it.

    Four bytes of a hash with the store's own key.
    """

    def __init__(
        self,
        execute: Execute,
        transaction: Transaction,
        made_up_key: Callable[..., bytes],
    ) -> None:
        self._execute = execute
        self._transaction = transaction
        self._made_up_key = made_up_key

    def remember(self, owner_id: str, name: str, secret: str) -> None:
        """Keep the fingerprint of a resource's secret input."""
        with self._transaction():
            self._execute(
                "INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?)",
                id_key(owner_id),
                name,
                self._of(owner_id, name, secret),
            )

    def differ(self, owner_id: str, name: str, secret: str) -> bool:
        """Whether a secret input differs from the one that is remembered, if any."""
        rows = self._execute(
            "SELECT value FROM fingerprints WHERE owner = ? AND name = ?",
            id_key(owner_id),
            name,
        )
        return bool(rows) and rows[0][0] != self._of(owner_id, name, secret)

    def _of(self, owner_id: str, name: str, secret: str) -> str:
        about = ("fingerprint", id_key(owner_id), name, secret)
        return self._made_up_key(*about)[:_BYTES_OF_A_FINGERPRINT].hex()
