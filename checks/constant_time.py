"""Reads what callgrind counted of the program `instructions` and prints the figures as a table.

    constant_time.py NUMBERS FOLDER

NUMBERS is what the program printed, FOLDER has callgrind's files. Of each way to fail it takes the median of
the counts; a spread is the largest of these medians less the smallest. Ends with 1 if a spread is larger
than 512 instructions, or that of a control is not.
"""

import collections
import pathlib
import statistics
import sys

LIMIT = 512
TRIGGER = "desc: Trigger: Client Request: "


def counts(folder):
    """The counts by their number."""
    found = collections.defaultdict(list)
    for path in pathlib.Path(folder).glob("counts.*"):
        number = total = None
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith(TRIGGER):
                    number = line[len(TRIGGER) :].strip()
                elif line.startswith("summary:"):
                    total = int(line.split()[1])
                    break
        if number is not None and total is not None:
            found[number].append(total)
    return found


def main(numbers, folder):
    counted = counts(folder)
    groups = collections.OrderedDict()
    for line in pathlib.Path(numbers).read_text(encoding="utf-8").splitlines():
        number, kind, backend, alg, enc, way = line.split("|")
        if len(counted[number]) < 15:
            sys.exit(f"error: {len(counted[number])} counts of {line}")
        median = statistics.median_low(counted[number])
        groups.setdefault((kind, backend, alg, enc), []).append((median, way))
    rows, failed = collections.OrderedDict(), False
    for (kind, backend, alg, enc), ways in groups.items():
        (low, fastest), (high, slowest) = min(ways), max(ways)
        spread = high - low
        if (spread > LIMIT) != (kind == "control"):
            failed = True
            print(f"error: {kind}, {backend}, {alg}, {enc}: from {low} ({fastest}) to {high} ({slowest})", file=sys.stderr)
        rows.setdefault((kind, backend, alg), []).append((enc, len(ways), low, spread))
    print("| | backend | `alg` | `enc` | ways to fail | instructions | spread |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for (kind, backend, alg), cells in rows.items():
        encs = ", ".join(enc for enc, _, _, _ in cells)
        ways = max(ways for _, ways, _, _ in cells)
        lows = sorted({low for _, _, low, _ in cells})
        instructions = f"{lows[0]:,}" if len(lows) == 1 else f"{lows[0]:,} to {lows[-1]:,}"
        print(f"| {kind} | {backend} | {alg} | {encs} | {ways} | {instructions} | {max(spread for *_, spread in cells)} |")
    of = {name: max(s for k, v in rows.items() for *_, s in v if (k[0] == "control") == (name == "control")) for name in ("checked", "control")}
    print(f"\n{sum(map(len, counted.values()))} decryptions counted; the largest spread is {of['checked']}, at most {LIMIT} may be")
    if not any(kind == "control" for kind, *_ in rows):
        sys.exit("error: there was no control")
    sys.exit(1 if failed else 0)


main(*sys.argv[1:])
