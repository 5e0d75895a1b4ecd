import pytest

from openslides_backend.services.mail_template import TemplateError, fill_placeholders

VALUES = {"name": "Jane {url}", "url": "https://example.com", "title": None, "password": "{name}"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", ""),
        ("no placeholder", "no placeholder"),
        ("Dear {name}: {url}", "Dear Jane {url}: https://example.com"),
        ("{password}", "{name}"),
        ("<{title}>", "<>"),
        ("{xy} and {first name}", "'xy' and 'first name'"),
        ("{{name}} {{", "{name} {"),
        ("{{{url}}}", "{https://example.com}"),
        ("}}", "}"),
    ],
)
def test_values_take_the_place_of_names(template: str, expected: str) -> None:
    assert fill_placeholders(template, VALUES) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{",
        "}",
        "a { b",
        "{name",
        "name}",
        "{}",
        "{0}",
        "{name.__class__}",
        "{name[0]}",
        "{name!r}",
        "{name:>9}",
        "{{name}",
    ],
)
def test_what_can_not_be_parsed(template: str) -> None:
    with pytest.raises(TemplateError) as error:
        fill_placeholders(template, VALUES)
    assert "name.__class__" not in str(error.value)


def test_default_body_of_meetings() -> None:
    body = "Dear {name},\n\n{url}\nUsername: {username}\nPassword: {password}\n"
    values = {"name": "Jane", "url": "https://example.com", "username": "jane", "password": "x{1}"}
    assert fill_placeholders(body, values) == "Dear Jane,\n\nhttps://example.com\nUsername: jane\nPassword: x{1}\n"
