#include "capabilities/guard/model/model_blob.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hash_chain.h"

namespace credence::guard {

namespace {

static_assert(std::endian::native == std::endian::little, "blobs are little-endian");

constexpr std::string_view kModelMagic = "credence guard model 1\n";
constexpr std::size_t kMaxPartBytes = std::size_t{16} << 20;
constexpr std::size_t kAlignment = 64;  // of each part, so that tables may be used where they lie

void put_part(std::string& blob, std::string_view part) {
    const auto size = static_cast<std::uint64_t>(part.size());
    blob.append(reinterpret_cast<const char*>(&size), sizeof size);
    blob.append((kAlignment - blob.size() % kAlignment) % kAlignment, '\0');
    blob.append(part);
}

std::string bytes_of(std::span<const double> values) {
    return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

class Reader {
public:
    explicit Reader(std::string_view blob) : blob_(blob) {}

    Result<std::string_view> part() {
        std::uint64_t size = 0;
        if (blob_.size() - at_ < sizeof size) {
            return damaged();
        }
        std::memcpy(&size, blob_.data() + at_, sizeof size);
        at_ += sizeof size;
        at_ += (kAlignment - at_ % kAlignment) % kAlignment;
        if (size > kMaxPartBytes || at_ > blob_.size() || size > blob_.size() - at_) {
            return damaged();
        }
        const std::string_view found = blob_.substr(at_, size);
        at_ += size;
        return found;
    }

    Result<std::vector<double>> numbers() {
        const std::string_view bytes = TRY(part());
        if (bytes.size() % sizeof(double) != 0) {
            return damaged();
        }
        std::vector<double> values(bytes.size() / sizeof(double));
        std::memcpy(values.data(), bytes.data(), bytes.size());
        return values;
    }

    void skip(std::size_t bytes) { at_ += bytes; }

    static std::unexpected<Error> damaged() {
        return fail(Code::invalid, "not a guard model, or damaged");
    }

private:
    std::string_view blob_;
    std::size_t at_ = 0;
};

std::string digest_of(std::string_view bytes) {
    const std::string_view fields[] = {bytes};
    return chain_hash("guard model", fields);
}

}  // namespace

std::string write_model(const ModelParts& parts) {
    std::string blob(kModelMagic);
    put_part(blob, parts.version);
    put_part(blob, parts.report);
    put_part(blob, parts.network.write());
    put_part(blob, parts.forest.write());
    std::string names;
    for (const std::string& name : parts.trait_names) {
        names += name + "\n";
    }
    put_part(blob, names);
    std::vector<double> combination(parts.combination.weights.begin(),
                                    parts.combination.weights.end());
    combination.push_back(parts.combination.bias);
    put_part(blob, bytes_of(combination));
    put_part(blob, bytes_of(parts.calibration.logits));
    put_part(blob, bytes_of(parts.calibration.scores));
    return blob + digest_of(blob);
}

Result<ModelParts> read_model(std::string_view blob) {
    if (blob.size() < kModelMagic.size() + kHashDigits) {
        return Reader::damaged();
    }
    const std::string_view body = blob.substr(0, blob.size() - kHashDigits);
    if (digest_of(body) != blob.substr(body.size())) {
        return Reader::damaged();
    }
    return read_trusted_model(blob);
}

Result<ModelParts> read_trusted_model(std::string_view blob) {
    if (!blob.starts_with(kModelMagic) || blob.size() < kModelMagic.size() + kHashDigits) {
        return Reader::damaged();
    }
    const std::string_view body = blob.substr(0, blob.size() - kHashDigits);
    Reader reader(body);
    reader.skip(kModelMagic.size());
    const std::string_view version = TRY(reader.part());
    const std::string_view report = TRY(reader.part());
    const std::string_view network = TRY(reader.part());
    const std::string_view forest = TRY(reader.part());
    const std::string_view names = TRY(reader.part());
    const std::vector<double> combination = TRY(reader.numbers());
    const bool aligned = reinterpret_cast<std::uintptr_t>(network.data()) % kAlignment == 0;
    ModelParts parts{
        std::string(version),
        std::string(report),
        TRY(aligned ? QuantisedNetwork::borrow_trusted(network) : QuantisedNetwork::read(network)),
        TRY(Forest::read(forest)),
        {},
        {},
        {}};
    for (std::size_t at = 0; at < names.size();) {
        const std::size_t end = names.find('\n', at);
        if (end == std::string_view::npos) {
            return Reader::damaged();
        }
        parts.trait_names.emplace_back(names.substr(at, end - at));
        at = end + 1;
    }
    if (combination.size() != kOpinions + 1) {
        return Reader::damaged();
    }
    std::copy_n(combination.begin(), kOpinions, parts.combination.weights.begin());
    parts.combination.bias = combination.back();
    parts.calibration.logits = TRY(reader.numbers());
    parts.calibration.scores = TRY(reader.numbers());
    if (parts.calibration.logits.size() != parts.calibration.scores.size()) {
        return Reader::damaged();
    }
    return parts;
}

}  // namespace credence::guard
