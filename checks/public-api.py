"""Which crates the public signatures of a crate name, by rustdoc's JSON of it.

    public-api.py FILE CRATE...            fails if it names another crate than these and the standard library
    public-api.py --statics FILE           fails if it offers anything but one static of jwe_core's type Backend
    public-api.py --control FILE NAME...   fails if one of these items of a probe is not found to name the crate ring
"""

import json
import sys

STANDARD = {"std", "core", "alloc"}


def paths_in(value):
    """The ids of all paths in a part of an item: each of them is an object with a path and an id."""
    if isinstance(value, dict):
        if "id" in value and ("path" in value or "source" in value):
            yield value["id"]
        for part in value.values():
            yield from paths_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from paths_in(part)


class Crate:
    def __init__(self, file_name):
        with open(file_name, encoding="utf-8") as file:
            self.json = json.load(file)
        self.index = self.json["index"]
        self.name = self.index[str(self.json["root"])]["name"]

    def crate_of(self, item_id):
        """The crate that an item comes from, or None if rustdoc does not tell, as for what is private."""
        place = self.json["paths"].get(str(item_id)) or self.index.get(str(item_id))
        if place is None:
            return None
        number = place["crate_id"]
        return self.name if number == 0 else self.json["external_crates"][str(number)]["name"]

    def is_of_a_projection(self, item):
        """Whether this is what pin_project_lite writes about a struct of its own inside a constant, which nobody can name."""
        bounds = json.dumps(item["inner"].get("impl", {}).get("generics", {}))
        return "PinnedFieldsOf" in bounds and "pin_project_lite" in {
            self.crate_of(item_id) for item_id in paths_in(item["inner"])
        }

    def items(self):
        """The items of this crate's own, without what the compiler or a blanket implementation of others adds."""
        for item in self.index.values():
            if item["crate_id"] != 0:
                continue
            implementation = item["inner"].get("impl")
            if implementation and (implementation["is_synthetic"] or implementation["blanket_impl"]):
                continue
            yield item

    def named(self):
        """Each crate that is named, with the items that do so."""
        found = {}
        for item in self.items():
            # A module or a type is said again by the items in it.
            for item_id in paths_in(item["inner"]):
                crate = self.crate_of(item_id)
                if crate is None and self.is_of_a_projection(item):
                    continue
                if crate is None:
                    sys.exit(f"error: rustdoc does not tell where item {item_id} in {item['name']} comes from")
                found.setdefault(crate, []).append(item)
        return found

    def describe(self, item):
        """The name of an item; that of an implementation or of a use is what it is about."""
        if "impl" in item["inner"]:
            types = [item["inner"]["impl"]["for"], item["inner"]["impl"]["trait"]]
            names = [self.index[str(i)]["name"] for i in paths_in(types) if str(i) in self.index]
            return " ".join(name for name in names if name) or "impl"
        if "use" in item["inner"]:
            return "glob" if item["inner"]["use"]["is_glob"] else item["inner"]["use"]["name"]
        return item["name"] or "?"


arguments = sys.argv[1:]
if arguments[0] == "--statics":
    crate = Crate(arguments[1])
    root = crate.index[str(crate.json["root"])]
    offered = [crate.index[str(i)] for i in root["inner"]["module"]["items"]]
    kinds = [(next(iter(item["inner"])), item["name"]) for item in offered]
    if [kind for kind, _ in kinds] != ["static"]:
        sys.exit(f"error: {crate.name} offers {kinds}")
    kind = offered[0]["inner"]["static"]["type"].get("resolved_path")
    if kind is None or crate.crate_of(kind["id"]) != "jwe_core" or \
            crate.json["paths"][str(kind["id"])]["path"][-1] != "Backend":
        sys.exit(f"error: the static of {crate.name} is no Backend")
    print(f"{crate.name}: nothing but {kinds[0][1]}")
elif arguments[0] == "--control":
    crate = Crate(arguments[1])
    found = " ".join(crate.describe(item) for item in crate.named().get("ring", []))
    for name in arguments[2:]:
        if name not in found.split():
            sys.exit(f"error: {name} of the probe was not found to name ring: {found}")
    if "Private" in found:
        sys.exit("error: what is private was taken for public")
    print(f"control: {len(arguments) - 2} ways to name another crate are found")
else:
    crate = Crate(arguments[0])
    allowed = {crate.name, *arguments[1:]} | STANDARD
    named = crate.named()
    wrong = {name: items for name, items in named.items() if name not in allowed}
    for name, items in sorted(wrong.items()):
        for item in items:
            span = item.get("span") or {}
            print(f"error: {crate.name} names {name} in {crate.describe(item)}, {span.get('filename')}:{span.get('begin')}",
                  file=sys.stderr)
    if wrong:
        sys.exit(1)
    others = sorted(set(named) - STANDARD - {crate.name})
    count = sum(1 for _ in crate.items())
    if count < 2:
        sys.exit(f"error: {crate.name} has {count} items")
    print(f"{crate.name}: {count} items name {', '.join(others) or 'no other crate'}")
