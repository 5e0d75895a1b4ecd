"""Generating the models, and what is found to be wrong with their definition."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dev.generate_models import META, MODELS, PERMISSIONS, main, sources
from dev.model_definition import load_definition

SOUND = {
    "permissions": """
garden:
  can_see: {anonymous: true}
  can_water: {contains: [can_see]}
  can_dig: {contains: [can_water]}
""",
    "tree": """
collection: tree
about: Something that bears fruit.
fields:
  name: {type: string, required: true, default: Oak, max_length: 50}
  kind: {type: string, enum: [oak, elm], default: oak}
  height: {type: number, minimum: 1, default: 2}
  price: {type: decimal(6), minimum: '0.000001', default: '1.000000'}
  rights: {type: 'string[]', items_enum: permissions}
  from: text
  'yes': boolean
relations:
  fruit_ids: {many: fruit.tree_id, on_delete: CASCADE, equal_fields: name}
  label_ids: {many: label.tagged_ids}
""",
    "fruit": """
collection: fruit
about: What grows on a tree.
fields:
  name: string
  notes: HTMLStrict
relations:
  tree_id: {one: tree.fruit_ids, required: true, constant: true}
  label_ids: {many: label.tagged_ids}
""",
    "label": """
collection: label
about: A label.
fields: {}
relations:
  tagged_ids: {many: [tree.label_ids, fruit.label_ids]}
