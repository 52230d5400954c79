"""The bytes of Git's objects: how commits, trees and tags are written down.

Source: gitformat-pack(5), git-commit-tree(1), and ``fsck.c`` for what may not be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TREE, FILE, EXECUTABLE, SYMLINK, SUBMODULE = 0o040000, 0o100644, 0o100755, 0o120000, 0o160000

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree: a mode and the id of a blob, a tree, or a submodule's commit."""

    mode: int
    sha: str

    @property
    def is_tree(self) -> bool:
        return self.mode == TREE


Entries = Mapping[str, Entry]


def encode_tree(entries: Entries) -> bytes:
    def order(item: tuple[str, Entry]) -> bytes:
        return encode_name(item[0]) + (b"/" if item[1].is_tree else b"")

    return b"".join(
        b"%o %s\0%s" % (entry.mode, encode_name(name), bytes.fromhex(entry.sha))
        for name, entry in sorted(entries.items(), key=order)
    )


def decode_tree(data: bytes) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        mode = int(data[at:space], 8)
        if mode & 0o170000 == 0o100000:
            mode = EXECUTABLE if mode & 0o100 else FILE  # old repositories hold 100664
        entries[decode_name(data[space + 1 : end])] = Entry(mode, data[end + 1 : end + 21].hex())
        at = end + 21
    return entries


def encode_name(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def decode_name(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who and when: ``unix`` is seconds since 1970, ``zone`` the offset from UTC as written (``+0000``)."""

    name: str
    email: str
    unix: int
    zone: str = "+0000"

    def encode(self) -> str:
        return f"{_clean(self.name) or 'someone'} <{_clean(self.email)}> {self.unix} {self.zone}"


@dataclass(frozen=True, slots=True)
class RawCommit:
    """A commit as stored; ``message`` with its final newline."""

    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str

    @property
    def subject(self) -> str:
        """The first paragraph on one line, as ``git log --format=%s`` shows it."""
        return " ".join(line.strip() for line in self.message.strip("\n").split("\n\n", 1)[0].split("\n"))


def encode_commit(commit: RawCommit) -> bytes:
    lines = [
        f"tree {commit.tree}",
        *(f"parent {parent}" for parent in commit.parents),
        f"author {commit.author.encode()}",
        f"committer {commit.committer.encode()}",
        "",
        commit.message,
    ]
    return "\n".join(lines).encode()


def decode_commit(data: bytes) -> RawCommit:
    head, _, body = data.partition(b"\n\n")
    headers: dict[str, str] = {}
    parents: list[str] = []
    encoding = "utf-8"
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"parent":
            parents.append(value.decode())
        elif key == b"encoding":
            encoding = value.decode("ascii", "replace")
        elif key:  # a line that starts with a space continues a signature
            headers.setdefault(key.decode("ascii", "replace"), value.decode("utf-8", "surrogateescape"))
    try:
        message = body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        message = body.decode("utf-8", "replace")
    author, committer = (parse_signature(headers.get(who, "")) for who in ("author", "committer"))
    return RawCommit(headers["tree"], tuple(parents), author, committer, message)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a cryptographic signature of a commit or a tag speaks of, and the signature as text; empty for none."""

    payload: bytes
    signature: str


def signed_commit(data: bytes) -> Signed:
    """Source: gitformat-signature(5): the signature is a header, what it speaks of is all the rest."""
    head, blank, body = data.partition(b"\n\n")
    rest: list[bytes] = []
    signature: list[bytes] = []
    inside = False
    for line in head.split(b"\n"):
        inside = line.startswith(b"gpgsig ") or (inside and line.startswith(b" "))
        (signature if inside else rest).append(line)
    text = b"\n".join(line.removeprefix(b"gpgsig ") if not at else line[1:] for at, line in enumerate(signature))
    return Signed(b"\n".join(rest) + blank + body, text.decode("ascii", "replace"))


def signed_tag(data: bytes) -> Signed:
    """Source: gitformat-signature(5): the signature stands at the end of the message."""
    at = max(data.find(b"\n-----BEGIN %s-----" % kind) for kind in (b"PGP SIGNATURE", b"SSH SIGNATURE", b"SIGNED MESSAGE"))
    return Signed(data[: at + 1], data[at + 1 :].decode("ascii", "replace")) if at >= 0 else Signed(data, "")


def parse_signature(line: str) -> Signature:
    """Who and when from ``Ana <ana@example.com> 1767603600 +0000``."""
    name, _, rest = line.partition("<")
    email, _, when = rest.rpartition(">")
    unix, _, zone = when.strip().partition(" ")
    return Signature(name.strip(), email, int(unix) if unix.lstrip("-").isdigit() else 0, zone or "+0000")


def _clean(text: str) -> str:
    """Without the characters that Git drops from names and addresses (``ident.c``)."""
    kept = "".join(c for c in text if c not in "\n<>\0")
    return kept.strip("".join(map(chr, range(33))) + ".,:;<>\"\\'")
