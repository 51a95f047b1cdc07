"""`pin` writes the layout into the configuration, once, and touches nothing else."""

import json
import os
import re
import stat
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.command_line import main
from review.outcomes import EngineFailed, Misuse
from review.stack_file import StackFile

UNPINNED = """\
# The shop's network.
config:
  shop:subnets:
    training: {purpose: training}  # machines
    endpoints:
      purpose: endpoints
  shop:tags: {environment: dev}
"""
PINNED = """\
# The shop's network.
config:
  shop:subnets:
    training: {purpose: training, prefix: 10.0.0.0/25}  # machines
    endpoints:
      purpose: endpoints
      prefix: 10.0.0.128/27
  shop:tags: {environment: dev}
"""
LAYOUT = {"training": "10.0.0.0/25", "endpoints": "10.0.0.128/27"}
PROJECT = """\
name: shop
runtime: python
config:
  subnets:
    description: The subnets.
    value:
      training: {purpose: training, zones: ["1"]}
      endpoints: {purpose: endpoints, prefix: 10.0.0.128/27}
  reservations:
    default:
      growth: {size: 26}
"""


@pytest.fixture
def exports(build, cardboard_engine) -> Callable[..., None]:
    """Say what the stack's program exports in a preview."""

    def export(**outputs: Any) -> None:
        metadata = {
            "op": "create",
            "urn": build.stack_urn,
            "type": "pulumi:pulumi:Stack",
            "new": {"type": "pulumi:pulumi:Stack", "outputs": outputs},
        }
        cardboard_engine.plays(
            "preview",
            {"resOutputsEvent": {"metadata": metadata | {"new": {"outputs": {}}}}},
            {"resOutputsEvent": {"metadata": metadata}},
            output=json.dumps({"steps": []}),
        )

    return export


@pytest.fixture
def stack_file(shop) -> Path:
    """The configuration of the stack dev, not pinned."""
    file = shop / "Pulumi.dev.yaml"
    file.write_text(UNPINNED)
    return file


def test_the_layout_is_pinned_once(stack_file, exports, cardboard_engine, capsys):
    """The first run writes each range and says so; the second has nothing to do."""
    exports(subnetPrefixes=LAYOUT)
    assert main(["pin", "--stack", "dev"]) == 0
    assert stack_file.read_text() == PINNED
    assert capsys.readouterr().out.splitlines() == [
        "pinned      shop:subnets.endpoints.prefix: 10.0.0.128/27",
        "pinned      shop:subnets.training.prefix: 10.0.0.0/25",
        "Next        commit Pulumi.dev.yaml; the layout stays as it is",
    ]
    assert main(["pin", "--stack", "organisation/shop/dev"]) == 0
    assert stack_file.read_text() == PINNED
    assert capsys.readouterr().out == "dev: nothing to pin\n"
    assert all("--policy-pack" not in call for call in cardboard_engine.calls())


def test_a_check_writes_nothing_and_ends_with_1(stack_file, exports, capsys):
    """For CI: what is not pinned is named, with the command that pins it."""
    stack_file.chmod(0o444)
    exports(subnetPrefixes=LAYOUT)
    assert main(["pin", "--stack", "dev", "--check"]) == 1
    assert stack_file.read_text() == UNPINNED
    said = capsys.readouterr().out
    assert "not pinned  shop:subnets.training.prefix: 10.0.0.0/25\n" in said
    assert said.endswith("Next        python -m review pin --stack dev\n")
    stack_file.chmod(0o644)
    stack_file.write_text(PINNED)
    assert main(["pin", "--stack", "dev", "--check"]) == 0


