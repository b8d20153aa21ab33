#include "capabilities/guard/rules/pack_words.h"

#include <utility>

#include "capabilities/guard/pii/pii_kinds.h"

namespace credence::guard {

namespace {

// Those that are no personal data.
constexpr auto kOtherDetectors = std::to_array<std::pair<std::string_view, Detector>>({
    {"hidden_text", Detector::hidden_text},
    {"shell_download_run", Detector::shell_download_run},
    {"shell_reverse", Detector::shell_reverse},
    {"shell_obfuscated", Detector::shell_obfuscated},
    {"shell_injection", Detector::shell_injection},
    {"shell_destruction", Detector::shell_destruction},
    {"shell_persistence", Detector::shell_persistence},
    {"shell_secrets", Detector::shell_secrets},
    {"shell_exfiltration", Detector::shell_exfiltration},
    {"shell_tampering", Detector::shell_tampering},
    {"shell_privilege", Detector::shell_privilege},
    {"shell_exhaustion", Detector::shell_exhaustion},
    {"shell_surveillance", Detector::shell_surveillance},
    {"program_execution", Detector::program_execution},
    {"program_misuse", Detector::program_misuse},
    {"sql_injection", Detector::sql_injection},
    {"script_injection", Detector::script_injection},
    {"windows_attack", Detector::windows_attack},
    {"template_injection", Detector::template_injection},
    {"path_traversal", Detector::path_traversal},
    {"xml_entity", Detector::xml_entity},
    {"query_injection", Detector::query_injection},
    {"unsafe_deserialisation", Detector::unsafe_deserialisation},
    {"code_structure", Detector::code_structure},
});
constexpr std::string_view kGroup = "group:";

}  // namespace

std::vector<Detector> detectors_named(std::string_view name) {
    std::vector<Detector> found;
    if (name.starts_with(kGroup)) {
        for (const PiiKind& kind : pii_kinds()) {
            if (pii_group_name(kind.group) == name.substr(kGroup.size())) {
                found.push_back(kind.detector);
            }
        }
        return found;
    }
    for (const auto& [other, detector] : kOtherDetectors) {
        if (other == name) {
            found.push_back(detector);
        }
    }
    if (const auto personal = pii_detector(name)) {
        found.push_back(*personal);
    }
    return found;
}

std::string_view detector_name(Detector detector) {
    for (const auto& [name, other] : kOtherDetectors) {
        if (other == detector) {
            return name;
        }
    }
    const PiiKind* kind = pii_kind(detector);
    return kind == nullptr ? std::string_view("none") : kind->name;
}

}  // namespace credence::guard
