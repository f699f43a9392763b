"""How text looks against what it is: spaces of other kinds, signs without width, letters that look like Latin ones."""

import unicodedata

from data_contracts.rules import literal

# Spaces that are not the space bar's: no-break, narrow, of a fixed width. A reader sees a space.
ODD_SPACES = "\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
# Signs that nobody sees: soft hyphen, zero width, marks of direction, byte order mark.
UNSEEN_SIGNS = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
UNSEEN = dict.fromkeys(map(ord, UNSEEN_SIGNS))
PLAIN_SPACES = " \t\n\r\v\f"
_CYRILLIC = ("аеорсухіјѕһԁԛԝѵкАВЕКМНОРСТУХІЈЅԌЗ", "aeopcyxijshdqwvkABEKMHOPCTYXIJSG3")
_GREEK = ("ονικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovikABEZHIKMNOPTYX")
_WIDE = ("".join(map(chr, range(0xFF01, 0xFF5F))), "".join(map(chr, range(0x21, 0x7F))))
_LIKE = str.maketrans(
    "".join(a for a, _ in (_CYRILLIC, _GREEK, _WIDE)), "".join(b for _, b in (_CYRILLIC, _GREEK, _WIDE))
)
LOOK_ALIKES = "".join(map(chr, _LIKE))
# Where Windows-1257 has š and ž, Latin-1 has the Icelandic ð and þ.
MISTAKEN = "ðþÐÞ"
LOST = "\ufffd"


def like_latin(text: str) -> str:
    """Return the text with every look-alike of another alphabet in its Latin form."""
    return unicodedata.normalize("NFC", text).translate(_LIKE)


def spell(signs: str) -> str:
    """Write signs as an SQL expression that shows what they are."""
    return "concat(" + ", ".join(f"chr({ord(sign)})" for sign in signs) + ")"


def seen(text: str) -> str:
    """Write a text without the signs that nobody sees."""
    return f"translate({text}, {spell(UNSEEN_SIGNS)}, '')"


def composed(text: str) -> str:
    """Write a text with every letter and its mark as one sign."""
    return f"nfc_normalize({text})"


def stripped(text: str) -> str:
    """Write a text without the plain spaces around it."""
    return f"trim({text}, {spell(PLAIN_SPACES)})"


def trimmed(text: str) -> str:
    """Write a text whose spaces are plain ones, with none around it."""
    return f"trim(translate({text}, {spell(ODD_SPACES)}, repeat(' ', {len(ODD_SPACES)})), {spell(PLAIN_SPACES)})"


def holds(text: str, signs: str) -> str:
    """Write the condition that a text holds one of the signs."""
    return (
        f"regexp_matches({text}, {literal('[' + signs.replace(']', '').replace(chr(92), '').replace('^', '') + ']')})"
    )


def holds_look_alikes(text: str) -> str:
    """Write the condition that a text looks Latin but is not all Latin: no letter shows its other alphabet."""
    others = "[\\p{Cyrillic}\\p{Greek}]"
    plain = f"translate({text}, {spell(LOOK_ALIKES)}, '')"
    return f"({plain} <> {text} and not regexp_matches({plain}, {literal(others)}))"
