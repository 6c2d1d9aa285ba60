"""The shipped vocabulary: its size, its order, what names mean; and how an operator extends it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from indexers.text import phrase_key
from indexers.vocabulary import AmbiguousRow, PartTypeRow, Vocabulary, VocabularyError, outside_id, row_schemas
from search_service.resources import config_folder
from search_service.understanding.errors import InvalidWords
from search_service.understanding.intent import FILTER_CONFIDENCE
from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words, word_schemas


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


def rows(name: str, kind: type) -> list:
    decoder = msgspec.json.Decoder(kind)
    return [decoder.decode(line) for line in (config_folder() / name).read_bytes().splitlines()]


def test_it_covers_the_car(vocabulary: Vocabulary) -> None:
    """At least 700 part types with 15,000 names, each with both languages, in a tree without loose ends."""
    assert len(vocabulary.part_types) >= 700
    assert sum(len(each.names) for each in vocabulary.part_types.values()) >= 15_000
    for part_type in vocabulary.part_types.values():
        assert {name.lang for name in part_type.names} == {"en", "zh"}
        assert vocabulary.categories[vocabulary.ancestors(part_type.id)[0]].parent is None


def test_every_category_has_parts(vocabulary: Vocabulary) -> None:
    """No branch of the tree is empty."""
    used = {category for each in vocabulary.part_types for category in vocabulary.ancestors(each)}
    assert used == set(vocabulary.categories)


def test_ids_are_unique_slugs() -> None:
    """Ids are stable slugs, each given once."""
    ids = Counter(row.id for row in rows("part_types.jsonl", PartTypeRow))
    assert max(ids.values()) == 1
    assert all(each == outside_id(each) for each in ids)


def test_a_name_of_two_types_is_called_ambiguous(vocabulary: Vocabulary) -> None:
    """Whatever names several part types has a row that says so, with a judgement of its own."""
    called = {phrase_key(row.word) for row in rows("ambiguous.jsonl", AmbiguousRow)}
    shared = {key for key, meanings in vocabulary.meanings.items() if len(meanings) > 1}
    assert shared <= called


def test_at_most_one_reading_of_a_word_filters(vocabulary: Vocabulary) -> None:
    """A word with several meanings filters by one of them at most."""
    for key, meanings in vocabulary.meanings.items():
        assert sum(meaning.confidence >= FILTER_CONFIDENCE for meaning in meanings) <= 1, key


@pytest.mark.parametrize(
    "word", ["羊角", "分泵", "总泵", "马达", "摩擦片", "后盖", "大灯", "气泵", "driveshaft", "wing"]
)
def test_ambiguous_words_keep_the_filter_shut(vocabulary: Vocabulary, word: str) -> None:
    """None of the known ambiguous words filters by itself."""
    assert all(meaning.confidence < FILTER_CONFIDENCE for meaning in vocabulary.meanings[phrase_key(word)])


@pytest.mark.parametrize(
    ("name", "type_id"),
    [
        ("brake_pad", "brake_pad"),
        ("Brake Pad Set", "brake_pad"),
        ("BRAKE PADS", "brake_pad"),
        ("刹车片", "brake_pad"),
        ("剎車片", "brake_pad"),
        ("刹车片套装", "brake_pad"),
        ("喇叭", "horn"),
        ("球笼", "cv_joint"),
        ("球头", "ball_joint"),
    ],
)
def test_data_may_name_a_part_type_in_any_way(vocabulary: Vocabulary, name: str, type_id: str) -> None:
    """Ids, shown names and unambiguous names in either language are the same part type."""
    assert vocabulary.id_of(name) == type_id


def test_a_name_outside_the_vocabulary_keeps_itself(vocabulary: Vocabulary) -> None:
    """An unknown part type is its own slug, has no ancestors, and is shown as it was written."""
    assert vocabulary.type_of("Cup Holder Light") is None
    assert vocabulary.id_of("Cup Holder Light") == "cup_holder_light"
    assert vocabulary.ancestors("cup_holder_light") == ()
    assert vocabulary.name_of("cup_holder_light", "en", outside="Cup Holder Light") == "Cup Holder Light"


def test_an_ambiguous_name_is_no_part_type(vocabulary: Vocabulary) -> None:
    """A name of several types that none is shown under stays open."""
    assert vocabulary.type_of("分泵") is None


def test_longest_name_wins_its_own_type(vocabulary: Vocabulary) -> None:
    """水箱 is the radiator, and its longer names are other things."""
    found = {name: vocabulary.id_of(name) for name in ("膨胀水箱", "副水箱", "暖风水箱", "水箱盖")}
    assert found == {
        "膨胀水箱": "expansion_tank", "副水箱": "expansion_tank", "暖风水箱": "heater_core", "水箱盖": "radiator_cap",
    }  # fmt: skip


def test_an_operator_adds_names_and_types(tmp_path: Path) -> None:
    """A folder of the operator's own adds names to a known type and whole new types, and changes the version."""
    lines = [
        {"id": "brake_pad", "names": {"zh": {"common": ["停车片"]}}},
        {"id": "duck", "category": "accessories", "name": {"en": "Dashboard duck", "zh": "小黄鸭"}},
    ]
    (tmp_path / "part_types.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    extended = load_vocabulary(extra=tmp_path)
    assert extended.id_of("停车片") == "brake_pad"
    assert extended.id_of("刹车片") == "brake_pad"
    assert extended.id_of("小黄鸭") == "duck"
    assert extended.version != load_vocabulary().version


def test_a_vocabulary_is_read_again_when_a_file_changed(tmp_path: Path) -> None:
    """What was read last is remembered as long as its files say the same."""
    extra = tmp_path / "part_types.jsonl"
    extra.write_text(json.dumps({"id": "brake_pad", "names": {"zh": {"common": ["停车片"]}}}), encoding="utf-8")
    before = load_vocabulary(extra=tmp_path)
    assert load_vocabulary(extra=tmp_path) is before
    extra.write_text(json.dumps({"id": "brake_pad", "names": {"zh": {"common": ["止车片"]}}}), encoding="utf-8")
    after = load_vocabulary(extra=tmp_path)
    assert (before.id_of("停车片"), before.id_of("止车片")) == ("brake_pad", "止车片")
    assert (after.id_of("停车片"), after.id_of("止车片")) == ("停车片", "brake_pad")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "x", "colour": "red"}', "part_types.jsonl line 1"),
        ('{"id": "x"}', "no name or no category"),
        ('{"id": "x", "category": "nowhere", "name": {"en": "X", "zh": "某"}}', "unknown category"),
        ('{"id": "brake_pad", "names": {"zh": {"loud": ["叫"]}}}', "part_types.jsonl line 1"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(tmp_path: Path, line: str, says: str) -> None:
    """Unknown keys, registers and categories are errors that say where and what."""
    (tmp_path / "part_types.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(VocabularyError, match=says):
        load_vocabulary(extra=tmp_path)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"word": "刹车皮", "part_type": "brake_pad", "state": "fine", "by": "me"}', "reviews.jsonl line 1"),
        ('{"word": "刹车皮", "part_type": "brake_pad", "state": "reviewed"}', "by"),
        ('{"word": "刹车皮", "part_type": "nothing", "state": "rejected", "by": "me"}', "unknown part type"),
        ('{"word": "小黄鸭", "part_type": "brake_pad", "state": "reviewed", "by": "me"}', "has no name"),
        ('{"word": "刹车片", "part_type": "brake_pad", "state": "rejected", "by": "me"}', "another name first"),
    ],
)
def test_a_wrong_review_is_refused(tmp_path: Path, line: str, says: str) -> None:
    """A state nobody knows, a review by nobody, of no name, or against the name that is shown."""
    (tmp_path / "reviews.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(VocabularyError, match=says):
        load_vocabulary(extra=tmp_path)


def test_reviews_tell_the_state_of_names_and_take_rejected_ones_away(tmp_path: Path) -> None:
    """An operator rejects a shipped name, and a reading of an ambiguous word, without a release."""
    lines = [
        {"word": "刹车皮", "part_type": "brake_pad", "state": "rejected", "by": "shop"},
        {"word": "羊角", "part_type": "bumper_bracket", "state": "rejected", "by": "shop"},
        {"word": "制动片", "part_type": "brake_pad", "state": "reviewed", "by": "shop"},
        {"word": "a name long gone", "part_type": "brake_pad", "state": "rejected", "by": "shop"},
    ]
    (tmp_path / "reviews.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    own = load_vocabulary(extra=tmp_path)
    assert own.review_of("brake_pad", "刹车皮") == "rejected"
    assert own.review_of("brake_pad", "制动片") == "reviewed"
    assert "刹车皮" not in own.meanings
    assert [meaning.type_id for meaning in own.meanings["羊角"]] == ["knuckle"]
    assert own.version != load_vocabulary().version


def test_shipped_names_have_reviews_and_types_have_notes(vocabulary: Vocabulary) -> None:
    """At least 1,500 names were looked at one by one, and types that are mistaken for others say so."""
    assert sum(row.state == "reviewed" for row in vocabulary.reviews.values()) >= 1500
    assert sum(bool(each.note) for each in vocabulary.part_types.values()) >= 60


def test_word_files_are_strict(tmp_path: Path) -> None:
    """A word file with a key nobody knows is refused by name."""
    for path in config_folder().glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "quality.yaml").write_text("- {values: [oe], words: [a], colour: red}", encoding="utf-8")
    with pytest.raises(InvalidWords, match=r"quality\.yaml"):
        load_words(tmp_path)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{kind: x, pattern: '(', part_types: {}}", "missing"),
        ("{kind: x, pattern: 'a', written: '{0}', part_types: {}}", "x 'a'"),
        ("{kind: x, pattern: 'a', attributes: {length_mm: [1]}, part_types: {}}", "need a group"),
        ("{kind: x, pattern: 'a', attributes: {length_mm: []}, part_types: {}}", "length"),
        ("{kind: x, pattern: '(?P<n>a)', part_types: {}}", "by number"),
    ],
)
def test_a_wrong_size_is_refused_by_its_kind(tmp_path: Path, row: str, says: str) -> None:
    """A pattern that does not compile, or lacks the group that is spoken of, is named when it is read."""
    (tmp_path / "specs.yaml").write_text(f"- {row}", encoding="utf-8")
    with pytest.raises(InvalidWords, match=rf"specs\.yaml.*{says}"):
        load_words(extra=tmp_path)