def test_reservations_are_pinned_beside_subnets(stack_file, exports, capsys):
    """Reserved space has a key and an output of its own."""
    stack_file.write_text(PINNED + "  reservations: {growth: {size: 26}}\n")
    exports(subnetPrefixes=LAYOUT, reservedPrefixes={"growth": "10.0.0.192/26"})
    assert main(["pin", "--stack", "dev"]) == 0
    assert stack_file.read_text() == PINNED + (
        "  reservations: {growth: {size: 26, prefix: 10.0.0.192/26}}\n"
    )
    assert "pinned      reservations.growth.prefix: 10.0.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "config:\n    shop:location: here # there\n",
            "config:\n    shop:location: here # there\n"
            "    shop:subnets:\n"
            "        training:\n"
            "            purpose: training\n"
            "            zones:\n"
            "            - '1'\n"
            "            prefix: 10.0.0.0/25\n"
            "        endpoints:\n"
            "            purpose: endpoints\n"
            "            prefix: 10.0.0.128/27\n"
            "    shop:reservations:\n"
            "        growth:\n"
            "            size: 26\n"
            "            prefix: 10.0.0.192/26\n",
        ),
        (
            None,
            "config:\n"
            "  shop:subnets:\n"
            "    training:\n"
            "      purpose: training\n"
            "      zones:\n"
            "      - '1'\n"
            "      prefix: 10.0.0.0/25\n"
            "    endpoints:\n"
            "      purpose: endpoints\n"
            "      prefix: 10.0.0.128/27\n"
            "  shop:reservations:\n"
            "    growth:\n"
            "      size: 26\n"
            "      prefix: 10.0.0.192/26\n",
        ),
    ],
)
def test_what_pulumi_yaml_configures_is_copied(
    before: str | None, after: str, shop, exports, cardboard_engine
):
    """A stack without the key gets the project's default, with the ranges in it; one
    without a file of its own gets the file."""
    (shop / "Pulumi.yaml").write_text(PROJECT)
    stack_file = shop / "Pulumi.dev.yaml"
    stack_file.unlink()
    if before is not None:
        stack_file.write_text(before)
    cardboard_engine.plays("stack", output='[{"name": "dev"}]')
    exports(subnetPrefixes=LAYOUT, reservedPrefixes={"growth": "10.0.0.192/26"})
    assert main(["pin", "--stack", "dev"]) == 0
    assert stack_file.read_text() == after
    assert main(["pin", "--stack", "dev", "--check"]) == 0


def test_another_file_and_another_folder(shop, exports, tmp_path):
    """The file is the one that the preview reads: named, or where Pulumi.yaml says."""
    exports(subnetPrefixes=LAYOUT)
    named = tmp_path / "named.yaml"
    named.write_text(UNPINNED)
    assert main(["pin", "--stack", "dev", "--config-file", str(named)]) == 0
    assert named.read_text() == PINNED
    (shop / "Pulumi.yaml").write_text("name: shop\nstackConfigDir: stacks\n")
    (shop / "stacks").mkdir()
    (shop / "stacks" / "Pulumi.other.yml").write_text(UNPINNED)
    assert main(["pin", "--stack", "other"]) == 0
    assert (shop / "stacks" / "Pulumi.other.yml").read_text() == PINNED


@pytest.mark.parametrize(
    ("text", "outputs", "message"),
    [
        (UNPINNED, {}, "output subnetPrefixes is no map; export the range of each"),
        (
            UNPINNED,
            {"subnetPrefixes": {"training": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}},
            "output subnetPrefixes.training is {'unknown': True}; it must be a range",
        ),
        (
            PINNED,
            {"subnetPrefixes": LAYOUT | {"training": "10.0.1.0/25"}},
            "shop:subnets.training.prefix: is '10.0.0.0/25' and the layout has "
            "'10.0.1.0/25'; the program does not follow its configuration",
        ),
        (
            PINNED,
            {"subnetPrefixes": {"gateway": "10.0.1.0/27"}},
            "shop:subnets.gateway: is in the layout (10.0.1.0/27) and not in the "
            "configuration; add it there",
        ),
        (
            "config:\n  shop:subnets: '{}'\n",
            {"subnetPrefixes": LAYOUT},
            "shop:subnets: is no map; write it as one",
        ),
        (
            "config:\n  shop:subnets:\n    training: &x {purpose: x}\n"
            "    endpoints: *x\n",
            {"subnetPrefixes": LAYOUT},
            "config.shop:subnets.endpoints is the alias *x; write it out as a map",
        ),
        ("config: [", {"subnetPrefixes": LAYOUT}, "cannot be read as YAML"),
    ],
)
def test_what_cannot_be_pinned_ends_with_2(
    text: str, outputs: dict, message: str, stack_file, exports, capsys
):
    """The fault is named and the file stays as it was."""
    stack_file.write_text(text)
    exports(**outputs)
    assert main(["pin", "--stack", "dev"]) == 2
    assert message in capsys.readouterr().err
    assert stack_file.read_text() == text


