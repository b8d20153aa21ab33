// What every request passes before its operation runs: who is it, may it, is it too fast.
// The access capability supplies the implementation; surfaces see only this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/context.h"
#include "api/operation.h"
#include "base/result.h"

namespace credence {

// What the transport knows of a caller. Borrowed for the call.
struct Credentials {
    std::string_view bearer{};      // "Authorization: Bearer …", may be empty
    std::string_view address{};     // peer IP without port; empty for stdio and CLI
    std::string_view name_space{};  // "Credence-Namespace" header; empty for the key's own
    std::string_view surface{};     // static text
    bool local = false;             // stdio or CLI: the operating system already decided
};

// State of the tightest rate limit that applied, for the RateLimit header fields.
struct RateState {
    std::int64_t limit = 0;  // requests per window of one second; 0: no limit applies
    std::int64_t remaining = 0;
    std::int64_t reset_s = 0;
};

struct Admission {
    Context context;  // deadline and request id still unset
    RateState rate;
};

class Gatekeeper {
public:
    virtual ~Gatekeeper() = default;
    // Code::unauthenticated, forbidden (namespace), or exhausted (with retry_after_ms).
    // Thread-safe; does not touch the store: called on I/O threads.
    virtual Result<Admission> admit(const Credentials& credentials) = 0;
    // Whether callers without a key are refused; a server beyond loopback starts only then.
    virtual bool requires_keys() const = 0;
};

// One line of the audit trail.
struct AuditEntry {
    std::string_view operation;
    std::string_view outcome;         // "ok" or the error code
    std::string_view request_digest;  // SHA-256 of the request JSON, so that secrets stay out
};

class AuditSink {
public:
    virtual ~AuditSink() = default;
    // Durable when it returns; an error means the call must not be acknowledged. Thread-safe.
    virtual Result<void> record(const Context& context, const AuditEntry& entry) = 0;
};

}  // namespace credence
