import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from dev import compile_translations
from openslides_backend.i18n.languages import LANGUAGES
from openslides_backend.i18n.texts import RESET_MAIL_BODY, RESET_MAIL_SUBJECT
from openslides_backend.i18n.translations import LOCALE, translate
from openslides_backend.models.field import Field
from openslides_backend.models.models import Meeting, Organization

OTHERS = [language for language in LANGUAGES if language != "en"]
INVITATION = (
    "Dear {name},\n\nthis is your personal OpenSlides login:\n\n{url}\nUsername: {username}\nPassword: {password}\n\n\n"
    "This email was generated automatically."
)
MEETING_TEXTS = [
    "welcome_title",
    "welcome_text",
    "motions_preamble",
    "motions_export_title",
    "assignments_export_title",
    "users_pdf_welcometitle",
    "users_pdf_welcometext",
    "users_email_subject",
    "users_email_body",
]
WHOLE_TEXTS = [
    "Space for your welcome text.",
    "[Place for your welcome and help text.]",
    "The assembly may decide:",
    "The organizer is responsible for the content under press law.",
    INVITATION,
    RESET_MAIL_SUBJECT,
    RESET_MAIL_BODY,
]


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def texts(path: Path) -> list[str]:
    return [str(message.id) for message in catalogue(path) if message.id]


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    """A copy of the catalogues to be played with."""
    return Path(shutil.copytree(LOCALE, tmp_path / "locale"))


# Samples of each column of the table in meeting_create.md.
@pytest.mark.parametrize(
    ("text", "translations"),
    [
        ("Public", ["Öffentlich", "Publico", "Público", "Publique", "Veřejný", "Общественный"]),
        ("Staff", ["Mitarbeitende", "Staff", "Personal", "Personnel", "Zaměstnanci", "Сотрудники"]),
        ("Admin", ["Admin", "Amministratore", "Administrador/a", "Administrateur", "Správce", "Администратор"]),
        (
            "Speaking time",
            ["Redezeit", "Tempo di parola", "Tiempo de palabra", "Temps de parole", "Čas na mluvení", None],
        ),
        ("Referral to", ["Überweisung an", "Riferito a", "Remisión a", "Référence à", None, None]),
        ("adjourned", ["vertagt", "rinviato", "pospuesto", None, "odloženo", "отложено"]),
        ("not permitted", ["nicht zugelassen", "non permesso", "no permitido", "non autorisé", None, "не разрешено"]),
        ("withdrawn", ["zurückgezogen", "ritirato", "retirado", "retiré", "stažen", None]),
        (
            "Deleted user",
            [
                "Gelöschter Nutzer",
                "Utente cancellato",
                "Usuario/a eliminado/a",
                "Utilisateur supprimé",
                "Smazaný uživatel",
                None,
            ],
        ),
    ],
)
def test_short_names(text: str, translations: list[str | None]) -> None:
    found = [translate(text, language) for language in ("de", "it", "es", "fr", "cs", "ru")]
    assert found == [translation or text for translation in translations]


@pytest.mark.parametrize("language", ["en", "", "xx", "DE", "de_AT", "../de", "\x00"])
def test_english_and_unknown_languages(language: str) -> None:
    assert translate("Motions", language) == "Motions"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["", "not a text of any catalogue", "motions", "Motions ", "OpenSlides Blue", "OpenSlides"]
)
def test_unknown_texts(text: str, language: str) -> None:
    assert translate(text, language) == text


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("text", WHOLE_TEXTS)
def test_whole_texts_are_translated(text: str, language: str) -> None:
    assert translate(text, language) != text


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(
    ("text", "lines_of_placeholders"),
    [(INVITATION, {0: "{name}", 4: "{url}", 5: "{username}", 6: "{password}"}), (RESET_MAIL_BODY, {4: "{url}"})],
)
def test_mails_keep_placeholders_and_lines(text: str, lines_of_placeholders: dict[int, str], language: str) -> None:
    lines = translate(text, language).split("\n")
    assert [bool(line) for line in lines] == [bool(line) for line in text.split("\n")]
    for number, line in enumerate(lines):
        placeholder = lines_of_placeholders.get(number, "")
        assert placeholder in line
        assert "{" not in line.replace(placeholder, "")


@pytest.mark.parametrize(
    "field",
    [
        *(Meeting.fields[name] for name in MEETING_TEXTS),
        Organization.fields["users_email_subject"],
        Organization.fields["users_email_body"],
    ],
    ids=lambda field: f"{field.collection}-{field.name}",
)
def test_template_has_the_defaults_of_the_models(field: Field) -> None:
    assert field.default in texts(LOCALE / "messages.pot")


@pytest.mark.parametrize("language", OTHERS)
def test_catalogues_have_the_texts_of_the_template(language: str) -> None:
    assert texts(LOCALE / language / "LC_MESSAGES" / "messages.po") == texts(LOCALE / "messages.pot")


def test_every_language_has_a_catalogue_and_no_other() -> None:
    assert sorted(path.name for path in LOCALE.iterdir() if path.is_dir()) == sorted(OTHERS)


@pytest.mark.parametrize("language", OTHERS)
def test_compiled_catalogues_say_what_their_sources_say(language: str) -> None:
    for message in catalogue(LOCALE / language / "LC_MESSAGES" / "messages.po"):
        if message.id:
            assert translate(str(message.id), language) == (message.string or message.id)


def test_compiled_catalogues_are_up_to_date() -> None:
    assert compile_translations.stale(LOCALE) == [], "run dev/compile_translations.py"


def test_stale_catalogues_are_found_and_made(locale: Path) -> None:
    german, french = (locale / language / "LC_MESSAGES" / "messages.mo" for language in ("de", "fr"))
    french.unlink()
    source = german.with_suffix(".po")
    source.write_text(source.read_text().replace('msgstr "Redezeit"', 'msgstr "Zeit"'))
    assert compile_translations.stale(locale) == [german, french]
    compile_translations.compile_all(locale)
    assert compile_translations.stale(locale) == []


def test_command(locale: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(compile_translations, "LOCALE", locale)
    compiled = locale / "ru" / "LC_MESSAGES" / "messages.mo"
    assert compile_translations.main(["--check"]) == 0
    compiled.unlink()
    assert compile_translations.main(["--check"]) == 1
    assert str(compiled) in capsys.readouterr().err
    assert compile_translations.main([]) == 0
    assert compiled.exists()
