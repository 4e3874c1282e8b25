"""Event logs in XES (IEEE 1849): events in the log's order, each with its case's attributes; an element is dropped once it is read."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from collection.domain.rows import Place, Reject, Row, UnreadableFile

LOG, TRACE, EVENT = "log", "trace", "event"
NAME: Final = "concept:name"
OF_CASE: Final = "case:"


class XesEvents:
    """A case's attributes stand before its events, as the standard's schema has it. No DTD, no entities, no network."""

    def __init__(self) -> None:
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=("{*}log", "{*}trace", "{*}event"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        self._log_seen = False
        self._cases = 0
        self._position = 0
        self._case: dict[str, str] = {}

    def feed(self, data: bytes) -> Iterator[Row | Reject]:
        try:
            self._parser.feed(data)
            yield from self._read()
        except etree.XMLSyntaxError as error:
            raise UnreadableFile("不是完好的 XML", f"is no well-formed XML: {error}") from error

    def close(self) -> Iterator[Row | Reject]:
        try:
            self._parser.close()
            yield from self._read()
        except etree.XMLSyntaxError as error:
            raise UnreadableFile("XML 不完整", f"the XML ends too early: {error}") from error
        if not self._log_seen:
            raise UnreadableFile("不是 XES 事件日志", "is no XES log: the root is not <log>")

    def _read(self) -> Iterator[Row]:
        for action, element in self._parser.read_events():
            match action, etree.QName(element).localname:
                case "start", "log":
                    self._begin(element)
                case "start", "trace":
                    self._cases, self._position, self._case = self._cases + 1, 0, {}
                case "end", "event":
                    yield self._event(element)
                case "end", "trace":
                    _drop(element)
                case _:
                    pass

    def _begin(self, log: etree._Element) -> None:
        self._log_seen = True
        if log.getroottree().docinfo.internalDTD is not None:
            raise UnreadableFile("含有 DTD, 不予读取", "has a DTD, which is refused: send the log without a DOCTYPE")

    def _event(self, event: etree._Element) -> Row:
        trace = event.getparent()
        self._position += 1
        if self._position == 1 and trace is not None:
            self._case = _attributes(trace)
        fields = {OF_CASE + key: value for key, value in self._case.items()} | _attributes(event)
        _drop(event)
        return Row(Place(self._position, self._case.get(NAME) or f"#{self._cases}"), fields)


def _attributes(element: etree._Element) -> dict[str, str]:
    return {child.get("key", ""): child.get("value", "").strip() for child in element if child.get("value") is not None}


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    element.clear()
    if parent is not None:
        parent.remove(element)
