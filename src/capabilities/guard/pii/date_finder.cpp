#include <algorithm>
#include <array>

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/national_ids.h"
#include "capabilities/guard/pii/number_finder.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxMonthBytes = 20;
constexpr std::size_t kBirthReach = 40;
constexpr int kFirstYear = 1850;
constexpr int kLastYear = 2100;

// Names of months in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish,
// Scandinavian, Russian and Turkish; sorted by bytes.
constexpr auto kMonths = std::to_array<std::string_view>({
    // clang-format off
      "abril", "agosto", "aout", "août", "apr", "april", "aprile", "aralık", "aug", "august",
      "augusti", "augustus", "avril", "ağustos", "czerwca", "dec", "december", "decembre",
      "desember", "dezember", "dezembro", "dicembre", "diciembre", "décembre", "ekim", "enero",
      "eylül", "feb", "febbraio", "febrero", "februar", "februari", "february", "fevereiro",
      "fevrier", "février", "gennaio", "giugno", "grudnia", "haziran", "jan", "janeiro", "januar",
      "januari", "january", "janvier", "juillet", "juin", "jul", "julho", "juli", "julio", "july",
      "jun", "june", "junho", "juni", "junio", "jänner", "kasım", "kwietnia", "lipca",
      "listopada", "luglio", "lutego", "maart", "maerz", "maggio", "mai", "maio", "maj", "maja",
      "mar", "marca", "march", "mars", "mart", "marts", "marzo", "março", "may", "mayo", "mayıs",
      "mei", "märz", "nisan", "nov", "november", "novembre", "novembro", "noviembre", "ocak",
      "oct", "october", "octobre", "octubre", "oktober", "ottobre", "outubro", "października",
      "sep", "sept", "september", "septembre", "septiembre", "setembro", "settembre", "sierpnia",
      "stycznia", "temmuz", "września", "şubat", "августа", "апреля", "декабря", "июля", "июня",
      "марта", "мая", "ноября", "октября", "сентября", "февраля", "января"
    // clang-format on
});
static_assert(std::is_sorted(kMonths.begin(), kMonths.end()));

struct Reader {
    std::string_view text;
    std::size_t at = 0;

    bool more() const { return at < text.size(); }
    bool take(char c) {
        const bool found = more() && text[at] == c;
        at += found ? 1 : 0;
        return found;
    }
    // One to `most` digits as a number; -1 when there are none or more follow.
    int number(std::size_t least, std::size_t most) {
        int value = 0;
        std::size_t size = 0;
        while (more() && is_digit(text[at]) && size <= most) {
            value = value * 10 + (text[at] - '0');
            ++at;
            ++size;
        }
        return size >= least && size <= most ? value : -1;
    }
    std::string_view word() {
        const std::size_t start = at;
        while (more() && at - start < kMaxMonthBytes &&
               (is_letter(text[at]) || is_wide(text[at]))) {
            ++at;
        }
        return text.substr(start, at - start);
    }
};

bool is_year(int year) {
    return year >= kFirstYear && year <= kLastYear;
}

bool is_month(std::string_view word) {
    if (word.size() < 3) {
        return false;
    }
    std::array<char, kMaxMonthBytes> small{};
    std::transform(word.begin(), word.end(), small.begin(), lower);
    return std::binary_search(kMonths.begin(), kMonths.end(),
                              std::string_view(small.data(), word.size()));
}

// " 10:15", "T10:15:30.5Z", " 3:05 pm" behind a date.
std::size_t time_end(std::string_view text, std::size_t at) {
    Reader reader{text, at};
    if (!reader.take('T') && !reader.take(' ')) {
        return at;
    }
    const int hour = reader.number(1, 2);
    const bool colon = reader.take(':');
    const int minute = reader.number(2, 2);
    if (hour < 0 || hour > 24 || !colon || minute < 0 || minute > 59) {
        return at;
    }
    Reader seconds = reader;
    if (seconds.take(':') && seconds.number(2, 2) >= 0) {
        reader = seconds;
        if ((seconds.take('.') || seconds.take(',')) && seconds.number(1, 9) >= 0) {
            reader = seconds;
        }
    }
    Reader zone = reader;
    if (zone.take('Z')) {
        return zone.at;
    }
    if ((zone.take('+') || zone.take('-')) && zone.number(2, 4) >= 0) {
        reader = zone;
        if (zone.take(':') && zone.number(2, 2) >= 0) {
            reader = zone;
        }
    }
    return reader.at;
}

