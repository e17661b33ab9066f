"""Adds the C libraries to what cargo-cyclonedx wrote, takes the folder out of it, and checks it.

    sbom.py FOLDER TREE BOM

FOLDER has the sources and the output of `cargo metadata`, TREE is the output of `cargo tree`. The bill is printed.
"""

import json
import re
import sys
from pathlib import Path

folder, tree, bom_file = sys.argv[1:]


def libraries(packages):
    """The C libraries in the sources of crates: crate, name, version, licence, package URL."""
    def read(crate, path, pattern):
        text = (packages[crate] / path).read_text(encoding="utf-8")
        found = re.search(pattern, text, re.MULTILINE)
        if found is None:
            sys.exit(f"error: {path} of {crate} does not tell its version")
        return ".".join(found.groups())

    awslc = r'^#define AWSLC_VERSION_NUMBER_STRING "([0-9.]+)"'
    if "aws-lc-sys" in packages:
        version = read("aws-lc-sys", "aws-lc/include/openssl/base.h", awslc)
        yield "aws-lc-sys", "AWS-LC", version, licences["aws-lc-sys"], f"pkg:github/aws/aws-lc@v{version}"
    if "aws-lc-fips-sys" in packages:
        version = read("aws-lc-fips-sys", "aws-lc/include/openssl/base.h", awslc)
        yield "aws-lc-fips-sys", "AWS-LC FIPS", version, licences["aws-lc-fips-sys"], f"pkg:github/aws/aws-lc@v{version}"
    if "openssl-src" in packages:
        version = read("openssl-src", "openssl/VERSION.dat", r"^MAJOR=(\d+)\nMINOR=(\d+)\nPATCH=(\d+)$")
        yield "openssl-src", "OpenSSL", version, "Apache-2.0", f"pkg:github/openssl/openssl@openssl-{version}"
    if "zstd-sys" in packages:
        parts = [rf"#define ZSTD_VERSION_{part} +(\d+)" for part in ("MAJOR", "MINOR", "RELEASE")]
        version = read("zstd-sys", "zstd/lib/zstd.h", r"\n".join(parts))
        yield "zstd-sys", "Zstandard", version, "BSD-3-Clause", f"pkg:github/facebook/zstd@v{version}"


# Folders of this machine are no part of a bill.
bom = json.loads(Path(bom_file).read_text(encoding="utf-8").replace(f"file://{folder}/", "file:///"))
expected = set()
for line in Path(tree).read_text(encoding="utf-8").splitlines():
    name, version = line.split()[:2]
    expected.add((name, version.removeprefix("v")))
described = bom["metadata"]["component"]
listed = {(described["name"], described["version"])}
listed |= {(component["name"], component["version"]) for component in bom["components"]}
if missing := expected - listed:
    sys.exit(f"error: not in the bill: {sorted(missing)}")
# `cargo metadata`, which cargo-cyclonedx reads, also counts what only features of tests and build scripts bring.
removed = {
    component["bom-ref"] for component in bom["components"]
    if (component["name"], component["version"]) not in expected
}
bom["components"] = [component for component in bom["components"] if component["bom-ref"] not in removed]
bom["dependencies"] = [entry for entry in bom["dependencies"] if entry["ref"] not in removed]
for entry in bom["dependencies"]:
    if "dependsOn" in entry:
        entry["dependsOn"] = [name for name in entry["dependsOn"] if name not in removed]
listed = {(component["name"], component["version"]) for component in [described, *bom["components"]]}
if listed != expected or len(bom["components"]) + 1 != len(expected):
    sys.exit("error: the bill is not the tree")
crates = len(bom["components"])

metadata = json.loads((Path(folder) / "metadata.json").read_text(encoding="utf-8"))
sources = {
    package["name"]: Path(package["manifest_path"]).parent
    for package in metadata["packages"]
    if (package["name"], package["version"]) in listed
}
# Those of AWS-LC are told by its crates.
licences = {package["name"]: package["license"] for package in metadata["packages"]}
edges = {entry["ref"]: entry for entry in bom["dependencies"]}
reference = {component["name"]: component["bom-ref"] for component in bom["components"]}
said = []
for crate, name, version, licence, url in libraries(sources):
    bom["components"].append({
        "type": "library",
        "bom-ref": url,
        "name": name,
        "version": version,
        "scope": "required",
        "licenses": [{"expression": licence}],
        "purl": url,
        "properties": [{"name": "statically linked by", "value": crate}],
    })
    edges[reference[crate]].setdefault("dependsOn", []).append(url)
    bom["dependencies"].append({"ref": url})
    said.append(f"{name} {version}")

references = [described["bom-ref"], *(component["bom-ref"] for component in bom["components"])]
if len(set(references)) != len(references):
    sys.exit("error: two components have one reference")
for entry in bom["dependencies"]:
    for name in [entry["ref"], *entry.get("dependsOn", [])]:
        if name not in references:
            sys.exit(f"error: {name} is no component")
if bom["bomFormat"] != "CycloneDX" or bom["specVersion"] != "1.5":
    sys.exit("error: not what was asked for")
text = json.dumps(bom, indent=2, ensure_ascii=False)
if folder in text or str(Path.home()) in text:
    sys.exit("error: the bill names a folder of this machine")
print(text)
print(f"{Path(tree).stem}: {crates + 1} crates and {', '.join(said)}", file=sys.stderr)
