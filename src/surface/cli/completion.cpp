#include <fmt/format.h>

#include <algorithm>

#include "surface/cli/arguments.h"
#include "surface/cli/cli.h"

namespace credence::surface {
namespace {

using Words = std::vector<std::string>;

// The enumeration a flag takes, or nothing.
const Words* choices_of(const Field& field) {
    const Shape* shape = &written_shape(field);
    if (shape->kind == Kind::list) {
        shape = shape->inner;
    }
    return shape->kind == Kind::enumeration ? &shape->enumerators : nullptr;
}

Words flags_of(const Operation& operation) {
    Words flags;
    for (const Field& field : operation.request->fields) {
        flags.push_back(flag_name(field));
    }
    for (const std::string_view flag : {kInputFlag, kJsonFlag, kHelpFlag}) {
        flags.emplace_back(flag);
    }
    return flags;
}

Words verbs_of(const Catalog& catalog, std::string_view module) {
    Words verbs;
    for (const Operation* operation : operations_of(catalog, module)) {
        verbs.push_back(to_kebab(operation->verb));
    }
    return verbs;
}

Words first_words(const Catalog& catalog, const Words& other_commands) {
    Words words = module_names(catalog);
    std::ranges::transform(words, words.begin(), to_kebab);
    for (const std::string& command : other_commands) {
        if (std::ranges::find(words, command) == words.end()) {
            words.push_back(command);
        }
    }
    return words;
}

// The patterns of `case "$module $operation $previous"`, narrow before wide. `offer` is put before
// the words: an assignment in bash, a command in zsh.
std::string cases(const Catalog& catalog, std::string_view offer, std::string_view close) {
    std::string out;
    for (const Operation* spoken : spoken_operations(catalog)) {
        const Operation& operation = *spoken;
        const std::string name = to_kebab(operation.module) + " " + to_kebab(operation.verb);
        for (const Field& field : operation.request->fields) {
            if (const Words* choices = choices_of(field)) {
                out += fmt::format("            \"{} {}\") {}{}{} ;;\n", name, flag_name(field),
                                   offer, fmt::join(*choices, " "), close);
            }
        }
        out += fmt::format("            \"{} \"*) {}{}{} ;;\n", name, offer,
                           fmt::join(flags_of(operation), " "), close);
    }
    return out;
}

std::string verb_cases(const Catalog& catalog, std::string_view offer, std::string_view close) {
    std::string out;
    for (const std::string& module : module_names(catalog)) {
        out += fmt::format("            {}) {}{}{} ;;\n", to_kebab(module), offer,
                           fmt::join(verbs_of(catalog, module), " "), close);
    }
    return out;
}

std::string bash_script(const Catalog& catalog, const Words& first) {
    std::string out =
        "# bash completion for credence: source <(credence completion bash)\n"
        "_credence() {\n"
        "    local word=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\"\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
        "        words=\"" +
        fmt::format("{}", fmt::join(first, " ")) +
        "\"\n"
        "    elif [ \"$COMP_CWORD\" -eq 2 ]; then\n"
        "        case \"${COMP_WORDS[1]}\" in\n";
    out += verb_cases(catalog, "words=\"", "\"");
    out +=
        "        esac\n"
        "    else\n"
        "        case \"${COMP_WORDS[1]} ${COMP_WORDS[2]} ${COMP_WORDS[COMP_CWORD-1]}\" in\n";
    out += cases(catalog, "words=\"", "\"");
    out +=
        "        esac\n"
        "    fi\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
        "}\n"
        "complete -o default -F _credence credence\n";
    return out;
}

std::string zsh_script(const Catalog& catalog, const Words& first) {
    std::string out =
        "#compdef credence\n"
        "# zsh completion for credence: source <(credence completion zsh)\n"
        "_credence() {\n"
        "    if (( CURRENT == 2 )); then\n"
        "        compadd -- " +
        fmt::format("{}", fmt::join(first, " ")) +
        "\n"
        "    elif (( CURRENT == 3 )); then\n"
        "        case \"$words[2]\" in\n";
    out += verb_cases(catalog, "compadd -- ", "");
    out +=
        "        esac\n"
        "    else\n"
        "        case \"$words[2] $words[3] $words[CURRENT-1]\" in\n";
    out += cases(catalog, "compadd -- ", "");
    out +=
        "        esac\n"
        "        [[ \"$words[CURRENT]\" == -* ]] || _files\n"
        "    fi\n"
        "}\n"
        "if [ \"$funcstack[1]\" = \"_credence\" ]; then\n"
        "    _credence \"$@\"\n"
        "else\n"
        "    compdef _credence credence\n"
        "fi\n";
    return out;
}

// Single-quoted for fish.
std::string fish_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            out += '\\';
        }
        out += c == '\n' ? ' ' : c;
    }
    return out + "'";
}

void append_fish_operation(const Operation& operation, std::string& out) {
    const std::string condition =
        fmt::format("-n '__fish_seen_subcommand_from {}; and __fish_seen_subcommand_from {}'",
                    to_kebab(operation.module), to_kebab(operation.verb));
    for (const Field& field : operation.request->fields) {
        const Words* choices = choices_of(field);
        const std::string values = choices == nullptr
                                       ? std::string()
                                       : fmt::format(" -x -a '{}'", fmt::join(*choices, " "));
        const bool switched = written_shape(field).kind == Kind::boolean;
        out += fmt::format("complete -c credence {} -l {}{} -d {}\n", condition,
                           flag_name(field).substr(2),
                           choices != nullptr ? values : std::string(switched ? "" : " -r"),
                           fish_quoted(field.doc));
    }
    out += fmt::format("complete -c credence {} -l input -r -d 'The whole request as JSON'\n",
                       condition);
    out += fmt::format("complete -c credence {} -l json -d 'Print JSON'\n", condition);
    out += fmt::format("complete -c credence {} -l help -d 'Print help'\n", condition);
}

std::string fish_script(const Catalog& catalog, const Words& first) {
    std::string out =
        "# fish completion for credence: credence completion fish | source\n"
        "complete -c credence -n __fish_use_subcommand -f -a '" +
        fmt::format("{}", fmt::join(first, " ")) + "'\n";
    for (const Operation* spoken : spoken_operations(catalog)) {
        const Operation& operation = *spoken;
        const std::string module = to_kebab(operation.module);
        out += fmt::format(
            "complete -c credence -f -n '__fish_seen_subcommand_from {}; and not "
            "__fish_seen_subcommand_from {}' -a {} -d {}\n",
            module, fmt::join(verbs_of(catalog, operation.module), " "), to_kebab(operation.verb),
            fish_quoted(operation.summary));
        append_fish_operation(operation, out);
    }
    return out;
}

}  // namespace

Result<std::string> completion_script(const Catalog& catalog, std::string_view shell,
                                      const std::vector<std::string>& other_commands) {
    const Words first = first_words(catalog, other_commands);
    if (shell == "bash") {
        return bash_script(catalog, first);
    }
    if (shell == "zsh") {
        return zsh_script(catalog, first);
    }
    if (shell == "fish") {
        return fish_script(catalog, first);
    }
    return fail(Code::invalid, "must be bash, zsh or fish", "shell");
}

}  // namespace credence::surface
