#include "capabilities/skills/search/vector_set.h"

#include <algorithm>

#include "engine/vectors/vector_kernels.h"

namespace credence::skills {

void VectorSet::add(std::int64_t number, std::string_view skill_name,
                    const vectors::Vector& vector) {
    const auto [skill, added] = skill_numbers_.try_emplace(
        std::string(skill_name), static_cast<std::uint32_t>(skills_.size()));
    if (added) {
        skills_.emplace_back(skill_name);
    }
    const bool fits = vector.values.size() == dimension_;
    entries_.push_back({number, skill->second, fits ? vector.inverse_length : 0});
    if (fits) {
        values_.insert(values_.end(), vector.values.begin(), vector.values.end());
    } else {
        values_.resize(values_.size() + dimension_);
    }
    if (entries_.size() > limit_) {
        drop_oldest();
    }
}

void VectorSet::drop_oldest() {
    const std::size_t gone = entries_.size() - limit_ / 2;
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(gone));
    values_.erase(values_.begin(),
                  values_.begin() + static_cast<std::ptrdiff_t>(gone * dimension_));
}

void VectorSet::clear() {
    entries_.clear();
    values_.clear();
    skills_.clear();
    skill_numbers_.clear();
}

std::vector<VectorMatch> VectorSet::nearest(const vectors::Vector& question) const {
    if (question.values.size() != dimension_ || question.inverse_length == 0) {
        return {};
    }
    std::vector<std::int32_t> products(entries_.size());
    vectors::best_kernels().dot(question.values.data(), values_.data(), entries_.size(), dimension_,
                                products.data());
    std::vector<std::pair<float, std::size_t>> order;
    order.reserve(entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        order.emplace_back(
            static_cast<float>(products[i]) * question.inverse_length * entries_[i].inverse_length,
            i);
    }
    const auto better = [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    };
    const std::size_t count = std::min(order.size(), kMaxNearest);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), better);
    std::vector<VectorMatch> out;
    for (std::size_t i = 0; i < count; ++i) {
        const Entry& entry = entries_[order[i].second];
        out.push_back({skills_[entry.skill], entry.number,
                       std::clamp(static_cast<double>(order[i].first), -1.0, 1.0)});
    }
    return out;
}

vectors::Vector VectorSet::centroid(std::string_view skill_name, std::size_t count) const {
    const auto skill = skill_numbers_.find(std::string(skill_name));
    if (skill == skill_numbers_.end()) {
        return {};
    }
    std::vector<float> sums(dimension_);
    for (std::size_t i = entries_.size(); i > 0 && count > 0; --i) {
        const Entry& entry = entries_[i - 1];
        if (entry.skill != skill->second || entry.inverse_length == 0) {
            continue;
        }
        for (std::size_t k = 0; k < dimension_; ++k) {
            sums[k] += static_cast<float>(values_[(i - 1) * dimension_ + k]) * entry.inverse_length;
        }
        --count;
    }
    return vectors::quantise(sums).value_or(vectors::Vector{});
}

const std::string* VectorSet::skill_of(std::int64_t number) const {
    const auto found = std::ranges::lower_bound(entries_, number, {}, &Entry::number);
    return found == entries_.end() || found->number != number ? nullptr : &skills_[found->skill];
}

}  // namespace credence::skills
