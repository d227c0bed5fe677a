// What holds for every encoder of responses.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <support/codings.hpp>
#include <support/gzip.hpp>
#include <support/zstd.hpp>

#include <pushgateway/format/decoded_bound.hpp>
#include <pushgateway/format/gzip.hpp>
#include <pushgateway/format/zstd.hpp>

namespace pushgateway::format {
namespace {

using test::fold;
using test::noise;

struct gzip_coding {
    using encoder = gzip_encoder;
    static auto read_by_another(std::string_view in) { return test::gunzip(in); }
    static auto decode(std::string_view in, std::size_t most) { return gunzip(in, decoded_bound{.bytes = most}); }
};

struct zstd_coding {
    using encoder = zstd_encoder;
    static auto read_by_another(std::string_view in) { return test::unzstd(in); }
    static auto decode(std::string_view in, std::size_t most) { return decode_zstd(in, decoded_bound{.bytes = most}); }
};

template <class Coding>
struct encoders : testing::Test {
    static std::string folded(std::vector<std::string> const& pieces) { return fold<typename Coding::encoder>(pieces); }
};

using codings = testing::Types<gzip_coding, zstd_coding>;
TYPED_TEST_SUITE(encoders, codings);

TYPED_TEST(encoders, are_read_by_another_decoder) {
    EXPECT_EQ(TypeParam::read_by_another(this->folded({})), "");
    EXPECT_EQ(TypeParam::read_by_another(this->folded({"hello ", "", "world"})), "hello world");
    auto const large = noise(1'000'000);
    EXPECT_EQ(TypeParam::read_by_another(this->folded({large, large})), large + large);
}

TYPED_TEST(encoders, write_a_checksum) {
    auto packed = this->folded({"hello"});
    // Of gzip this is the checksum itself, of zstd the last byte of the content.
    packed[packed.size() - 5] = static_cast<char>(packed[packed.size() - 5] ^ 1);
    EXPECT_FALSE(TypeParam::read_by_another(packed));
}

TYPED_TEST(encoders, give_output_before_the_end) {
    typename TypeParam::encoder encoder;
    std::string out;
    encoder.append(noise(1 << 20), out);
    EXPECT_GT(out.size(), std::size_t{512} << 10);
}

TYPED_TEST(encoders, compress) { EXPECT_LT(this->folded({std::string(1 << 20, 'x')}).size(), 1U << 14); }

TYPED_TEST(encoders, are_undone_by_our_decoder) {
    EXPECT_TRUE(rc::check("decode(fold(x)) = x", [](std::vector<std::string> const& pieces) {
        std::string whole;
        for (auto const& p : pieces) whole += p;
        auto const got = TypeParam::decode(fold<typename TypeParam::encoder>(pieces), whole.size());
        RC_ASSERT(got.has_value());
        RC_ASSERT(*got == whole);
    }));
}

}  // namespace
}  // namespace pushgateway::format