def test_an_operators_sizes_come_first(tmp_path: Path) -> None:
    """A size of his folder is tried before the shipped ones."""
    (tmp_path / "specs.yaml").write_text("- {kind: own, pattern: 'h7', part_types: {horn: 0.9}}", encoding="utf-8")
    own = Understanding(load_vocabulary(), VehicleLexicon.build(()), words=load_words(extra=tmp_path))
    (spec,) = own.parse("H7").specs
    assert (spec.kind, spec.written) == ("own", "H7")


def test_an_operator_adds_words_of_every_kind(tmp_path: Path) -> None:
    """Places, brands, nicknames of a known make, complaints and stop words of his folder join the shipped."""
    (tmp_path / "positions.yaml").write_text("left: [port side]\n", encoding="utf-8")
    (tmp_path / "words.yaml").write_text("stop: [pretty please]\n", encoding="utf-8")
    (tmp_path / "brands.jsonl").write_text('{"brand": "Ourbrand", "aliases": ["our own"]}\n', encoding="utf-8")
    (tmp_path / "makes.jsonl").write_text(
        '{"make": "Toyota", "models": {"Corolla": ["rolla"], "Newcar": ["nc"]}}\n', encoding="utf-8"
    )
    (tmp_path / "symptoms.jsonl").write_text(
        '{"id": "own", "name": {"en": "Beeps", "zh": "哔哔响"}, "all": [["beeps"]], "part_types": {"horn": 0.9}}\n',
        encoding="utf-8",
    )
    words, shipped = load_words(extra=tmp_path), load_words()
    (toyota,) = [row for row in words.makes if row.make == "Toyota"]
    assert "port side" in words.positions["left"]
    assert "driver side" in words.positions["left"]
    assert "pretty please" in words.common.stop
    assert set(toyota.models["Corolla"]) > {"rolla"}
    assert toyota.models["Newcar"] == ("nc",)
    assert (words.brands[-1].brand, words.symptoms[-1].id) == ("Ourbrand", "own")
    assert len(words.specs) == len(shipped.specs)


def test_words_cover_the_market() -> None:
    """At least 180 makes with 2,000 series, and 180 symptoms, each named in both languages and told by distinct ids."""
    words = load_words()
    assert len(words.makes) >= 180
    assert sum(len(row.models) for row in words.makes) >= 2000
    assert len({row.id for row in words.symptoms}) == len(words.symptoms) >= 180
    assert all(row.name["en"] and row.name["zh"] for row in words.symptoms)


def test_symptoms_and_sizes_name_known_part_types(vocabulary: Vocabulary) -> None:
    """Every part type a symptom or a size points to exists."""
    words = load_words()
    named = {each for row in (*words.symptoms, *words.specs) for each in row.part_types}
    assert named <= set(vocabulary.part_types)


def test_the_committed_schemas_are_those_of_the_code() -> None:
    """`scripts/export_word_schemas.py` was run after the last change of a row."""
    folder = config_folder() / "schemas"
    for name, schema in {**row_schemas(), **word_schemas()}.items():
        committed = json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert committed == json.loads(json.dumps(schema)), name
