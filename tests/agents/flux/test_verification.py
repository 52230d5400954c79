"""GitRepositories that only take what is signed: ``spec.verify``."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from gitops_sim.forge.process import run_git
from tests.agents.flux.lab import FluxLab, config_map, git_repository

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIpzp7SbXh4KEJwezV4vJfiA93892dYn/rh7Q9AkpGub"
PRINT = "SHA256:W2Fm5/BffWnu92gYK5RozFqpT251OJQX9NAWlWSrWaE"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
START = "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAginOntJteHgoQnB7NXi8l+ID3fz\n"
START += "3Z1if+uHtD0CSka5sAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\n"
OF_COMMIT = START + "AAAAQAUUEHg1ar4/MhwY4sVS/dUOd0ckbCsnez+4KyhD5uU1jBsLCv5bvBCZ4A6YsVMZGb\nxps0TGeoXqA9/M6zvKhQY=\n"
OF_TAG = START + "AAAAQJgWd2X3Z0rbJXNnDtbeR1LuFB4TtxdskPGEk7RZwRpwknmYN1pjEFOHbiPnfxzWcZ\n2rHWhUFdMV+P67rTSvtw4=\n"
NO_KEY = "unable to parse authorized keys: unable to parse authorized key: ssh: no key found"
SIGNED = "a9240b33d9ac28f5ff7129e676b678c1414fb772"


def armoured(body: str, kind: str = "SSH SIGNATURE") -> str:
    return f"-----BEGIN {kind}-----\n{body}-----END {kind}-----\n"


def signed_commit(signature: str) -> str:
    ana = "Ana <ana@example.com> 1767603600 +0000"
    header = "\n ".join(signature.rstrip("\n").split("\n"))
    return f"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor {ana}\ncommitter {ana}\ngpgsig {header}\n\nsigned\n"


def push(lab: FluxLab, raw: str) -> str:
    """What the real ``git push`` brought."""
    sha = hashlib.sha1(b"commit %d\0%s" % (len(raw), raw.encode())).hexdigest()
    data = {"id": sha, "raw": base64.b64encode(raw.encode()).decode(), "files": {}}
    assert lab.repo.receive_push("refs/heads/signed", [data]) == sha
    return sha


def tag(lab: FluxLab, name: str, commit: str, signature: str = "") -> str:
    raw = f"object {commit}\ntype commit\ntag {name}\ntagger Ana <ana@example.com> 1795841361 +0000\n\none\n{signature}"
    written = run_git("hash-object", "-t", "tag", "-w", "--stdin", cwd=lab.repo.path, input=raw.encode())
    sha = str(written.stdout.decode().strip())
    run_git("update-ref", f"refs/tags/{name}", sha, cwd=lab.repo.path)
    return sha


def start(lab: FluxLab, ref: dict[str, str], mode: str = "", **keys: str) -> FluxLab:
    """With a Secret of ``keys`` (``ana_sshpub`` for ``ana.sshpub``), if there are any."""
    if keys:
        data = {name.replace("_", "."): text for name, text in keys.items()}
        meta = {"name": "keys", "namespace": "flux-system"}
        lab.cluster.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": data})
    verify = {"secretRef": {"name": "keys"}, **({"mode": mode} if mode else {})}
    return lab.start(git_repository(ref=ref, verify=verify))


def said(lab: FluxLab) -> tuple[str, str, str]:
    return lab.conditions(kind="gitrepo")["SourceVerified"]


def test_an_unsigned_commit_is_refused_and_the_last_artifact_stays_in_use() -> None:
    lab = FluxLab().start(git_repository(), git_repository("other"))
    lab.cluster.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys", "namespace": "flux-system"}})
    before = lab.source()["status"]["artifact"]
    lab.spec(kind="gitrepo", verify={"secretRef": {"name": "keys"}})
    message = f"signature verification of commit '{lab.repo.tip()}' failed: unsupported signature type: empty"
    assert said(lab) == ("False", "InvalidCommitSignature", message)
    assert lab.ready(kind="gitrepo") == ("False", "InvalidCommitSignature", message)
    assert lab.events(kind="GitRepository")[-1] == ("Warning", "InvalidCommitSignature", message, 1)
    lab.commit({"manifests/x.yaml": config_map()})
    lab.run("2m")
    assert lab.source()["status"]["artifact"] == before
    assert any("cannot verify shop" in line and "stays in use" in line for line in lab.story())
    lab.spec(kind="gitrepo", verify=None)
    assert lab.ready(kind="gitrepo")[0] == "True"
    assert set(lab.conditions(kind="gitrepo")) == {"Ready", "ArtifactInStorage"}


def test_a_missing_secret_of_keys_is_said() -> None:
    lab = start(FluxLab(), {"branch": "main"})
    message = 'public keys secret error: secrets "keys" not found'
    assert said(lab) == ("False", "VerificationError", message)
    assert lab.ready(kind="gitrepo") == ("False", "VerificationError", message)
    assert "artifact" not in lab.source()["status"]


def test_a_commit_signed_by_a_key_of_the_secret_is_taken() -> None:
    lab = FluxLab()
    assert push(lab, signed_commit(armoured(OF_COMMIT))) == SIGNED
    start(lab, {"branch": "signed"}, bob_sshpub=OTHER, ana_sshpub=f"# keys\n{KEY} ana@laptop\n")
    assert said(lab) == ("True", "Succeeded", f"verified signature of\n\t- commit '{SIGNED}' with key '{PRINT}'")
    assert lab.ready(kind="gitrepo")[0] == "True"
    assert lab.source()["status"]["sourceVerificationMode"] == "HEAD"


@pytest.mark.parametrize(
    ("signature", "keys", "why"),
    [
        (
            armoured(OF_COMMIT),
            {"ana_sshpub": OTHER},
            "unable to verify Git commit SSH signature: unable to verify payload with any of the given authorized keys: "
            "no matching key\npublic key does not match",
        ),
        (
            armoured(OF_COMMIT),
            {"ana_asc": "a key"},
            "SSH signature detected but no SSH public keys found in secret (keys with .sshpub suffix)",
        ),
        (
            armoured("wsBzBAABCAAQBQJ\n", "PGP SIGNATURE"),
            {"ana_sshpub": KEY},
            "PGP signature detected but no PGP public keys found in secret (keys with .asc suffix)",
        ),
        (armoured("MIIEDQ==\n", "SIGNED MESSAGE"), {"ana_sshpub": KEY}, "unsupported signature type: x509"),
    ],
)
def test_a_signature_that_no_key_of_the_secret_made_is_refused(signature: str, keys: dict[str, str], why: str) -> None:
    lab = FluxLab()
    sha = push(lab, signed_commit(signature))
    start(lab, {"branch": "signed"}, **keys)
    assert said(lab) == ("False", "InvalidCommitSignature", f"signature verification of commit '{sha}' failed: {why}")


@pytest.mark.parametrize("mode", ["Tag", "TagAndHEAD"])
def test_a_tag_can_be_verified_with_its_commit_or_alone(mode: str) -> None:
    lab = FluxLab()
    sha = push(lab, signed_commit(armoured(OF_COMMIT)))
    made = tag(lab, "v1", sha, armoured(OF_TAG))
    start(lab, {"tag": "v1"}, mode, ana_sshpub=KEY)
    lines = ["verified signature of", f"\t- tag 'v1@{made}' with key '{PRINT}'"]
    lines += [f"\t- commit '{SIGNED}' with key '{PRINT}'"] * (mode == "TagAndHEAD")
    assert said(lab) == ("True", "Succeeded", "\n".join(lines))


@pytest.mark.parametrize("annotated", [False, True])
def test_a_tag_without_a_signature_is_refused(annotated: bool) -> None:
    lab = FluxLab()
    sha = lab.repo.tip()
    name = f"v1@{tag(lab, 'v1', sha)}" if annotated else lab.repo.tag("v1") and "v1"
    start(lab, {"name": "refs/tags/v1"}, "Tag", ana_sshpub=KEY)
    assert said(lab) == ("False", "InvalidGitObject", f"cannot verify signature of tag '{name}' since it is not signed")


def test_to_verify_the_tag_of_a_branch_stalls_until_the_spec_changes() -> None:
    lab = start(FluxLab(), {"branch": "main"}, "Tag", ana_sshpub=KEY)
    message = "cannot verify tag object's signature if a tag reference is not specified"
    expected = ("False", "InvalidVerificationMode", message)
    assert (said(lab), lab.ready(kind="gitrepo")) == (expected, expected)
    assert lab.conditions(kind="gitrepo")["Stalled"] == ("True", "InvalidVerificationMode", message)
    assert lab.source()["status"]["observedGeneration"] == 1
    told = len(lab.events(kind="GitRepository"))
    lab.run("30m")
    assert lab.events(kind="GitRepository")[-1][3] == 1
    assert len(lab.events(kind="GitRepository")) == told


def test_what_was_verified_is_not_verified_again_before_something_changes() -> None:
    lab = FluxLab()
    push(lab, signed_commit(armoured(OF_COMMIT)))
    start(lab, {"branch": "signed"}, ana_sshpub=KEY)
    lab.cluster.delete("secrets", "keys", "flux-system")
    lab.run("10m")
    assert lab.ready(kind="gitrepo")[0] == "True"
    lab.repo.commit({"a.yaml": config_map()}, "More", author="ana", branch="signed")
    lab.run("2m")
    assert lab.ready(kind="gitrepo")[1] == "VerificationError"


def test_a_signature_of_another_commit_is_refused() -> None:
    lab = FluxLab()
    sha = push(lab, signed_commit(armoured(OF_COMMIT)).replace("\nsigned\n", "\nforged\n"))
    start(lab, {"branch": "signed"}, ana_sshpub=KEY)
    assert said(lab)[2] == (
        f"signature verification of commit '{sha}' failed: unable to verify Git commit SSH signature: unable to verify payload "
        "with any of the given authorized keys: no matching key\nssh: signature did not verify"
    )


@pytest.mark.parametrize(
    ("signature", "key", "why"),
    [
        (armoured("U1NI\n"), KEY, "unable to unarmor SSH signature: invalid SSH signature: it does not begin as one"),
        (armoured("!!!\n"), KEY, "unable to unarmor SSH signature: "),
        (armoured(OF_COMMIT[:150] + "\n"), KEY, "unable to unarmor SSH signature: "),
        (armoured(OF_COMMIT), "not a key", NO_KEY),
        (armoured(OF_COMMIT), "ssh-ed25519", NO_KEY),
        (armoured(OF_COMMIT), "# none", "unable to verify payload with any of the given authorized keys: no matching key"),
    ],
)
def test_what_is_no_signature_and_what_is_no_key_is_refused(signature: str, key: str, why: str) -> None:
    lab = FluxLab()
    push(lab, signed_commit(signature))
    start(lab, {"branch": "signed"}, ana_sshpub=key)
    assert f"failed: unable to verify Git commit SSH signature: {why}" in said(lab)[2]


def test_it_is_said_which_signatures_are_not_calculated() -> None:
    lab = FluxLab()
    push(lab, signed_commit(armoured("wsBzBAABCAAQBQJ\n", "PGP SIGNATURE")))
    start(lab, {"branch": "signed"}, ana_asc="a key")
    assert said(lab)[2].endswith("with key '(not read)'")
    ignored: list[Any] = [r.data["options"] for r in lab.world.trace if r.event == "OptionIgnored"]
    assert ignored == [["whether signatures by PGP are good (they count as such)"]]