// 1975-10-31, 31.10.1975, 10/31/1975, 1975年10月31日. 0: none.
std::size_t numeric_end(std::string_view text, std::size_t at, CueScanner& cues) {
    Reader reader{text, at};
    const int first = reader.number(1, 4);
    const std::size_t width = reader.at - at;
    if (first < 0 || width == 3 || !reader.more()) {
        return 0;
    }
    if (width == 4 && text.substr(reader.at, 3) == "年") {
        reader.at += 3;
        const int month = reader.number(1, 2);
        if (!is_year(first) || month < 1 || month > 12 || text.substr(reader.at, 3) != "月") {
            return 0;
        }
        reader.at += 3;
        const int day = reader.number(1, 2);
        return is_day_of_month(day, month) && text.substr(reader.at, 3) == "日" ? reader.at + 3 : 0;
    }
    const char sign = text[reader.at];
    if (sign != '-' && sign != '/' && sign != '.') {
        return 0;
    }
    reader.take(sign);
    const int second = reader.number(1, 2);
    if (second < 0 || !reader.take(sign)) {
        return 0;
    }
    const std::size_t third_at = reader.at;
    const int third = reader.number(width == 4 ? 1 : 2, width == 4 ? 2 : 4);
    if (third < 0) {
        return 0;
    }
    if (width == 4) {
        return is_year(first) && is_day_of_month(third, second) ? reader.at : 0;
    }
    const bool ordered = is_day_of_month(first, second) || is_day_of_month(second, first);
    if (!ordered) {
        return 0;
    }
    const bool short_year =
        reader.at - third_at == 2 && (sign == '/' || cues.before(Cue::birth, at) <= kBirthReach);
    return short_year || is_year(third) ? reader.at : 0;
}

// "31 October 1975", "31st of October, 1975", "31. Oktober 1975", "31 de octubre de 1975", "31
// October". 0: none.
std::size_t day_first_end(std::string_view text, std::size_t at) {
    Reader reader{text, at};
    const int day = reader.number(1, 2);
    if (day < 1 || day > 31) {
        return 0;
    }
    const std::string_view ending = text.substr(reader.at, 2);
    if (ending == "st" || ending == "nd" || ending == "rd" || ending == "th") {
        reader.at += 2;
    }
    reader.take('.');
    reader.take('-');
    reader.take(' ');
    std::string_view word = reader.word();
    if (word == "of" || word == "de") {
        reader.take(' ');
        word = reader.word();
    }
    if (!is_month(word)) {
        return 0;
    }
    const std::size_t without_year = reader.at;
    reader.take('.');
    reader.take(',');
    reader.take('-');
    reader.take(' ');
    if (text.substr(reader.at, 3) == "de ") {
        reader.at += 3;
    }
    return is_year(reader.number(4, 4)) ? reader.at : without_year;
}

// The month before a day: "October 31st, 1975", "Oct 31". Where it begins, or `at`.
std::size_t month_before(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end > 0 && at - end < 2 && (text[end - 1] == ' ' || text[end - 1] == '.')) {
        --end;
    }
    std::size_t start = end;
    while (start > 0 && end - start <= kMaxMonthBytes &&
           (is_letter(text[start - 1]) || is_wide(text[start - 1]))) {
        --start;
    }
    const bool fits = end < at && end - start < kMaxMonthBytes;
    return fits && is_month(text.substr(start, end - start)) ? start : at;
}

std::size_t month_first_end(std::string_view text, std::size_t at) {
    Reader reader{text, at};
    const int day = reader.number(1, 2);
    if (day < 1 || day > 31) {
        reader.at = at;
        return is_year(reader.number(4, 4)) ? reader.at : 0;
    }
    const std::string_view ending = text.substr(reader.at, 2);
    if (ending == "st" || ending == "nd" || ending == "rd" || ending == "th") {
        reader.at += 2;
    }
    const std::size_t without_year = reader.at;
    reader.take(',');
    reader.take(' ');
    return is_year(reader.number(4, 4)) ? reader.at : without_year;
}

}  // namespace

std::optional<Detected> find_date(std::string_view text, std::size_t at, CueScanner& cues) {
    if (at >= text.size() || !is_digit(text[at])) {
        return std::nullopt;
    }
    if (at > 0) {
        const char before = text[at - 1];
        const bool number = at > 1 && is_digit(text[at - 2]);
        if (is_alphanumeric(before) || before == '_' ||
            (number && (before == '.' || before == '-' || before == '/' || before == ':'))) {
            return std::nullopt;
        }
    }
    std::size_t start = at;
    std::size_t end = numeric_end(text, at, cues);
    const bool numeric = end != 0;
    if (end == 0) {
        end = day_first_end(text, at);
    }
    if (end == 0) {
        start = month_before(text, at);
        end = start < at ? month_first_end(text, at) : 0;
    }
    if (end == 0) {
        return std::nullopt;
    }
    end = time_end(text, end);
    const bool more = end + 1 < text.size() && is_alphanumeric(text[end + 1]);
    if (end < text.size() &&
        (is_alphanumeric(text[end]) || text[end] == '_' ||
         (more && (text[end] == '-' || text[end] == '.' || text[end] == '/')))) {
        return std::nullopt;
    }
    const bool birth = cues.before(Cue::birth, at) <= kBirthReach;
    const Detector kind = birth ? Detector::birth_date : Detector::date_time;
    return Detected{kind, {start, end}, numeric ? 0.9 : 0.8};
}

}  // namespace credence::guard
