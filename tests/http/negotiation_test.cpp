#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/http/negotiation.hpp>

namespace pushgateway::http {
namespace {

TEST(preferences, by_weight_then_as_sent) {
    auto const all = parse_preferences("a;q=0.5, b , c;q=0.5;x=\"1,\\\"2\" ,, d;q=2, e;q=x");
    ASSERT_EQ(all.size(), 5u);
    EXPECT_EQ(all[0].value, "b");
    EXPECT_EQ(all[1].value, "a");
    EXPECT_EQ(all[2].value, "c");
    EXPECT_EQ(all[2].parameter("X"), "1,\\\"2");
    EXPECT_EQ(all[2].weight, 0.5);
    EXPECT_EQ(all[3].value, "d");
    EXPECT_EQ(all[3].weight, 0);
    EXPECT_EQ(all[4].weight, 0);
}

TEST(preferences, take_anything) {
    EXPECT_TRUE(rc::check([] {
        auto const field = *rc::gen::container<std::string>(rc::gen::element(',', ';', '"', '\\', '=', 'q', '1', ' '));
        for (auto const& p : parse_preferences(field)) RC_ASSERT(p.weight >= 0 && p.weight <= 1);
    }));
}

TEST(wanted_coding, is_the_heaviest_and_of_equals_the_first_named) {
    using enum response_coding;
    for (auto const* field :
         {"", "identity", "*", "br", "x-gzip", "gzip;q=0", "zstd;q=0, gzip;q=0", "*;q=0", "identity, gzip", "*, gzip",
          "gzip;q=0.1, identity;q=0.5", "zstd;q=0.5, *;q=0.6", "zstd;q=1.1", "br, *"}) {
        EXPECT_EQ(find_wanted_coding(field), identity) << field;
    }
    for (auto const* field : {"gzip", "GZIP", "br, gzip", "gzip;q=0.1", "gzip;q=0.5, identity;q=0.4", "gzip, zstd",
                              "gzip, deflate, br, zstd", "zstd;q=0.4, gzip;q=0.5", "gzip, *;q=0.5", "gzip, *",
                              "identity;q=0.5, *", "identity;q=0, *", "gzip, identity"}) {
        EXPECT_EQ(find_wanted_coding(field), gzip) << field;
    }
    for (auto const* field : {"zstd", "ZStd", "zstd;q=0.001", "gzip;q=0.8, zstd;q=0.9", "zstd, gzip;q=0.9, *;q=0.8",
                              "zstd, gzip", "zstd,gzip", "br, zstd, gzip", "identity;q=0, gzip;q=0, *"}) {
        EXPECT_EQ(find_wanted_coding(field), zstd) << field;
    }
}

TEST(wants_gzip, leaves_zstd_out) {
    for (auto const* field : {"gzip", "zstd, gzip;q=0.5", "gzip;q=0.5, identity;q=0.4"}) {
        EXPECT_TRUE(wants_gzip(field)) << field;
    }
    for (auto const* field : {"", "*", "zstd", "gzip;q=0", "gzip;q=0.1, identity;q=0.5"}) {
        EXPECT_FALSE(wants_gzip(field)) << field;
    }
}

std::string type_for(std::string_view accept, openmetrics_offer offer = openmetrics_offer::on) {
    return exposition_content_type(find_wanted_exposition(accept, offer));
}

TEST(exposition_content_type, echoes_a_known_escaping) {
    std::string const base = "text/plain; version=0.0.4; charset=utf-8; escaping=";
    EXPECT_EQ(type_for(""), base + "underscores");
    EXPECT_EQ(type_for("*/*"), base + "underscores");
    EXPECT_EQ(type_for("text/plain;escaping=dots"), base + "dots");
    EXPECT_EQ(type_for("text/plain;version=0.0.4;escaping=nonsense"), base + "underscores");
    EXPECT_EQ(type_for("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                       "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"),
              "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8");
    EXPECT_EQ(type_for("text/plain;escaping=values,text/plain;escaping=dots;q=0.5"), base + "values");
}

constexpr std::string_view messages_of_families =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;";

exposition_format format_for(std::string const& accept, openmetrics_offer offer = openmetrics_offer::on) {
    return find_wanted_exposition(accept, offer).format;
}

TEST(wanted_exposition, is_the_heaviest_format_that_is_known) {
    using enum exposition_format;
    std::string const messages(messages_of_families);
    EXPECT_EQ(format_for(""), text);
    EXPECT_EQ(format_for("*/*"), text);
    EXPECT_EQ(format_for("application/*"), text);
    EXPECT_EQ(format_for("application/json"), text);
    EXPECT_EQ(format_for(messages + "encoding=delimited"), exposition_format::protobuf);
    EXPECT_EQ(format_for(messages + "encoding=text"), protobuf_text);
    EXPECT_EQ(format_for(messages + "encoding=compact-text"), protobuf_compact);
    EXPECT_EQ(format_for(messages + "encoding=json"), text);
    EXPECT_EQ(format_for("application/vnd.google.protobuf"), text);
    EXPECT_EQ(format_for("text/plain;q=0.1," + messages + "encoding=delimited;q=0.5"), exposition_format::protobuf);
    EXPECT_EQ(format_for("text/plain;q=0.5," + messages + "encoding=delimited;q=0.5"), text);
    EXPECT_EQ(format_for("text/plain;version=1.0.0;q=0.9," + messages + "encoding=text;q=0.2"), protobuf_text);
    EXPECT_EQ(format_for("*/*," + messages + "encoding=text;q=0.2"), protobuf_text);
    EXPECT_EQ(format_for(messages + "encoding=delimited;q=0"), text);
}

TEST(wanted_exposition, is_openmetrics_in_a_version_that_is_known) {
    using enum exposition_format;
    EXPECT_EQ(format_for("application/openmetrics-text;version=1.0.0"), openmetrics);
    EXPECT_EQ(format_for("application/openmetrics-text"), openmetrics_0);
    EXPECT_EQ(format_for("application/openmetrics-text;version=2.0.0"), text);
    EXPECT_EQ(format_for("application/openmetrics-text;q=0.4,text/plain;q=0.5"), text);
}

/// What scrapers send, and what the Go Pushgateway 1.11.3 says that it answers with.
struct scraper {
    char const* name;
    std::string accept;
    std::string answer;
};

std::vector<scraper> scrapers() {
    std::string const text = "text/plain; version=0.0.4; charset=utf-8; escaping=";
    std::string const messages =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=";
    std::string const openmetrics = "application/openmetrics-text;version=1.0.0";
    std::string const asked = std::string(messages_of_families) + "encoding=delimited;q=0.7";
    return {{"Prometheus 3",
             openmetrics + ";escaping=allow-utf-8;q=0.7,application/openmetrics-text;version=0.0.1;q=0.6,text/plain;"
                           "version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3",
             text + "allow-utf-8"},
            {"Prometheus 3 with native histograms",
             asked + "," + openmetrics +
                 ";escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;"
                 "version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
             messages + "underscores"},
            {"Prometheus 3 with legacy names",
             openmetrics + ";escaping=underscores;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;"
                           "version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
             text + "underscores"},
            {"Prometheus 2",
             openmetrics + ",application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
                           "*/*;q=0.1",
             text + "underscores"},
            {"vmagent", "text/plain;version=0.0.4;q=1,*/*;q=0.1", text + "underscores"},
            {"Telegraf", asked + ",text/plain;version=0.0.4;q=0.3", messages + "underscores"},
            {"OpenMetrics 2 alone", "application/openmetrics-text;version=2.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.2",
             text + "allow-utf-8"},
            {"curl", "*/*", text + "underscores"},
            {"nothing", "", text + "underscores"}};
}

TEST(wanted_exposition, without_openmetrics_on_offer_is_what_the_go_pushgateway_answers) {
    for (auto const& [name, accept, answer] : scrapers()) {
        EXPECT_EQ(type_for(accept, openmetrics_offer::off), answer) << name;
    }
}

TEST(wanted_exposition, is_never_openmetrics_unless_that_is_on_offer) {
    EXPECT_TRUE(rc::check([] {
        auto const field = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
            "application/openmetrics-text", ";version=1.0.0", ";version=0.0.1", ";q=0.5", ",", "text/plain", "*/*"));
        std::string joined;
        for (auto const& part : field) joined += part;
        auto const format = format_for(joined, openmetrics_offer::off);
        RC_ASSERT(format == exposition_format::text);
    }));
}

TEST(wanted_exposition, is_said_by_the_content_type) {
    EXPECT_EQ(type_for(std::string(messages_of_families) + "encoding=compact-text;escaping=dots"),
              "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=compact-text; "
              "escaping=dots");
    EXPECT_EQ(type_for(std::string(messages_of_families) + "encoding=delimited"),
              "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; "
              "escaping=underscores");
}

TEST(is_openmetrics, looks_at_the_media_type_alone) {
    EXPECT_TRUE(is_openmetrics("application/openmetrics-text"));
    EXPECT_TRUE(is_openmetrics("Application/OpenMetrics-Text; version=1.0.0; charset=utf-8; escaping=underscores"));
    EXPECT_FALSE(is_openmetrics("application/openmetrics-protobuf"));
    EXPECT_FALSE(is_openmetrics("text/plain; version=0.0.4, application/openmetrics-text"));
    EXPECT_FALSE(is_openmetrics(""));
}

TEST(is_delimited_protobuf, needs_all_three_parts) {
    EXPECT_TRUE(is_delimited_protobuf(
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"));
    EXPECT_TRUE(is_delimited_protobuf(
        "Application/vnd.google.protobuf;encoding=\"delimited\";proto=\"io.prometheus.client.MetricFamily\""));
    EXPECT_FALSE(is_delimited_protobuf("application/vnd.google.protobuf"));
    EXPECT_FALSE(is_delimited_protobuf(
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text"));
    EXPECT_FALSE(is_delimited_protobuf("text/plain"));
    EXPECT_FALSE(is_delimited_protobuf(""));
}

}  // namespace
}  // namespace pushgateway::http
