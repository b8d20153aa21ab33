#include "stats/tails.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/complement.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "base/check.h"

namespace credence::stats {
namespace {

namespace policies = boost::math::policies;

using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::underflow_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>,
    policies::indeterminate_result_error<policies::ignore_error>, policies::promote_double<false>>;

using Normal = boost::math::normal_distribution<double, Quiet>;
using Student = boost::math::students_t_distribution<double, Quiet>;
using NoncentralStudent = boost::math::non_central_t_distribution<double, Quiet>;
using ChiSquared = boost::math::chi_squared_distribution<double, Quiet>;

constexpr double kPracticallyNormal = 1e9;  // degrees of freedom

void check_tail(double tail) {
    CHECK(tail > 0 && tail < 1, "a tail probability lies between 0 and 1");
}

void check_degrees(double degrees_of_freedom) {
    CHECK(degrees_of_freedom > 0, "degrees of freedom are positive");
}

}  // namespace

double normal_tail(double z) {
    CHECK(!std::isnan(z), "not a number");
    return std::erfc(z / std::sqrt(2.0)) / 2;
}

double normal_tail_quantile(double tail) {
    check_tail(tail);
    return boost::math::quantile(boost::math::complement(Normal(0, 1), tail));
}

double student_tail(double t, double degrees_of_freedom) {
    check_degrees(degrees_of_freedom);
    CHECK(!std::isnan(t), "not a number");
    if (degrees_of_freedom >= kPracticallyNormal || std::isinf(t)) {
        return normal_tail(t);
    }
    return boost::math::cdf(boost::math::complement(Student(degrees_of_freedom), t));
}

double student_tail_quantile(double tail, double degrees_of_freedom) {
    check_tail(tail);
    check_degrees(degrees_of_freedom);
    if (degrees_of_freedom >= kPracticallyNormal) {
        return normal_tail_quantile(tail);
    }
    return boost::math::quantile(boost::math::complement(Student(degrees_of_freedom), tail));
}

double noncentral_student_tail(double t, double degrees_of_freedom, double noncentrality) {
    check_degrees(degrees_of_freedom);
    if (degrees_of_freedom >= kPracticallyNormal) {
        return normal_tail(t - noncentrality);
    }
    return boost::math::cdf(
        boost::math::complement(NoncentralStudent(degrees_of_freedom, noncentrality), t));
}

double chi_squared_tail(double x, double degrees_of_freedom) {
    check_degrees(degrees_of_freedom);
    CHECK(!std::isnan(x), "not a number");
    if (x <= 0) {
        return 1;
    }
    return boost::math::cdf(boost::math::complement(ChiSquared(degrees_of_freedom), x));
}

}  // namespace credence::stats
