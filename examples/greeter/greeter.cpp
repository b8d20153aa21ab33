// A whole capability: one operation, reachable as POST /v1/greetings, MCP tool greeter_greet and
// `credence greeter greet NAME`, documented and validated everywhere.
#include "api/host.h"

namespace credence::greeter {

enum class Tone { friendly, formal };

struct Greet {
    std::string name;
    Tone tone = Tone::friendly;
};

struct Greeting {
    std::string text;
};

void describe(Describe<Greet>& d) {
    d.field<&Greet::name>("Whom to greet").length(1, 100).example("\"Ada\"");
    d.field<&Greet::tone>("How to greet").or_default();
}

void describe(Describe<Greeting>& d) {
    d.field<&Greeting::text>("The greeting");
}

class Greeter {
public:
    Result<Greeting> greet(const Context& context, const Greet& request) {
        if (request.name == context.actor) {
            return fail(Code::conflict, "greeting oneself is odd", "name");
        }
        const bool formal = request.tone == Tone::formal;
        return Greeting{(formal ? "Good day, " : "Hello, ") + request.name};
    }
};

Result<void> install(Host& host) {
    auto& greeter = host.keep(std::make_unique<Greeter>());
    host.serve<&Greeter::greet>(greeter, "Greet somebody")
        .post("/v1/greetings")
        .needs("greeter:read")
        .effect(Effect::read)
        .positional("name")
        .on(Lane::direct);
    return {};
}

}  // namespace credence::greeter
