// A command line as claimants write it, brought back to a recipe. Nothing is expanded and nothing
// but a recipe's own argv ever runs.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "capabilities/trust/claims/names.h"
#include "capabilities/trust/claims/recipe_template.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxWords = 512;
constexpr std::size_t kMaxListed = 64;
constexpr std::string_view kField = "verification_command";
constexpr std::string_view kShellCharacters = ";|&<>()$`*?[]~#!";

// Reads one word after the other.
class Words {
public:
    Words(std::string_view line, const std::string& field) : line_(line), field_(field) {}

    Result<std::vector<std::string>> read() {
        while (at_ < line_.size()) {
            const char c = line_[at_++];
            if (c == ' ' || c == '\t') {
                finish();
            } else if (c == '\'') {
                TRY(single_quotes());
            } else if (c == '"') {
                TRY(double_quotes());
            } else if (c == '\\') {
                TRY(escaped());
            } else if (kShellCharacters.find(c) != std::string_view::npos) {
                return invalid(field_, fmt::format("holds an unquoted '{}': there is no shell", c));
            } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                return invalid(field_, "holds a control character or a second line");
            } else {
                add(c);
            }
            if (words_.size() > kMaxWords) {
                return fail(Code::too_large, fmt::format("more than {} words", kMaxWords), field_);
            }
        }
        finish();
        return std::move(words_);
    }

private:
    void add(char c) {
        word_ += c;
        open_ = true;
    }

    void finish() {
        if (open_) {
            words_.push_back(std::move(word_));
        }
        word_.clear();
        open_ = false;
    }

    Result<void> single_quotes() {
        const std::size_t end = line_.find('\'', at_);
        if (end == std::string_view::npos) {
            return invalid(field_, "holds an unclosed quote");
        }
        word_ += line_.substr(at_, end - at_);
        open_ = true;
        at_ = end + 1;
        return {};
    }

    Result<void> double_quotes() {
        open_ = true;
        while (at_ < line_.size()) {
            const char c = line_[at_++];
            if (c == '"') {
                return {};
            }
            const bool escapes =
                c == '\\' && at_ < line_.size() &&
                std::string_view("$`\"\\").find(line_[at_]) != std::string_view::npos;
            word_ += escapes ? line_[at_++] : c;
        }
        return invalid(field_, "holds an unclosed quote");
    }

    Result<void> escaped() {
        if (at_ >= line_.size()) {
            return invalid(field_, "ends with a backslash");
        }
        add(line_[at_++]);
        return {};
    }

    std::string_view line_;
    const std::string& field_;
    std::size_t at_ = 0;
    std::string word_;
    bool open_ = false;
    std::vector<std::string> words_;
};

// Matches one word against one argument of a command's form.
bool match_word(const TemplateArgument& argument, const std::string& word, Arguments& out) {
    if (argument.parameter.empty()) {
        return word == argument.literal;
    }
    if (!word.starts_with(argument.literal)) {
        return false;
    }
    out[argument.parameter].push_back(word.substr(argument.literal.size()));
    return true;
}

// The form's one list takes what the arguments around it leave.
std::optional<Arguments> match(const std::vector<TemplateArgument>& form,
                               const std::vector<std::string>& words) {
    const auto list = std::ranges::find(form, true, &TemplateArgument::many);
    const bool has_list = list != form.end();
    const std::size_t fixed = form.size() - (has_list ? 1 : 0);
    if (words.size() < fixed || (!has_list && words.size() > fixed)) {
        return std::nullopt;
    }
    const std::size_t extra = words.size() - fixed;
    Arguments out;
    std::size_t next = 0;
    for (const TemplateArgument& argument : form) {
        const std::size_t count = argument.many ? extra : 1;
        for (std::size_t i = 0; i < count; ++i) {
            if (!match_word(argument, words[next++], out)) {
                return std::nullopt;
            }
        }
    }
    return out;
}

Result<std::vector<TemplateArgument>> form_of(const std::string& command) {
    std::vector<TemplateArgument> form;
    const std::string field(kField);
    for (const std::string& word : TRY(split_words(command, field))) {
        form.push_back(TRY(parse_template(word, field)));
    }
    return form;
}

std::string allowed(const std::vector<Recipe>& recipes) {
    std::string out;
    std::size_t listed = 0;
    for (const Recipe& recipe : recipes) {
        for (const std::string& command : recipe.commands) {
            if (!recipe.enabled || listed == kMaxListed) {
                break;
            }
            out += (listed++ == 0 ? "" : ", ") + command;
        }
    }
    return listed == 0 ? "no commands are allowed here" : "allowed: " + out;
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line, const std::string& field) {
    return Words(line, field).read();
}

Result<ParsedCommand> parse_command(std::string_view command, const std::vector<Recipe>& recipes) {
    const std::string field(kField);
    if (command.size() > kMaxCommandBytes) {
        return fail(Code::too_large, fmt::format("must have at most {} bytes", kMaxCommandBytes),
                    field);
    }
    const auto refuse = [&](const std::string& why) {
        return invalid(field, why + "; " + allowed(recipes));
    };
    if (!is_valid_utf8(command)) {
        return refuse("is not valid UTF-8");
    }
    auto words = split_words(command, field);
    if (!words) {
        return refuse(words.error().message);
    }
    if (words->empty()) {
        return refuse("is empty");
    }
    std::string nearest;  // why the first form that fits was refused all the same
    for (std::size_t i = 0; i < recipes.size(); ++i) {
        for (const std::string& text : recipes[i].commands) {
            const auto form = form_of(text);
            auto arguments = form && recipes[i].enabled ? match(*form, *words) : std::nullopt;
            if (!arguments) {
                continue;
            }
            const auto argv = expand(recipes[i], *arguments);
            if (argv) {
                return ParsedCommand{i, *std::move(arguments)};
            }
            if (nearest.empty()) {
                nearest = argv.error().field + " " + argv.error().message;
            }
        }
    }
    return refuse(nearest.empty() ? "is not the command of a recipe" : nearest);
}

}  // namespace credence::trust
