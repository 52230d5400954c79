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
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
            " alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
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
            "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric"
            f" character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED.pattern}') with an"
            " optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
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
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
            f" (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED.pattern}')"
        )
    return tuple(problems)


@lru_cache(maxsize=4096)
def dns_subdomain_problems(name: str) -> tuple[str, ...]:
    problems = []
    if _longer(name, 253):
        problems.append("must be no more than 253 bytes")
    if not _DNS_SUBDOMAIN.fullmatch(name):
        problems.append(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an"
            f" alphanumeric character (e.g. 'example.com', regex used for validation is '{_DNS_SUBDOMAIN.pattern}')"
        )
    return tuple(problems)


@lru_cache(maxsize=4096)
def dns_label_problems(name: str) -> tuple[str, ...]:
    problems = []
    if _longer(name, 63):
        problems.append("must be no more than 63 bytes")
    if not _DNS_LABEL.fullmatch(name):
        problems.append(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an"
            f" alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_DNS_LABEL.pattern}')"
        )
    return tuple(problems)


@lru_cache(maxsize=4096)
def dns_1035_problems(name: str) -> tuple[str, ...]:
    problems = []
    if _longer(name, 63):
        problems.append("must be no more than 63 bytes")
    if not _DNS_1035.fullmatch(name):
        problems.append(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with"
            f" an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '{_DNS_1035.pattern}')"
        )
    return tuple(problems)
