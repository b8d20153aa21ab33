#include "capabilities/guard/code/code_shapes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "capabilities/guard/code/code_vocabulary.h"
#include "capabilities/guard/code/scan.h"

namespace credence::guard {

// Words before the name of a command.
bool is_prefix(std::uint32_t hash) {
    static constexpr std::array kPrefixes = {
        word_hash("sudo"),  word_hash("nohup"), word_hash("env"),  word_hash("exec"),
        word_hash("time"),  word_hash("xargs"), word_hash("then"), word_hash("do"),
        word_hash("else"),  word_hash("doas"),  word_hash("if"),   word_hash("while"),
        word_hash("watch"),
    };
    return std::ranges::find(kPrefixes, hash) != kPrefixes.end();
}

std::string_view number_class(std::string_view digits) {
    static constexpr auto kTold =
        std::to_array<std::string_view>({"0", "1", "2", "9", "15", "777", "0777", "666", "755",
                                         "644", "600", "000", "4755", "22", "80", "443"});
    const auto* told = std::ranges::find(kTold, digits);
    if (told != kTold.end()) {
        return *told;
    }
    if (digits.size() >= 4 && digits.size() <= 5) {
        return "#port";
    }
    return digits.size() < 4 ? "#small" : "#large";
}

std::string_view ending_class(std::string_view word) {
    const std::size_t dot = word.rfind('.');
    if (dot == std::string_view::npos || word.size() - dot > 8) {
        return {};
    }
    static constexpr auto kKinds = std::to_array<std::pair<std::string_view, std::string_view>>({
        {"csv", "#data"},      {"json", "#data"},     {"txt", "#data"},     {"xlsx", "#data"},
        {"parquet", "#data"},  {"tsv", "#data"},      {"md", "#data"},      {"html", "#data"},
        {"docx", "#data"},     {"log", "#log"},       {"jsonl", "#log"},    {"out", "#log"},
        {"conf", "#settings"}, {"ini", "#settings"},  {"cfg", "#settings"}, {"yml", "#settings"},
        {"yaml", "#settings"}, {"toml", "#settings"}, {"env", "#settings"}, {"plist", "#settings"},
        {"db", "#store"},      {"sqlite", "#store"},  {"sql", "#store"},    {"kdbx", "#store"},
        {"dat", "#store"},     {"pem", "#key"},       {"key", "#key"},      {"crt", "#key"},
        {"p12", "#key"},       {"gpg", "#key"},       {"enc", "#key"},      {"ovpn", "#key"},
        {"tar", "#archive"},   {"gz", "#archive"},    {"zip", "#archive"},  {"7z", "#archive"},
        {"rar", "#archive"},   {"bz2", "#archive"},   {"tgz", "#archive"},  {"png", "#media"},
        {"jpg", "#media"},     {"mp4", "#media"},     {"wav", "#media"},    {"mp3", "#media"},
        {"pdf", "#media"},     {"svg", "#media"},     {"gif", "#media"},    {"sh", "#script"},
        {"py", "#script"},     {"exe", "#script"},    {"ps1", "#script"},   {"bat", "#script"},
        {"js", "#script"},     {"so", "#script"},     {"dll", "#script"},   {"pl", "#script"},
        {"rb", "#script"},
    });
    const std::string_view ending = word.substr(dot + 1);
    for (const auto& [known, kind] : kKinds) {
        if (known == ending) {
            return kind;
        }
    }
    return {};
}

std::string_view root_class(std::string_view word) {
    struct Root {
        std::string_view start;
        std::string_view name;
    };
    static constexpr auto kRoots = std::to_array<Root>({
        {"/etc", "#etc"},          {"/var/log", "#varlog"},
        {"/var/www", "#www"},      {"/var", "#var"},
        {"/usr", "#usr"},          {"/bin", "#bin"},
        {"/sbin", "#bin"},         {"/boot", "#boot"},
        {"/dev/null", "#null"},    {"/dev/shm", "#shm"},
        {"/dev", "#dev"},          {"/proc", "#proc"},
        {"/sys", "#sys"},          {"/root", "#rootdir"},
        {"/home", "#home"},        {"/tmp", "#tmp"},
        {"/opt", "#opt"},          {"/mnt", "#mnt"},
        {"/lib", "#lib"},          {"/srv", "#srv"},
        {"/path/to", "#example"},  {"/users", "#home"},
        {"/library", "#library"},  {"/applications", "#applications"},
        {"/system", "#systemdir"}, {"~/library", "#library"},
        {"~/.", "#dotfile"},       {"~", "#home"},
        {"$home", "#home"},        {"./", "#here"},
        {"../", "#parent"},        {"c:\\", "#windows"},
        {"/", "#absolute"},
    });
    for (const Root& root : kRoots) {
        if (word.starts_with(root.start)) {
            return root.name;
        }
    }
    return "#relative";
}

}  // namespace credence::guard
