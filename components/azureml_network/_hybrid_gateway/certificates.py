"""Certificates as people paste them, turned into what a VPN gateway takes.

A gateway wants the base64 of one certificate in one line, and says nothing of use when
it gets anything else. So a text is taken apart here, and what is wrong with it is told:
no message ever shows any of it, since it may hold a key.
"""

import base64
import binascii
import hashlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)
from cryptography.utils import CryptographyDeprecationWarning

from azureml_rulebook.findings import Finding
from azureml_rulebook.point_to_site import CERTIFICATES_PAGE

_SMALLEST_KEY = 2048
"""Bits of RSA (``CERTIFICATES_PAGE``)."""

_THUMBPRINT_DIGITS = 40
"""Hexadecimal digits of SHA-1, by which gateways know revoked certificates."""

_BLOCK = re.compile(
    r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL | re.IGNORECASE
)
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE"})
_OTHER_LABELS = {
    "CERTIFICATE REQUEST": "a request for a certificate",
    "NEW CERTIFICATE REQUEST": "a request for a certificate",
    "PKCS7": "a bundle of certificates (PKCS 7)",
    "PUBLIC KEY": "a public key",
    "X509 CRL": "a list of revoked certificates",
}
_WRITTEN_BREAKS = re.compile(r"\\r\\n|\\n|\\r")
"""Line breaks that JSON and shells write as letters."""

_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u202a-\u202e\u00a0\0]")
"""Marks that files and Windows' certificate dialog put before a text, and spaces that
are none."""

_ASK = "give one certificate: PEM, or the base64 of DER"
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class _FaultError(Exception):
    """What is wrong with a text, in words that show nothing of it."""


@dataclass(frozen=True, kw_only=True)
class RootCertificate:
    """The certificate of an authority."""

    public_cert_data: str
    """As a gateway takes it: the base64 of its DER in one line."""
    thumbprint: str
    """Its SHA-1, in capital letters."""


def read_root_certificate(
    text: object, path: str, *, now: datetime | None = None
) -> RootCertificate | Finding:
    """Read the certificate of an authority, or say what is wrong with it.

    ``now``: when it must be valid, with a time zone; left out, at this moment.
    """
    moment = datetime.now(UTC) if now is None else now
    try:
        encoded = _one_certificate(text)
        _check_root(_parsed(encoded), moment)
    except _FaultError as fault:
        return Finding(path, f"{fault} ({CERTIFICATES_PAGE})")
    return RootCertificate(
        public_cert_data=base64.b64encode(encoded).decode("ascii"),
        thumbprint=_thumbprint(encoded),
    )


def read_revoked_certificate(text: object, path: str) -> str | Finding:
    """Read a thumbprint, or a certificate that is turned into its own.

    Returns 40 hexadecimal digits in capital letters. An expired certificate can be
    revoked too.
    """
    if isinstance(text, str):
        digits = re.sub(r"[\s:.-]", "", _INVISIBLE.sub("", text))
        if re.fullmatch(f"[0-9a-fA-F]{{{_THUMBPRINT_DIGITS}}}", digits):
            return digits.upper()
        if re.fullmatch(r"[0-9a-fA-F]{30,64}", digits):
            return Finding(
                path,
                f"has {len(digits)} hexadecimal digits; a SHA-1 thumbprint has "
                f"{_THUMBPRINT_DIGITS}, give that or the certificate itself "
                f"({CERTIFICATES_PAGE})",
            )
    try:
        encoded = _one_certificate(text)
        _parsed(encoded)
    except _FaultError as fault:
        return Finding(
            path,
            f"{fault}, or its SHA-1 thumbprint of {_THUMBPRINT_DIGITS} hexadecimal "
            f"digits ({CERTIFICATES_PAGE})",
        )
    return _thumbprint(encoded)


def _one_certificate(text: object) -> bytes:
    """Return the DER of the one certificate that a text holds."""
    if not isinstance(text, str):
        raise _FaultError(f"is {type(text).__name__} and not text; {_ASK}")
    cleaned = _WRITTEN_BREAKS.sub("\n", _INVISIBLE.sub(" ", text)).strip().strip("'\"")
    if not cleaned.strip():
        raise _FaultError(f"is blank; {_ASK}")
    if "PRIVATE KEY" in cleaned.upper():
        raise _private_key()
    if "-----" in cleaned:
        return _of_pem(cleaned)
    return _decoded(cleaned)


