"""The store survives: restarts, other processes, refused writes, a killed process."""

import multiprocessing
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.store import FILE_NAME, Store, StoreUnusable

GROUP = "/subscriptions/s/resourceGroups/group"
TOKEN = "network:VirtualNetwork"


def _id(number: int) -> str:
    return f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net{number}"


def test_resources_survive(tmp_path: Path) -> None:
    """What is written is there in the next run, found whatever the case of its id."""
    first = Store(tmp_path)
    written = first.put(_id(1), TOKEN, {"tags": {"a": "1"}})
    first.close()
    second = Store(tmp_path)
    assert second.get(_id(1).upper()) == written
    assert second.put(_id(1).lower(), TOKEN, {}).id == _id(1)
    second.close()


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_bodies_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, body: Any
) -> None:
    """Any answer that JSON can hold is kept exactly."""
    store = Store(tmp_path_factory.getbasetemp() / "bodies")
    store.put(_id(1), TOKEN, {"value": body})
    read = store.get(_id(1))
    store.close()
    assert read is not None
    assert read.body == {"value": body}


def test_failed_transaction_leaves_nothing(store: Store) -> None:
    """An exception undoes everything, in nested transactions too."""
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.put(_id(1), TOKEN, {})
        with store.transaction():
            store.put(_id(2), TOKEN, {})
        raise ZeroDivisionError
    assert store.all() == []
    store.put(_id(3), TOKEN, {})
    assert len(store.all()) == 1


def test_deleting_takes_everything_below(store: Store) -> None:
    """Children go with their parent; names that only begin alike stay."""
    for number in (1, 10):
        store.put(_id(number), TOKEN, {})
        store.put(f"{_id(number)}/subnets/a", "network:Subnet", {})
    store.delete(_id(1))
    assert [r.id for r in store.all()] == [_id(10), f"{_id(10)}/subnets/a"]


def test_mentions(store: Store) -> None:
    """Users of a resource are found by its id in their bodies, or an id below it."""
    store.put(_id(1), TOKEN, {"self": _id(1)})
    store.put(_id(2), TOKEN, {"ref": {"id": f"{_id(1)}/subnets/a".upper()}})
    store.put(_id(3), TOKEN, {"ref": {"id": f"{_id(1)}2"}})
    assert [r.id for r in store.mentioning(_id(1))] == [_id(2)]


def test_names(store: Store) -> None:
    """Resources of a type are found by their whole name, in any case."""
    for name in ("GatewaySubnet", "my-GatewaySubnet"):
        store.put(f"{_id(1)}/subnets/{name}", "network:Subnet", {})
    store.put(f"{_id(1)}/other/GatewaySubnet", TOKEN, {})
    found = store.named("network:Subnet", "gatewaysubnet")
    assert [r.id for r in found] == [f"{_id(1)}/subnets/GatewaySubnet"]


def test_made_up_keys_belong_to_a_store(tmp_path: Path) -> None:
    """Keys stay the same in a store, and differ between two."""
    one, other = Store(tmp_path / "one"), Store(tmp_path / "other")
    key = one.made_up_key("account", "key1")
    assert key == one.made_up_key("account", "key1")
    assert key != one.made_up_key("account", "key2")
    assert key != other.made_up_key("account", "key1")
    one.close()
    again = Store(tmp_path / "one")
    assert key == again.made_up_key("account", "key1")
    again.close()
    other.close()


def test_store_is_private(tmp_path: Path) -> None:
    """Only its owner can read the file."""
    Store(tmp_path / "store").close()
    assert (tmp_path / "store" / FILE_NAME).stat().st_mode & 0o077 == 0


def test_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    """A file that is no store is named, with the way out."""
    (tmp_path / FILE_NAME).write_bytes(b"something else" * 1000)
    with pytest.raises(StoreUnusable, match="remove it to start anew"):
        Store(tmp_path)


def test_full_disk_undoes_the_write(store: Store) -> None:
    """When there is no room the write fails as a whole, and the store stays usable."""
    store.put(_id(1), TOKEN, {})
    store._execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreUnusable, match="full"), store.transaction():
        for number in range(2, 400):
            store.put(_id(number), TOKEN, {"filling": "x" * 400})
    assert [r.id for r in store.all()] == [_id(1)]
    store._execute("PRAGMA max_page_count = 100000")
    store.put(_id(2), TOKEN, {})
    assert len(store.all()) == 2


def _write_many(folder: Path, start: int) -> None:
    store = Store(folder)
    for number in range(start, start + 40):
        store.put(_id(number), TOKEN, {})
    store.close()


def test_two_processes_at_once(tmp_path: Path) -> None:
    """Two emulators write one store at the same time; nothing is lost."""
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_write_many, args=(tmp_path, start))
        for start in (0, 1000)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    store = Store(tmp_path)
    assert len(store.all()) == 80
    store.close()


OPENS_NEW_STORES = """
import sys
from pathlib import Path
from emulator.store import Store
print("ready", flush=True)
sys.stdin.readline()
for number in range(100):
    Store(Path(sys.argv[1]) / str(number)).close()
"""


def test_new_stores_are_opened_by_several_at_once(tmp_path: Path) -> None:
    """Whoever comes first sets the file up; the others wait and are not refused."""
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENS_NEW_STORES, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for opener in openers:
        assert opener.stdout is not None and opener.stdout.readline() == "ready\n"
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("now\n")
        opener.stdin.flush()
    failures = [opener.communicate(timeout=60)[1] for opener in openers]
    assert failures == [""] * len(openers)


KILLED_INSIDE = """
import sys
from pathlib import Path
from emulator.store import Store
store = Store(Path(sys.argv[1]))
store.put("/subscriptions/s/resourceGroups/whole", "resources:ResourceGroup", {})
with store.transaction():
    store.put("/subscriptions/s/resourceGroups/half", "resources:ResourceGroup", {})
    print("inside", flush=True)
    sys.stdin.read()
"""


def test_killed_process_leaves_the_last_complete_state(tmp_path: Path) -> None:
    """A process that is killed in the middle of a write leaves no half of it."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_INSIDE, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "inside\n"
        process.send_signal(signal.SIGKILL)
    store = Store(tmp_path)
    assert [r.id for r in store.all()] == ["/subscriptions/s/resourceGroups/whole"]
    store.close()
