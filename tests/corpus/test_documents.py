"""Documents of many kinds against the record of a reader who had not seen the parser: how many fields agree."""

from pathlib import Path

from benchmarks import reading

FOLDER = Path(__file__).parent / "documents"
# Fields of the forty documents that agree at least. What is lacking: a round-up whose places stand inside its lines, speeches
# under the names of their speakers, and what both cost in the other fields.
AT_LEAST = {
    "taken in": 40,
    "kind": 38,
    "series": 40,
    "issue": 40,
    "publisher": 40,
    "date": 40,
    "document_number": 40,
    "title": 49,
    "region": 48,
    "signature": 51,
}


def test_the_fields_that_a_careful_reader_finds() -> None:
    golden = reading.read_golden(FOLDER / "golden.jsonl")
    fields = reading.measure(FOLDER, golden).record()["fields"]
    assert {name: fields[name] for name in AT_LEAST if fields[name]["right"] < AT_LEAST[name]} == {}
