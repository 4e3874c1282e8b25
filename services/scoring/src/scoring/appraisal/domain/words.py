"""A sentence in the two languages in which the platform speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    zh: str
    en: str


def both(texts: tuple[Text, ...], separator: Text) -> Text:
    """The texts in order, joined in each language by its own separator."""
    return Text(separator.zh.join(text.zh for text in texts), separator.en.join(text.en for text in texts))
