"""Dependencies point one way, and this project's own packages are the ones in use."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
# Who may import whom; a package may always import itself, items and settings.
MAY_IMPORT = {
    "items": set(),
    "spiders": set(),
    "grammar": set(),
    "archive": {"grammar"},
    "pipelines": {"archive", "grammar"},
    "linking": {"archive", "grammar", "pipelines"},
    "backfill": {"archive", "grammar", "pipelines"},
    "extensions": {"archive"},
    "publish": {"archive", "grammar"},
    "commands": {"archive", "backfill", "grammar", "linking", "pipelines", "extensions", "publish", "samples"},
    "samples": {"spiders"},  # samples/year/outlets.py: the real outlets with fewer lists
    "cli": {"commands"},
}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _modules(package: str) -> list[Path]:
    single = PROJECT / f"{package}.py"
    return [single] if single.exists() else sorted((PROJECT / package).rglob("*.py"))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_dependencies_point_one_way(package: str) -> None:
    modules = _modules(package)
    assert modules, f"{package} has no modules"
    for module in modules:
        forbidden = _imports(module) & (MAY_IMPORT.keys() - MAY_IMPORT[package] - {package, "items"})
        # `dateline read` reads a page with an outlet in hand, and the outlet's own page type.
        assert not forbidden, f"{module.relative_to(PROJECT)} imports {', '.join(sorted(forbidden))}"


def test_pipelines_commands_and_archive_never_name_an_outlet_module() -> None:
    for package in ("pipelines", "archive", "commands", "extensions"):
        for module in _modules(package):
            assert "spiders" not in _imports(module), module


def test_scrapy_finds_this_projects_spiders() -> None:
    import spiders

    assert list(spiders.__path__) == [str(PROJECT / "spiders")]


def test_every_command_of_the_cli_is_a_module_with_an_example_in_its_help() -> None:
    from click.testing import CliRunner

    from cli import COMMANDS, main

    assert {path.stem.rstrip("_") for path in (PROJECT / "commands").glob("*.py")} >= set(COMMANDS)
    for name in COMMANDS:
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0, result.output
        assert f"dateline {name}" in result.output.partition("Example:")[2], name
