"""The formats of strings that a schema may ask for. Others are allowed and not looked at, as the server does.

Source: k8s.io/kube-openapi ``pkg/validation/strfmt`` and the list of supported formats of apiextensions-apiserver.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.?", re.ASCII)
_MAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,255}")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_MAC = re.compile(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}|([0-9a-f]{4}\.){2}[0-9a-f]{4}", re.IGNORECASE | re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_DURATION = re.compile(
    r"[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w))*)", re.ASCII
)
_LONGEST = 4096


def _moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None and _date(text[:10]) and int(text[11:13]) < 24 and int(text[14:16]) < 60


def _date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def _bytes(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is(read: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return check


def _uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme) or text.startswith("/")


FORMATS: dict[str, Callable[[str], bool]] = {
    "byte": _bytes,
    "cidr": lambda text: "/" in text and _is(lambda t: ipaddress.ip_network(t, strict=False))(text),
    "date": _date,
    "date-time": _moment,
    "datetime": _moment,
    "duration": lambda text: _DURATION.fullmatch(text) is not None,
    "email": lambda text: _MAIL.fullmatch(text) is not None,
    "hostname": lambda text: len(text) <= 255 and _HOST.fullmatch(text) is not None,
    "ipv4": _is(ipaddress.IPv4Address),
    "ipv6": _is(ipaddress.IPv6Address),
    "mac": lambda text: _MAC.fullmatch(text) is not None,
    "uri": _uri,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
}


def fits(format_: str, text: str) -> bool:
    check = FORMATS.get(format_)
    return check is None or len(text) > _LONGEST or check(text)
