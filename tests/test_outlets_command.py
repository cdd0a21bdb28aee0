"""`dateline outlets`, as a timer or a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def test_the_outlets_are_known_whatever_the_folder(tmp_path: Path) -> None:
    # Another project of Scrapy's there is not taken for ours either.
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = others.settings\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCRAPY_")}
    command = [sys.executable, str(PROJECT / "cli.py"), "outlets", "--json"]
    said = subprocess.run(command, env=kept, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert {outlet["id"] for outlet in json.loads(said.stdout)} >= {"tnw", "xinhua"}
