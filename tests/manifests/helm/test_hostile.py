"""Charts that mean harm, or run wild by mistake: an error that names them, soon, and never the memory or a traceback."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.manifests import Folder
from gitops_sim.manifests.helm import archive, load_archive, load_chart, unpack
from gitops_sim.manifests.helm.functions import REFUSED
from tests.manifests.helm.charts import CHART, packed, render

TOWER = '{{ $x := dict }}{{ range 500 }}{{ $x = dict "a" $x }}{{ end }}'
LAUGHS = "{{ $x := list 1 }}{{ range 40 }}{{ $x = list $x $x }}{{ end }}"
ITSELF = '{{ $x := dict }}{{ $_ := set $x "x" $x }}'


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ('x: {{ include "a" . }}', "nested reference name: b: unable to execute template"),
        ('x: {{ template "a" . }}', "nested reference name: b: unable to execute template"),
        ("x: {{ tpl .Values.itself . }}", "nested reference name: gotpl"),
        ("{{ range 1000000000000 }}{{ end }}", "more steps than any chart needs"),
        ("{{ range until 90000 }}{{ range until 90000 }}x{{ end }}{{ end }}", "than any chart needs"),
        ("x: {{ until 1000000000 }}", "until makes a larger value"),
        ("x: {{ untilStep 0 1000000000 1 }}", "untilStep makes a larger value"),
        ("x: {{ seq 1000000000 }}", "seq makes a larger value"),
        ('x: {{ repeat 2000000000 "abc" }}', "repeat makes a larger value"),
        ('x: {{ nindent 2000000000 "abc" }}', "nindent makes a larger value"),
        ('x: {{ printf "%2000000000d" 1 }}', "printf makes a larger value"),
        ('x: {{ printf "%*d" 2000000000 1 }}', "printf makes a larger value"),
        ("x: {{ randAlphaNum 1000000000 }}", "randAlphaNum makes a larger value"),
        ('{{ $s := repeat 100000 "a" }}{{ replace "a" $s $s }}', "replace makes a larger value"),
        ('{{ join (repeat 1000000 "a") (until 100000) }}', "join makes a larger value"),
        ('{{ $x := "abcdefgh" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}', "than any chart needs"),
        ("{{ $x := list 1 2 }}{{ range 60 }}{{ $x = concat $x $x }}{{ end }}", "than any chart needs"),
        ('{{ range 1000 }}{{ derivePassword 1 "long" "p" "u" "s" }}{{ end }}', "more steps than any chart needs"),
        (f"{TOWER}{{{{ toJson $x }}}}", "a value holds more than any chart needs, or itself"),
        (f"{LAUGHS}{{{{ toJson $x }}}}", "a value holds more than any chart needs, or itself"),
        (f"{LAUGHS}{{{{ $x }}}}", "a value holds more than any chart needs, or itself"),
        (f"{ITSELF}{{{{ toYaml $x }}}}", "a value holds more than any chart needs, or itself"),
        (f"{ITSELF}{{{{ deepCopy $x }}}}", "a value holds more than any chart needs, or itself"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "nesting limit"),
        ("{{ if 1 }}" * 5000 + "{{ end }}" * 5000, "nesting limit"),
        ('x: {{ genCA "a" 1 }}', "genCA is not offered here"),
        ('x: {{ htpasswd "a" "b" }}', "htpasswd is not offered here"),
        ('x: {{ env "HOME" }}', 'function "env" not defined'),
        ("x: {{ (now).tzinfo }}", "can't evaluate field tzinfo"),
        ('x: {{ (semver "1.2.3").__class__ }}', "can't evaluate field __class__ in type \\*semver.Version"),
        ("x: {{ .Files.__init__.__globals__ }}", "nil pointer evaluating interface {}.__globals__"),
        ("x: {{ .Values.itself.format }}", "can't evaluate field format in type interface {}"),
    ],
)
def test_a_template_that_runs_wild(template: str, words: str) -> None:
    helpers = '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}'
    with pytest.raises(BadInput, match=words) as refused:
        render(template, helpers=helpers, defaults="itself: '{{ tpl .Values.itself . }}'\n")
    assert refused.value.where.startswith("chart.tgz:templates/")
    assert refused.value.mend


def test_a_pattern_that_backtracks_is_no_trap() -> None:
    assert "x: false" in render('x: {{ regexMatch "^(a+)+$" "' + "a" * 60 + 'b" }}').text()


def _tar(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as made:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type, entry.linkname = len(content) if kind == tarfile.REGTYPE else 0, kind, link
            made.addfile(entry, io.BytesIO(content))
    return gzip.compress(raw.getvalue())


CHART_FILE = ("x/Chart.yaml", CHART.encode())


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: b"kind: Service\n", "does not appear to be a gzipped archive"),
        (lambda: b"", "does not appear to be a gzipped archive"),
        (lambda: gzip.compress(b"not a tar"), "cannot be unpacked"),
        (lambda: packed({})[:60], "cannot be unpacked"),
        (lambda: packed({})[:-40] + b"x" * 40, "cannot be unpacked"),
        (lambda: _tar(), "no files in chart archive"),
        (lambda: _tar(("Chart.yaml", b"name: x")), "chart yaml not in base directory"),
        (lambda: _tar(CHART_FILE, ("x/../../etc/passwd", b"")), "illegally references parent directory"),
        (lambda: _tar(CHART_FILE, ("x//etc/passwd", b"")), "illegally contains absolute paths"),
        (lambda: _tar(CHART_FILE, ("lonely", b"")), 'content outside the base directory: "lonely"'),
        (lambda: _tar(CHART_FILE, ("x/c:/windows", b"")), "illegally named files"),
        (lambda: _tar(CHART_FILE, ("x\\..\\..\\evil", b"")), "illegally references parent directory"),
        (
            lambda: _tar(CHART_FILE, ("x/big", b"0" * (archive.MOST_BYTES_OF_A_FILE + 1))),
            "larger than the maximum file size 5242880",
        ),
        (lambda: _tar(*[(f"x/{n}", b"0" * 5_000_000) for n in range(22)]), "larger than the maximum size 104857600"),
        (lambda: _tar(*[(f"x/{n}", b"") for n in range(archive.MOST_FILES + 1)]), "more than 20000 entries"),
        (lambda: gzip.compress(b"\0" * 130_000_000), "larger than the maximum size|no files"),
        (lambda: _tar(("x/a.txt", b"")), "Chart.yaml file is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_archive_that_means_harm(made: Callable[[], bytes], words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        load_archive(made(), where="evil.tgz")
    assert "evil.tgz" in refused.value.where


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_an_archive_are_not_there(kind: bytes) -> None:
    content = gzip.decompress(packed({}))[:-1024] + gzip.decompress(_tar(("x/secret", b""), kind=kind, link="/etc/passwd"))
    assert sorted(unpack(gzip.compress(content), where="x.tgz")) == ["Chart.yaml"]


def test_a_gzip_bomb_is_not_unpacked_to_its_end() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([*(packer.compress(b"\0" * 10_000_000) for _ in range(60)), packer.flush()])
    with pytest.raises(BadInput):
        load_archive(bomb)


def test_links_in_a_folder_do_not_lead_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    chart = tmp_path / "chart"
    chart.mkdir()
    (chart / "Chart.yaml").write_text(CHART)
    (chart / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(BadInput, match="leads out of the folder"):
        load_chart(Folder(chart))


def test_charts_in_charts_end_somewhere() -> None:
    files = {"charts/x/" * depth + "Chart.yaml": CHART for depth in range(1, 40)}
    with pytest.raises(BadInput, match="nested too deep"):
        load_archive(packed(files))


def test_a_bomb_of_aliases_in_values() -> None:
    bomb = "a0: &a0 [x,x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1},*a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(BadInput, match=r"cannot load values.yaml: .* expands to more than"):
        render("x: 1", defaults=bomb)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{", "the schema is no JSON"),
        ("1", "a schema is a mapping"),
        ('{"$ref": "#"}', "refers to itself without an end"),
        ('{"$ref": "https://example.com/schema.json"}', "nothing is fetched here"),
        ('{"$ref": "#/definitions/none"}', "is not in it"),
        ("[" * 100_000, "the schema is no JSON"),
    ],
)
def test_a_schema_that_leads_nowhere(schema: str, words: str) -> None:
    from gitops_sim.manifests.helm import render_chart

    with pytest.raises(BadInput, match=words):
        render_chart(load_archive(packed({"values.schema.json": schema})))


@pytest.mark.parametrize("name", sorted(name for names in REFUSED.values() for name in names))
def test_what_is_not_offered_says_so(name: str) -> None:
    with pytest.raises(BadInput, match=f"error calling {name}: {name} is not offered here: ") as refused:
        render("x: {{ " + name + " }}")
    assert refused.value.where == "chart.tgz:templates/a.yaml:1:6"
