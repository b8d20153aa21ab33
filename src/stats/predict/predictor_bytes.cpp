// The predictor's state as bytes, and back.
#include <algorithm>
#include <bit>
#include <cmath>

#include "stats/predict/predictor.h"

namespace credence::stats {
namespace {

constexpr std::string_view kPredictorMagic = "CRPR";
constexpr unsigned kByteWidth = 8;
constexpr std::uint64_t kByteMask = 0xff;

class ByteWriter {
public:
    void word(std::uint64_t value) {
        for (std::size_t i = 0; i < sizeof value; ++i) {
            bytes_ += static_cast<char>((value >> (kByteWidth * i)) & kByteMask);
        }
    }
    void integer(std::int64_t value) { word(static_cast<std::uint64_t>(value)); }
    void real(double value) { word(std::bit_cast<std::uint64_t>(value)); }
    void text(std::string_view value) { bytes_ += value; }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// Reads past the end give 0 and are remembered.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t word() {
        std::uint64_t value = 0;
        if (bytes_.size() < sizeof value) {
            good_ = false;
            return 0;
        }
        for (std::size_t i = 0; i < sizeof value; ++i) {
            value |= std::uint64_t{static_cast<unsigned char>(bytes_[i])} << (kByteWidth * i);
        }
        bytes_.remove_prefix(sizeof value);
        return value;
    }
    std::int64_t integer() { return static_cast<std::int64_t>(word()); }
    double real() {
        const auto value = std::bit_cast<double>(word());
        good_ = good_ && std::isfinite(value);
        return std::isfinite(value) ? value : 0;
    }
    bool flag() {
        const std::uint64_t value = word();
        good_ = good_ && value <= 1;
        return value == 1;
    }
    // A number of things, of which each takes at least `words` words of what is left.
    std::uint64_t count(std::size_t words) {
        const std::uint64_t value = word();
        const bool fits = value <= bytes_.size() / (words * sizeof value);
        good_ = good_ && fits;
        return fits ? value : 0;
    }
    bool text(std::string_view expected) {
        const bool found = bytes_.starts_with(expected);
        bytes_.remove_prefix(found ? expected.size() : 0);
        return found;
    }
    void require(bool condition) { good_ = good_ && condition; }
    bool good() const { return good_; }
    bool at_end() const { return bytes_.empty(); }

private:
    std::string_view bytes_;
    bool good_ = true;
};

constexpr std::size_t kCellWords = 6;
constexpr std::size_t kPendingWords = 8 + kFeatures;
constexpr double kLargestFeature = 100;

void write_table(const RateTable& table, ByteWriter& out) {
    out.word(table.size());
    for (const auto& [key, cell] : table.cells()) {
        out.word(key.first);
        out.word(key.second);
        out.real(cell.successes);
        out.real(cell.n);
        out.integer(cell.at_us);
        out.integer(cell.streak);
    }
}

void read_table(ByteReader& in, RateTable& table) {
    const std::uint64_t cells = in.count(kCellWords);
    for (std::uint64_t i = 0; i < cells && in.good(); ++i) {
        const std::uint64_t first = in.word();
        const RateKey key{first, in.word()};
        RateCell cell;
        cell.successes = in.real();
        cell.n = in.real();
        cell.at_us = in.integer();
        const std::int64_t streak = in.integer();
        cell.streak = static_cast<std::int32_t>(streak);
        in.require(cell.streak == streak && table.put(key, cell));
    }
    in.require(table.size() == cells);  // no key twice
}

void write_situation(const Situation& situation, ByteWriter& out) {
    out.word(situation.skill);
    out.word(situation.phase);
    out.word(situation.user);
    out.integer(situation.at_us);
}

Situation read_situation(ByteReader& in) {
    Situation situation;
    situation.skill = in.word();
    situation.phase = in.word();
    situation.user = in.word();
    situation.at_us = in.integer();
    return situation;
}

FeatureVector read_features(ByteReader& in) {
    FeatureVector features;
    features.offset = in.real();
    features.evidence = in.real();
    in.require(std::abs(features.offset) <= kLargestFeature && features.evidence >= 0);
    for (double& value : features.values) {
        value = in.real();
        in.require(std::abs(value) <= kLargestFeature);
    }
    return features;
}

}  // namespace

std::string Predictor::to_bytes() const {
    ByteWriter out;
    out.text(kPredictorMagic);
    out.word(kPredictorFormat);
    out.integer(history_.outcomes);
    out.integer(history_.successes);
    out.integer(history_.first_at_us);
    out.integer(history_.last_at_us);
    out.real(scale_.slope);
    out.real(scale_.intercept);
    out.integer(scale_.n);
    for (const OnlineLogistic::Coordinate& coordinate : model_.coordinates()) {
        out.real(coordinate.z);
        out.real(coordinate.n);
    }
    for (const RateTable& table : state_.tables()) {
        write_table(table, out);
    }
    std::vector<Pending> waiting = pending_;
    std::ranges::sort(waiting,
                      [](const Pending& left, const Pending& right) { return later(right, left); });
    out.word(waiting.size());
    for (const Pending& known : waiting) {
        out.integer(known.known_at_us);
        out.word(known.success ? 1 : 0);
        write_situation(known.situation, out);
        out.real(known.features.offset);
        out.real(known.features.evidence);
        for (const double value : known.features.values) {
            out.real(value);
        }
    }
    return out.take();
}

Result<Predictor> Predictor::from_bytes(std::string_view bytes, const PredictorOptions& options) {
    ByteReader in(bytes);
    if (!in.text(kPredictorMagic) || in.word() != kPredictorFormat) {
        return fail(Code::invalid, "These bytes are no predictor of this version.");
    }
    Predictor predictor(options);
    PredictorHistory& history = predictor.history_;
    history.outcomes = in.integer();
    history.successes = in.integer();
    history.first_at_us = in.integer();
    history.last_at_us = in.integer();
    in.require(history.successes >= 0 && history.successes <= history.outcomes &&
               history.first_at_us <= history.last_at_us);
    predictor.scale_.slope = in.real();
    predictor.scale_.intercept = in.real();
    predictor.scale_.n = in.integer();
    in.require(predictor.scale_.slope > 0 && predictor.scale_.n >= 0);
    std::vector<OnlineLogistic::Coordinate> coordinates(kFeatures);
    for (OnlineLogistic::Coordinate& coordinate : coordinates) {
        coordinate.z = in.real();
        coordinate.n = in.real();
    }
    in.require(predictor.model_.restore(coordinates));
    for (RateTable& table : predictor.state_.tables()) {
        read_table(in, table);
    }
    const std::uint64_t waiting = in.count(kPendingWords);
    in.require(waiting <= options.max_pending);
    for (std::uint64_t i = 0; i < waiting && in.good(); ++i) {
        Pending known;
        known.known_at_us = in.integer();
        known.order = predictor.arrivals_++;
        known.success = in.flag();
        known.situation = read_situation(in);
        known.features = read_features(in);
        in.require(known.known_at_us >= known.situation.at_us);
        predictor.pending_.push_back(known);
    }
    std::ranges::make_heap(predictor.pending_, later);
    if (!in.good() || !in.at_end()) {
        return fail(Code::invalid, "The predictor's bytes are damaged.");
    }
    return predictor;
}

}  // namespace credence::stats
