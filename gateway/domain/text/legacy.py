"""Telltales of the fonts of before Unicode (TCVN3, VNI) that old exports carry as Latin letters.

Such text is shown to a human, never converted silently: the same bytes can mean two letters.
"""

import re

# `NguyÔn V¨n Lª`: a sign or a capital inside a lower-case word, where TCVN3 keeps a vowel.
_TCVN3 = re.compile(
    r"[^\W\d_][¨©ª¬µ¶¸¹¼½¾]"
    r"|[^\W\d_][«»][^\W\d_]"
    r"|(?<!\w)[®§][^\W\d_]"
    r"|[a-z][À-ÖØ-Þ][a-z]|[A-Za-z]×[a-z]"
    r"|[A-Za-z]Þ"
)
# `Nguyeãn Vaên Haûi`: VNI writes a vowel and its mark as two letters, pairs Vietnamese never has.
_VNI = re.compile(
    r"a[áàãâäåæéèêëùúûüøõï]|e[áàãâäåùûøõï]|o[âäåûøï]|[uöô][ùûøï]|y[ùûøõï]|ñ(?:[aeo][áàãâäåæéèêëùúûøõï]|ö)",
    re.IGNORECASE,
)


def looks_legacy_encoded(text: str) -> bool:
    """Whether `text` seems to be TCVN3 or VNI read as if it were Unicode."""
    return not text.isascii() and bool(_TCVN3.search(text) or _VNI.search(text))
