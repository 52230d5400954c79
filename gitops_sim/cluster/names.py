"""What may be a name, a label or a value, in the words of the API server.

Source: k8s.io/apimachinery ``pkg/util/validation``.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def _longer(text: str, limit: int) -> bool:
    return len(text.encode("utf-8", "surrogatepass")) > limit


@lru_cache(maxsize=4096)
def label_value_problems(value: str) -> tuple[str, ...]:
    problems = []
    if _longer(value, 63):
        problems.append("must be no more than 63 bytes")
    if not _LABEL_VALUE.fullmatch(value):
        problems.append(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end"
            " with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
            f" '{_LABEL_VALUE.pattern}')"
        )
    return tuple(problems)


@lru_cache(maxsize=4096)
def label_key_problems(key: str) -> tuple[str, ...]:
    """For keys of labels and annotations, and for finalizers: ``[prefix/]name``."""
    parts = key.split("/")
    problems: list[str] = []
    if len(parts) > 2:
        return (
            "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
            " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is"
            f" '{_QUALIFIED.pattern}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
        )
    if len(parts) == 2:
        if not parts[0]:
            problems.append("prefix part must be non-empty")
        else:
            problems += [f"prefix part {problem}" for problem in dns_subdomain_problems(parts[0])]
    name = parts[-1]
    if not name:
        problems.append("name part must be non-empty")
    elif _longer(name, 63):
        problems.append("name part must be no more than 63 bytes")
    if not _QUALIFIED.fullmatch(name):
        problems.append(
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric"
            f" character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED.pattern}')"
        )
    return tuple(problems)


@lru_cache(maxsize=4096)
def dns_subdomain_problems(name: str) -> tuple[str, ...]:
    problems = []
    if _longer(name, 253):
        problems.append("must be no more than 253 characters")
    if not _DNS_SUBDOMAIN.fullmatch(name):
        problems.append(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and"
            f" end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_DNS_SUBDOMAIN.pattern}')"
        )
    return tuple(problems)


@lru_cache(maxsize=4096)
def dns_label_problems(name: str) -> tuple[str, ...]:
    problems = []
    if _longer(name, 63):
        problems.append("must be no more than 63 characters")
    if _DNS_LABEL.fullmatch(name):
        return tuple(problems)
    if _DNS_SUBDOMAIN.fullmatch(name):
        problems.append("must not contain dots")
    else:
        problems.append(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an"
            f" alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_DNS_LABEL.pattern}')"
        )
    return tuple(problems)


@lru_cache(maxsize=4096)
def dns_1035_problems(name: str) -> tuple[str, ...]:
    problems = []
    if _longer(name, 63):
        problems.append("must be no more than 63 characters")
    if not _DNS_1035.fullmatch(name):
        problems.append(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and"
            " end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is"
            f" '{_DNS_1035.pattern}')"
        )
    return tuple(problems)


@lru_cache(maxsize=4096)
def path_segment_problems(name: str) -> tuple[str, ...]:
    """For names that only have to fit into a URL: those of roles and their bindings."""
    if name in (".", ".."):
        return (f"may not be '{name}'",)
    return tuple(f"may not contain '{mark}'" for mark in ("/", "%") if mark in name)


@lru_cache(maxsize=4096)
def port_name_problems(name: str) -> tuple[str, ...]:
    """For names of ports: at most 15 characters, with a letter in them."""
    problems = []
    if len(name) > 15:
        problems.append("must be no more than 15 characters")
    if not re.fullmatch(r"[-a-z0-9]+", name):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", name):
        problems.append("must contain at least one letter (a-z)")
    if "--" in name:
        problems.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        problems.append("must not begin or end with a hyphen")
    return tuple(problems)


@lru_cache(maxsize=4096)
def config_key_problems(key: str) -> tuple[str, ...]:
    """For keys of the data of ConfigMaps and Secrets."""
    problems = []
    if _longer(key, 253):
        problems.append("must be no more than 253 characters")
    if not re.fullmatch(r"[-._a-zA-Z0-9]+", key):
        problems.append(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',"
            "  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
        )
    elif key == ".":
        problems.append("must not be '.'")
    elif key == "..":
        problems.append("must not be '..'")
    elif key.startswith(".."):
        problems.append("must not start with '..'")
    return tuple(problems)
