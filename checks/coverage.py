"""Reads an lcov report and prints how many lines of each crate were run, without unit tests."""

import pathlib
import re
import sys

LEAST = 0.95
# What reads what others wrote: of these files each line has to run.
PARSERS = {
    "jwe-core": """base64url certificate compact deflate der_encoding ec_der ec_key ephemeral_public_key
        flattened general jose_header json_object json_serialization jwk jwk_json jwk_set key_der
        key_format message pem received_header rsa_key""",
    "jwe-encrypted-key": "aes_cbc decrypt passphrase",
    "jwe-fields": """index json_path/compile json_path/evaluate json_path/number json_path/pattern
        json_path/query json_string path pointer selector token records/csv records/csv_row
        records/delimiter records/json_array records/ndjson records/split""",
}

report, mode, *packages = sys.argv[1:]
root = pathlib.Path.cwd()


def first_line_of_tests(path):
    """Unit tests stand at the end of a file, behind `#[cfg(test)]` and `mod`."""
    lines = path.read_text().splitlines()
    for at, line in enumerate(lines):
        if line == "#[cfg(test)]" and re.match(r"(pub(\(crate\))? )?mod \w+ \{", lines[at + 1]):
            return at + 1
    return len(lines) + 1


def test_modules(folder):
    """The files of modules that are compiled for tests only."""
    found = set()
    for path in folder.rglob("*.rs"):
        for name in re.findall(r"#\[cfg\(test\)\]\nmod (\w+);", path.read_text()):
            found.add(path.parent / f"{name}.rs")
            found.add(path.with_suffix("") / f"{name}.rs")
    return found


def reviewed():
    """The lines that no test can reach: file, text of the line, reason."""
    unreached = {}
    for number, line in enumerate((root / "checks/coverage-unreached.txt").read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            try:
                path, text, reason = line.split(" | ", 2)
            except ValueError:
                sys.exit(f"error: checks/coverage-unreached.txt:{number}: path | text of the line | reason")
            unreached[path, text] = reason
    return unreached


runs = {}
current = None
for line in open(report):
    if line.startswith("SF:"):
        current = runs.setdefault(pathlib.Path(line[3:].strip()), {})
    elif line.startswith("DA:"):
        number, count = line[3:].split(",")[:2]
        number = int(number)
        current[number] = max(current.get(number, 0), int(count))

errors = []
print("| crate | lines | run | share |\n| --- | --- | --- | --- |")
unrun = []
for package in packages:
    folder = root / "crates" / package / "src"
    tests = test_modules(folder)
    lines = run = 0
    for path in sorted(folder.rglob("*.rs")):
        if path in tests or path not in runs:
            continue
        end = first_line_of_tests(path)
        for number, count in sorted(runs[path].items()):
            if number >= end:
                continue
            lines += 1
            if count:
                run += 1
            else:
                text = path.read_text().splitlines()[number - 1].strip()
                unrun.append((str(path.relative_to(root)), number, text))
    if not lines:
        sys.exit(f"error: the report says nothing about {package}")
    share = run / lines
    if share < LEAST:
        errors.append(f"{package} is below {LEAST:.0%}")
    print(f"| `{package}` | {lines} | {run} | {share:.1%} |")
if mode == "--lines":
    for path, number, text in unrun:
        print(f"{path}:{number}: {text}")

parsers = set()
for package, names in PARSERS.items():
    for name in names.split():
        path = f"crates/{package}/src/{name}.rs"
        if not (root / path).exists():
            sys.exit(f"error: there is no {path}: mend the list in checks/coverage.py")
        parsers.add(path)
excused = reviewed()
unreached = [place for place in unrun if place[0] in parsers]
used = set()
inside = None
for path, number, text in unreached:
    if (path, text) in excused:
        used.add((path, text))
        # A function that is never called is excused to its end.
        inside = (path, number) if "fn " in text and text.endswith("{") else None
    elif inside == (path, number - 1):
        inside = (path, number) if text != "}" else None
    else:
        errors.append(f"no test runs {path}:{number}: {text}")
for path, text in excused.keys() - used:
    errors.append(f"checks/coverage-unreached.txt names a line that is run or gone: {path}: {text}")
print(f"\nparsers: {len(parsers)} files, all lines run but {len(unreached)} that can't be reached")
for error in errors:
    print(f"error: {error}", file=sys.stderr)
sys.exit(1 if errors else 0)
