"""The door: text, YAML and tables read into values that know their places."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.inputs.files.documents import Place, Record, read_rows, read_text
from sim.inputs.files.writing import format_yaml
from sim.inputs.files.yaml_files import read_yaml

COLUMNS = {"id": True, "name": True, "note": False}
YAML_SIGNS = st.text(alphabet="ab01.:-#&*!|>%@'\"{}[],?~<\\\n \t中é\x00\x7f\x85\ufeff", max_size=60)
TABLE_SIGNS = st.text(alphabet='id,name"\n\r \t;1%中\x00', max_size=60)


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal_of_text(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_text(path, "file")
    return str(caught.value)


def refusals_of_yaml(folder: Path, content: str | bytes) -> list[str]:
    try:
        _, faults = read_yaml(write(folder, content), "file")
    except InputError as error:
        faults = list(error.faults)
    return [str(fault) for fault in faults]


def refusals_of_table(folder: Path, content: str | bytes) -> list[str]:
    try:
        _, faults = read_rows(write(folder, content), COLUMNS, "file")
    except InputError as error:
        faults = list(error.faults)
    return [str(fault) for fault in faults]


@pytest.mark.parametrize("length", [1, 200_000])
def test_a_file_read_again_is_read_as_it_stands(tmp_path: Path, length: int) -> None:
    content = "given: {value: 1, source: [" + "s" * length + "]}"
    first, _ = read_yaml(write(tmp_path, content), "one")
    first["given"]["value"] = 2
    first["given"]["source"].append("t")
    again, _ = read_yaml(tmp_path / "file", "another")
    assert again == {"given": {"value": 1, "source": ["s" * length]}}
    assert again["given"].place == Place("another", 1, 8)
    changed, _ = read_yaml(write(tmp_path, content.replace("1", "3", 1)), "one")
    assert changed["given"]["value"] == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal_of_text(tmp_path / "nothing") == "file: no such file"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refusal_of_text(tmp_path) == "file: cannot be read (Is a directory)"


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"], ids=repr)
def test_an_empty_file_is_called_empty(tmp_path: Path, content: bytes) -> None:
    assert refusal_of_text(write(tmp_path, content)) == "file: the file is empty"


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfd\xff"],
    ids=["PNG", "neither UTF-8 nor GBK"],
)
def test_a_binary_file_is_called_binary(tmp_path: Path, content: bytes) -> None:
    words = "file: the file is binary, not text; allowed: UTF-8 (with or without BOM) or GBK"
    assert refusal_of_text(write(tmp_path, content)) == words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: [1, 2", "file:1:9: not valid YAML: expected ',' or ']'"),
        ("a: 1\n b: 2\n", "file:2:3: not valid YAML: mapping values are not allowed here; put a text"),
        (
            "a:\n\t- b\n",
            "file:2:1: not valid YAML: found character '\\t' that cannot start any token; indent with spaces",
        ),
        ("a: *b\n", "file:1:4: not valid YAML: found undefined alias 'b'"),
        ("a: 1\n---\na: 2\n", "file:2:1: not valid YAML: but found another document"),
        ("a: 1\nb: c\x7f\n", "file:2:5: not valid YAML: unprintable character 127"),
        ("- a\n", "file:1:1: the top level is not a mapping; write `key: value` lines"),
        ("# only a remark\n", "file:1:1: the top level is not a mapping; write `key: value` lines"),
        ("a: &a [*a]\n", "file:1:1: not valid YAML: nested too deeply, or an alias within its own anchor"),
        (f"a: {'[' * 600}\n", "file:1:1: not valid YAML: nested too deeply, or an alias within its own anchor"),
        ("a: 1\na: 2\n", "file:2:1: key 'a' is repeated; it stands in line 1 already: keep one"),
        ("? [a, b]\n: 1\n", "file:1:3: a key is a list or a mapping; write a plain word"),
        ("a: !!python/name:os.system x\n", "file:1:4: a value of type 'tag:yaml.org,2002:python/name:os.system'"),
    ],
    ids=[
        "open bracket",
        "indentation",
        "tab",
        "alias",
        "two documents",
        "control character",
        "a list",
        "a remark",
        "endless",
        "deep",
        "repeated key",
        "list as key",
        "python object",
    ],
)
def test_yaml_that_cannot_be_read_says_where(tmp_path: Path, content: str, words: str) -> None:
    (fault,) = refusals_of_yaml(tmp_path, content)
    assert fault.startswith(words)


def test_every_repeated_key_is_told(tmp_path: Path) -> None:
    faults = refusals_of_yaml(tmp_path, "a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n")
    assert [fault.split(":")[1:3] for fault in faults] == [["2", "11"], ["3", "1"], ["4", "1"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,name\na\n", ["file:2:1: the row has 1 fields, the header 2; leave unknown fields empty"]),
        ("id,name\na,b,c\n", ["file:2:2: the row has 3 fields, the header 2; quote a field that holds a comma"]),
        ("id,name,nmae\na,b,c\n", ["file:1:3: unknown column 'nmae'; allowed: id, name, note; did you mean 'name'?"]),
        ("id,note\na,b\n", ["file:1:2: column 'name' is missing; allowed: id, name, note"]),
        ("id,name,id\na,b,c\n", ["file:1:3: column 'id' is repeated"]),
        ("id,name\n\n , \n", ["file:2:1: the table has no rows"]),
        ("\nid,name\na,b\n", ["file:1:1: the first line is empty; it names the columns: id, name, note"]),
        (f'id,name\na,b\nc,"{"x" * 140_000}\n', ["file:3:1: not valid CSV: field larger than field limit (131072)"]),
        ("id,name\n\na\nb,c\nd,e,f\n", ["file:3:1: the row has 1", "file:5:2: the row has 3"]),
        ('id,name\na,"two\nlines"\nb\n', ["file:4:1: the row has 1"]),
    ],
    ids=[
        "field missing",
        "field too many",
        "unknown column",
        "missing column",
        "repeated column",
        "no rows",
        "no header",
        "open quotation mark",
        "two rows",
        "after a row of two lines",
    ],
)
def test_a_table_that_does_not_fit_says_where(tmp_path: Path, content: str, words: list[str]) -> None:
    faults = refusals_of_table(tmp_path, content)
    assert len(faults) == len(words)
    assert all(fault.startswith(beginning) for fault, beginning in zip(faults, words, strict=True))


def test_yaml_values_keep_their_places(tmp_path: Path) -> None:
    record, faults = read_yaml(write(tmp_path, "a:\n  b: [1, {c: x}]\n"), "file")
    assert faults == []
    assert record == {"a": {"b": [1, {"c": "x"}]}}
    assert record.locate(("a", "b", 1, "c")) == Place("file", 2, 14)
    assert record.locate(("a", "b", 0)) == Place("file", 2, 7)
    assert record.locate(("a", "missing")) == Place("file", 2, 3)
    assert record["a"].keys_at["b"] == Place("file", 2, 3)


def test_yaml_knows_numbers_nulls_and_texts_only(tmp_path: Path) -> None:
    record, _ = read_yaml(write(tmp_path, "a: 1\nb: -2.5e1\nc:\nd: true\ne: 2024-02-30\nf: '1'\n"))
    assert record == {"a": 1, "b": -25.0, "c": None, "d": "true", "e": "2024-02-30", "f": "1"}


def test_a_table_row_knows_line_and_field(tmp_path: Path) -> None:
    rows, faults = read_rows(write(tmp_path, 'id,name,note\n\na, b ,\n"c","d,\ne",f\n'), COLUMNS, "file")
    assert faults == []
    assert rows == [{"id": "a", "name": "b", "note": None}, {"id": "c", "name": "d,\ne", "note": "f"}]
    assert [row.values_at["note"] for row in rows] == [Place("file", 3, 3), Place("file", 4, 3)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_text_is_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert read_text(write(tmp_path, "青岛,5.5\n".encode(encoding))) == "青岛,5.5\n"


@given(junk=st.binary(max_size=80) | YAML_SIGNS.map(str.encode))
def test_junk_never_gives_anything_but_faults_of_yaml(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = write(tmp_path_factory.getbasetemp(), junk)
    try:
        record, faults = read_yaml(path, "file")
    except InputError as error:
        record, faults = None, list(error.faults)
    assert isinstance(record, Record) or faults
    assert all(fault.file == "file" and fault.problem for fault in faults)


@given(junk=st.binary(max_size=80) | TABLE_SIGNS.map(str.encode))
def test_junk_never_gives_anything_but_faults_of_tables(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = write(tmp_path_factory.getbasetemp(), junk)
    try:
        rows, faults = read_rows(path, COLUMNS, "file")
    except InputError as error:
        rows, faults = [], list(error.faults)
    assert rows or faults
    assert all(fault.file == "file" and fault.problem for fault in faults)


def test_a_record_that_is_written_reads_back_the_same(tmp_path: Path) -> None:
    words = [
        "null",
        "true",
        "yes",
        "1",
        "1e5",
        "~",
        "a: b",
        "- c",
        "# d",
        "it's",
        'say "it"',
        "first\nsecond",
        "青岛 9 %",
        "=x",
    ]
    words += ["trailing ", "[x]", "{y}", "2024-01-01", "", "\ttab", "\x85", "long " * 60]
    facts = {f"f{number}": word for number, word in enumerate(words)}
    numbers = {"value": 5.0, "small": 1e-12, "whole": 3, "negative": -0.5, "none": None, "years": [1, 2]}
    content = {"facts": facts, "numbers": numbers, "rows": [numbers, facts], "empty": {}, "nothing": []}
    text = format_yaml(content, "First line.\n\nSecond: line.")
    record, faults = read_yaml(write(tmp_path, text))
    assert not faults
    assert record == content
    assert format_yaml(content, "First line.\n\nSecond: line.") == text
    assert next(line for line in text.splitlines() if line.startswith("  - ")).endswith("years: [1, 2]}")
