from pathlib import Path

import pytest
from PIL import Image

from eval.bench.ingest import main
from tests.conftest import picture


def test_the_bench_prints_stages_limit_rate_and_ratio(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(4):
        Image.fromarray(picture(number, 96, 96)).save(tmp_path / f"{number}.png")
    main([str(tmp_path), "--photos", "4", "--device", "cpu"])
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert {"read", "decode", "anonymise", "shrink", "embed", "commit"} <= set(lines)
    assert 0 < float(lines["ratio"]) < 1.5 and float(lines["limit"].split()[0]) > 0
