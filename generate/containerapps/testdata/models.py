"""Walks apps and jobs along the models of Azure's own client: every key is one of the model's, every value of its type, every required one there."""
import re
import sys

import yaml
from azure.mgmt.appcontainers import models

PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object}


def walk(value, kind, at):
    if value is None and kind.startswith("{"):
        return
    if kind.startswith("["):
        if not isinstance(value, list):
            yield f"{at}: a list is wanted"
            return
        for i, item in enumerate(value):
            yield from walk(item, kind[1:-1], f"{at}[{i}]")
    elif kind.startswith("{"):
        for key, item in value.items():
            yield from walk(item, kind[1:-1], f"{at}.{key}")
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]) or (kind != "bool" and isinstance(value, bool)):
            yield f"{at}: {value!r} is no {kind}"
    else:
        yield from model(value, getattr(models, kind), at)


def choices(cls):
    """The enumeration of each attribute that has one: only the documentation of these models names it."""
    found = {}
    for base in reversed(cls.__mro__):
        for name, kind in re.findall(r":vartype (\w+): str or\s+~azure\.mgmt\.appcontainers\.models\.(\w+)", base.__doc__ or ""):
            found[name] = [m.value for m in getattr(models, kind)]
    return found


def model(value, cls, at):
    tree = {}
    named = choices(cls)
    for name, entry in cls._attribute_map.items():
        *outer, last = entry["key"].split(".")
        place = tree
        for step in outer:
            place = place.setdefault(step, {})
        place[last] = (entry["type"], cls._validation.get(name, {}), named.get(name))
    yield from fields(value, tree, at)


def fields(value, tree, at):
    if not isinstance(value, dict):
        yield f"{at}: {value!r} is no mapping"
        return
    for key, item in value.items():
        if key not in tree:
            yield f"{at}.{key}: the model has no such key"
        elif isinstance(tree[key], dict):
            yield from fields(item, tree[key], f"{at}.{key}")
        elif not tree[key][1].get("readonly"):
            if tree[key][2] and item not in tree[key][2]:
                yield f"{at}.{key}: {item!r} is none of {tree[key][2]}"
            yield from walk(item, tree[key][0], f"{at}.{key}")
    for key, entry in tree.items():
        if isinstance(entry, tuple) and entry[1].get("required") and key not in value:
            yield f"{at}.{key}: is wanted"


failed = False
for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as f:
        resource = yaml.safe_load(f)
    kind = models.Job if resource["type"].endswith("/jobs") else models.ContainerApp
    problems = list(model(resource, kind, "resource"))
    print(f"{file}: {problems or 'ok'}")
    failed = failed or bool(problems)
sys.exit(failed)
