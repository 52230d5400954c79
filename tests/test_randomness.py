from __future__ import annotations

import re

from gitops_sim.randomness import Randomness


def test_a_stream_depends_on_seed_and_name_only():
    one, two = Randomness(7), Randomness(7)
    two.stream("someone else").random()
    assert one.stream("argocd/web").random() == two.stream("argocd/web").random()
    assert Randomness(8).stream("argocd/web").random() != Randomness(7).stream("argocd/web").random()


def test_the_first_draws_of_seed_0_never_change():
    chance = Randomness(0)
    assert chance.uid("production/uid") == "3ef6688f-2857-484a-bb09-5a98e670a12d"
    assert chance.suffix("production/names/Pod") == "8nkj6"


def test_generated_names_use_the_letters_of_kubernetes():
    assert re.fullmatch("[bcdfghjklmnpqrstvwxz2456789]{5}", Randomness(3).suffix("x"))
