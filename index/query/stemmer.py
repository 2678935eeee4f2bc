"""English stop words, and the stems that are the keys of the translation table.

The Porter2 stemmer of snowballstemmer cannot replace this one: it also removes derivations (`national` -> `nation`), so words
with different Chinese senses would share a key of the learnt table.
"""

import functools
import re

# Question words and function words; they name no topic and are not searched for.
STOP_WORDS = frozenset(
    """
    a about after again against all almost already also although always am among an and another any anyone anything are
    around as ask at be because been before being below best better between both but by came can cannot come could describe
    did different do does doing done down during each either else etc even ever every example examples explain experience
    experiences few find for from further gave get gets getting give gives given go goes going good got had has have having
    he hence her here hers herself him himself his how however i if in instance instead into is it its itself just kind
    kinds know least let like list ll many may me might more most much must my myself name named neither never no nor not
    now of off often on once one ones only onto or other others ought our ours ourselves out over own per perhaps please
    practice practices put quite rather re really s said same say says see seem seen shall she should show since so some
    someone something sort still such t take taken tell than that the their theirs them themselves then there therefore
    these they thing things this those though through thus till to together too toward towards try type under until up upon
    us use used uses using ve very via was way ways we were what whatever when where whether which while who whom whose why
    will with within without would yes yet you your yours yourself yourselves
    """.split()  # noqa: SIM905  a paragraph reads better than 300 quoted words
)

_IRREGULAR = {
    form: lemma
    for lemma, forms in (
        entry.split(":")
        for entry in """
        become:became begin:began,begun blow:blew,blown break:broke,broken bring:brought build:built buy:bought catch:caught
        choose:chose,chosen deal:dealt draw:drew,drawn drive:drove,driven eat:ate,eaten fall:fell,fallen feel:felt
        fight:fought fly:flew,flown forget:forgot,forgotten grow:grew,grown hear:heard hide:hid,hidden hold:held keep:kept
        know:knew,known lead:led leave:left lend:lent lose:lost make:made mean:meant meet:met pay:paid ride:rode,ridden
        rise:rose,risen run:ran sell:sold send:sent shoot:shot sing:sang,sung sit:sat sleep:slept speak:spoke,spoken
        spend:spent stand:stood steal:stole,stolen strike:struck swim:swam,swum teach:taught think:thought
        throw:threw,thrown understand:understood wear:wore,worn win:won write:wrote,written bear:bore,born man:men
        woman:women child:children foot:feet tooth:teeth mouse:mice person:persons people:peoples life:lives wife:wives
        half:halves leaf:leaves knife:knives shelf:shelves die:dying,died lie:lying,lied tie:tying,tied datum:data
        medium:media evening:evenings morning:mornings ceiling:ceilings sibling:siblings wedding:weddings news: series:
        species: physics: mathematics: economics: politics: statistics: business:businesses bus:buses gas:gases basis:bases
        crisis:crises analysis:analyses red: speed:speeds need:needs,needed seed:seeds feed:feeds hundred:hundreds embed:
        bed:beds
        """.split()  # noqa: SIM905
    )
    for form in (lemma, *forms.split(","))
    if form
}


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return a lower-case word without its plural, past or -ing ending: `volunteers`, `volunteering` -> `volunteer`.

    The result is a key and not always a word (`policies`, `policy` -> `polici`).
    Source: Porter 1980, steps 1 and 5, which remove inflections and keep derivations; irregular forms are in a list.
    """
    if word in _IRREGULAR:
        word = _IRREGULAR[word]
        return word if word.endswith(("ing", "s", "ed")) else _without_e(word)
    if len(word) <= 2 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("sses") or (word.endswith("ies") and len(word) > 4):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("eed"):
        word = word[:-1] if _measure(word[:-3]) > 0 else word
    else:
        for ending in ("ed", "ing"):
            base = word.removesuffix(ending)
            if base != word and _VOWEL.search(_pattern(base)):
                if base.endswith(("at", "bl", "iz")) or (_measure(base) == 1 and _is_short(base)):
                    base += "e"
                elif len(base) > 2 and base[-1] == base[-2] and base[-1] not in "aeioulsz":
                    base = base[:-1]
                word = base
                break
    if word.endswith("y") and _VOWEL.search(_pattern(word[:-1])):
        word = word[:-1] + "i"
    return _without_e(word)


_VOWEL = re.compile("v")


def _pattern(word: str) -> str:
    """Return the consonants (c) and vowels (v) of a word: `syzygy` -> `cvcvcv`; y is a vowel after a consonant."""
    kinds: list[str] = []
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and bool(kinds) and kinds[-1] == "c")
        kinds.append("v" if vowel else "c")
    return "".join(kinds)


def _measure(word: str) -> int:
    """Return Porter's m, the number of times that consonants follow vowels."""
    return _pattern(word).count("vc")


def _is_short(word: str) -> bool:
    """Return whether a word ends in consonant, vowel, consonant, the last not w, x or y (Porter's *o)."""
    return _pattern(word)[-3:] == "cvc" and word[-1] not in "wxy"


def _without_e(word: str) -> str:
    if word.endswith("e"):
        base = word[:-1]
        if _measure(base) > 1 or (_measure(base) == 1 and not _is_short(base)):
            word = base
    if word.endswith("ll") and _measure(word) > 1:
        word = word[:-1]
    return word
