// guard_pii_quality FILE.jsonl [--errors N]: precision and recall of find_pii by type, with 95 %
// Wilson intervals.
//
// Rows hold "text" and "spans": [{"start", "end", "type"}] in characters. A labelled span is found
// when a finding of its type overlaps it by half of the shorter one or more (characters); a finding
// is right when it overlaps so with a label of its type. Findings of types that the file never
// labels are not counted. One address counts for the places inside it.
#include <fmt/format.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "capabilities/guard/pii/pii.h"
#include "stats/intervals.h"

namespace credence::guard {
namespace {

struct Label {
    ByteSpan span;
    std::string type;
};

struct Score {
    std::int64_t labels = 0;
    std::int64_t found = 0;
    std::int64_t findings = 0;
    std::int64_t right = 0;
};

// The data's name of a type; several kinds may serve one.
std::string type_of(Detector detector) {
    switch (detector) {
        case Detector::email:
            return "EMAIL_ADDRESS";
        case Detector::phone:
            return "PHONE_NUMBER";
        case Detector::credit_card:
            return "CREDIT_CARD";
        case Detector::iban:
            return "IBAN_CODE";
        case Detector::us_ssn:
            return "US_SSN";
        case Detector::public_address:
        case Detector::private_address:
            return "IP_ADDRESS";
        case Detector::url:
        case Detector::domain:
            return "DOMAIN_NAME";
        case Detector::date_time:
        case Detector::birth_date:
            return "DATE_TIME";
        case Detector::us_driver_license:
            return "US_DRIVER_LICENSE";
        case Detector::person:
            return "PERSON";
        case Detector::organization:
            return "ORGANIZATION";
        case Detector::location:
            return "LOCATION";
        case Detector::street_address:
            return "ADDRESS";
        default:
            return std::string("other: ") + std::string(pii_kind(detector)->name);
    }
}

// Byte offset of each character, and of the end.
std::vector<std::size_t> character_offsets(std::string_view text) {
    std::vector<std::size_t> offsets;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
            offsets.push_back(i);
        }
    }
    offsets.push_back(text.size());
    return offsets;
}

bool matches(ByteSpan a, ByteSpan b) {
    const std::size_t start = std::max(a.start, b.start);
    const std::size_t end = std::min(a.end, b.end);
    const std::size_t shorter = std::min(a.end - a.start, b.end - b.start);
    return end > start && (end - start) * 2 >= shorter;
}

std::string print(std::int64_t successes, std::int64_t n) {
    if (n == 0) {
        return "-";
    }
    const stats::Interval interval = stats::wilson_95(successes, n);
    return fmt::format("{:.3f} [{:.3f}, {:.3f}] {}/{}",
                       static_cast<double>(successes) / static_cast<double>(n), interval.low,
                       interval.high, successes, n);
}

class Bench {
public:
    explicit Bench(std::int64_t errors) : errors_(errors) {
        options_.kinds = all_pii(true);
        options_.include_partial = true;
        options_.max_found = kMaxPiiFound;
    }

    void row(const nlohmann::json& row) {
        const std::string text = row.at("text").get<std::string>();
        const auto offsets = character_offsets(text);
        std::vector<Label> labels;
        for (const auto& span : row.at("spans")) {
            labels.push_back({{offsets.at(span.at("start").get<std::size_t>()),
                               offsets.at(span.at("end").get<std::size_t>())},
                              span.at("type").get<std::string>()});
        }
        std::vector<Detected> found;
        find_pii(text, options_, found);
        for (const Label& label : labels) {
            labelled_.insert(label.type);
            Score& score = scores_[label.type];
            ++score.labels;
            const bool hit = std::any_of(found.begin(), found.end(), [&](const Detected& item) {
                return type_of(item.detector) == label.type && matches(item.span, label.span);
            });
            score.found += hit ? 1 : 0;
            report(!hit, "missed", label.type, text, label.span);
        }
        for (const Detected& item : found) {
            const std::string type = type_of(item.detector);
            const bool hit = std::any_of(labels.begin(), labels.end(), [&](const Label& label) {
                const bool inside = type == "LOCATION" && label.type == "ADDRESS";
                return (label.type == type || inside) && matches(item.span, label.span);
            });
            Score& score = scores_[type];
            ++score.findings;
            score.right += hit ? 1 : 0;
            report(!hit, "wrong", type, text, item.span);
        }
    }

    void print_table() const {
        for (const auto& [type, score] : scores_) {
            fmt::print("{:28} recall {:38} precision {}\n", type, print(score.found, score.labels),
                       labelled_.contains(type)
                           ? print(score.right, score.findings)
                           : fmt::format("({} findings, not labelled)", score.findings));
        }
    }

private:
    void report(bool wrong, std::string_view what, const std::string& type, const std::string& text,
                ByteSpan span) {
        if (!wrong || shown_[std::string(what) + type] >= errors_) {
            return;
        }
        ++shown_[std::string(what) + type];
        const std::size_t from = span.start - std::min<std::size_t>(span.start, 40);
        fmt::print("{} {}: …{}>>{}<<{}\n", what, type, text.substr(from, span.start - from),
                   text.substr(span.start, span.end - span.start), text.substr(span.end, 30));
    }

    std::int64_t errors_;
    PiiOptions options_;
    std::map<std::string, Score> scores_;
    std::map<std::string, std::int64_t> shown_;
    std::set<std::string> labelled_;
};

}  // namespace
}  // namespace credence::guard

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: guard_pii_quality FILE.jsonl [--errors N]\n");
        return 2;
    }
    const bool errors = argc == 4 && std::string_view(argv[2]) == "--errors";
    credence::guard::Bench bench(errors ? std::atoi(argv[3]) : 0);
    std::ifstream file(argv[1]);
    for (std::string line; std::getline(file, line);) {
        bench.row(nlohmann::json::parse(line));
    }
    bench.print_table();
    return file.eof() ? 0 : 1;
}
