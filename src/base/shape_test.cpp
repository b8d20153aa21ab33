#include "base/shape.h"

#include <gtest/gtest.h>

#include "base/id.h"
#include "base/secret.h"

namespace credence {
namespace {

enum class Colour { red, dark_green, blue };

struct Point {
    double x = 0;
    double y = 0;
};
void describe(Describe<Point>& d) {
    d.doc("A place in the plane");
    d.field<&Point::x>("Across");
    d.field<&Point::y>("Up");
}

struct Everything {
    bool flag = false;
    std::int32_t count = 7;
    std::string name;
    Colour colour = Colour::blue;
    RequestId id;
    std::optional<Point> point;
    std::vector<Point> points;
    std::map<std::string, std::int64_t> scores;
};
void describe(Describe<Everything>& d) {
    d.field<&Everything::flag>("A flag");
    d.field<&Everything::count>("A count").between(1, 10).or_default();
    d.field<&Everything::name>("A name").length(1, 8);
    d.field<&Everything::colour>("A colour").or_default();
    d.field<&Everything::id>("An id");
    d.field<&Everything::point>("Perhaps a point");
    d.field<&Everything::points>("Points");
    d.field<&Everything::scores>("Scores by name");
}

struct Forgetful {
    int told = 0;
    int forgotten = 0;
};
void describe(Describe<Forgetful>& d) {
    d.field<&Forgetful::told>("Told");
}

struct Service {
    int verify_claim(int value) { return value; }
    int look(int value) const { return value; }
};

TEST(Shape, ReadsNamesAndOffsetsFromTheCompiler) {
    const Shape& shape = shape_of<Everything>();
    EXPECT_EQ(shape.name, "Everything");
    ASSERT_EQ(shape.fields.size(), 8U);
    EXPECT_EQ(shape.fields[0].name, "flag");
    Everything value;
    const auto offset_of = [&](const void* member) {
        return static_cast<std::size_t>(static_cast<const char*>(member) -
                                        reinterpret_cast<const char*>(&value));
    };
    EXPECT_EQ(shape.fields[0].offset, offset_of(&value.flag));
    EXPECT_EQ(shape.fields[5].name, "point");
    EXPECT_EQ(shape.fields[5].offset, offset_of(&value.point));
    EXPECT_EQ(shape.find("scores")->shape->kind, Kind::dictionary);
    EXPECT_EQ(shape.find("nothing"), nullptr);
}

TEST(Shape, NamesEnumerators) {
    const std::vector<std::string> expected = {"red", "dark_green", "blue"};
    EXPECT_EQ(shape_of<Colour>().enumerators, expected);
    EXPECT_EQ(shape_of<Colour>().name, "Colour");
}

TEST(Shape, KnowsWhatIsRequired) {
    const Shape& shape = shape_of<Everything>();
    EXPECT_TRUE(shape.find("flag")->required);
    EXPECT_FALSE(shape.find("count")->required);
    EXPECT_FALSE(shape.find("point")->required);
    EXPECT_EQ(shape.find("count")->minimum, 1);
    EXPECT_EQ(shape.find("name")->max_length, 8U);
}

TEST(Shape, NamesMethodsAndTheirOwners) {
    constexpr auto kPlain = shape_detail::pretty<&Service::verify_claim>();
    constexpr auto kConst = shape_detail::pretty<&Service::look>();
    EXPECT_EQ(shape_detail::last_name(kPlain), "verify_claim");
    EXPECT_EQ(shape_detail::owner_name(kPlain), "Service");
    EXPECT_EQ(shape_detail::last_name(kConst), "look");
    EXPECT_EQ(shape_detail::owner_name(kConst), "Service");
}

TEST(Shape, HidesSecrets) {
    EXPECT_TRUE(shape_of<Secret>().secret);
    const Secret secret("hunter2");
    EXPECT_EQ(shape_of<Secret>().format_text(&secret), "***");
}

TEST(ShapeDeathTest, StopsWhenAMemberIsNotDescribed) {
    EXPECT_DEATH(shape_of<Forgetful>(), "Forgetful.*every member");
}

}  // namespace
}  // namespace credence
