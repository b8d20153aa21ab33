// Learns the probability of success from one outcome at a time.
//
// FTRL-Proximal with a learning rate for each coordinate: H. B. McMahan and others, "Ad click
// prediction: a view from the trenches", KDD (2013), 1222-1230, algorithm 1:
//   g_i = (p - y) x_i,  sigma_i = (sqrt(n_i + g_i^2) - sqrt(n_i)) / alpha
//   z_i += g_i - sigma_i w_i,  n_i += g_i^2
//   w_i = 0 if |z_i| <= l1, else -(z_i - sign(z_i) l1) / ((beta + sqrt(n_i)) / alpha + l2)
// The margin is offset + sum w_i x_i: the offset is what is believed without learning, and weights
// start at 0, so the first prediction is logistic(offset). Not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace credence::stats {

struct FtrlOptions {
    double alpha = 0.05;  // above 0
    double beta = 1;      // at least 0
    double l1 = 0;        // at least 0
    double l2 = 1;        // at least 0
};

class OnlineLogistic {
public:
    OnlineLogistic(std::size_t coordinates, const FtrlOptions& options);

    // Log-odds. `x` has one finite value a coordinate (CHECK of the number).
    double margin(std::span<const double> x, double offset) const;
    double weight(std::size_t coordinate) const;
    void learn(std::span<const double> x, double offset, bool success);

    // For storage: z_ and n_, and back; false unless all are finite and n at least 0.
    struct Coordinate {
        double z = 0;
        double n = 0;
    };
    std::span<const Coordinate> coordinates() const { return coordinates_; }
    bool restore(std::span<const Coordinate> coordinates);

private:
    FtrlOptions options_;
    std::vector<Coordinate> coordinates_;
};

}  // namespace credence::stats
