"""Certificates of VPN clients' authorities: every shape that people paste, and all that
is wrong with one. No message ever shows any of what was pasted."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
)
from hypothesis import example, given
from hypothesis import strategies as st

from azureml_network._hybrid_gateway.certificates import (
    RootCertificate,
    read_revoked_certificate,
    read_root_certificate,
)
from azureml_rulebook.findings import Finding
from tests.components.sample_certificates import (
    NOW,
    THUMBPRINT,
    Key,
    broken,
    certificate,
    der,
    key_pem,
    one_line,
    pem,
    rsa_key,
)

PATH = "point_to_site.root_certificates.office"


def fault(text: Any) -> str:
    """What is said of a text that is refused; nothing of the text itself is in it."""
    found = read_root_certificate(text, PATH, now=NOW)
    assert isinstance(found, Finding)
    assert found.path == PATH
    assert_hidden(text, found.message)
    return found.message


def assert_hidden(text: Any, message: str) -> None:
    """No longer run of letters of the text is in the message."""
    shown = set(re.findall(r"[A-Za-z0-9+/]{24,}", message))
    assert not [run for run in shown if run in str(text)]


GOOD: dict[str, Callable[[], str]] = {
    "PEM": pem,
    "PEM with Windows' line ends": lambda: pem(end="\r\n"),
    "PEM without a last line end": lambda: pem().rstrip(),
    "PEM with what openssl writes before it": lambda: (
        "Bag Attributes\n    friendlyName: office\nsubject=CN = office\n" + pem()
    ),
    "PEM, indented": lambda: "\n".join(f"    {line}" for line in pem().splitlines()),
    "PEM folded into one line": lambda: pem().replace("\n", " "),
    "PEM with line breaks written as letters": lambda: pem().replace("\n", "\\n"),
    "PEM in quotes": lambda: f'"{pem().rstrip()}"',
    "PEM behind a byte order mark": lambda: "\ufeff" + pem(),
    "PEM of the older label": lambda: pem(label="X509 CERTIFICATE"),
    "base64 in one line": one_line,
    "base64 in lines": lambda: broken(one_line()),
    "base64 in lines of Windows": lambda: broken(one_line(), end="\r\n"),
    "base64 with spaces around": lambda: f"  {one_line()}\n",
    "DER in hexadecimal digits": lambda: der().hex(),
    "DER in hexadecimal digits with colons": lambda: der().hex(":").upper(),
}


@pytest.mark.parametrize("shape", GOOD)
def test_every_shape_becomes_one_line(shape: str) -> None:
    """C47: what Azure gets is the bare base64 in one line."""
    found = read_root_certificate(GOOD[shape](), PATH, now=NOW)
    assert isinstance(found, RootCertificate)
    assert found.public_cert_data == one_line()
    assert found.thumbprint == hashlib.sha1(der()).hexdigest().upper()


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing": (lambda: "", "is blank"),
    "spaces": (lambda: " \n", "is blank"),
    "quotes": (lambda: "''", "is blank"),
    "no text": (lambda: 5, "is int and not text"),
    "bytes": (der, "is bytes and not text"),
    "no base64": (lambda: "the office's certificate!", "is not base64"),
    "base64 of something else": (lambda: one_line(b"office" * 50), "no certificate"),
    "half a certificate": (lambda: one_line(der()[:300]), "no certificate"),
    "a certificate and more": (lambda: one_line(der() + b"more"), "no certificate"),
    "base64 cut off": (lambda: one_line()[:-3], "is not base64"),
    "PEM cut off": (lambda: pem()[:200], "no whole certificate"),
    "an END line alone": (lambda: pem()[30:], "no whole certificate"),
    "PEM without anything": (lambda: pem(b""), "no certificate"),
    "a private key": (key_pem, "holds a private key"),
    "a private key beside": (lambda: pem() + key_pem(), "holds a private key"),
    "a private key in base64": (
        lambda: base64.b64encode(key_pem().encode()).decode(),
        "holds a private key",
    ),
    "a private key without lines": (
        lambda: one_line(
            rsa_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        ),
        "holds a private key",
    ),
    "an encrypted private key": (
        lambda: (
            rsa_key()
            .private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
            )
            .decode()
        ),
        "holds a private key",
    ),
    "a public key": (
        lambda: (
            rsa_key()
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        ),
        "holds a public key",
    ),
    "a public key without lines": (
        lambda: one_line(
            rsa_key()
            .public_key()
            .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ),
        "holds a public key",
    ),
    "a bundle": (
        lambda: pkcs7.serialize_certificates([certificate()], Encoding.PEM).decode(),
        "holds a bundle of certificates",
    ),
    "a label of nobody's": (lambda: pem(label="OFFICE"), "holds something else"),
    "a chain": (lambda: pem() * 3, "holds 3 certificates; give each a name"),
    "PEM in base64": (
        lambda: base64.b64encode(pem().encode()).decode(),
        "is encoded twice",
    ),
    "PEM in PEM": (lambda: pem(pem().encode()), "is encoded twice"),
    "base64 in base64": (lambda: one_line(one_line().encode()), "is encoded twice"),
    "base64 in PEM": (lambda: pem(one_line().encode()), "is encoded twice"),
}


@pytest.mark.parametrize("shape", REFUSED)
def test_every_other_text_is_refused(shape: str) -> None:
    """C47: each with its reason, and nothing of the text in the message."""
    make, reason = REFUSED[shape]
    assert reason in fault(make())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"end": NOW - timedelta(days=1)}, "has expired on 2026-11-29"),
        ({"begin": NOW + timedelta(days=1)}, "is valid only from 2026-12-01"),
        ({"ca": False}, "is not the certificate of an authority"),
        ({"ca": None}, "is not the certificate of an authority"),
        ({"key_cert_sign": False}, "is not the certificate of an authority"),
    ],
)
def test_a_certificate_that_vouches_for_nobody(
    changes: dict[str, Any], reason: str
) -> None:
    """Expired, to come, or not one of an authority."""
    assert reason in fault(pem(certificate(**changes).public_bytes(Encoding.DER)))


def test_a_certificate_that_says_that_it_signs() -> None:
    """Its key usage has the bit that it needs."""
    made = certificate(key_cert_sign=True).public_bytes(Encoding.DER)
    assert isinstance(read_root_certificate(pem(made), PATH, now=NOW), RootCertificate)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: ec.generate_private_key(ec.SECP384R1()), "a key that is not RSA"),
        (lambda: rsa_key(1024), "an RSA key of 1024 bits"),
    ],
)
def test_a_key_that_gateways_do_not_take(make: Callable[[], Key], reason: str) -> None:
    """RSA alone, and not a short one."""
    assert reason in fault(pem(certificate(make()).public_bytes(Encoding.DER)))


def test_the_clock_is_the_present_one() -> None:
    """Left out, a certificate must be valid now."""
    past = certificate(
        begin=datetime(2001, 1, 1, tzinfo=UTC), end=datetime(2002, 1, 1, tzinfo=UTC)
    ).public_bytes(Encoding.DER)
    found = read_root_certificate(pem(past), PATH)
    assert isinstance(found, Finding)
    assert "has expired on 2002-01-01" in found.message


@pytest.mark.parametrize(
    "text",
    [
        THUMBPRINT,
        THUMBPRINT.lower(),
        ":".join(re.findall("..", THUMBPRINT)),
        " ".join(re.findall("..", THUMBPRINT.lower())),
        f"\u200e{THUMBPRINT}",
        f" {THUMBPRINT}\n",
    ],
)
def test_a_thumbprint_however_it_is_written(text: str) -> None:
    """With separators, in small letters, behind the invisible mark that Windows' dialog
    puts before it."""
    assert read_revoked_certificate(text, "revoked.ada") == THUMBPRINT


@pytest.mark.parametrize("shape", GOOD)
def test_a_certificate_is_revoked_by_its_thumbprint(shape: str) -> None:
    """In every shape that roots come in."""
    expected = hashlib.sha1(der()).hexdigest().upper()
    assert read_revoked_certificate(GOOD[shape](), "revoked.ada") == expected


def test_a_client_certificate_can_be_revoked() -> None:
    """It is none of an authority, has any key, and may have expired."""
    made = certificate(
        ec.generate_private_key(ec.SECP256R1()), ca=False, end=NOW - timedelta(days=1)
    ).public_bytes(Encoding.DER)
    expected = hashlib.sha1(made).hexdigest().upper()
    assert read_revoked_certificate(pem(made), "revoked.ada") == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (THUMBPRINT[:-1], "has 39 hexadecimal digits"),
        (THUMBPRINT + "AB" * 12, "has 64 hexadecimal digits"),
        ("", "is blank"),
        (7, "is int and not text"),
        ("nobody!", "is not base64"),
    ],
)
def test_what_is_no_thumbprint(text: Any, reason: str) -> None:
    """Refused with what is wanted."""
    found = read_revoked_certificate(text, "revoked.ada")
    assert isinstance(found, Finding)
    assert reason in found.message


def test_a_private_key_is_not_revoked() -> None:
    """It is refused, and not shown."""
    found = read_revoked_certificate(key_pem(), "revoked.ada")
    assert isinstance(found, Finding)
    assert "holds a private key" in found.message
    assert_hidden(key_pem(), found.message)


PIECES = st.sampled_from(
    [
        "-----BEGIN CERTIFICATE-----",
        "-----END CERTIFICATE-----",
        "-----BEGIN",
        "-----",
        "\n",
        "\\n",
        "\r\n",
        "MII",
        "30 82",
        "=",
        "\ufeff",
        "\0",
    ]
)
TEXTS = st.one_of(
    st.text(),
    st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=12).map("".join),
    st.binary(max_size=200).map(lambda data: base64.b64encode(data).decode()),
    st.binary(max_size=200).map(lambda data: (b"\x30\x82" + data).hex()),
    st.binary(max_size=200).map(pem),
)


@given(st.one_of(TEXTS, st.none(), st.integers(), st.binary(), st.lists(st.text())))
@example("3080")
@example("30820000")
@example("-----BEGIN CERTIFICATE----------END CERTIFICATE-----")
def test_random_input_never_crashes(text: Any) -> None:
    """Any input is read, or refused with a message at its path."""
    found = read_root_certificate(text, PATH, now=NOW)
    assert isinstance(found, Finding)
    assert found.path == PATH
    assert found.message
    revoked = read_revoked_certificate(text, "revoked.ada")
    assert isinstance(revoked, Finding) or re.fullmatch("[0-9A-F]{40}", revoked)


@given(st.data())
def test_a_damaged_certificate_never_crashes(data: st.DataObject) -> None:
    """With any bytes of it changed, it is read as it is then, or refused."""
    damaged = bytearray(der())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    shape = data.draw(st.sampled_from([pem, one_line]))
    found = read_root_certificate(shape(bytes(damaged)), PATH, now=NOW)
    if isinstance(found, RootCertificate):
        assert found.public_cert_data == one_line(bytes(damaged))
    else:
        assert found.path == PATH
        assert found.message


def test_a_serial_number_that_is_not_positive_is_refused() -> None:
    """RFC 5280 wants a positive one, and readers of certificates come to refuse it."""
    damaged = bytearray(der())
    damaged[15] = 0
    found = read_root_certificate(pem(bytes(damaged)), PATH, now=NOW)
    assert not isinstance(found, RootCertificate)
    assert "breaks RFC 5280" in found.message
