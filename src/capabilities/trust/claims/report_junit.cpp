// JUnit XML. Test cases are counted one by one; the totals that the document states must agree.
// Documents with a DOCTYPE are refused: no entities, internal or external.
#include <expat.h>

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "capabilities/trust/claims/report_readers.h"

namespace credence::trust::report {
namespace {

constexpr int kMaxElementDepth = 32;
constexpr int kMaxElements = 500'000;

struct Counts {
    int tests = 0;
    int failed = 0;
    int errors = 0;
    int skipped = 0;
};

// What one document says so far.
struct Reading {
    XML_Parser parser = nullptr;
    std::string problem;
    int depth = 0;
    int elements = 0;
    int case_depth = 0;  // of the test case we are in; 0: none
    int suite_depth = 0;
    bool failed = false;
    bool errored = false;
    bool skipped = false;
    bool is_report = false;
    Counts seen;
    Counts stated;
    bool states_counts = false;
    double duration_s = 0;

    void stop(std::string why) {
        if (problem.empty()) {
            problem = std::move(why);
        }
        XML_StopParser(parser, XML_FALSE);
    }
};

std::string_view attribute(const XML_Char** attributes, std::string_view name) {
    for (; *attributes != nullptr; attributes += 2) {
        if (name == attributes[0]) {
            return attributes[1];
        }
    }
    return {};
}

// A suite that is in no other: its totals cover those inside.
void read_suite(Reading& reading, const XML_Char** attributes) {
    const auto add = [&](std::string_view name, int& to) {
        const auto count = parse_integer(attribute(attributes, name));
        if (count && *count >= 0 && *count <= kMaxElements) {
            to += static_cast<int>(*count);
            reading.states_counts = true;
        }
    };
    add("tests", reading.stated.tests);
    add("failures", reading.stated.failed);
    add("errors", reading.stated.errors);
    const std::string_view time = attribute(attributes, "time");
    const auto seconds = number(time);
    if (seconds && *seconds >= 0) {
        reading.duration_s += *seconds;
    } else if (!time.empty()) {
        reading.stop("a duration is not a number");
    }
}

void on_start(void* state, const XML_Char* name, const XML_Char** attributes) {
    auto& reading = *static_cast<Reading*>(state);
    const std::string_view element(name);
    ++reading.depth;
    if (reading.depth > kMaxElementDepth || ++reading.elements > kMaxElements) {
        reading.stop("the document is nested too deeply or too long");
        return;
    }
    if (reading.depth == 1) {
        reading.is_report = element == "testsuites" || element == "testsuite";
        if (!reading.is_report) {
            reading.stop("the document is not JUnit XML");
            return;
        }
    }
    if (element == "testsuite" && reading.suite_depth == 0) {
        reading.suite_depth = reading.depth;
        read_suite(reading, attributes);
    } else if (element == "testcase" && reading.case_depth == 0) {
        reading.case_depth = reading.depth;
        reading.failed = reading.errored = reading.skipped = false;
    } else if (reading.case_depth != 0 && reading.depth == reading.case_depth + 1) {
        reading.failed = reading.failed || element == "failure";
        reading.errored = reading.errored || element == "error";
        reading.skipped = reading.skipped || element == "skipped";
    }
}

void on_end(void* state, const XML_Char*) {
    auto& reading = *static_cast<Reading*>(state);
    if (reading.depth == reading.case_depth) {
        ++reading.seen.tests;
        reading.seen.errors += reading.errored ? 1 : 0;
        reading.seen.failed += reading.failed && !reading.errored ? 1 : 0;
        reading.seen.skipped += reading.skipped && !reading.failed && !reading.errored ? 1 : 0;
        reading.case_depth = 0;
    }
    if (reading.depth == reading.suite_depth) {
        reading.suite_depth = 0;
    }
    --reading.depth;
}

void on_doctype(void* state, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<Reading*>(state)->stop("documents with a DOCTYPE are not read");
}

struct FreeParser {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

// From the first line that begins like the document; a runner may print others before.
std::string_view document_in(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("<?xml") || rest.starts_with("<testsuite")) {
            return trim(rest);
        }
        at = text.find('\n', at);
        at = at == std::string_view::npos ? text.size() : at + 1;
    }
    return {};
}

Report result_of(const Reading& reading) {
    const Counts& seen = reading.seen;
    // Some writers count a skipped or an errored test elsewhere; those of failures and of tests
    // have one meaning.
    if (reading.states_counts &&
        (reading.stated.tests != seen.tests ||
         reading.stated.failed + reading.stated.errors != seen.failed + seen.errors)) {
        return missing("the totals of the JUnit document and its test cases contradict each other");
    }
    return report::found({{"tests", seen.tests},
                          {"passed", seen.tests - seen.failed - seen.errors - seen.skipped},
                          {"failed", seen.failed},
                          {"errors", seen.errors},
                          {"skipped", seen.skipped},
                          {"duration_s", reading.duration_s}});
}

}  // namespace

Report read_junit(std::string_view text) {
    const std::string_view document = document_in(text);
    if (document.empty()) {
        return missing("there is no JUnit document");
    }
    const std::unique_ptr<XML_ParserStruct, FreeParser> parser(XML_ParserCreate("UTF-8"));
    if (!parser) {
        return missing("the JUnit document could not be read");
    }
    Reading reading;
    reading.parser = parser.get();
    XML_SetUserData(parser.get(), &reading);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
    const auto status =
        XML_Parse(parser.get(), document.data(), static_cast<int>(document.size()), XML_TRUE);
    if (!reading.problem.empty()) {
        return missing(reading.problem);
    }
    if (status != XML_STATUS_OK) {
        return missing("the JUnit document is malformed in line " +
                       std::to_string(XML_GetCurrentLineNumber(parser.get())));
    }
    return result_of(reading);
}

}  // namespace credence::trust::report
