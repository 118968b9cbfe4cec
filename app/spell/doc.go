// Package spell checks the spelling of words with the hunspell dictionaries
// that are installed on a person's system, and with the words the person adds.
//
// A Dictionary is a pair of files: .dic holds stems with flags, .aff says which
// prefixes and suffixes a flag allows and how stems may be joined (hunspell(5)).
// Words are not spelt out when it is loaded: Has takes affixes off a word until
// a stem is left, as hunspell does. What is read of the format: SET, FLAG, AF,
// PFX and SFX (also twofold suffixes), KEEPCASE, FORBIDDENWORD, NOSUGGEST,
// NEEDAFFIX, CIRCUMFIX, FULLSTRIP, ONLYINCOMPOUND, the COMPOUND flags and
// CHECKCOMPOUND options but for COMPOUNDRULE and Hungarian's, CHECKSHARPS,
// ICONV, IGNORE, BREAK, REP, MAP and TRY. Anything else is passed over.
//
// Dictionary files are not trusted: their sizes, the lengths of what they hold
// and the work for one word are bounded.
//
// A Checker joins dictionaries with the person's own words and decides which
// words are checked at all; Words finds them in a line.
package spell
