"""The coverage files of the pack agree with the rest of it, and a site's own rule goes through the same door."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from assess.shipped import criteria, pack_yaml, shipped
from pydantic import ValidationError

from notecheck.assess.coverage_rules import ConceptTest, Criterion, ElementTest, Leaf, Policy, leaves, load_policies, policies
from notecheck.packs import PackError, load_pack, shipped_patterns


def _all_leaves() -> list[Leaf]:
    return [leaf for c in criteria().values() for leaf in leaves(c)]


def test_policies_are_profiles_and_sources_are_named() -> None:
    profiles = {p["id"] for p in pack_yaml("profiles.yaml")["profiles"]}
    assert set(shipped()) == profiles - {"spine-visit"}
    assert {c.source for c in criteria().values()} <= set(pack_yaml("pack.yaml")["sources"])


def test_every_concept_has_a_mention_rule_and_every_rule_a_criterion() -> None:
    asked = {leaf.concept for leaf in _all_leaves() if isinstance(leaf, ConceptTest)}
    found = {rule["concept"] for rule in pack_yaml("mentions/coverage.yaml")["rules"]}
    assert asked == found


def test_elements_and_their_fields_exist() -> None:
    fields = {e["id"]: set(e["values"]) for e in pack_yaml("elements.yaml")["elements"]}
    for leaf in _all_leaves():
        if isinstance(leaf, ElementTest):
            assert leaf.element in fields
            assert leaf.field is None or leaf.field in fields[leaf.element], leaf


# --- a site's own rule ------------------------------------------------------------------------------------------------------------

OWN = {"id": "own.weeks", "policies": ["esi-repeat"], "says": "Eight weeks apart.", "source": "own", "lacks": "No date"}


def test_a_payers_rule_is_a_few_lines_ofpack_yaml() -> None:
    own = Criterion.model_validate({**OWN, "test": {"concept": "cov.injection_date", "older_than": "8 weeks"}})
    merged = policies([*criteria().values(), own])
    assert merged["esi-repeat"].criteria[-1] is own
    assert len(merged["esi-repeat"].criteria) == len(shipped()["esi-repeat"].criteria) + 1


def test_a_second_criterion_of_the_same_id_is_refused() -> None:
    own = Criterion.model_validate({**OWN, "test": {"element": "pain.severity"}})
    with pytest.raises(ValueError, match=r"own\.weeks is defined a second time"):
        policies([own, own])


def _site(folder: Path, test: str, source: str = "own") -> dict[str, Policy]:
    """The policies of a copy of the shipped pack with one file more, as the README of the folder `coverage` has it."""
    shutil.copytree(shipped_patterns() / "spine", folder / "spine")
    (folder / "spine/coverage/our-payer.yaml").write_text(
        f"""sources: {{own: Our own policy.}}
criteria:
  - id: own.sixty
    policies: [esi-repeat]
    says: At least 60 %.
    source: {source}
    test: {test}
    lacks: No percent
""",
        encoding="utf-8",
    )
    return load_policies(load_pack(folder / "spine"))


def test_a_site_adds_one_file_with_its_own_source(tmp_path: Path) -> None:
    found = _site(tmp_path, "{element: treatment.injection_relief, field: percent, at_least: 60}")
    assert len(found["esi-repeat"].criteria) == len(shipped()["esi-repeat"].criteria) + 1
    assert "own.sixty" in {c.id for c in found["esi-repeat"].criteria}


@pytest.mark.parametrize(
    ("test", "source", "says"),
    [
        ("{element: pain.severity}", "nobody", "the source nobody"),
        ("{element: pain.severety}", "own", "the element pain.severety"),
        ("{any: [{not: {concept: cov.typo}}, {element: pain.severity}]}", "own", "the concept cov.typo"),
    ],
)
def test_a_name_the_pack_does_not_have_is_refused(tmp_path: Path, test: str, source: str, says: str) -> None:
    with pytest.raises(PackError, match=f"own.sixty names {says}"):
        _site(tmp_path, test, source)


@pytest.mark.parametrize(
    "test",
    [
        {"element": "pain.severity", "at_least": 4, "more_than": 3},
        {"element": "pain.severity", "at_least": "a while"},
        {"element": "pain.severity", "one_of": ["x"]},
        {"concept": "cov.modic", "unknown": 1},
        {"concept": "cov.modic", "fewer_than": 3},
        {"any": []},
        {},
    ],
)
def test_a_test_that_cannot_be_meant_is_refused(test: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Criterion.model_validate({**OWN, "test": test})


def test_a_bare_no_of_yaml_means_no() -> None:
    own = Criterion.model_validate({**OWN, "test": yaml.safe_load("{concept: cov.modic, silent: no}")})
    assert isinstance(own.test, ConceptTest) and own.test.silent == "no"
