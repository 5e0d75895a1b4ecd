"""PDF exports get margins and a height of lines."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for meeting in data.models("meeting"):
        meeting.set(
            export_pdf_line_height=1.25,
            export_pdf_page_margin_left=20,
            export_pdf_page_margin_top=25,
            export_pdf_page_margin_right=20,
            export_pdf_page_margin_bottom=20,
        )
