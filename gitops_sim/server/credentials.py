"""Who may ask: a certificate authority, a server's certificate, a client's certificate and a token, made anew at every start.

These are secrets, so that they come from the operating system's chance and not from the world's: nothing in a world depends on
them. Clients send credentials over TLS alone.
"""

from __future__ import annotations

import hmac
import secrets
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAYS = 365


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM texts, and the token. ``user`` and ``groups`` are who the holder of the certificate or of the token is."""

    user: str
    groups: tuple[str, ...]
    token: str
    authority: bytes
    server_certificate: bytes
    server_key: bytes
    client_certificate: bytes
    client_key: bytes

    def admits(self, header: str, certificate: Any) -> bool:
        """Whether an ``Authorization`` header or the certificate of the connection (as :mod:`ssl` gives it) is good."""
        kind, _, token = header.partition(" ")
        if header:
            return kind.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self.token.encode())
        return bool(certificate)

    def context(self) -> ssl.SSLContext:
        """For the server; it takes certificates of this authority, and does without."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=self.authority.decode())
        with tempfile.TemporaryDirectory(prefix="gitops-sim-") as folder:  # the ssl module reads keys from files alone
            path = Path(folder) / "server.pem"
            path.touch(mode=0o600)
            path.write_bytes(self.server_key + self.server_certificate)
            context.load_cert_chain(path)
        return context


def make_credentials(user: str, groups: tuple[str, ...]) -> Credentials:
    """New ones, good for a year."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("gitops-sim", authority_key, "gitops-sim", authority_key)
    server_key, client_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    server = _certificate("gitops-sim server", server_key, "gitops-sim", authority_key, server=True)
    client = _certificate(user, client_key, "gitops-sim", authority_key, groups=groups)
    return Credentials(
        user,
        groups,
        secrets.token_urlsafe(32),
        _pem(authority),
        _pem(server),
        _key(server_key),
        _pem(client),
        _key(client_key),
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    server: bool = False,
    groups: tuple[str, ...] = (),
) -> x509.Certificate:
    now, own = datetime.now(UTC), key is issuer_key
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if own:
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    else:
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if server:
        places = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(places), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
