import io
import zipfile

import pytest

from evidence.files import HEAD, digested

OFFICE = "application/vnd.openxmlformats-officedocument."


def zipped(*names: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>" * 50)
    return body.getvalue()


def types(body: bytes) -> frozenset[str]:
    return digested([body]).media_types


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7\n1 0 obj", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(40), "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(40), "image/jpeg"),
        (b"II*\0" + bytes(30), "image/tiff"),
        (b"BM" + bytes(60), "image/x-ms-bmp"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "video/mp4"),
        (b"ID3\x03" + bytes(40), "audio/mpeg"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/x-ole-storage"),
        (zipped("[Content_Types].xml", "word/document.xml"), f"{OFFICE}wordprocessingml.document"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), f"{OFFICE}spreadsheetml.sheet"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), f"{OFFICE}presentationml.presentation"),
        (zipped("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
        (zipped("照片/1.jpg"), "application/zip"),
        ("整改情况说明".encode(), "text/plain"),
        ("整改情况说明".encode("gb18030"), "text/plain"),
        (b"unit,cases\nwanglan,3\n", "text/plain"),
    ],
)
def test_a_type_is_found_in_the_bytes(body: bytes, kind: str) -> None:
    assert kind in types(body)


@pytest.mark.parametrize("body", [b"", bytes(range(256)), b"\x7fELF\x02\x01" + bytes(60), b"MZ" + bytes(200), b"\x81"])
def test_bytes_of_no_accepted_kind_are_none_of_them(body: bytes) -> None:
    assert not types(body) & {"application/pdf", "application/zip", "text/plain", "image/png"}


def test_a_spreadsheet_is_not_taken_for_a_document() -> None:
    assert f"{OFFICE}wordprocessingml.document" not in types(zipped("xl/workbook.xml"))


def test_text_whose_character_is_cut_off_where_the_head_ends_is_still_text() -> None:
    assert "text/plain" in types(b"a" * (HEAD - 1) + "改".encode() * 10)


def test_an_archive_is_known_by_its_directory_however_it_streams_by() -> None:
    body = zipped(*(f"word/{number}.xml" for number in range(300)))
    chunks = [body[at : at + 7] for at in range(0, len(body), 7)]
    assert digested(chunks) == digested([body])
    assert f"{OFFICE}wordprocessingml.document" in digested(chunks).media_types
