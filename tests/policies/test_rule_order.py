"""The order of the rules, which the documentation and the reports follow."""

from itertools import groupby

from azureml_policies import RULES


def test_rules_stand_by_section_and_number() -> None:
    """Also where several modules hold the rules of a section."""
    ids = [rule.id for rule in RULES]
    sections = [
        (letters, list(numbers))
        for letters, numbers in groupby(ids, key=lambda text: text[:2])
    ]
    assert len({letters for letters, _ in sections}) == len(sections)
    for _, numbers in sections:
        assert numbers == sorted(numbers)
