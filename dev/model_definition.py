"""The definition of models and permissions in global/meta: reading it and finding what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from openslides_backend.models.fields import (
    FIELD_TYPES,
    Field,
    FieldError,
    GenericRelationField,
    GenericRelationListField,
    HTMLStrictField,
    OnDelete,
    RelationField,
    RelationListField,
)
from openslides_backend.shared.fqid import MAX_ID

PERMISSIONS_FILE = "permissions.yml"
ALL_PERMISSIONS = "permissions"
"""Stands for the list of all permissions where a definition wants an `items_enum`."""

FLAGS = ("required", "constant", "read_only", "calculated")
RELATION_KEYS = frozenset({"one", "many", "on_delete", "equal_fields"})
CONSTRAINTS = frozenset({"enum", "items_enum", "minimum", "maximum", "min_length", "max_length"})
ID_OPTIONS = {"required": True, "constant": True, "minimum": 1, "maximum": MAX_ID}

SAME_MEETING = "meeting_id"
MEETING_LIKE = frozenset({"meeting", "mediafile", "user"})
"""Targets without a `meeting_id` for which it can be told all the same whether they belong to a meeting (engine.md)."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass
class FieldDefinition:
    """One field: `kind` is its class, `options` the arguments of it that aren't left at their defaults."""

    collection: str
    name: str
    kind: type[Field]
    options: dict[str, Any]

    @property
    def targets(self) -> list[tuple[str, str]]:
        """The reverse fields that a relation names, as collection and field; empty for other fields."""
        to = self.options.get("to", [])
        pairs = (target.partition(".") for target in ([to] if isinstance(to, str) else to))
        return [(collection, name) for collection, _, name in pairs]

    def build(self) -> Field:
        """The field as the service knows it."""
        built = self.kind(**self.options)
        built.bind(self.collection, self.name, {})
        return built


@dataclass
class Collection:
    """One collection, described by one file."""

    name: str
    about: str
    fields: dict[str, FieldDefinition] = field(default_factory=dict)


@dataclass
class Permission:
    """One permission of a block, without the block's name."""

    contains: list[str]
    anonymous: bool