""",
}


@pytest.fixture
def meta(tmp_path: Path) -> Path:
    directory = tmp_path / "meta"
    directory.mkdir()
    for name, text in SOUND.items():
        (directory / f"{name}.yml").write_text(text)
    return directory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in (MODELS, PERMISSIONS):
        (tmp_path / path).parent.mkdir(parents=True)
    return tmp_path


def change(meta: Path, name: str, old: str, new: str) -> None:
    path = meta / f"{name}.yml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_the_generated_files_are_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_the_definition_is_sound() -> None:
    definition = load_definition(META)
    assert definition.problems == []
    assert len(definition.collections) == 49


def test_a_sound_definition_has_no_problems(meta: Path) -> None:
    assert load_definition(meta).problems == []


BROKEN = [
    ("tree", "'yes': boolean", "'yes': bool", "tree.yml: yes: unknown type 'bool'"),
    ("tree", "'yes': boolean", "yes: boolean", "tree.yml: True: is no name of a field"),
    ("tree", "'yes': boolean", "Yes!: boolean", "tree.yml: 'Yes!': is no name of a field"),
    ("tree", "from: text", "from: text\n  name: text", "tree.yml: can't be read: 'name' is given twice"),
    ("tree", "from: text", "fruit_ids: text", "tree.yml: fruit_ids: is there already"),
    ("tree", "from: text", "id: number", "tree.yml: id: every collection has it"),
    ("tree", "from: text", "from: [text]", "tree.yml: from: must be a mapping"),
    ("tree", "from: text", "from: {type: text, colour: red}", "tree.yml: from: unknown key 'colour'"),
    ("tree", "from: text", "from: {type: text, on_delete: CASCADE}", "tree.yml: from: 'on_delete' is for relations"),
    ("tree", "from: text", "from: {type: text, equal_fields: name}", "tree.yml: from: 'equal_fields' is for relations"),
    ("tree", "from: text", "from: {type: text, required: maybe}", "tree.yml: from: 'required' must be true or false"),
    (
        "tree",
        "from: text",
        "from: {type: text, minimum: 1}",
        "tree.yml: from: 'minimum' means nothing for the type text",
    ),
    ("tree", "from: text", "from: {type: text, max_length: x}", "tree.yml: from: 'max_length' must be an integer"),
    ("tree", "minimum: 1", "minimum: '1'", "tree.yml: height: 'minimum' must be a number"),
    ("tree", "minimum: '0.000001'", "minimum: 0.1", "tree.yml: price: 'minimum' must be a number"),
    ("tree", "default: 2", "default: 0", "tree.yml: height: the default 0 is none of the values allowed"),
    ("tree", "default: 2", "default: high", "tree.yml: height: the default 'high' is none of the values allowed"),
    ("tree", "default: 2", "default: null", "tree.yml: height: the default must not be null"),
    ("tree", "default: Oak", "default: ''", "tree.yml: name: the default '' is none of the values allowed"),
    ("tree", "max_length: 50", "max_length: 2", "tree.yml: name: the default 'Oak' is none of the values allowed"),
    ("tree", "default: oak", "default: ash", "tree.yml: kind: the default 'ash' is none of the values allowed"),
    ("tree", "default: '1.000000'", "default: '1'", "tree.yml: price: the default '1' is none of the values allowed"),
    ("tree", "[oak, elm]", "[oak, oak]", "tree.yml: kind: 'enum' must be a list of different values"),
    ("tree", "[oak, elm]", "[oak, 1]", "tree.yml: kind: the enum has 1"),
    ("tree", "items_enum: permissions", "items_enum: [1]", "tree.yml: rights: the items_enum has 1"),
    ("tree", "items_enum: permissions", "items_enum: all", "tree.yml: rights: 'items_enum' must be a list"),
    ("tree", "items_enum: permissions", "enum: [a]", "tree.yml: rights: 'enum' means nothing for the type string[]"),
    ("tree", "many: fruit.tree_id", "many: fruit.trees", "tree.yml: fruit_ids: the reverse field fruit.trees doesn't"),
    (
        "tree",
        "many: fruit.tree_id",
        "many: fruit.name",
        "tree.yml: fruit_ids: the reverse field fruit.name is no relat",
    ),
    (
        "tree",
        "many: fruit.tree_id",
        "many: fruit.label_ids",
        "tree.yml: fruit_ids: the reverse field fruit.label_ids do",
    ),
    ("tree", "many: fruit.tree_id", "many: apple.tree_id", "tree.yml: fruit_ids: there is no collection 'apple'"),
    ("tree", "many: fruit.tree_id", "many: fruit", "tree.yml: fruit_ids: 'fruit' is no reverse field"),
    ("tree", "many: fruit.tree_id", "one: fruit.tree_id, many: fruit.tree_id", "tree.yml: fruit_ids: a relation needs"),
    ("tree", "many: fruit.tree_id, ", "", "tree.yml: fruit_ids: a relation needs either"),
    ("tree", "CASCADE", "EXPLODE", "tree.yml: fruit_ids: unknown on_delete 'EXPLODE'"),
    ("tree", "equal_fields: name", "equal_fields: size", "tree.yml: fruit_ids: equal_fields: there is no tree.size"),
    ("tree", "equal_fields: name", "equal_fields: kind", "tree.yml: fruit_ids: equal_fields: there is no fruit.kind"),
    ("tree", "equal_fields: name", "equal_fields: 1", "tree.yml: fruit_ids: 'equal_fields' must be a name"),
    ("tree", "equal_fields: name", "default: []", "tree.yml: fruit_ids: unknown key 'default' of a relation"),
    (
        "label",
        "fruit.label_ids]",
        "tree.fruit_ids]",
        "label.yml: tagged_ids: must name at least one reverse field, and one",
    ),
    (
        "label",
        "[tree.label_ids, fruit.label_ids]",
        "tree.label_ids",
        "fruit.yml: label_ids: the reverse field label.tagged",
    ),
    ("label", "collection: label", "collection: tag", "label.yml: 'collection' must be 'label'"),
    ("label", "about: A label.", "", "label.yml: 'about' must say"),
    ("label", "fields: {}", "field: {}", "label.yml: unknown key 'field'"),
    ("label", "fields: {}", "fields: []", "label.yml: 'fields' must be a mapping"),
    ("label", "fields: {}", "fields: {", "label.yml: can't be read"),
    (
        "fruit",
        "HTMLStrict",
        "{type: HTMLStrict, default: <b>}",
        "fruit.yml: notes: the default '<b>' is none of the values",
    ),
    (
        "permissions",
        "[can_see]",
        "[can_fly]",
        "permissions.yml: garden.can_water: contains 'can_fly', which doesn't exist",
    ),
    ("permissions", "[can_see]", "[can_dig]", "permissions.yml: garden.can_water: contains itself"),
    ("permissions", "[can_see]", "can_see", "permissions.yml: garden.can_water: 'contains' must be a list"),
    ("permissions", "anonymous: true", "anonymous: 1", "permissions.yml: garden.can_see: 'anonymous' must be"),
    ("permissions", "anonymous: true", "public: true", "permissions.yml: garden.can_see: unknown option 'public'"),
    ("permissions", "can_see: {anonymous: true}", "can_see:", "permissions.yml: garden.can_see: must be a name"),
    ("permissions", "garden:", "garden: []\nfield:", "permissions.yml: garden: must be a name with a mapping"),
]


@pytest.mark.parametrize("case", BROKEN, ids=[problem[:60] for *_, problem in BROKEN])
def test_problems(meta: Path, root: Path, case: tuple[str, str, str, str]) -> None:
    name, old, new, problem = case
    change(meta, name, old, new)
    assert any(found.startswith(problem) for found in load_definition(meta).problems), load_definition(meta).problems
    assert main(["--check"], meta=meta, root=root) == 1


def test_all_problems_are_listed(meta: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(meta, "tree", "from: text", "from: tekst")
    change(meta, "tree", "CASCADE", "EXPLODE")
    change(meta, "fruit", "HTMLStrict", "html")
    change(meta, "permissions", "[can_see]", "[can_fly]")
    assert main([], meta=meta, root=root) == 1
    problems = capsys.readouterr().err
    for part in ("tekst", "EXPLODE", "html", "can_fly"):
        assert part in problems
    assert not (root / MODELS).exists()


def test_a_missing_file_is_a_problem(meta: Path) -> None:
    (meta / "permissions.yml").unlink()
    assert load_definition(meta).problems[0].startswith("permissions.yml: can't be read")


def test_what_was_generated_is_not_stale(meta: Path, root: Path) -> None:
    assert main(["--check"], meta=meta, root=root) == 1
    assert main([], meta=meta, root=root) == 0
    assert main(["--check"], meta=meta, root=root) == 0


@pytest.mark.parametrize("path", [MODELS, PERMISSIONS])
def test_changed_files_are_stale(meta: Path, root: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([], meta=meta, root=root)
    (root / path).write_text((root / path).read_text() + "\n")
    assert main(["--check"], meta=meta, root=root) == 1
    assert f"{path} is stale" in capsys.readouterr().err


def load_module(path: Path, source: str) -> ModuleType:
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    del sys.modules[path.stem]
    return module


def test_the_generated_permissions_work(meta: Path, root: Path) -> None:
    module = load_module(root / "generated_permissions.py", sources(load_definition(meta))[PERMISSIONS])
    assert module.Permissions.Garden.CAN_DIG == "garden.can_dig"
    assert module.implied_by("garden.can_see") == {"garden.can_see", "garden.can_water", "garden.can_dig"}
    assert module.implied_by("garden.can_dig") == {"garden.can_dig"}
    assert list(module.ANONYMOUS_PERMISSIONS) == ["garden.can_see"]


def test_the_generated_models_work(meta: Path, root: Path) -> None:
    source = sources(load_definition(meta))[MODELS].replace("(Model):", "(OwnModel):", 1)
    own = "\n\nclass OwnModel(Model):\n    registry = {}\n\n\nclass "
    source = source.replace("(Model):", "(OwnModel):").replace("\n\nclass ", own, 1)
    module = load_module(root / "generated_models.py", source.replace("Model.registry", "OwnModel.registry"))
    tree = module.MODELS["tree"]
    assert list(tree.fields) == [
        "id", "name", "kind", "height", "price", "rights", "from", "yes", "fruit_ids", "label_ids"
    ]  # fmt: skip
    assert tree.fields["rights"].items_enum == ("garden.can_dig", "garden.can_see", "garden.can_water")
    assert tree.fields["price"].clean("2.500000") == "2.500000"
    assert module.Tree.fruit_ids.reverse("fruit") is module.Fruit.tree_id
    assert module.Tree.__doc__ == "Something that bears fruit."