def test_a_failed_preview_ends_as_a_preview_does(stack_file, cardboard_engine, capsys):
    """Without a layout nothing is pinned, and the next step repeats the command."""
    cardboard_engine.plays("preview", exit_code=255, errors="error: no such thing\n")
    assert main(["pin", "--stack", "dev", "--check"]) == 3
    said = capsys.readouterr().err
    assert "no such thing" in said
    assert "again with: python -m review pin --stack dev --check" in said
    assert stack_file.read_text() == UNPINNED


def test_a_file_that_is_read_only_is_told_at_once(stack_file, cardboard_engine, capsys):
    """Nobody waits for a preview whose result cannot be written."""
    stack_file.chmod(0o444)
    assert main(["pin", "--stack", "dev"]) == 2
    assert "Pulumi.dev.yaml: is read-only" in capsys.readouterr().err
    assert cardboard_engine.calls() == []


def test_a_link_stays_a_link(stack_file, exports, tmp_path):
    """The file that it leads to is changed, with its permissions as they were."""
    elsewhere = tmp_path / "elsewhere.yaml"
    stack_file.rename(elsewhere)
    elsewhere.chmod(0o640)
    stack_file.symlink_to(elsewhere)
    exports(subnetPrefixes=LAYOUT)
    assert main(["pin", "--stack", "dev"]) == 0
    assert stack_file.is_symlink()
    assert elsewhere.read_text() == PINNED
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o640


def test_what_is_written_meanwhile_is_not_lost(stack_file):
    """A file that changed since it was read is left alone."""
    file = StackFile(stack_file)
    stack_file.write_text(UNPINNED + "  shop:new: 1\n")
    with pytest.raises(Misuse, match="was changed meanwhile; run the command again"):
        file.add({"shop:subnets": {"training": {"prefix": "10.0.0.0/25"}}})
    assert stack_file.read_text() == UNPINNED + "  shop:new: 1\n"


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_failed_write_leaves_the_file_whole(stack_file, monkeypatch, fails: str):
    """A full disk leaves what was there, and no scraps beside it."""
    beside = set(stack_file.parent.iterdir())

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, fails, no_space)
    with pytest.raises(EngineFailed, match="cannot be written: .*No space left"):
        StackFile(stack_file).add(
            {"shop:subnets": {"training": {"prefix": "10.0.0.0/25"}}}
        )
    assert stack_file.read_text() == UNPINNED
    assert set(stack_file.parent.iterdir()) == beside


@pytest.mark.engine
def test_a_pinned_stack_keeps_its_layout(stack_project, offline):
    """The stack program without its ranges: they are pinned as they were planned, and a
    subnet that would have come first moves none of them."""
    stack_file = stack_project / "Pulumi.dev.yaml"
    unpinned = _without_prefixes(stack_file.read_text())
    unpinned += "  private-azureml:reservations: {growth: {size: 26}}\n"
    stack_file.write_text(unpinned)

    def review(*arguments: str, ends_with: int) -> None:
        done = offline(stack_project, "python", "-m", "review", *arguments)
        assert done.returncode == ends_with, done.stdout + done.stderr

    review("pin", "--stack", "dev", "--check", ends_with=1)
    assert stack_file.read_text() == unpinned
    review("pin", "--stack", "dev", ends_with=0)
    assert _without_prefixes(stack_file.read_text()) == unpinned

    pinned = yaml.safe_load(stack_file.read_text())
    subnets = pinned["config"]["private-azureml:subnets"]
    layout = {name: IPv4Network(each["prefix"]) for name, each in subnets.items()}
    growth = pinned["config"]["private-azureml:reservations"]["growth"]["prefix"]
    subnets["a-new-one"] = {"purpose": "general", "size": 25}
    stack_file.write_text(yaml.safe_dump(pinned))
    review("preview", "--stack", "dev", "--no-policies", ends_with=0)
    plan = json.loads((stack_project / "out" / "dev" / "plan.json").read_text())
    made = {
        each["inputs"]["subnetName"]: IPv4Network(each["inputs"]["addressPrefix"])
        for each in plan["resources"]
        if each["type"] == "azure-native:network:Subnet"
    }
    assert not made.pop("a-new-one").overlaps(IPv4Network(growth))
    assert sorted(made.values()) == sorted(layout.values())
    for name in ("training", "endpoints"):
        assert made[name] == layout[name]


def _without_prefixes(text: str) -> str:
    return re.sub(r"\n *prefix: .*|, prefix: [\d./]+", "", text)
