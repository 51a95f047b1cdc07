"""The questions that most rules ask, each with a message that says what to change.

Every function yields nothing where the property is as wanted, a violation where it is
not, and an undecided answer where its value is not known yet.
"""

from collections.abc import Iterator

from azureml_policies._frame.findings import Finding, Undecided, Violation
from azureml_policies._frame.resources import Resource
from azureml_policies._frame.values import Absent, Known, Reading, Unknown


def must_be(
    subject: Resource, path: str, *allowed: str, unset: str = ""
) -> Iterator[Finding]:
    """Want the text at ``path`` to be one of ``allowed``, without regard to case.

    ``unset`` says what Azure does where the property is not set; leave it empty where
    that is as good as setting it.
    """
    wanted = " or ".join(f"'{text}'" for text in allowed)
    match subject.value(path):
        case Known() as value if not value.is_any_of(allowed):
            yield Violation(path, f"{path} is {value.text}; set it to {wanted}")
        case Absent() if unset:
            yield Violation(path, f"{path} is missing: {unset}; set it to {wanted}")
        case Unknown() as unknown:
            yield undecided(unknown, f"{_it(unknown, path)} has to be {wanted}")


def must_be_flag(
    subject: Resource, path: str, wanted: bool, *, unset: str = ""
) -> Iterator[Finding]:
    """Want the boolean at ``path`` to be ``wanted``.

    ``unset`` says what Azure does where the property is not set; leave it empty where
    that is as good as setting it.
    """
    word = "true" if wanted else "false"
    match subject.value(path):
        case Known() as value if value.value is not wanted:
            yield Violation(path, f"{path} is {value.text}; set it to {word}")
        case Absent() if unset:
            yield Violation(path, f"{path} is missing: {unset}; set it to {word}")
        case Unknown() as unknown:
            yield undecided(unknown, f"{_it(unknown, path)} has to be {word}")


def must_be_at_least(
    subject: Resource, path: str, minimum: float, *, unset: str = ""
) -> Iterator[Finding]:
    """Want the number at ``path`` to be ``minimum`` or more.

    ``unset`` says what Azure does where the property is not set; leave it empty where
    that is enough.
    """
    match subject.value(path):
        case Known(value=bool()) as value:
            yield Violation(path, f"{path} is {value.text}; set it to a number")
        case Known(value=float() as number) as value:
            if not number >= minimum:
                yield Violation(
                    path, f"{path} is {value.text}; set it to {minimum:g} or more"
                )
        case Known() as value:
            yield Violation(path, f"{path} is {value.text}; set it to a number")
        case Absent() if unset:
            yield Violation(
                path, f"{path} is missing: {unset}; set it to {minimum:g} or more"
            )
        case Unknown() as unknown:
            yield undecided(
                unknown, f"{_it(unknown, path)} has to be {minimum:g} or more"
            )


def must_be_set(subject: Resource, path: str, *, unset: str) -> Iterator[Finding]:
    """Want ``path`` to have a value, known or not: an id may still be unknown.

    A blank text is no value.

    ``unset`` says what happens where the property is not set.
    """
    match subject.value(path):
        case Absent() | Known(is_blank=True):
            yield Violation(path, f"{path} is missing: {unset}; set it")
        case Unknown(path=where) as unknown if where != path:
            yield undecided(unknown, f"{path} has to be set")


def undecided(unknown: Reading, wanted: str) -> Undecided:
    """Answer that ``unknown`` stands in the way of telling whether ``wanted`` holds."""
    return Undecided(
        unknown.path,
        f"{unknown.path} is not known before the deployment: {wanted}; "
        "give it a value that the program knows",
    )


def _it(unknown: Unknown, path: str) -> str:
    """Return how to speak of ``path`` behind the name of what is not known."""
    return "it" if unknown.path == path else path
