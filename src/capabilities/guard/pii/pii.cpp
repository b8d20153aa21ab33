#include "capabilities/guard/pii/pii.h"

#include <algorithm>

#include "base/text.h"
#include "capabilities/guard/pii/names.h"
#include "capabilities/guard/pii/pii_scan.h"

namespace credence::guard {

namespace {

bool is_secret(Detector detector) {
    const PiiKind* kind = pii_kind(detector);
    return kind != nullptr && kind->group == PiiGroup::secret;
}

bool is_name(Detector detector) {
    const PiiKind* kind = pii_kind(detector);
    return kind != nullptr && kind->use == PiiUse::partial;
}

// Of overlapping findings from `first` on one stays: a secret, then anything that is no name, then
// the longer one.
void resolve_overlaps(std::vector<Detected>& found, std::size_t first) {
    const auto rank = [](const Detected& item) {
        return is_secret(item.detector) ? 2 : is_name(item.detector) ? 0 : 1;
    };
    const auto begin = found.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, found.end(), [](const Detected& a, const Detected& b) {
        return a.span.start != b.span.start ? a.span.start < b.span.start : a.span.end > b.span.end;
    });
    std::size_t kept = first;
    for (std::size_t i = first; i < found.size(); ++i) {
        const Detected item = found[i];
        bool wins = true;
        while (kept > first && found[kept - 1].span.end > item.span.start) {
            const Detected& last = found[kept - 1];
            const bool better = rank(item) != rank(last) ? rank(item) > rank(last)
                                                         : length_of(item) > length_of(last);
            if (!better) {
                wins = false;
                break;
            }
            --kept;
        }
        if (wins) {
            found[kept] = item;
            ++kept;
        }
    }
    found.resize(kept);
}

void add_names(std::string_view text, const PiiOptions& options, std::vector<Detected>& found) {
    std::vector<Detected> names;
    find_names(text, names);
    for (const Detected& item : names) {
        const bool wanted =
            is_name(item.detector) || options.kinds.test(static_cast<std::size_t>(item.detector));
        const std::string_view value =
            text.substr(item.span.start, item.span.end - item.span.start);
        if (wanted && item.confidence >= options.minimum_confidence &&
            !is_allowed(value, options.allow)) {
            found.push_back(item);
        }
    }
}

}  // namespace

bool is_allowed(std::string_view value, const std::vector<std::string>& allow) {
    const std::string small = to_lower(value);
    return std::any_of(allow.begin(), allow.end(), [&](const std::string& entry) {
        const std::string pattern = to_lower(entry);
        if (pattern.starts_with('*')) {
            return small.ends_with(std::string_view(pattern).substr(1));
        }
        if (pattern.ends_with('*')) {
            return small.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
        }
        return small == pattern;
    });
}

bool find_pii(std::string_view text, const PiiOptions& options, std::vector<Detected>& found) {
    const std::size_t first = found.size();
    const bool all = scan_pii(text, options, found);
    if (options.include_partial) {
        add_names(text, options, found);
    }
    resolve_overlaps(found, first);
    if (found.size() - first > options.max_found) {
        found.resize(first + options.max_found);
    }
    return all;
}

bool find_pii(std::string_view text, std::vector<Detected>& found) {
    static const PiiOptions standard = [] {
        PiiOptions options;
        options.max_numbers = kMaxNumbers;
        return options;
    }();
    return find_pii(text, standard, found);
}

}  // namespace credence::guard
