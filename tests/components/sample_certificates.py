"""Certificates for tests, in the shapes that people paste."""

import base64
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 30, tzinfo=UTC)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key; made once, since that takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def certificate(
    key: Key | None = None,
    *,
    ca: bool | None = True,
    begin: datetime = NOW - timedelta(days=30),
    end: datetime = NOW + timedelta(days=30),
    key_cert_sign: bool | None = None,
    name: str = "office",
) -> x509.Certificate:
    """A certificate that signs itself; None leaves an extension out."""
    key = key or rsa_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(end)
    )
    if ca is not None:
        constraints = x509.BasicConstraints(ca=ca, path_length=None)
        builder = builder.add_extension(constraints, critical=True)
    if key_cert_sign is not None:
        builder = builder.add_extension(_key_usage(key_cert_sign), critical=True)
    return builder.sign(key, hashes.SHA256())


def _key_usage(key_cert_sign: bool) -> x509.KeyUsage:
    others = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(
        key_cert_sign=key_cert_sign,
        **{other: other == "digital_signature" for other in others},
    )


@cache
def der() -> bytes:
    """The good certificate."""
    return certificate().public_bytes(Encoding.DER)


def one_line(data: bytes | None = None) -> str:
    """Its base64 in one line: what Azure takes."""
    return base64.b64encode(der() if data is None else data).decode()


def broken(text: str, width: int = 64, end: str = "\n") -> str:
    """A text in lines."""
    return end.join(text[at : at + width] for at in range(0, len(text), width))


def pem(data: bytes | None = None, end: str = "\n", label: str = "CERTIFICATE") -> str:
    """A PEM text."""
    body = broken(one_line(data), end=end)
    return f"-----BEGIN {label}-----{end}{body}{end}-----END {label}-----{end}"


def key_pem() -> str:
    """A private key."""
    return (
        rsa_key()
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    )


THUMBPRINT = "A9993E364706816ABA3E25717850C26C9CD0D89D"
"""Of nothing in particular."""
