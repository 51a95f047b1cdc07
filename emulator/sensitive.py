"""Which properties hold secrets: Azure answers none, and no message quotes them."""

import re

_SENSITIVE = re.compile(
    r"(password|passphrase|secret|credential|token|connectionstring|privatekey"
    r"|customdata|protectedsettings|authorizationkey|sharedkey|accesskey"
    r"|primarykey|secondarykey|sastoken)s?$",
    re.IGNORECASE,
)
# Values that carry a secret under a plain name: (type, path).
_BY_PATH = frozenset(
    {
        ("keyvault:Secret", "properties.value"),
        ("machinelearningservices:OnlineEndpoint", "properties.keys"),
        ("machinelearningservices:BatchEndpoint", "properties.keys"),
        ("machinelearningservices:Datastore", "properties.credentials.secrets"),
    }
)
_MASK = "a value that is not shown"
_QUOTED_LENGTH = 80


def is_sensitive(token: str, path: str) -> bool:
    """Whether the value at this path (dotted, without positions) is a secret."""
    name = path.rpartition(".")[2]
    return bool(_SENSITIVE.search(name)) or (token, path) in _BY_PATH


def quote(token: str, path: str, value: object) -> str:
    """A value as it may stand in a message: shortened, a secret one not at all."""
    plain = re.sub(r"\[\d+\]", "", path)
    if is_sensitive(token, plain):
        return _MASK
    text = repr(value)
    return text if len(text) <= _QUOTED_LENGTH else text[: _QUOTED_LENGTH - 1] + "…"
