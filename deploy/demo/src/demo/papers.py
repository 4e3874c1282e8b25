"""The papers that units hand in: small, real PDF files, made from what they report."""

from typing import Final

HEAD: Final = b"%PDF-1.4\n"
# A Chinese font that every reader has or replaces; nothing is embedded, so a report stays under two kilobytes.
FONT: Final = b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>"
GLYPHS: Final = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 7 0 R"
    b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>"
)
LOOKS: Final = (
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
    b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
)


def report(lines: tuple[str, ...]) -> bytes:
    """A one-page PDF with these lines, of characters of the Basic Multilingual Plane."""
    shown = "\n".join(f"1 0 0 1 60 {780 - 20 * row} Tm <{line.encode('utf-16-be').hex()}> Tj" for row, line in enumerate(lines))
    content = f"BT /F1 12 Tf\n{shown}\nET".encode()
    return _bound(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        FONT,
        GLYPHS,
        LOOKS,
    )


def _bound(*objects: bytes) -> bytes:
    """The file with its table of where each object begins."""
    written = bytearray(HEAD)
    places = []
    for number, thing in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(written)
