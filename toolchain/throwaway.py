"""Throwaway values for the secrets and keys that an offline run has to have.

Every key that Pulumi.yaml declares `secret: true` and the stack leaves unset gets a
random value, and so does every value that is encrypted for a key that offline runs do
not hold. A declared and unset key whose name ends in `sshPublicKey` gets a public key
that nobody holds the other half of. The values are kept per user, in a file that only
that user can read, so that they are the same in every run.
"""

import base64
import fcntl
import json
import os
import secrets
import string
from collections.abc import Iterable, Mapping
from pathlib import Path

from toolchain.errors import ToolchainError
from toolchain.project import Project

LENGTH = 32
"""Within every Azure limit for administrators' passwords, 12 to 72 characters:
https://learn.microsoft.com/azure/virtual-machines/linux/faq and .../windows/faq."""

_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "_.")
"""Azure asks for three of these four; the two signs need no quoting anywhere, and Azure
takes them in pre-shared keys too, unlike a hyphen:
https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq."""


def new_value() -> str:
    """Return a random text that Azure accepts as a password."""
    letters = "".join(_CLASSES)
    while True:
        value = "".join(secrets.choice(letters) for _ in range(LENGTH))
        if value[0].isalpha() and all(set(value) & set(one) for one in _CLASSES):
            return value


def new_ssh_public_key() -> str:
    """Return an Ed25519 public key in the form of OpenSSH, of random bytes.

    Nobody holds its private half: what it lets in is let in nowhere
    (https://www.rfc-editor.org/rfc/rfc8709#section-4).
    """
    kind = b"ssh-ed25519"
    parts = (kind, secrets.token_bytes(32))
    encoded = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"{kind.decode()} {base64.b64encode(encoded).decode()} throwaway"


def secrets_to_make(project: Project, config: Mapping[str, object]) -> list[str]:
    """Return the paths of the values to make up, sorted.

    `config` is the stack's own. A path is a full key (`namespace:name`; without a
    namespace it is the project's), followed by `.name` or `.index` for a value
    inside it. A declared value or default that is not empty counts as set; only text
    can be made up.
    """
    set_keys = {_full_key(project, key) for key in config}
    declared = {
        _full_key(project, key)
        for key, declaration in project.config.items()
        if isinstance(declaration, dict)
        and (declaration.get("secret") is True or _is_ssh_public_key(key))
        and declaration.get("type", "string") == "string"
        and not (declaration.get("value") or declaration.get("default"))
    }
    foreign = {
        path
        for key, value in config.items()
        for path in _secure_paths(_full_key(project, key), value)
    }
    return sorted((declared - set_keys) | foreign)


def with_secrets(
    project: Project, config: Mapping[str, object], encrypted: Mapping[str, object]
) -> dict[str, object]:
    """Return `config` with our encrypted values, by path, where it needs some."""
    filled = {
        key: _replaced(_full_key(project, key), value, encrypted)
        for key, value in config.items()
    }
    set_keys = {_full_key(project, key) for key in config}
    for path, value in encrypted.items():
        if path in {_full_key(project, key) for key in project.config} - set_keys:
            filled[path] = value
    return filled


def values(project: Project, paths: Iterable[str], folder: Path) -> dict[str, str]:
    """Return this user's value for each path, made now where there is none.

    They are kept in `folder`, readable by this user alone.
    """
    wanted = {path: f"{project.name}/{path}" for path in paths}
    if not wanted:
        return {}
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "throwaway-secrets.json"
    with (folder / "throwaway-secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _read(file)
        missing = [name for name in wanted.values() if name not in kept]
        if missing:
            kept |= {name: _new(name) for name in missing}
            write_private(file, json.dumps(kept, indent=1, sort_keys=True))
    return {path: kept[name] for path, name in wanted.items()}


def _new(path: str) -> str:
    return new_ssh_public_key() if _is_ssh_public_key(path) else new_value()


def _is_ssh_public_key(path: str) -> bool:
    return path.lower().endswith("sshpublickey")


def write_private(file: Path, text: str) -> None:
    """Write a file whole that only this user can read."""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    new.replace(file)


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ToolchainError(
            f"{file}: is not JSON ({error}); delete it, new throwaway secrets are "
            "made then"
        ) from error


def _full_key(project: Project, key: str) -> str:
    return key if ":" in key else f"{project.name}:{key}"


def _is_secure(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _parts(path: str, value: object) -> list[tuple[str, object, object]]:
    """Return `(path, key or index, value)` of what a mapping or list holds."""
    if isinstance(value, dict):
        return [(f"{path}.{key}", key, part) for key, part in value.items()]
    if isinstance(value, list):
        return [(f"{path}.{index}", index, part) for index, part in enumerate(value)]
    return []


def _secure_paths(path: str, value: object) -> list[str]:
    if _is_secure(value):
        return [path]
    return [
        found
        for inner, _, part in _parts(path, value)
        for found in _secure_paths(inner, part)
    ]


def _replaced(path: str, value: object, encrypted: Mapping[str, object]) -> object:
    if _is_secure(value):
        return encrypted[path]
    parts = [
        (key, _replaced(inner, part, encrypted))
        for inner, key, part in _parts(path, value)
    ]
    if isinstance(value, dict):
        return dict(parts)
    if isinstance(value, list):
        return [part for _, part in parts]
    return value
