#include <algorithm>
#include <array>
#include <utility>

#include "capabilities/guard/text/escapes.h"

namespace credence::guard {

namespace {

using Entry = std::pair<std::string_view, std::string_view>;

// The names of HTML that stand for letters and punctuation, in byte order.
// clang-format off
constexpr std::array<Entry, 511> kEntities = {{
    {"AElig", "Æ"}, {"AMP", "&"}, {"Aacute", "Á"}, {"Abreve", "Ă"}, {"Acirc", "Â"}, {"Acy", "А"},
    {"Agrave", "À"}, {"Alpha", "Α"}, {"Amacr", "Ā"}, {"Aogon", "Ą"}, {"ApplyFunction", "\u2061"},
    {"Aring", "Å"}, {"Atilde", "Ã"}, {"Auml", "Ä"}, {"Bcy", "Б"}, {"Beta", "Β"}, {"CHcy", "Ч"},
    {"COPY", "\u00A9"}, {"Cacute", "Ć"}, {"Ccaron", "Č"}, {"Ccedil", "Ç"}, {"Ccirc", "Ĉ"},
    {"Cdot", "Ċ"}, {"Cedilla", "\u00B8"}, {"CenterDot", "\u00B7"}, {"Chi", "Χ"},
    {"CloseCurlyQuote", "\u2019"}, {"DJcy", "Ђ"}, {"DScy", "Ѕ"}, {"DZcy", "Џ"},
    {"Dagger", "\u2021"}, {"Dcaron", "Ď"}, {"Dcy", "Д"}, {"Delta", "Δ"},
    {"DiacriticalAcute", "\u00B4"}, {"DiacriticalGrave", "`"}, {"Dot", "\u00A8"},
    {"DoubleDot", "\u00A8"}, {"Dstrok", "Đ"}, {"ENG", "Ŋ"}, {"ETH", "Ð"}, {"Eacute", "É"},
    {"Ecaron", "Ě"}, {"Ecirc", "Ê"}, {"Ecy", "Э"}, {"Edot", "Ė"}, {"Egrave", "È"}, {"Emacr", "Ē"},
    {"Eogon", "Ę"}, {"Epsilon", "Ε"}, {"Eta", "Η"}, {"Euml", "Ë"}, {"Fcy", "Ф"}, {"GJcy", "Ѓ"},
    {"GT", ">"}, {"Gamma", "Γ"}, {"Gammad", "Ϝ"}, {"Gbreve", "Ğ"}, {"Gcedil", "Ģ"},
    {"Gcirc", "Ĝ"}, {"Gcy", "Г"}, {"Gdot", "Ġ"}, {"HARDcy", "Ъ"}, {"Hat", "^"}, {"Hcirc", "Ĥ"},
    {"Hstrok", "Ħ"}, {"IEcy", "Е"}, {"IJlig", "Ĳ"}, {"IOcy", "Ё"}, {"Iacute", "Í"},
    {"Icirc", "Î"}, {"Icy", "И"}, {"Idot", "İ"}, {"Igrave", "Ì"}, {"Imacr", "Ī"},
    {"InvisibleComma", "\u2063"}, {"Iogon", "Į"}, {"Iota", "Ι"}, {"Itilde", "Ĩ"}, {"Iukcy", "І"},
    {"Iuml", "Ï"}, {"Jcirc", "Ĵ"}, {"Jcy", "Й"}, {"Jsercy", "Ј"}, {"Jukcy", "Є"}, {"KHcy", "Х"},
    {"KJcy", "Ќ"}, {"Kappa", "Κ"}, {"Kcedil", "Ķ"}, {"Kcy", "К"}, {"LJcy", "Љ"}, {"LT", "<"},
    {"Lacute", "Ĺ"}, {"Lambda", "Λ"}, {"Lcaron", "Ľ"}, {"Lcedil", "Ļ"}, {"Lcy", "Л"},
    {"Lmidot", "Ŀ"}, {"Lstrok", "Ł"}, {"Mcy", "М"}, {"MediumSpace", " "}, {"Mu", "Μ"},
    {"NJcy", "Њ"}, {"Nacute", "Ń"}, {"Ncaron", "Ň"}, {"Ncedil", "Ņ"}, {"Ncy", "Н"},
    {"NewLine", "\n"}, {"NonBreakingSpace", " "}, {"Ntilde", "Ñ"}, {"Nu", "Ν"}, {"OElig", "Œ"},
    {"Oacute", "Ó"}, {"Ocirc", "Ô"}, {"Ocy", "О"}, {"Odblac", "Ő"}, {"Ograve", "Ò"},
    {"Omacr", "Ō"}, {"Omega", "Ω"}, {"Omicron", "Ο"}, {"OpenCurlyQuote", "\u2018"},
    {"Oslash", "Ø"}, {"Otilde", "Õ"}, {"Ouml", "Ö"}, {"OverBar", "\u203E"}, {"Pcy", "П"},
    {"Phi", "Φ"}, {"Pi", "Π"}, {"PlusMinus", "\u00B1"}, {"Prime", "\u2033"}, {"Psi", "Ψ"},
    {"QUOT", "\""}, {"REG", "\u00AE"}, {"Racute", "Ŕ"}, {"Rcaron", "Ř"}, {"Rcedil", "Ŗ"},
    {"Rcy", "Р"}, {"Rho", "Ρ"}, {"SHCHcy", "Щ"}, {"SHcy", "Ш"}, {"SOFTcy", "Ь"}, {"Sacute", "Ś"},
    {"Scaron", "Š"}, {"Scedil", "Ş"}, {"Scirc", "Ŝ"}, {"Scy", "С"}, {"Sigma", "Σ"},
    {"THORN", "Þ"}, {"TSHcy", "Ћ"}, {"TScy", "Ц"}, {"Tab", "\t"}, {"Tau", "Τ"}, {"Tcaron", "Ť"},
    {"Tcedil", "Ţ"}, {"Tcy", "Т"}, {"Theta", "Θ"}, {"ThinSpace", " "}, {"Tstrok", "Ŧ"},
    {"Uacute", "Ú"}, {"Ubrcy", "Ў"}, {"Ubreve", "Ŭ"}, {"Ucirc", "Û"}, {"Ucy", "У"},
    {"Udblac", "Ű"}, {"Ugrave", "Ù"}, {"Umacr", "Ū"}, {"UnderBar", "_"}, {"Uogon", "Ų"},
    {"Upsi", "ϒ"}, {"Upsilon", "Υ"}, {"Uring", "Ů"}, {"Utilde", "Ũ"}, {"Uuml", "Ü"}, {"Vcy", "В"},
    {"Verbar", "\u2016"}, {"Vert", "\u2016"}, {"VerticalLine", "|"}, {"VeryThinSpace", " "},
    {"Wcirc", "Ŵ"}, {"Xi", "Ξ"}, {"YAcy", "Я"}, {"YIcy", "Ї"}, {"YUcy", "Ю"}, {"Yacute", "Ý"},
    {"Ycirc", "Ŷ"}, {"Ycy", "Ы"}, {"Yuml", "Ÿ"}, {"ZHcy", "Ж"}, {"Zacute", "Ź"}, {"Zcaron", "Ž"},
    {"Zcy", "З"}, {"Zdot", "Ż"}, {"ZeroWidthSpace", "\u200B"}, {"Zeta", "Ζ"}, {"aacute", "á"},
    {"abreve", "ă"}, {"acirc", "â"}, {"acute", "\u00B4"}, {"acy", "а"}, {"aelig", "æ"},
    {"af", "\u2061"}, {"agrave", "à"}, {"alpha", "α"}, {"amacr", "ā"}, {"amp", "&"},
    {"angst", "Å"}, {"aogon", "ą"}, {"apos", "'"}, {"aring", "å"}, {"ast", "*"}, {"atilde", "ã"},
    {"auml", "ä"}, {"backepsilon", "\u03F6"}, {"backprime", "\u2035"}, {"bcy", "б"},
    {"bdquo", "\u201E"}, {"bepsi", "\u03F6"}, {"beta", "β"}, {"bprime", "\u2035"},
    {"brvbar", "\u00A6"}, {"bsemi", "\u204F"}, {"bsol", "\\"}, {"bull", "\u2022"},
    {"bullet", "\u2022"}, {"cacute", "ć"}, {"caret", "\u2041"}, {"ccaron", "č"}, {"ccedil", "ç"},
    {"ccirc", "ĉ"}, {"cdot", "ċ"}, {"cedil", "\u00B8"}, {"cent", "\u00A2"},
    {"centerdot", "\u00B7"}, {"chcy", "ч"}, {"chi", "χ"}, {"circledR", "\u00AE"}, {"colon", ":"},
    {"comma", ","}, {"commat", "@"}, {"copy", "\u00A9"}, {"curren", "\u00A4"},
    {"dagger", "\u2020"}, {"dash", "\u2010"}, {"dcaron", "ď"}, {"dcy", "д"},
    {"ddagger", "\u2021"}, {"deg", "\u00B0"}, {"delta", "δ"}, {"die", "\u00A8"}, {"digamma", "ϝ"},
    {"div", "\u00F7"}, {"divide", "\u00F7"}, {"djcy", "ђ"}, {"dollar", "$"}, {"dscy", "ѕ"},
    {"dstrok", "đ"}, {"dzcy", "џ"}, {"eacute", "é"}, {"ecaron", "ě"}, {"ecirc", "ê"},
    {"ecy", "э"}, {"edot", "ė"}, {"egrave", "è"}, {"emacr", "ē"}, {"emsp", " "}, {"emsp13", " "},
    {"emsp14", " "}, {"eng", "ŋ"}, {"ensp", " "}, {"eogon", "ę"}, {"epsi", "ε"}, {"epsilon", "ε"},
    {"epsiv", "ϵ"}, {"equals", "="}, {"eta", "η"}, {"eth", "ð"}, {"euml", "ë"}, {"excl", "!"},
    {"fcy", "ф"}, {"filig", "ﬁ"}, {"frac12", "\u00BD"}, {"frac14", "\u00BC"},
    {"frac34", "\u00BE"}, {"frasl", "\u2044"}, {"gamma", "γ"}, {"gammad", "ϝ"}, {"gbreve", "ğ"},
    {"gcirc", "ĝ"}, {"gcy", "г"}, {"gdot", "ġ"}, {"gjcy", "ѓ"}, {"grave", "`"}, {"gt", ">"},
    {"hairsp", " "}, {"half", "\u00BD"}, {"hardcy", "ъ"}, {"hcirc", "ĥ"}, {"hellip", "\u2026"},
    {"horbar", "\u2015"}, {"hstrok", "ħ"}, {"hybull", "\u2043"}, {"hyphen", "\u2010"},
    {"iacute", "í"}, {"ic", "\u2063"}, {"icirc", "î"}, {"icy", "и"}, {"iecy", "е"},
    {"iexcl", "\u00A1"}, {"igrave", "ì"}, {"ijlig", "ĳ"}, {"imacr", "ī"}, {"imath", "ı"},
    {"inodot", "ı"}, {"iocy", "ё"}, {"iogon", "į"}, {"iota", "ι"}, {"iquest", "\u00BF"},
    {"itilde", "ĩ"}, {"iukcy", "і"}, {"iuml", "ï"}, {"jcirc", "ĵ"}, {"jcy", "й"}, {"jsercy", "ј"},
    {"jukcy", "є"}, {"kappa", "κ"}, {"kappav", "ϰ"}, {"kcedil", "ķ"}, {"kcy", "к"},
    {"kgreen", "ĸ"}, {"khcy", "х"}, {"kjcy", "ќ"}, {"lacute", "ĺ"}, {"lambda", "λ"},
    {"laquo", "\u00AB"}, {"lbrace", "{"}, {"lbrack", "["}, {"lcaron", "ľ"}, {"lcedil", "ļ"},
    {"lcub", "{"}, {"lcy", "л"}, {"ldquo", "\u201C"}, {"ldquor", "\u201E"}, {"ljcy", "љ"},
    {"lmidot", "ŀ"}, {"lowbar", "_"}, {"lpar", "("}, {"lrm", "\u200E"}, {"lsaquo", "\u2039"},
    {"lsqb", "["}, {"lsquo", "\u2018"}, {"lsquor", "\u201A"}, {"lstrok", "ł"}, {"lt", "<"},
    {"macr", "\u00AF"}, {"mcy", "м"}, {"mdash", "\u2014"}, {"micro", "µ"}, {"midast", "*"},
    {"middot", "\u00B7"}, {"mldr", "\u2026"}, {"mu", "μ"}, {"nacute", "ń"}, {"napos", "ŉ"},
    {"nbsp", " "}, {"ncaron", "ň"}, {"ncedil", "ņ"}, {"ncy", "н"}, {"ndash", "\u2013"},
    {"njcy", "њ"}, {"nldr", "\u2025"}, {"not", "\u00AC"}, {"ntilde", "ñ"}, {"nu", "ν"},
    {"num", "#"}, {"numsp", " "}, {"oacute", "ó"}, {"ocirc", "ô"}, {"ocy", "о"}, {"odblac", "ő"},
    {"oelig", "œ"}, {"ograve", "ò"}, {"ohm", "Ω"}, {"oline", "\u203E"}, {"omacr", "ō"},
    {"omega", "ω"}, {"omicron", "ο"}, {"ordf", "ª"}, {"ordm", "º"}, {"oslash", "ø"},
    {"otilde", "õ"}, {"ouml", "ö"}, {"para", "\u00B6"}, {"pcy", "п"}, {"percnt", "%"},
    {"period", "."}, {"permil", "\u2030"}, {"pertenk", "\u2031"}, {"phi", "φ"}, {"phiv", "ϕ"},
    {"pi", "π"}, {"piv", "ϖ"}, {"plus", "+"}, {"plusmn", "\u00B1"}, {"pm", "\u00B1"},
    {"pound", "\u00A3"}, {"prime", "\u2032"}, {"psi", "ψ"}, {"puncsp", " "}, {"qprime", "\u2057"},
    {"quest", "?"}, {"quot", "\""}, {"racute", "ŕ"}, {"raquo", "\u00BB"}, {"rbrace", "}"},
    {"rbrack", "]"}, {"rcaron", "ř"}, {"rcedil", "ŗ"}, {"rcub", "}"}, {"rcy", "р"},
    {"rdquo", "\u201D"}, {"rdquor", "\u201D"}, {"reg", "\u00AE"}, {"rho", "ρ"}, {"rhov", "ϱ"},
    {"rlm", "\u200F"}, {"rpar", ")"}, {"rsaquo", "\u203A"}, {"rsqb", "]"}, {"rsquo", "\u2019"},
    {"rsquor", "\u2019"}, {"sacute", "ś"}, {"sbquo", "\u201A"}, {"scaron", "š"}, {"scedil", "ş"},
    {"scirc", "ŝ"}, {"scy", "с"}, {"sect", "\u00A7"}, {"semi", ";"}, {"shchcy", "щ"},
    {"shcy", "ш"}, {"shy", "\u00AD"}, {"sigma", "σ"}, {"sigmaf", "ς"}, {"sigmav", "ς"},
    {"softcy", "ь"}, {"sol", "/"}, {"straightepsilon", "ϵ"}, {"straightphi", "ϕ"},
    {"strns", "\u00AF"}, {"sup1", "\u00B9"}, {"sup2", "\u00B2"}, {"sup3", "\u00B3"},
    {"szlig", "ß"}, {"tau", "τ"}, {"tcaron", "ť"}, {"tcedil", "ţ"}, {"tcy", "т"}, {"theta", "θ"},
    {"thetasym", "ϑ"}, {"thetav", "ϑ"}, {"thinsp", " "}, {"thorn", "þ"}, {"times", "\u00D7"},
    {"tprime", "\u2034"}, {"tscy", "ц"}, {"tshcy", "ћ"}, {"tstrok", "ŧ"}, {"uacute", "ú"},
    {"ubrcy", "ў"}, {"ubreve", "ŭ"}, {"ucirc", "û"}, {"ucy", "у"}, {"udblac", "ű"},
    {"ugrave", "ù"}, {"umacr", "ū"}, {"uml", "\u00A8"}, {"uogon", "ų"}, {"upsi", "υ"},
    {"upsih", "ϒ"}, {"upsilon", "υ"}, {"uring", "ů"}, {"utilde", "ũ"}, {"uuml", "ü"},
    {"varepsilon", "ϵ"}, {"varkappa", "ϰ"}, {"varphi", "ϕ"}, {"varpi", "ϖ"}, {"varrho", "ϱ"},
    {"varsigma", "ς"}, {"vartheta", "ϑ"}, {"vcy", "в"}, {"verbar", "|"}, {"vert", "|"},
    {"wcirc", "ŵ"}, {"xi", "ξ"}, {"yacute", "ý"}, {"yacy", "я"}, {"ycirc", "ŷ"}, {"ycy", "ы"},
    {"yen", "\u00A5"}, {"yicy", "ї"}, {"yucy", "ю"}, {"yuml", "ÿ"}, {"zacute", "ź"},
    {"zcaron", "ž"}, {"zcy", "з"}, {"zdot", "ż"}, {"zeta", "ζ"}, {"zhcy", "ж"}, {"zwj", "\u200D"},
    {"zwnj", "\u200C"},
}};
// clang-format on

static_assert(std::is_sorted(kEntities.begin(), kEntities.end()), "found by halving");

}  // namespace

std::string_view entity(std::string_view name) {
    const auto* const found = std::lower_bound(
        kEntities.begin(), kEntities.end(), name,
        [](const Entry& entry, std::string_view wanted) { return entry.first < wanted; });
    return found != kEntities.end() && found->first == name ? found->second : std::string_view();
}

}  // namespace credence::guard
