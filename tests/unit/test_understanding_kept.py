"""What texts are looked up in, kept in files: the same answers, made once, made anew when words change."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexers.store import sync
from indexers.vocabulary import Vocabulary, load_vocabulary
from search_service.understanding import kept as keeping
from search_service.understanding.kept import FOLDER, fingerprint, kept
from search_service.understanding.known import Known
from search_service.understanding.learnt import Learnt
from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.words import Words, load_words

ROWS = [
    ("Toyota", "Corolla", {"zh": {"make": "丰田", "model": "卡罗拉"}}, ("Altis",), {"engine": "1ZR-FE"}),
    ("BMW", "3 Series", {"zh": {"make": "宝马", "model": "3系"}}, (), {"trim": "320Li", "displacement_l": 2.0}),
]  # fmt: skip
TEXTS = (
    "卡罗拉 刹车片", "shachepian", "sha che pian fengtian", "scp", "刹车偏", "brkae pad", "pad brake", "320li brake",
    "1zr-fe 机油滤清器", "altis oil filter", "oilfilter", "breik pad", "bremse", "\ud800 pad", "", "宝马2.0 滤清",
)  # fmt: skip
PREFIXES = ("刹", "s", "sha", "scp", "br", "pad", "toy", "卡罗拉 刹", "丰", "\ud800", "")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocabulary of two part types."""
    folder: Path = tmp_path_factory.mktemp("config")
    (folder / "tables").mkdir()
    (folder / "tables" / "pinyin.txt").write_text(
        "che\t车\t\nsha\t刹\t\npian\t片偏\t\nji\t机\t\nyou\t油\t\nlv\t滤\t\nqing\t清\t\nqi\t器\t\nfeng\t丰\t\ntian\t田\t\n"
    )
    (folder / "categories.jsonl").write_text('{"id": "all", "name": {"en": "All", "zh": "全部"}}\n')
    add(folder, "brake_pad", "Brake Pad", "刹车片", ["brake lining"])
    add(folder, "oil_filter", "Oil Filter", "机油滤清器", ["filter, oil"])
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of the only generation of its data folder."""
    folder = tmp_path / "g1"
    folder.mkdir()
    return folder


def add(folder: Path, part_type: str, en: str, zh: str, names: list[str]) -> None:
    row = {"id": part_type, "category": "all", "name": {"en": en, "zh": zh}, "names": {"en": {"common": names}}}
    with (folder / "part_types.jsonl").open("a") as out:
        out.write(json.dumps(row) + "\n")


def known(vocabulary: Vocabulary, words: Words) -> Known:
    return Known.build(vocabulary, words, VehicleLexicon.build(ROWS), ("Bosch",), Learnt(("cup_holder",)))


def never() -> Known:
    raise AssertionError("made again")


def test_files_answer_as_what_they_were_made_of(config: Path, home: Path) -> None:
    """Parses and completions are the same from files as from memory."""
    vocabulary, words = load_vocabulary(config), load_words(config)
    built = known(vocabulary, words)
    read = kept(home, "one", words, lambda: built)
    assert read is not built
    one, other = (Understanding(vocabulary, brands=["Bosch"], words=words, known=each) for each in (built, read))
    assert [one.parse(text) for text in TEXTS] == [other.parse(text) for text in TEXTS]
    assert [one.complete(text) for text in PREFIXES] == [other.complete(text) for text in PREFIXES]
    assert one.parse("卡罗拉 刹车片").filter_types == ("brake_pad",)
    assert one.complete("scp").part_types[0].id == "brake_pad"


def test_what_is_there_is_not_made_again(config: Path, home: Path) -> None:
    """The second to ask reads what the first wrote."""
    vocabulary, words = load_vocabulary(config), load_words(config)
    name = fingerprint(vocabulary, words)
    kept(home, name, words, lambda: known(vocabulary, words))
    again = load_words(config)
    assert kept(home, fingerprint(load_vocabulary(config), again), again, never).lexicon.senses["brake pad"]


def test_workers_that_start_together_make_them_once(config: Path, home: Path) -> None:
    """The others wait for the first, and read what it wrote."""
    words = load_words(config)
    built = known(load_vocabulary(config), words)
    made: list[Known] = []
    started = threading.Barrier(3)

    def make() -> Known:
        time.sleep(0.1)
        made.append(built)
        return built

    def start() -> Known:
        started.wait()
        return kept(home, "one", words, make)

    with ThreadPoolExecutor(3) as workers:
        found = [one.result() for one in [workers.submit(start) for _ in range(3)]]
    assert len(made) == 1
    assert all(one.lexicon.senses["brake pad"] for one in found)


def test_a_generation_that_brings_nothing_new_shares_the_files_of_another(config: Path, tmp_path: Path) -> None:
    """They are not made again, and outlive the generation they were made for."""
    words = load_words(config)
    first, second = tmp_path / "g1", tmp_path / "g2"
    for folder in (first, second):
        folder.mkdir()
    kept(first, "one", words, lambda: known(load_vocabulary(config), words))
    kept(second, "one", words, never)
    shutil.rmtree(first)
    assert kept(second, "one", words, never).lexicon.senses["brake pad"]


@pytest.mark.parametrize("file", ["part_types.jsonl", "words.yaml", "tables/pinyin.txt"])
def test_a_changed_word_file_is_read_at_the_next_start(config: Path, tmp_path: Path, home: Path, file: str) -> None:
    """New words ask for new files; the old ones make room."""
    own = Path(shutil.copytree(config, tmp_path / "config"))
    vocabulary, words = load_vocabulary(own), load_words(own)
    kept(home, before := fingerprint(vocabulary, words), words, lambda: known(vocabulary, words))
    if file == "part_types.jsonl":
        add(own, "wiper", "Wiper", "雨刮", ["windscreen wiper"])
    elif file == "words.yaml":
        (own / file).write_text("stop: [的]\n")
    else:
        (own / file).write_text((config / file).read_text() + "gua\t刮\t\n")
    vocabulary, words = load_vocabulary(own), load_words(own)
    read = kept(home, after := fingerprint(vocabulary, words), words, lambda: known(vocabulary, words))
    assert after != before
    assert [folder.name for folder in (home / FOLDER).iterdir() if folder.is_dir()] == [after]
    found = Understanding(vocabulary, words=words, known=read).parse("windscreen wiper").filter_types
    assert found == (("wiper",) if file == "part_types.jsonl" else ())


def test_the_operators_own_words_count(config: Path, tmp_path: Path) -> None:
    """His folder beside the shipped one has a part in the fingerprint."""
    vocabulary = load_vocabulary(config)
    (tmp_path / "brands.jsonl").write_text('{"brand": "Acme"}\n')
    assert fingerprint(vocabulary, load_words(config)) != fingerprint(vocabulary, load_words(config, tmp_path))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _damage(path: Path) -> None:
    """As many bytes as before, one bit of one of them otherwise."""
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 1
    path.write_bytes(data)


SPOILT: dict[str, Callable[[Path], object]] = {
    "a bracket": lambda path: path.write_bytes(b"{"),
    "lost": Path.unlink,
    "emptied": lambda path: path.write_bytes(b""),
    "cut": _cut,
    "damaged": _damage,
}


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize(
    "spoilt",
    [
        "lexicon.weight.json", "lexicon.senses.sums.npy", "lexicon.senses.keys.blob", "vehicles.codes.keys.blob",
        "prefixes.rank.npy", "prefixes.texts.blob", "seal.json",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_made_anew(config: Path, home: Path, spoilt: str, how: str) -> None:
    """A lost, broken, shortened or damaged file costs a build, never the start, and no other answer."""
    vocabulary, words = load_vocabulary(config), load_words(config)
    kept(home, "one", words, lambda: known(vocabulary, words))
    path = home / FOLDER / "one" / spoilt
    written = path.read_bytes()
    SPOILT[how](path)
    assert kept(home, "one", words, lambda: known(vocabulary, words)).lexicon.senses["brake pad"]
    assert path.read_bytes() == written
    assert kept(home, "one", words, never)


def test_files_are_on_disk_before_their_folder_has_its_name(
    config: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut leaves all of them or none; the folder that names them last."""
    synced: list[tuple[str, bool]] = []

    def told(path: Path) -> None:
        synced.append((path.name, (home / FOLDER / "one").exists()))
        sync(path)

    monkeypatch.setattr(keeping, "sync", told)
    vocabulary, words = load_vocabulary(config), load_words(config)
    kept(home, "one", words, lambda: known(vocabulary, words))
    files = {path.name for path in (home / FOLDER / "one").iterdir()}
    assert {name for name, named in synced if not named} >= files
    assert synced[-1] == (FOLDER, True)


