"""`meeting.url_name` and `users_pdf_url` are gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("meeting", "url_name", "users_pdf_url")