def _of_pem(text: str) -> bytes:
    blocks = _BLOCK.findall(text)
    if not blocks:
        raise _FaultError(
            "has a line of PEM and no whole certificate between BEGIN and END lines; "
            f"{_ASK}"
        )
    certificates = [
        body for label, body in blocks if label.upper() in _CERTIFICATE_LABELS
    ]
    if len(certificates) > 1:
        raise _FaultError(
            f"holds {len(certificates)} certificates; give each a name of its own, and "
            "only those of authorities"
        )
    if not certificates or len(blocks) > 1:
        others = sorted(
            {
                _OTHER_LABELS.get(label.upper(), "something else")
                for label, _ in blocks
                if label.upper() not in _CERTIFICATE_LABELS
            }
        )
        raise _FaultError(f"holds {' and '.join(others)}; {_ASK}")
    return _decoded(certificates[0])


def _decoded(text: str) -> bytes:
    """Return what base64, or the hexadecimal digits of DER, stand for."""
    digits = re.sub(r"[\s:]", "", text)
    if re.fullmatch(r"30(80|81|82|83)([0-9a-fA-F]{2})+", digits):
        return bytes.fromhex(digits)
    try:
        data = base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise _FaultError(f"is not base64; {_ASK}") from None
    if b"PRIVATE KEY" in data.upper():
        raise _private_key()
    if data.lstrip().startswith((b"-----", b"MI")):
        raise _FaultError(
            "is encoded twice: it is the base64 of a text that is a certificate; give "
            "that text"
        )
    return data


def _parsed(encoded: bytes) -> x509.Certificate:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            return x509.load_der_x509_certificate(encoded)
    except CryptographyDeprecationWarning:
        raise _FaultError(
            "is a certificate that breaks RFC 5280, such as by a serial number that is "
            f"not positive; {_ASK}"
        ) from None
    except _UNREADABLE:
        pass
    if _can(load_der_public_key, encoded):
        raise _FaultError(f"holds a public key and no certificate; {_ASK}")
    if _can(lambda data: load_der_private_key(data, None), encoded):
        raise _private_key()
    raise _FaultError(f"is base64 of something that is no certificate; {_ASK}")


def _can(load: Callable[[bytes], object], encoded: bytes) -> bool:
    try:
        load(encoded)
    except _UNREADABLE:
        return False
    return True


def _check_root(certificate: x509.Certificate, now: datetime) -> None:
    """Check that an authority can use a certificate to vouch for clients."""
    try:
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        is_authority = _is_authority(certificate)
        key = certificate.public_key()
    except _UNREADABLE:
        raise _FaultError(
            f"is a certificate whose fields cannot be read; {_ASK}"
        ) from None
    if now > end:
        raise _FaultError(f"has expired on {end:%Y-%m-%d}; give one that is valid")
    if now < begin:
        raise _FaultError(f"is valid only from {begin:%Y-%m-%d}; give one that is now")
    if not is_authority:
        raise _FaultError(
            "is not the certificate of an authority (its basic constraints do not say "
            "CA, or its key usage has no keyCertSign); give that of the one that "
            "issued the clients' certificates"
        )
    if not isinstance(key, RSAPublicKey):
        raise _FaultError("has a key that is not RSA, which is all that gateways take")
    if key.key_size < _SMALLEST_KEY:
        raise _FaultError(
            f"has an RSA key of {key.key_size} bits; use one of {_SMALLEST_KEY} or more"
        )


def _is_authority(certificate: x509.Certificate) -> bool:
    extensions = certificate.extensions
    try:
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
    except x509.ExtensionNotFound:
        return False
    try:
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True


def _thumbprint(encoded: bytes) -> str:
    return hashlib.sha1(encoded, usedforsecurity=False).hexdigest().upper()


def _private_key() -> _FaultError:
    return _FaultError(
        "holds a private key, which no gateway needs; give the certificate alone, and "
        "make a new key if anybody else could read this one"
    )