@dataclass
class Definition:
    """Everything that global/meta says, and what is wrong with it: one line a problem, in the order they were found."""

    collections: dict[str, Collection] = field(default_factory=dict)
    permissions: dict[str, dict[str, Permission]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def permission_names(self) -> list[str]:
        """All permissions, sorted."""
        return sorted(f"{block}.{name}" for block, names in self.permissions.items() for name in names)

    def all_fields(self) -> Iterator[FieldDefinition]:
        """The fields of all collections."""
        for collection in self.collections.values():
            yield from collection.fields.values()


class _Loader(yaml.SafeLoader):
    """Refuses keys that are given twice, of which YAML would silently forget the first."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    pairs = [
        (loader.construct_object(key, deep=True), loader.construct_object(value, deep=True))
        for key, value in node.value
    ]
    for index, (key, _) in enumerate(pairs):
        if key in [other for other, _ in pairs[:index]]:
            raise yaml.constructor.ConstructorError(None, None, f"'{key}' is given twice", node.start_mark)
    return dict(pairs)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_definition(directory: Path) -> Definition:
    """Reads all files of a directory; what can't be used is left out and named among the problems."""
    definition = Definition()
    _load_permissions(definition, directory / PERMISSIONS_FILE)
    for path in sorted(directory.glob("*.yml")):
        if path.name != PERMISSIONS_FILE:
            _load_collection(definition, path)
    for relation in definition.all_fields():
        definition.problems += relation_problems(definition, relation)
    return definition


def _load_yaml(definition: Definition, path: Path) -> dict[Any, Any]:
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        definition.problems.append(f"{path.name}: can't be read: {' '.join(str(error).split())}")
        return {}
    if not isinstance(content, dict):
        definition.problems.append(f"{path.name}: must be a mapping")
        return {}
    return content


def _load_permissions(definition: Definition, path: Path) -> None:
    for block, names in _load_yaml(definition, path).items():
        if not isinstance(names, dict) or not _is_name(block):
            definition.problems.append(f"{path.name}: {block}: must be a name with a mapping of permissions")
            continue
        permissions = definition.permissions[block] = {}
        for name, options in names.items():
            problems = _permission_problems(name, options, names)
            definition.problems += [f"{path.name}: {block}.{name}: {problem}" for problem in problems]
            if not problems:
                permissions[name] = Permission(list(options.get("contains", [])), options.get("anonymous", False))
        definition.problems += [f"{path.name}: {block}.{name}: contains itself" for name in _cycles(permissions)]


def _permission_problems(name: object, options: Any, names: Mapping[Any, Any]) -> list[str]:
    if not isinstance(options, dict) or not _is_name(name):
        return ["must be a name with a mapping of options, {} for none"]
    problems = [f"unknown option '{key}'" for key in options if key not in ("contains", "anonymous")]
    contains = options.get("contains", [])
    if not isinstance(contains, list):
        return [*problems, "'contains' must be a list"]
    problems += [f"contains '{other}', which doesn't exist" for other in contains if other not in names]
    if not isinstance(options.get("anonymous", False), bool):
        problems.append("'anonymous' must be true or false")
    return problems


def contained(permissions: Mapping[str, Permission], name: str) -> set[str]:
    """All permissions of the block that one contains, through others too; itself only where there is a cycle."""
    found: set[str] = set()
    pending = list(permissions[name].contains)
    while pending:
        if (other := pending.pop()) not in found and other in permissions:
            found.add(other)
            pending += permissions[other].contains
    return found


def _cycles(permissions: Mapping[str, Permission]) -> list[str]:
    return [name for name in permissions if name in contained(permissions, name)]


def _load_collection(definition: Definition, path: Path) -> None:
    content = _load_yaml(definition, path)
    if not content:
        return
    problems = [f"unknown key '{key}'" for key in content if key not in ("collection", "about", "fields", "relations")]
    name, about = content.get("collection"), content.get("about")
    if name != path.stem:
        problems.append(f"'collection' must be '{path.stem}', as the file is called")
    if not isinstance(about, str) or not about:
        problems.append("'about' must say what a model of the collection is")
    collection = Collection(path.stem, str(about))
    collection.fields["id"] = FieldDefinition(path.stem, "id", FIELD_TYPES["number"], dict(ID_OPTIONS))
    for section in ("fields", "relations"):
        entries = content.get(section, {})
        if not isinstance(entries, dict):
            problems.append(f"'{section}' must be a mapping")
            continue
        for field_name, entry in entries.items():
            problems += _load_field(definition, collection, section, field_name, entry)
    definition.problems += [f"{path.name}: {problem}" for problem in problems]
    definition.collections[path.stem] = collection


def _load_field(definition: Definition, collection: Collection, section: str, name: object, entry: Any) -> list[str]:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return [f"{name!r}: is no name of a field (names that YAML takes for something else need quotes)"]
    if name in collection.fields:
        return [f"{name}: is there already" if name != "id" else "id: every collection has it, don't declare it"]
    options = {"type": entry} if isinstance(entry, str) and section == "fields" else entry
    if not isinstance(options, dict):
        return [f"{name}: must be a mapping"]
    options = dict(options)
    if options.get("items_enum") == ALL_PERMISSIONS:
        options["items_enum"] = definition.permission_names()
    kind, problems = (_relation_kind if section == "relations" else _plain_kind)(options)
    if kind is not None and not problems:
        parsed = FieldDefinition(collection.name, name, kind, _arguments(kind, options))
        problems = value_problems(parsed)
        collection.fields[name] = parsed
    return [f"{name}: {problem}" for problem in problems]


def _plain_kind(options: dict[str, Any]) -> tuple[type[Field] | None, list[str]]:
    """The class of a field that is no relation, and what is wrong with the keys of its definition."""
    kind = FIELD_TYPES.get(str(options.get("type")))
    problems = [f"unknown type '{options.get('type')}'"] if kind is None else []
    for key in options:
        if key in RELATION_KEYS:
            problems.append(f"'{key}' is for relations only")
        elif key in CONSTRAINTS:
            if kind is not None and key not in kind.constraints:
                problems.append(f"'{key}' means nothing for the type {options['type']}")
        elif key not in ("type", "default", *FLAGS):
            problems.append(f"unknown key '{key}'")
    return kind, problems + _option_problems(options)


def _relation_kind(options: dict[str, Any]) -> tuple[type[Field] | None, list[str]]:
    """The class of a relation, and what is wrong with the keys of its definition."""
    problems = [f"unknown key '{key}' of a relation" for key in options if key not in (*RELATION_KEYS, *FLAGS)]
    if ("one" in options) == ("many" in options):
        return None, [*problems, "a relation needs either 'one' or 'many'"]
    to = options.get("one", options.get("many"))
    targets = to if isinstance(to, list) else [to]
    problems += [
        f"'{target}' is no reverse field such as 'topic.tag_ids'"
        for target in targets
        if not isinstance(target, str) or not all(map(_is_name, target.split("."))) or target.count(".") != 1
    ]
    if len({str(target).partition(".")[0] for target in targets}) != len(targets) or not targets:
        problems.append("must name at least one reverse field, and one only of a collection")
    if options.get("on_delete", "SET_NULL") not in list(OnDelete):
        problems.append(f"unknown on_delete '{options['on_delete']}'")
    if isinstance(to, list):
        kind: type[Field] = GenericRelationListField if "many" in options else GenericRelationField
    else:
        kind = RelationListField if "many" in options else RelationField
    return kind, problems + _option_problems(options)


def _option_problems(options: Mapping[str, Any]) -> list[str]:
    """Options whose values have the wrong form."""
    problems = [f"'{key}' must be true or false" for key in FLAGS if not isinstance(options.get(key, False), bool)]
    for key in ("enum", "items_enum"):
        values = options.get(key, [None])
        if not isinstance(values, list) or not values or len(set(map(repr, values))) != len(values):
            problems.append(f"'{key}' must be a list of different values")
    for key in ("min_length", "max_length", "maximum"):
        if not isinstance(options.get(key, 0), int):
            problems.append(f"'{key}' must be an integer")
    if "minimum" in options and not _is_minimum(options["minimum"], options.get("type")):
        problems.append("'minimum' must be a number, or a string with a decimal number for a decimal field")
    if not all(map(_is_name, _as_list(options.get("equal_fields", [])))):
        problems.append("'equal_fields' must be a name or a list of names")
    return problems


def _is_minimum(value: object, type_: object) -> bool:
    if type_ == "decimal(6)":
        return isinstance(value, str) and re.fullmatch(r"-?[0-9]+\.[0-9]{6}", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _arguments(kind: type[Field], options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a field's class that say what the definition says."""
    arguments = {key: value for key, value in options.items() if key not in ("type", "one", "many")}
    if issubclass(kind, RelationField):
        to = options.get("one", options.get("many"))
        arguments = {"to": tuple(to) if isinstance(to, list) else to, **arguments}
    if "equal_fields" in arguments:
        arguments["equal_fields"] = tuple(_as_list(arguments["equal_fields"]))
    if "on_delete" in arguments:
        arguments["on_delete"] = OnDelete(arguments["on_delete"])
    return {key: tuple(value) if key in ("enum", "items_enum") else value for key, value in arguments.items()}


def value_problems(definition: FieldDefinition) -> list[str]:
    """Values within the definition that the field itself wouldn't take: its default, the members of its enum."""
    built = definition.build()
    enum, items_enum, built.enum, built.items_enum = built.enum, built.items_enum, None, None
    problems = [f"the enum has {value!r}: {_refusal(built, value)}" for value in enum or () if _refusal(built, value)]
    problems += [
        f"the items_enum has {value!r}: {_refusal(built, [value])}"
        for value in items_enum or ()
        if _refusal(built, [value])
    ]
    built.enum, built.items_enum = enum, items_enum
    if "default" in definition.options:
        default = definition.options["default"]
        if default is None:
            problems.append("the default must not be null, leave it out")
        elif refusal := _refusal(built, default):
            problems.append(f"the default {default!r} is none of the values allowed: {refusal}")
    return problems


def _refusal(built: Field, value: Any) -> str:
    """Why a field doesn't take a value as it stands, empty if it does."""
    try:
        built.check(value)
        cleaned = built.clean(value)
        if isinstance(built, HTMLStrictField):
            cleaned = built.clean_html(cleaned)
    except FieldError as error:
        return str(error)
    return "" if cleaned == value else f"it would be stored as {cleaned!r}"


def relation_problems(definition: Definition, relation: FieldDefinition) -> list[str]:
    """Reverse sides that are missing or don't point back, and equal fields that aren't there."""
    place = f"{relation.collection}.yml: {relation.name}"
    problems = []
    for collection, name in relation.targets:
        problem = _reverse_problem(definition, relation, collection, name)
        if problem:
            problems.append(f"{place}: {problem}")
    own = definition.collections[relation.collection].fields
    for equal in relation.options.get("equal_fields", ()):
        if equal not in own:
            problems.append(f"{place}: equal_fields: there is no {relation.collection}.{equal}")
        for collection, _ in relation.targets:
            target = definition.collections.get(collection)
            exempt = equal == SAME_MEETING and collection in MEETING_LIKE
            if target is not None and equal not in target.fields and not exempt:
                problems.append(f"{place}: equal_fields: there is no {collection}.{equal}")
    return problems


def _reverse_problem(definition: Definition, relation: FieldDefinition, collection: str, name: str) -> str:
    if collection not in definition.collections:
        return f"there is no collection '{collection}'"
    reverse = definition.collections[collection].fields.get(name)
    if reverse is None:
        return f"the reverse field {collection}.{name} doesn't exist"
    if not issubclass(reverse.kind, RelationField):
        return f"the reverse field {collection}.{name} is no relation"
    if (relation.collection, relation.name) not in reverse.targets:
        return f"the reverse field {collection}.{name} doesn't point back"
    return ""


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None