def test_no_file_may_be_damaged(config: Path, home: Path) -> None:
    """Of whichever file one bit is another: everything is made anew, as it was."""
    vocabulary, words = load_vocabulary(config), load_words(config)
    built = known(vocabulary, words)
    kept(home, "one", words, lambda: built)
    written = {path.name: path.read_bytes() for path in (home / FOLDER / "one").iterdir()}
    for name in filter(written.get, written):
        _damage(home / FOLDER / "one" / name)
        assert kept(home, "one", words, lambda: built) is not built
        assert {path.name: path.read_bytes() for path in (home / FOLDER / "one").iterdir()} == written


def test_what_a_worker_of_other_words_clears_away_goes_on_answering(config: Path, home: Path) -> None:
    """Completions too, which the first worker may not have been asked for yet."""
    vocabulary, words = load_vocabulary(config), load_words(config)
    kept(home, "one", words, lambda: known(vocabulary, words))
    read = kept(home, "one", words, never)
    kept(home, "two", words, lambda: known(vocabulary, words))
    assert not (home / FOLDER / "one").exists()
    found = Understanding(vocabulary, words=words, known=read).complete("scp").part_types
    assert [one.id for one in found] == ["brake_pad"]


def test_a_folder_nobody_may_write_to_is_done_without(config: Path, home: Path) -> None:
    """Then each process makes its own."""
    words = load_words(config)
    built = known(load_vocabulary(config), words)
    (home / FOLDER).write_text("in the way")
    assert kept(home, "one", words, lambda: built) is built
