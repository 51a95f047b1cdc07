"""The files that are written from the rules, so that each says a thing once only.

They lie in the checkout that the pack is in: its documentation, its profiles, and what
the rulebook has to know about the rules.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from azureml_policies._frame.azure_policy_page import azure_policy_page
from azureml_policies._frame.catalogue import FOLDER, rules_as_pages, rules_as_table
from azureml_policies._frame.profiles import Framework, Profile, profile
from azureml_policies._frame.rules import Rule
from azureml_rulebook.azure_policies import azure_policies

PROFILES = Path("policies/config/profiles")
ASSIGNED = Path("components/azureml_rulebook/published_azure_policies/rules.json")
PAGE = Path("docs/policies.md")
AZURE_POLICY_PAGE = "azure-policy.md"
_MARK = "<!-- python -m azureml_policies generate -->"


def generated_files(rules: Iterable[Rule], checkout: Path) -> dict[Path, str]:
    """Return what every generated file is to hold, by its path in ``checkout``.

    Raises OSError where the page that the table goes into cannot be read.
    """
    listed = tuple(rules)
    page = (checkout / PAGE).read_text(encoding="utf-8")
    start = page.partition(_MARK)[0]
    files = {PAGE: f"{start}{_MARK}\n\n{rules_as_table(listed)}\n"}
    for name, text in rules_as_pages(listed).items():
        files[PAGE.parent / FOLDER / name] = text
    files[PAGE.parent / FOLDER / AZURE_POLICY_PAGE] = azure_policy_page(
        rules_by_azure_policy(listed)
    )
    for name, content in _profiles(listed).items():
        files[PROFILES / f"{name}.json"] = as_json(content)
    files[ASSIGNED] = as_json(rules_by_azure_policy(listed))
    return files


def outdated(files: dict[Path, str], checkout: Path) -> list[Path]:
    """Return the files of ``checkout`` that hold something else, or are too many."""
    found = [
        path
        for path, text in files.items()
        if not (checkout / path).is_file()
        or (checkout / path).read_text(encoding="utf-8") != text
    ]
    for folder in (PROFILES, PAGE.parent / FOLDER):
        found += [
            path
            for each in sorted((checkout / folder).glob("*"))
            if (path := folder / each.name) not in files
        ]
    return found


def rules_by_azure_policy(rules: Iterable[Rule]) -> dict[str, dict[str, str]]:
    """Return definition id to the ids and levels of the rules that name it."""
    listed = tuple(rules)
    found = {
        identifier: {
            rule.id: rule.level.value
            for rule in listed
            if identifier in rule.azure_policies
        }
        for identifier in azure_policies()
    }
    return {identifier: levels for identifier, levels in found.items() if levels}


def as_json(content: object) -> str:
    """Return ``content`` as the files hold it."""
    return json.dumps(content, indent=2) + "\n"


def _profiles(rules: tuple[Rule, ...]) -> dict[str, dict[str, str]]:
    """Return the profiles that the checkout holds, by name."""
    found = {each.value: profile(rules, each) for each in Profile}
    for framework in Framework:
        name = f"{Profile.MODERATE.value}-{framework.value.lower()}"
        found[name] = profile(rules, Profile.MODERATE, framework)
    return found
