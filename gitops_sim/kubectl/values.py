"""The contents of a ConfigMap or a Secret, from ``--from-literal``, ``--from-file`` and ``--from-env-file``.

Source: k8s.io/kubectl ``pkg/cmd/create`` (create_configmap.go, create_secret.go) and ``pkg/cmd/util/env_file.go``.
"""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Iterator

from gitops_sim.cluster.go_text import quoted
from gitops_sim.cluster.names import config_key_problems
from gitops_sim.errors import BadInput
from gitops_sim.kubectl.files import is_file, normal
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.kubectl.surrogates import whole

FLAGS = (
    Flag("from-literal", "array", about="KEY=VALUE"),
    Flag("from-file", "list", about="[KEY=]FILE, or a folder of files"),
    Flag("from-env-file", "list", about="a file with a KEY=VALUE on each line"),
    Flag("append-hash", "bool"),
)
_ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


def check(inv: Invocation) -> None:
    if not inv.args[0]:
        raise KubectlError("name must be specified")
    if inv["from-env-file"] and (inv["from-file"] or inv["from-literal"]):
        raise KubectlError("from-env-file cannot be combined with from-file or from-literal")
    if inv["append-hash"]:
        raise KubectlError("--append-hash is not built in")


def config_map_data(inv: Invocation) -> tuple[dict[str, str], dict[str, str]]:
    """``data`` and ``binaryData``."""
    data: dict[str, str] = {}
    binary: dict[str, str] = {}
    for key, content in (*_files(inv), *_literals(inv), *_env_files(inv)):
        problems = config_key_problems(key)
        if problems:
            raise KubectlError(f"{quoted(key)} is not a valid key name for a ConfigMap: {','.join(problems)}")
        for place, field in ((data, "Data"), (binary, "BinaryData")):
            if key in place:
                raise KubectlError(
                    f'cannot add key "{key}", another key by that name already exists in {field} for ConfigMap "{inv.args[0]}"'
                )
        text = _text(content)
        if text is None:
            binary[key] = base64.b64encode(_bytes(content)).decode()
        else:
            data[key] = text
    return data, binary


def secret_data(inv: Invocation) -> dict[str, str]:
    data: dict[str, str] = {}
    for key, content in (*_literals(inv), *_files(inv), *_env_files(inv)):
        problems = config_key_problems(key)
        if problems:
            raise KubectlError(f"{quoted(key)} is not valid key name for a Secret {';'.join(problems)}")
        if key in data:
            raise KubectlError(f"cannot add key {key}, another key by that name already exists")
        data[key] = base64.b64encode(_bytes(content)).decode()
    return data


def _literals(inv: Invocation) -> Iterator[tuple[str, str]]:
    for literal in inv["from-literal"]:
        key, equals, value = literal.partition("=")
        if not key or not equals:
            raise KubectlError(f"invalid literal source {literal}, expected key=value")
        yield key, value


def _files(inv: Invocation) -> Iterator[tuple[str, str | bytes]]:
    for source in inv["from-file"]:
        key, path = _file_source(source)
        inner = inv.files.list(path)
        if inner is None:
            yield key, _read(inv, path)
        elif "=" in source:
            raise KubectlError("cannot give a key name for a directory path")
        else:
            for name in inner:
                if not name.endswith("/"):
                    yield name, _read(inv, posixpath.join(path, name))


def _file_source(source: str) -> tuple[str, str]:
    key, equals, path = source.partition("=")
    if not equals:
        return posixpath.basename(normal(source)), source
    if "=" in path:
        raise KubectlError("key names or file paths cannot contain '='")
    if not key:
        raise KubectlError(f"key name for file path {path} missing")
    if not path:
        raise KubectlError(f"file path for key name {key} missing")
    return key, path


def _env_files(inv: Invocation) -> Iterator[tuple[str, str]]:
    for path in inv["from-env-file"]:
        if inv.files.list(path) is not None and not is_file(inv.files, path):
            raise KubectlError("env config file cannot be a directory")
        text = _text(_read(inv, path))
        if text is None:
            raise KubectlError(f"env file {path} contains invalid utf8 bytes")
        for line in text.removeprefix("\ufeff").split("\n"):
            line = line.removesuffix("\r").lstrip()
            if not line or line.startswith("#"):
                continue
            key, _, value = line.partition("=")
            check_variable(key)
            yield key, value


def check_variable(name: str) -> None:
    """Raises KubectlError for what cannot be the name of an environment variable."""
    if not _ENV_NAME.fullmatch(name):
        raise KubectlError(
            f"{quoted(name)} is not a valid key name: a valid environment variable name must consist of alphabetic characters, "
            "digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', "
            f"regex used for validation is '{_ENV_NAME.pattern}')"
        )


def _read(inv: Invocation, path: str) -> str | bytes:
    try:
        return inv.files.read(path)
    except FileNotFoundError:
        raise KubectlError(f"error reading {path}: no such file or directory") from None
    except BadInput as error:
        raise KubectlError(f"error reading {path}: {error.what}") from None


def _bytes(content: str | bytes) -> bytes:
    return str(whole(content)).encode() if isinstance(content, str) else content


def _text(content: str | bytes) -> str | None:
    """None for what is no UTF-8."""
    try:
        return str(whole(content)) if isinstance(content, str) else content.decode()
    except UnicodeDecodeError:
        return None
