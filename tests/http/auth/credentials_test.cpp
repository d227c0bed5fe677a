#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/auth/credentials.hpp>

namespace pushgateway::http {
namespace {

// What is read out of these values of the field Authorization.
std::string read(std::vector<std::string> const& values) {
    request head;
    for (auto const& value : values) head.fields.push_back({"authorization", value});
    auto const shown = read_credentials(head);
    if (std::holds_alternative<no_credentials>(shown)) return "none";
    if (auto const* basic = std::get_if<basic_credentials>(&shown)) {
        return "user [" + std::string(basic->user()) + "] password [" + std::string(basic->password()) + "]";
    }
    if (auto const* token = std::get_if<bearer_token>(&shown)) return "token [" + std::string(token->text) + "]";
    return "unusable";
}

TEST(credentials, of_a_user) {
    EXPECT_EQ(read({"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}), "user [Aladdin] password [open sesame]");
    EXPECT_EQ(read({"basic dGVzdDoxMjPCow=="}), "user [test] password [123\u00a3]");
    EXPECT_EQ(read({"BASIC   YTpi"}), "user [a] password [b]");
    EXPECT_EQ(read({"Basic YTpiOmM="}), "user [a] password [b:c]") << "only the first colon separates";
    EXPECT_EQ(read({"Basic Og=="}), "user [] password []");
    EXPECT_EQ(read({"Basic YTo="}), "user [a] password []");
}

TEST(credentials, of_a_token) {
    EXPECT_EQ(read({"Bearer mF_9.B5f-4.1JqM"}), "token [mF_9.B5f-4.1JqM]");
    EXPECT_EQ(read({"bearer a+/~="}), "token [a+/~=]");
}

TEST(credentials, that_cannot_be_used) {
    EXPECT_EQ(read({}), "none");
    for (std::string const value :
         {"", "Basic", "Basic ", "Basic !", "Basic YWI=", "Basic YTpi YTpi", "Basic YTpi=", "Basi YTpi", "Bearer",
          "Bearer a b", "Bearer a=b", "Bearer =", "Bearer \x80", "Digest username=\"a\"", "Negotiate YTpi"}) {
        EXPECT_EQ(read({value}), "unusable") << value;
    }
    EXPECT_EQ(read({"Basic YTpi", "Basic YTpi"}), "unusable");
}

TEST(credentials, are_wiped_where_they_were_moved_from) {
    basic_credentials from("user:a long password that is kept outside of the object");
    basic_credentials const to(std::move(from));
    EXPECT_EQ(to.user(), "user");
    EXPECT_EQ(to.password(), "a long password that is kept outside of the object");
}

}  // namespace
}  // namespace pushgateway::http
