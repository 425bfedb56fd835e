"""The words for secrets that people and programs use, in Danish, Norwegian, Polish and English."""

from __future__ import annotations

from typing import Final

_KEYS = "api|access|account|private|shared|storage|master|signing|encryption|subscription|client|functions?|secret"
_PASSWORDS = (
    "passw(?:or)?d|passphrase|passcode|pwd",
    "adgangskode|kodeord|kodefrase|pinkode|l(?:ø|oe?)sen(?:ord)?",
    "passord",
    "has[łl](?:o|a|em)",
)
_OTHERS = (
    "secret(?!ar)|token(?!i[sz])|authorization|credentials?|connection[-_ ]?string|cookie",
    rf"(?:{_KEYS})[-_ ]?key|shared[-_ ]?access[-_ ]?signature",
    "hemmelighe[dt]|(?:api|adgangs|tilgangs|krypterings|private?)[-_ ]?n(?:ø|oe?)(?:gle|kkel)",
    "sekret(?![aæ]r)|klucz[-_ ]?(?:api|dost[ęe]pu|prywatny)",
)

PASSWORD: Final = "|".join(_PASSWORDS)
SECRET: Final = "|".join([*_PASSWORDS, *_OTHERS])
"""Words that name a secret anywhere in a key."""

SHORT: Final = "pw|pass|pin|otp|psk"
"""Words that do so only on their own: `spin` and `bypass` are harmless."""

PERSONAL: Final = "cpr|pesel|f(?:ø|o|oe)dselsnummer|personnummer|norsk[-_ ]?ident"

HINTS: Final = (
    "pass", "pwd", "pw", "pin", "otp", "psk", "kode", "løsen", "loesen", "losen", "hasł", "hasl", "secret", "token",
    "authorization", "credential", "connection", "cookie", "key", "signature", "hemmelig", "nøgle", "nøkkel", "nogle",
    "noegle", "nokkel", "noekkel", "sekret", "klucz", "sessid", "sessionid",
)  # fmt: skip
"""In lower case: a text without any of them names no secret."""

PLAIN: Final = "|".join([
    # English
    "a|an|and|are|as|at|authentication|be|been|by|can|could|did|do|does|expires?|for|from|has|have|if|in|is|it|its",
    "must|may|needs?|no|none|not|null|of|on|only|or|requires?|should|so|than|that|the|this|to|too|true|false|yes|nil",
    "undefined|was|were|when|will|with|without|would|your|already|again|now|never|always|still|here|there",
    "fields?|inputs?|files?|login|policy|policies|prompt|manager|length|values?|string|option|parameter",
    "required|needed|missing|wrong|invalid|incorrect|valid|expired|empty|set|unset|changed|reset|masked|hidden",
    "unknown|known|given|taken|stored|saved|sent|used|unused|rejected|refused|accepted|denied|failed|protected",
    "encrypted|hashed|strong|weak|short|long|different|same|equal|new|old|default|optional|available|unavailable",
    "malformed|revoked|disabled|enabled|allowed|mandatory|correct|read|right|ok",
    # Danish and Norwegian
    "af|at|den|det|den|en|et|eller|er|for|fra|har|i|ikke|ingen|intet|kan|kr(?:æ|e)ves|mangler|med|må|og|om|på|skal|som",
    "til|uden|uten|var|være|bliver|blir|blev|ble|du|din|dit|ditt|denne|forkert|feil|gal|galt|tomt?|ugyldigt?|gyldigt?",
    "påkrævet|påkrevd|nødvendigt?|udløbet|utløpt|udløber|utløper|ændret|endret|nulstillet|nullstilt|ukendt|ukjent",
    "sat|givet|gitt|brugt|brukt|samme|ny|nyt|gammelt?",
    # Polish
    "albo|błędne|brak|być|dla|do|i|jest|lub|ma|musi|na|nie|nieprawidłowe|nieznane|niepoprawne|od|puste|są|się|to|w",
    "wygasło|wymagane|z|za|ze|został[oay]|zmienione",
])  # fmt: skip
"""Words that may follow such a word in an ordinary sentence: they are not a secret."""
