"""What exists in the emulated Azure: one SQLite file that survives between runs.

A resource is kept as Azure would answer it (its response body in azure-native's
shape), under its id in lower case, because Azure ignores case in ids. Several
emulators may work on one store; every write is one transaction, so that a killed
process leaves the last complete state.
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from emulator.owned_tables import (
    OWNED_LAYOUT,
    OWNED_TABLES,
    Fingerprints,
    SubnetAddresses,
)
from emulator.resource_paths import id_key, parent_id

FILE_NAME = "azure.sqlite"
_LOCK_NAME = "azure.sqlite.lock"
_BUSY_SECONDS = 30
_LAYOUT = """
CREATE TABLE IF NOT EXISTS resources (
    key TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    token TEXT NOT NULL,
    parent TEXT,
    identity TEXT NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resources_by_parent ON resources (parent);
CREATE INDEX IF NOT EXISTS resources_by_token ON resources (token);
CREATE TABLE IF NOT EXISTS deleted_names (
    token TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    kept_until REAL NOT NULL,
    PRIMARY KEY (token, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Resource:
    """A stored resource.

    `token` is short (`network:Subnet`), `body` its response without `id`, `identity`
    a random text that belongs to this life of the resource: what Azure makes up for
    it (GUIDs, keys) is derived from it and so stays the same until it is deleted.
    """

    id: str
    token: str
    identity: str
    body: dict[str, Any]


@dataclass(frozen=True)
class DeletedName:
    """A name that a deleted resource still holds, until `kept_until` (Unix time)."""

    token: str
    name: str
    id: str
    kept_until: float


class StoreUnusable(Exception):
    """The store cannot be read or written: a full disk, a damaged file."""

    def __init__(self, folder: Path, failure: sqlite3.Error) -> None:
        super().__init__(
            f"the store of the emulated Azure in {folder} cannot be used: {failure}. "
            "Make room on the disk; if the file is damaged, remove it to start anew "
            "(stacks that were deployed to it are lost)."
        )


class Store:
    """The resources of the emulated Azure, in a folder. Safe to use from threads.

    `addresses` and `fingerprints` are what else it keeps for a resource's life.

    Every method raises StoreUnusable if the file cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.RLock()
        self._depth = 0
        self.addresses = SubnetAddresses(self._execute, self.transaction)
        self.fingerprints = Fingerprints(
            self._execute, self.transaction, self.made_up_key
        )
        try:
            self._connection = sqlite3.connect(
                folder / FILE_NAME,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as failure:
            raise StoreUnusable(folder, failure) from failure
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        """Set the file up, one process at a time: of several that change a new file's
        journal together, SQLite refuses all but one at once, without waiting."""
        with FileLock(self._folder / _LOCK_NAME, mode=0o600):
            (self._folder / FILE_NAME).chmod(0o600)
            self._execute("PRAGMA journal_mode = WAL")
            self._execute("PRAGMA synchronous = NORMAL")
            with self.transaction():
                for statement in (_LAYOUT + OWNED_LAYOUT).split(";"):
                    self._execute(statement)
                self._execute(
                    "INSERT OR IGNORE INTO settings VALUES ('secret', ?)",
                    secrets.token_hex(32),
                )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or, on an exception, not at all.

        May be nested; the outermost one counts. Other threads and processes wait.
        """
        with self._lock:
            if self._depth > 0:
                yield
                return
            self._execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                self._execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def _execute(self, statement: str, *values: object) -> list[Any]:
        """Run one statement; returns its rows."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as failure:
                raise StoreUnusable(self._folder, failure) from failure

    def get(self, resource_id: str) -> Resource | None:
        """The resource with this id, or None."""
        found = self._select("WHERE key = ?", id_key(resource_id))
        return found[0] if found else None

    def put(self, resource_id: str, token: str, body: dict[str, Any]) -> Resource:
        """Write a resource; one that exists keeps its id's spelling and identity."""
        with self.transaction():
            existing = self.get(resource_id)
            resource = Resource(
                id=existing.id if existing else resource_id,
                token=token,
                identity=existing.identity if existing else secrets.token_hex(16),
                body=body,
            )
            parent = parent_id(resource_id)
            self._execute(
                "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?, ?)",
                id_key(resource_id),
                resource.id,
                token,
                id_key(parent) if parent else None,
                resource.identity,
                json.dumps(body, separators=(",", ":")),
            )
            return resource

    def delete(self, resource_id: str) -> None:
        """Remove a resource and everything below it."""
        key = id_key(resource_id)
        with self.transaction():
            for table, column in (("resources", "key"), *OWNED_TABLES):
                self._execute(
                    f"DELETE FROM {table}"
                    f" WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                    key,
                    len(key) + 1,
                    key + "/",
                )

    def children(self, resource_id: str, token: str) -> list[Resource]:
        """The resources of one type right below this one, in the order of their ids."""
        where = "WHERE parent = ? AND token = ? ORDER BY key"
        return self._select(where, id_key(resource_id), token)

    def below(self, resource_id: str) -> list[Resource]:
        """Everything below a resource or group, however deep."""
        prefix = id_key(resource_id) + "/"
        return self._select(
            "WHERE substr(key, 1, ?) = ? ORDER BY key", len(prefix), prefix
        )

    def of_type(self, token: str) -> list[Resource]:
        """All resources of one type."""
        return self._select("WHERE token = ? ORDER BY key", token)

    def named(self, token: str, name: str) -> list[Resource]:
        """The resources of one type with this name, in whatever they are."""
        ending = f"/{name.lower()}"
        where = "WHERE token = ? AND substr(key, ?) = ? ORDER BY key"
        return self._select(where, token, -len(ending), ending)

    def mentioning(self, resource_id: str) -> list[Resource]:
        """The resources whose body holds this id, or the id of something below it."""
        text = json.dumps(id_key(resource_id))[:-1]
        found = self._select(
            "WHERE instr(lower(body), ? || '\"') OR instr(lower(body), ? || '/')"
            " ORDER BY key",
            text,
            text,
        )
        own = id_key(resource_id)
        return [
            r
            for r in found
            if id_key(r.id) != own and not id_key(r.id).startswith(own + "/")
        ]

    def all(self) -> list[Resource]:
        """Every resource, in the order of the ids."""
        return self._select("ORDER BY key")

    def keep_name(self, resource: Resource, name: str, days: float) -> None:
        """Remember that a deleted resource still holds its name for some days."""
        with self.transaction():
            self._execute(
                "INSERT OR REPLACE INTO deleted_names VALUES (?, ?, ?, ?)",
                resource.token,
                name.lower(),
                resource.id,
                time.time() + days * 86_400,
            )

    def deleted_name(self, token: str, name: str) -> DeletedName | None:
        """The deleted resource that still holds a name, or None."""
        wanted = (token, name.lower())
        held = (d for d in self.deleted_names() if (d.token, d.name) == wanted)
        return next(held, None)

    def deleted_names(self) -> list[DeletedName]:
        """Every name that a deleted resource still holds."""
        rows = self._execute(
            "SELECT token, name, id, kept_until FROM deleted_names"
            " WHERE kept_until > ? ORDER BY token, name",
            time.time(),
        )
        return [DeletedName(*row) for row in rows]

    def release_name(self, token: str, name: str) -> None:
        """Forget that a deleted resource holds a name (recovered or purged)."""
        with self.transaction():
            self._execute(
                "DELETE FROM deleted_names WHERE token = ? AND name = ?",
                token,
                name.lower(),
            )

    def made_up_key(self, *about: str, size: int = 32) -> bytes:
        """Random bytes, always the same for the same words in this store only."""
        ((secret,),) = self._execute("SELECT value FROM settings WHERE name = 'secret'")
        message = "\0".join(about).encode()
        digest = hmac.new(bytes.fromhex(secret), message, hashlib.sha512).digest()
        return (digest * (size // len(digest) + 1))[:size]

    def made_up_guid(self, *about: str) -> str:
        """A GUID, always the same for the same words in this store only."""
        return str(uuid.UUID(bytes=self.made_up_key(*about, size=16), version=4))

    def _select(self, where: str, *values: object) -> list[Resource]:
        rows = self._execute(
            f"SELECT id, token, identity, body FROM resources {where}", *values
        )
        return [
            Resource(resource_id, token, identity, json.loads(body))
            for resource_id, token, identity, body in rows
        ]
