import json

import pytest

from ui.cli.output import print_json, print_pairs, print_rows


def test_json_is_one_object_with_the_schema_version_first(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"query": "犬", "hits": []})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"schema_version": 1, "query": "犬", "hits": []}
    assert printed.startswith('{"schema_version": 1') and printed.endswith("}\n") and printed.count("\n") == 1


def test_json_knows_no_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json({"mean": float("nan")})


def test_json_survives_a_file_name_that_is_no_unicode(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"path": "caf\udce9.jpg"})
    assert json.loads(capsys.readouterr().out)["path"] == "caf\udce9.jpg"


def test_tables_print_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows("Hits", ["path", "score"], [("[bold]beach[/].jpg", 0.25), ("caf\udce9.jpg", 0.125)])
    printed = capsys.readouterr().out
    assert "[bold]beach[/].jpg" in printed and "0.250" in printed and "udce9" in printed


def test_pairs_print_names_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    print_pairs("Library", {"photos": 12, "model": "[x]"})
    printed = capsys.readouterr().out
    assert "photos" in printed and "12" in printed and "[x]" in printed
