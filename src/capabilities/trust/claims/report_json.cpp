// The last JSON object that stands on standard output for itself.
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.h"
#include "capabilities/trust/claims/report_readers.h"

namespace credence::trust::report {
namespace {

namespace dom = simdjson::dom;

constexpr int kMaxNameDepth = 3;  // of nested objects that become dotted names
constexpr std::size_t kMaxNesting = 32;
constexpr std::size_t kMaxScans = 4;  // times the text's length: "{{{{…" must not be quadratic
constexpr std::size_t kMaxObjects = 256;

using Metrics = std::map<std::string, double>;

// The end of the object that begins at `at`: after its closing brace, or text.size() + 1.
std::size_t end_of_object(std::string_view text, std::size_t at) {
    int open = 0;
    bool quoted = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            at += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            ++open;
        } else if (c == '}' && --open == 0) {
            return at + 1;
        }
    }
    return text.size() + 1;
}

// False when two different numbers bear one name.
bool flatten(dom::object object, const std::string& prefix, int depth, Metrics& out) {
    for (const auto& member : object) {
        const bool is_bag = depth == 1 && member.key == "metrics" && member.value.is_object();
        const std::string name = is_bag ? std::string() : prefix + std::string(member.key);
        if (member.value.is_object()) {
            if (depth < kMaxNameDepth + (is_bag ? 1 : 0) &&
                !flatten(member.value.get_object().value_unsafe(), is_bag ? "" : name + ".",
                         is_bag ? depth : depth + 1, out)) {
                return false;
            }
            continue;
        }
        double value = 0;
        if (!member.value.is_number() ||
            member.value.get_double().get(value) != simdjson::SUCCESS ||
            name.size() > kMaxMetricName || out.size() >= kMaxMetrics) {
            continue;
        }
        const auto [place, added] = out.emplace(name, value);
        if (!added && place->second != value) {
            return false;
        }
    }
    return true;
}

// What the text holds of objects, in order.
class Objects {
public:
    explicit Objects(std::string_view text) : text_(text), scans_left_(text.size() * kMaxScans) {}

    Report read() {
        std::size_t at = 0;
        while (at < text_.size()) {
            const std::size_t line_end = std::min(text_.find('\n', at), text_.size());
            if (text_[at] == '{' && !take(at)) {
                return missing(problem_);
            }
            at = std::max(next_, line_end + 1);
        }
        if (broken_) {  // an object before it is not the report
            return missing("the last JSON object is not valid: cut short, or NaN, or malformed");
        }
        if (count_ == 0) {
            return missing("there is no JSON object on a line of its own");
        }
        return report::found(metrics_);
    }

private:
    // False: the report is worthless.
    bool take(std::size_t at) {
        const std::size_t end = end_of_object(text_, at);
        const std::size_t cost = std::min(end, text_.size()) - at;
        if (cost > scans_left_ || count_ >= kMaxObjects) {
            problem_ = "there are too many braces to find the report";
            return false;
        }
        scans_left_ -= cost;
        if (end > text_.size() || !ends_line(end)) {
            broken_ = broken_ || end > text_.size();
            return true;
        }
        dom::element root;
        const std::string_view slice = text_.substr(at, end - at);
        if (parser_.allocate(std::bit_ceil(std::max<std::size_t>(slice.size(), 4096)),
                             kMaxNesting) != simdjson::SUCCESS ||
            parser_.parse(slice.data(), slice.size(), true).get(root) != simdjson::SUCCESS) {
            broken_ = true;
            return true;
        }
        broken_ = false;
        next_ = end;
        return add(root.get_object().value_unsafe());
    }

    bool add(dom::object object) {
        Metrics metrics;
        bool clear = flatten(object, "", 1, metrics);
        for (const auto& [name, value] : metrics) {
            const auto before = all_.find(name);
            clear = clear && (before == all_.end() || before->second == value);
        }
        if (!clear) {
            problem_ = "several numbers of one name contradict each other";
            return false;
        }
        if (all_.size() < kMaxMetrics) {
            all_.insert(metrics.begin(), metrics.end());
        }
        metrics_ = std::move(metrics);
        ++count_;
        return true;
    }

    bool ends_line(std::size_t end) const {
        const std::size_t line_end = std::min(text_.find('\n', end), text_.size());
        return trim(text_.substr(end, line_end - end)).empty();
    }

    std::string_view text_;
    std::size_t scans_left_;
    std::size_t next_ = 0;
    std::size_t count_ = 0;
    bool broken_ = false;
    dom::parser parser_;
    Metrics metrics_;  // of the last object
    Metrics all_;
    std::string problem_;
};

}  // namespace

Report read_json(std::string_view text) {
    return Objects(text).read();
}

}  // namespace credence::trust::report
