// Where the private halves of signing keys lie: a folder of mode 0700 with one file of mode 0600 a
// key, "<keyid>.ed25519", holding the seed in base64 on one line. Never in the database, so that a
// backup or a reader of it cannot sign. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/result.h"
#include "capabilities/trust/evidence/dsse.h"

namespace credence::trust {

class KeyFolder {
public:
    // Empty: keys live in memory and end with the process (in-memory stores, tests).
    explicit KeyFolder(std::string path) : path_(std::move(path)) {}

    // Durable when it returns. Code::conflict if the key is there already.
    Result<void> keep(const SigningKey& key);
    // Code::unavailable if the file is missing, readable by others, or not that key.
    Result<SigningKey> find(const std::string& keyid);
    // For a key that lost the race to be the first. Absent ones are fine.
    void forget(const std::string& keyid);

private:
    std::string file_of(const std::string& keyid) const;
    Result<SigningKey> read(const std::string& keyid) const;

    std::string path_;
    std::mutex mutex_;
    std::map<std::string, Secret> seeds_;  // by key id: all known here
};

}  // namespace credence::trust
