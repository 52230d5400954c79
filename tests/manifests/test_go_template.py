"""Plain Go templates: what they make of structs, and what Go says of those that fail."""

from __future__ import annotations

import pytest

from gitops_sim.manifests.go_template import GoTemplateError, Record, fill

PEOPLE = Record("main.Team", Name="shop", People=[Record("main.Person", Name="Ana"), Record("main.Person", Name="Ben")])


def test_a_template_goes_through_structs_and_lists_and_trims_as_go_does() -> None:
    text = fill('team {{ .Name }}:\n{{ range .People -}}\n- {{ .Name | printf "%q" }}\n{{ end -}}\n', PEOPLE, name="team")
    assert text == 'team shop:\n- "Ana"\n- "Ben"\n'


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ .Nope }}", 'template: t:1:3: executing "t" at <.Nope>: can\'t evaluate field Nope in type main.Team'),
        (
            "{{ range .People }}{{ .Age }}{{ end }}",
            'template: t:1:22: executing "t" at <.Age>: can\'t evaluate field Age in type main.Person',
        ),
        ("\n{{ upper .Name }}", 'template: t:2: function "upper" not defined'),
        ("{{ if }}", "template: t:1: missing value for "),
    ],
)
def test_a_template_that_fails_says_where_in_the_words_of_go(template: str, words: str) -> None:
    with pytest.raises(GoTemplateError) as caught:
        fill(template, PEOPLE, name="t")
    assert str(caught.value).startswith(words)


def test_sprig_is_there_for_those_who_want_it_without_what_changes_from_time_to_time() -> None:
    assert fill("{{ .Name | upper | trunc 2 }}", PEOPLE, name="t", sprig=True) == "SH"
    with pytest.raises(GoTemplateError) as caught:
        fill("{{ now }}", PEOPLE, name="t", sprig=True)
    assert (str(caught.value), caught.value.unread) == ('template: t:1: function "now" not defined', True)


def test_a_struct_prints_itself_as_go_does() -> None:
    assert fill("{{ . }}", PEOPLE, name="t") == "{shop [{Ana} {Ben}]}"
