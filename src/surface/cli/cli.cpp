#include "surface/cli/cli.h"

#include "base/json.h"
#include "surface/cli/arguments.h"
#include "surface/cli/help.h"
#include "surface/cli/render.h"
#include "surface/cli/request.h"

namespace credence::surface {
namespace {

constexpr int kUsageExit = 2;

void write(std::FILE* stream, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

std::string problem_json(const Error& error) {
    std::string out;
    append_error_json(error, out);
    return out + "\n";
}

std::string problem_text(const Error& error, bool color) {
    std::string out = color ? "\x1b[31merror\x1b[0m (" : "error (";
    out += to_string(error.code);
    out += "): " + displayable(error.message);
    if (!error.field.empty()) {
        out += " [field: " + displayable(error.field) + "]";
    }
    return out + "\n";
}

bool asks_for_json(const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments) {
        if (argument == kJsonFlag) {
            return true;
        }
        if (argument == "--") {
            break;
        }
    }
    return false;
}

int answer(const Invocation& invocation, const OperationCaller& caller, const CliStreams& streams) {
    const auto request = make_request(invocation, streams.in);
    if (!request) {
        return report_error(request.error(), invocation.json, streams);
    }
    const auto response = caller(*invocation.operation, *request);
    if (!response) {
        return report_error(response.error(), invocation.json, streams);
    }
    if (invocation.json) {
        write(streams.out, *response + "\n");
        return 0;
    }
    std::string text;
    if (auto rendered = render_json(*response, streams.color, text); !rendered) {
        return report_error(rendered.error(), false, streams);
    }
    write(streams.out, text);
    return 0;
}

}  // namespace

int report_error(const Error& error, bool json, const CliStreams& streams) {
    write(streams.err, json ? problem_json(error) : problem_text(error, streams.color));
    return exit_code(error.code);
}

int exit_code(Code code) {
    switch (code) {
        case Code::invalid:
        case Code::too_large:
            return kUsageExit;
        case Code::unauthenticated:
        case Code::forbidden:
            return 3;
        case Code::not_found:
            return 4;
        case Code::conflict:
            return 5;
        case Code::exhausted:
        case Code::timeout:
        case Code::cancelled:
        case Code::unavailable:
            return 6;
        case Code::unsupported:
            return 7;
        case Code::internal:
            break;
    }
    return 1;
}

int run_operation(const Catalog& catalog, const std::vector<std::string>& arguments,
                  const OperationCaller& caller, const CliStreams& streams) {
    if (!arguments.empty() && !operations_of(catalog, to_snake(arguments[0])).empty()) {
        const bool asked =
            arguments.size() > 1 && (arguments[1] == kHelpFlag || arguments[1] == "-h");
        if (arguments.size() == 1 || asked) {
            write(asked ? streams.out : streams.err, module_help(catalog, to_snake(arguments[0])));
            return asked ? 0 : kUsageExit;
        }
    }
    const auto invocation = parse_arguments(catalog, arguments);
    if (!invocation) {
        return report_error(invocation.error(), asks_for_json(arguments), streams);
    }
    if (invocation->help) {
        write(streams.out, operation_help(*invocation->operation));
        return 0;
    }
    return answer(*invocation, caller, streams);
}

}  // namespace credence::surface
