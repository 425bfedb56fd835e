"""The forms in which texts contain secrets. The group `keep` of a form is kept; the rest is masked.

No pattern backtracks (++, *+), or only over a limited length: the cost of a hostile text grows only with its length.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from process_manager.redaction.words import PASSWORD, PLAIN, SECRET, SHORT


class Form(NamedTuple):
    """A pattern, and the lower-case hints of which a text must contain one to be worth searching."""

    pattern: re.Pattern[str]
    hints: tuple[str, ...]


def _form(pattern: str, *hints: str, flags: re.RegexFlag = re.IGNORECASE) -> Form:
    return Form(re.compile(pattern, flags | re.DOTALL), hints)


_WORD = rf"(?:{SECRET}|(?<![^\W_])(?:{SHORT})(?![^\W_]))"
_NOT_PLAIN = rf"(?!(?:{PLAIN})\b)"

# A quoted value ends with its quote, or with the text if it was cut; in JSON within JSON the quote has backslashes.
_QUOTED = (
    r"(?P<quote>\\{1,8}[\"'])(?:(?!(?P=quote)).)*+(?:(?P=quote)|\Z)"
    r"|\"(?:[^\"\\]++|\\.?)*+(?:\"|\Z)|'(?:[^'\\]++|\\.?)*+(?:'|\Z)"
)
# A bare value continues past its usual end where a letter follows at once.
_BARE = r"(?:[^\s;,&\"'(){}\[\]<>\\]|[,\"'(){}\[\]<>\\](?=[\w!#$%*+./:=?@^`|~-]))++"

# --- secrets with a look of their own -------------------------------------------------------------------------------

_PEM_BEGIN = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PEM_END = r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PEM = _form(rf"(?P<keep>{_PEM_BEGIN})(?:(?!-----END ).)*+(?={_PEM_END}|\Z|-----END )", "private key", flags=re.NOFLAG)
_PEM_TAIL = _form(rf"\A(?P<keep>)[\w+/=\s\\:,-]*?(?={_PEM_END})", "private key", flags=re.NOFLAG)
_TOKENS = _form(
    r"(?P<keep>)(?:"
    r"\beyJ[\w-]{6,}+\.[\w-]{6,}+(?:\.[\w-]*+)?"  # a JSON web token
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|npm_|hf_|dop_v1_|pypi-|sk-|[rs]k_(?:live|test)_)[\w-]{16,}+"
    r"|\bpm_[\w-]{40,}+"  # our own
    r"|\bAIza[\w-]{30,}+|\bya29\.[\w-]{10,}+|\bhvs\.[\w-]{10,}+|\bSG\.[\w-]{10,}+\.[\w-]{10,}+|AGE-SECRET-KEY-\w++)",
    "eyj", "akia", "asia", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_",
    "glpat-", "xox", "npm_", "hf_", "dop_v1_", "pypi-", "sk-", "k_live_", "k_test_", "pm_",
    "aiza", "ya29.", "hvs.", "sg.", "age-secret-",
    flags=re.NOFLAG,
)  # fmt: skip
_HOOK = _form(r"(?P<keep>hooks\.slack\.com/(?:services|workflows)/)[\w/-]++", "hooks.slack")

# --- URLs, and what is written like one --------------------------------------------------------------------------

# The last @ before the query ends the password: a raw @, / or ? in it must not expose its tail. Only without such an @
# may the query be a part of the password, unless what looks like one is a port.
_BEFORE_QUERY = r"(?:[^\s\"'<>@?]++|\?(?!\w++=))*+(?=@)"
_ANYWHERE = r"[^\s\"'<>@]*+(?=@)"
_URL = _form(
    r"(?P<keep>://[^:/?#@\s\"'<>]*+:)(?=[^\s\"'<>@]{0,2000}+@)"
    rf"(?:{_BEFORE_QUERY}(?:@{_BEFORE_QUERY})*+|(?!\d{{1,5}}[/?]){_ANYWHERE}(?:@{_ANYWHERE})*+)",
    "://",
)
# The password of a database URL may contain spaces and quotes, too.
_DATABASE_URL = _form(
    r"(?P<keep>(?:postgres|mysql|mariadb|mssql|oracle|mongodb|redis|amqps?)[\w+]{0,20}+://[^\s:/@]*+:)"
    r"(?!\d{1,5}(?:[/?\s\"']|\Z))[^\n@]{0,300}+(?:@[^\n@]{0,300}+(?=@))*+(?=@)",
    "://",
)
_ODBC = _form(
    r"(?P<keep>\b(?:pwd|password)\s?=)"
    r"(?:\{(?:[^}]|\}\}){0,500}+\}|\{[^}]*+(?:\}|\Z)|[^;\s\"'][^;\n\"']{0,500}+(?=;)|[^;\s\"'&]++)",
    "pwd", "password",
)  # fmt: skip
_QUOTED_PAIR = _form(
    rf"(?P<keep>{_WORD}\w{{0,20}}+(?:%2[27])?(?:%20|\+)*+%3[ad](?:%20|\+)*+)"
    r"(?:%7b(?:(?!%7d).|%7d%7d){0,500}+%7d|%2[27](?:(?!%2[27])[^&\s\"'])*+(?:%2[27])?+|(?:(?!%3b|%26)[^&\s\"'])*+)",
    "%3",
)
_PGPASS = _form(r"(?P<keep>(?<![^\s\"'])[\w.*-]++:(?:543\d|\*):[\w*-]++:[\w*-]++:)[^\s:\"'][^\s\"']*+", ":543", ":*:")

# --- headers -----------------------------------------------------------------------------------------------------

_COOKIE = _form(r"(?P<keep>\b(?:set-)?cookie2?[\"']?\s*+:\s*+[\"']?)[^\s\"'][^\r\n\"']*+", "cookie")
_AUTHORIZATION = _form(
    rf"(?P<keep>\bauthorization[\"']?\s*+[:=]\s*+[\"']?){_NOT_PLAIN}"
    r"(?:(?:digest|hawk|aws4-hmac-sha256|oauth|signature)\s++[^\r\n']++"
    r"|(?:(?:bearer|basic|token|apikey|negotiate|ntlm|sharedkey(?:lite)?|sharedaccesssignature)\s++)?[^\s;,\"'(){}\[\]]++)",
    "authorization",
)
_LOOKS_RANDOM = r"(?=[\w+/.~=-]{0,200}?(?:\d|[a-z][A-Z]|=|\w\.\w|_))"
_SCHEME = _form(rf"(?P<keep>\b(?:[Bb]earer|BEARER)\s++){_LOOKS_RANDOM}[\w.~+/=-]{{8,}}+", "bearer", flags=re.NOFLAG)
_BASIC = _form(
    r"(?P<keep>\b(?:[Bb]asic|BASIC|[Nn]egotiate|NTLM)\s++)"
    r"(?![A-Z]?+[a-z]++(?:[A-Z][a-z]{2,}+)*+\b(?![=+/]))(?=[\w+/]{0,200}?[a-z][A-Z]|[\w+/]{8,200}?=|[\w+/]{0,200}?\d[\w+/]{6})[A-Za-z0-9+/]{4,}+=*+",
    "basic", "negotiate", "ntlm",
    flags=re.NOFLAG,
)  # fmt: skip

# --- names with their values -------------------------------------------------------------------------------------

_OF_WHOM = r"(?:\s++(?:for|of|til|to|dla|do)(?:\s++[^\s:=]{1,60}+){1,3}?)?"
_AFTER_KEY = rf"\w{{0,20}}+{_OF_WHOM}(?:\\{{0,8}}+[\"'])?+"
_PAIR = _form(
    rf"(?P<keep>{_WORD}{_AFTER_KEY}(?:\s*+(?:=>|:=|=)\s*+|\s*+:\s*+{_NOT_PLAIN}|(?<=[\"'])\s*+,\s*+(?=\\{{0,8}}+[\"'])))"
    rf"(?!(?:null|none|nil|true|false|undefined)\b)(?:{_QUOTED}|(?:(?:bearer|basic)\s++)?{_BARE})",
)
_SIGNATURE = _form(
    r"(?P<keep>(?<![^\W_])(?:sig|signature|[jp]?h?p?sess(?:ion)?id)=)[\w%+/=.~-]{8,}+", "sig", "sessid", "sessionid"
)
_TAG = _form(
    rf"(?P<keep><(?:\w++:)?{_WORD}\w{{0,20}}+(?:\s[^<>]{{0,100}}+)?+>)(?:[^<]++(?=</)|[^\s<][^<]*+)",
)
_SETTING = _form(
    rf"(?P<keep>[\"'][^\"'<>]{{0,40}}?{_WORD}\w{{0,20}}+[\"']\s++value\s*+=\s*+)(?:\"[^\"]*+\"?|'[^']*+'?)"
)
_OPTION = _form(
    rf"(?P<keep>(?<![\w-])--?(?:\w++-)*?{_WORD}[\w-]{{0,20}}+\s++){_NOT_PLAIN}(?![-\[<(|]|[A-Z_]++\])(?:{_QUOTED}|[^\s\"']++)",
)
_ACCOUNT = _form(r"(?P<keep>(?<!\S)(?:-u|--user|--proxy-user)[\s=]++[^\s:\"']++:)[^\s\"']++", "-u")
_SQL_TOOL = _form(
    r"(?P<keep>\b(?:sqlcmd|bcp|osql|isql)\b[^\n]{0,200}?\s-P\s*+|\b(?:mysql|mariadb)\w*+\b[^\n]{0,200}?\s-p(?=\S))"
    rf"(?:{_QUOTED}|\S++)",
    "sqlcmd", "bcp", "osql", "isql", "mysql", "mariadb",
    flags=re.NOFLAG,
)  # fmt: skip
_SQL = _form(rf"(?P<keep>\bidentified\s++by\s++(?:password\s++)?)(?:{_QUOTED}|[^\s;]++)", "identified")

# --- sentences ---------------------------------------------------------------------------------------------------

_IS = r"(?:is|was|er|var|jest|to|brzmi|lyder)"
_SENTENCE = _form(
    rf"(?P<keep>(?:{PASSWORD})\w{{0,3}}+{_OF_WHOM}\s++{_IS}(?:\s*+:)?+\s++){_NOT_PLAIN}(?:{_QUOTED}|[^\s\"']++)"
)
_BESIDE = _form(
    rf"(?P<keep>(?:{PASSWORD})\w{{0,3}}+\s++)"
    rf"(?:{_NOT_PLAIN}(?=[^\s\d]{{0,60}}+\d)(?=[^\sA-Za-zÀ-ž]{{0,60}}+[A-Za-zÀ-ž])[^\s\"']{{6,}}+|(?=[\"']\S)(?:{_QUOTED}))",
)

FORMS: Final = (
    _PEM, _PEM_TAIL, _TOKENS, _HOOK, _DATABASE_URL, _URL, _COOKIE, _AUTHORIZATION, _ODBC, _QUOTED_PAIR, _PGPASS,
    _SCHEME, _BASIC, _SIGNATURE, _ACCOUNT, _SQL_TOOL, _SQL,
)  # fmt: skip
"""In the order in which they are searched."""

NAMED: Final = tuple(each.pattern for each in (_TAG, _SETTING, _PAIR, _OPTION, _SENTENCE, _BESIDE))
"""The patterns that begin with a word for a secret, searched last and only in a text that contains a hint of one."""
