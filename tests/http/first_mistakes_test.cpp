// What people send who push for the first time, and the answer: what was found, and what to send instead.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/gzip.hpp>
#include <support/snappy.hpp>
#include <support/zstd.hpp>

#include <pushgateway/http/request_parser.hpp>

#include "compiled/router.hpp"
#include "support/routed.hpp"

namespace pushgateway::http {
namespace {

using namespace std::string_literals;

constexpr char protobuf_type[] =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
constexpr char openmetrics_type[] = "application/openmetrics-text; version=1.0.0; charset=utf-8";

// A tar file with one file.
std::string tar(std::string const& name, std::string const& content) {
    constexpr std::size_t block = 512;
    std::string head = name;
    head.resize(257, '\0');
    head += "ustar";
    head.resize(block, '\0');
    std::string out = head + content;
    out.resize(3 * block, '\0');
    return out;
}

struct mistake {
    std::string name;
    std::string body;
    std::string says;  // a part of the answer
    std::vector<field> fields;
};

// The gauge `up` as a message of protobuf.
std::string const family_message = "\x0a\x02up\x18\x01\x22\x0b\x12\x09\x09\0\0\0\0\0\0\xf0\x3f"s;

std::vector<mistake> const& bodies() {
    static std::vector<mistake> const all{
        // Ends of lines
        {"no end", "x 1", "the last line must end with a line feed", {}},
        {"curl -d @file", "x 1\ny 2", "curl -d drops it, --data-binary keeps it", {}},
        {"CR LF", "x 1\r\n", "lines must end in LF, not in CR LF: dos2unix", {}},
        {"CR LF behind a type", "# TYPE x gauge\r\nx 1\r\n", "lines must end in LF, not in CR LF", {}},
        {"CR alone", "x 1\ry 2\r", "lines must end in LF, not in CR", {}},
        {"echo without -e", R"(x 1\n)", "a backslash and an \"n\" stand where a line feed should be", {}},
        {"several lines in one", "x 1\\ny 2\\n\n", "found \"1\\\\ny\" (a backslash and an \"n\" stand", {}},
        {"byte order mark",
         "\xef\xbb\xbfx 1\n",
         "the body begins with a byte order mark: save it as UTF-8 without one",
         {}},
        {"UTF-16",
         "\xff\xfex\0 \0001\0\n\0"s,
         "the body is UTF-16, as Windows PowerShell writes files: send UTF-8",
         {}},
        // Blanks
        {"blank behind the value", "x 1 \n", "there is a blank at the end of the line", {}},
        {"blank behind the type", "# TYPE x gauge \nx 1\n", "a blank at the end of the line", {}},
        {"blank in the name", "my metric 1\n", "the name of a metric has no blanks, \"_\" stands for them", {}},
        // Names
        {"hyphen", "foo-bar 1\n", "the name of a metric cannot have the character \"-\" in it", {}},
        {"dots", "app.requests.count 4 1489283860\n", "the name of a metric cannot have the character \".\" in it", {}},
        {"digit first", "5xx_errors 1\n", "the name of a metric cannot begin with a digit", {}},
        {"umlaut", "größe 1\n", "the name of a metric cannot have the character \"ö\" in it", {}},
        {"umlaut first", "überlauf 1\n", "the name of a metric cannot have the character \"ü\" in it", {}},
        {"hyphen in a type line",
         "# TYPE a-b gauge\n",
         "the name of a metric cannot have the character \"-\" in it",
         {}},
        {"hyphen in a label", "x{a-b=\"c\"} 1\n", "the name of a label cannot have the character \"-\" in it", {}},
        {"digit in front of a label", "x{1a=\"b\"} 1\n", "the name of a label cannot begin with a digit", {}},
        {"quoted dots", "{\"a.b\"} 1\n", "an invalid metric name \"a.b\"", {}},
        {"no name", "{a=\"b\"} 1\n", "braces without a metric name", {}},
        {"__name__", "x{__name__=\"y\"} 1\n", "the name of the metric stands before the braces", {}},
        // Labels
        {"no quotes", "x{a=b} 1\n", "a label value stands in double quotes", {}},
        {"a number without quotes", "x{a=1} 1\n", "a label value stands in double quotes, a number too", {}},
        {"single quotes", "x{a='b'} 1\n", "a label value stands in double quotes, not in others", {}},
        {"typographic quotes", "x{a=\u201cb\u201d} 1\n", "in double quotes, not in typographic ones", {}},
        {"quotes in quotes", "x{a=\"say \"hi\"\"} 1\n", R"(a double quote in a value is written \")", {}},
        {"no closing quote", "x{a=\"b} 1\n", "its closing quote is not in this line", {}},
        {"no closing brace", "x{a=\"b\"\n", "the closing brace is not in this line", {}},
        {"colon", "x{a:\"b\"} 1\n", "between the name of a label and its value stands \"=\"", {}},
        {"no comma", "x{a=\"b\" c=\"d\"} 1\n", "labels are separated by commas", {}},
        {"semicolon", "x{a=\"b\";c=\"d\"} 1\n", "labels are separated by commas", {}},
        {"twice", "x{job_id=\"1\",b=\"2\",job_id=\"3\"} 1\n", "a label name given twice: job_id", {}},
        {"Windows path", "x{path=\"C:\\temp\"} 1\n", R"(at "\\temp"}" (only \\, \n and \" are escapes)", {}},
        {"Windows path in a help", "# HELP x from C:\\temp on\nx 1\n", R"(at "\\temp")", {}},
        {"Latin-1", "x{city=\"K\xf6ln\"} 1\n", "a label value that is not valid UTF-8, of the label city", {}},
        {"regular expression", "x{a!=\"b\"} 1\n", "a pattern is no label, only a query has one", {}},
        // Values
        {"none", "x\n", "a sample is a name, perhaps labels in braces, a blank and a number", {}},
        {"true", "x true\n", "1 stands for true, 0 for false", {}},
        {"null", "x null\n", "NaN stands for none, or leave the line out", {}},
        {"in quotes", "x \"1\"\n", "a value stands without quotes", {}},
        {"decimal comma", "x 1,5\n", "the decimal sign is a point", {}},
        {"grouped", "x 1_000_000\n", "digits are not grouped", {}},
        {"hexadecimal", "x 0xff\n", "numbers are decimal", {}},
        {"unit", "x 12ms\n", "a value is a number without a unit", {}},
        {"per cent", "x 97%\n", "a value is a number without a unit", {}},
        {"equals sign", "x=1\n", "between a name and its value stands a blank", {}},
        {"variable", "x $VALUE\n", "a variable that was not replaced by its value", {}},
        {"template", "x {{ value }}\n", "a template whose value was not filled in", {}},
        {"comment behind", "x 1 # of yesterday\n", "a comment stands on a line of its own", {}},
        {"no-break space", "x 1\u00a0\n", "there is a no-break space in it", {}},
        {"no-break space behind the name", "x\u00a01\n", "the name of a metric cannot have a no-break space in it", {}},
        {"typographic minus", "x \u22121\n", "there is a typographic minus sign in it", {}},
        {"two points", "x 1.2.3\n", "at most a sign, a point and an exponent", {}},
        {"too large", "x 1e400\n", "a number too large for a double", {}},
        {"semicolon behind", "x 1;\n", "nothing stands behind the value", {}},
        {"seconds", "x 1 1700000000.5\n", "a timestamp is a number of milliseconds since 1970; a push needs none", {}},
        {"time out of range",
         "x 1 99999999999999999999\n",
         "a timestamp is a number of milliseconds since 1970; a push needs none",
         {}},
        {"date", "x 1 2024-01-01\n", "a timestamp is a number of milliseconds since 1970; a push needs none", {}},
        // Lines about families
        {"unknown type", "# TYPE x int\nx 1\n", "the types are counter, gauge, histogram,", {}},
        {"swapped", "# TYPE gauge x\nx 1\n", "the name stands before the type", {}},
        {"type of OpenMetrics", "# TYPE x info\nx 1\n", "a type of OpenMetrics", {}},
        {"second help", "# HELP x a\n# HELP x b\nx 1\n", "a second HELP line for x", {}},
        {"second type", "# TYPE x gauge\n# TYPE x gauge\nx 1\n", "a second TYPE line for x", {}},
        {"late type", "x 1\n# TYPE x gauge\n", "a TYPE line for x after its first sample", {}},
        {"comment of C", "// now\nx 1\n", "a comment begins with \"#\"", {}},
        {"exemplar", "x 1 # {trace=\"a\"} 1\n", "Content-Type application/openmetrics-text", {}},
        // Summaries and histograms
        {"value of a histogram", "# TYPE t histogram\nt 5\n", "whose samples are t_bucket with a label \"le\"", {}},
        {"quantile of a histogram",
         "# TYPE h histogram\nh{quantile=\"0.5\"} 1\n",
         "of the histogram h, whose samples",
         {}},
        {"bucket without bound", "# TYPE w histogram\nw_bucket{bucket=\"1\"} 3\n", "without the label \"le\"", {}},
        {"value of a summary", "# TYPE s summary\ns 5\n", "without the label \"quantile\"", {}},
        // Other formats
        {"curl -F",
         "--------------------------abc\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx 1\r\n",
         "the body is a form with parts, as \"curl -F\" sends it",
         {{"Content-Type", "multipart/form-data; boundary=------------------------abc"}}},
        {"curl --data-urlencode",
         "x%201%0A",
         "this is URL-encoded, as curl --data-urlencode sends it",
         {{"Content-Type", "application/x-www-form-urlencoded"}}},
        {"gzip", test::gzip("x 1\n"), "the body is compressed with gzip, which the request does not say", {}},
        {"zstd", test::zstd("x 1\n"), "the body is compressed with zstd, which the request does not say", {}},
        {"snappy",
         test::snappy_framed("x 1\n"),
         "the body is compressed with snappy, which the request does not say",
         {}},
        {"zlib",
         "x\x9c\xab\x50\x30\xe4\x02\x00\x03\x1e\x00\xf4"s,
         "the body is compressed with zlib (\"deflate\")",
         {}},
        {"tar", tar("x", "x 1\n"), "the body is a tar file: send the file that is in it", {}},
        {"tar of a name with a dot", tar("metrics.prom", "x 1\n"), "the body is a tar file", {}},
        {"tar.gz", test::gzip(tar("metrics.prom", "x 1\n")), "the body is a tar file", {{"Content-Encoding", "gzip"}}},
        {"zeros", "x\0\0\0\0\0\0\0"s, "the name of a metric cannot have the character \"\\x00\"", {}},
        {"UTF-16 without a mark", "x\0 \0001\0\n\0"s, "the body is UTF-16: send UTF-8", {}},
        {"gzip in a list",
         test::gzip("x 1\n"),
         "the Content-Encoding \"gzip, identity\" names several codings",
         {{"Content-Encoding", "gzip, identity"}}},
        {"deflate",
         "x\x9c\xab\x50\x30\xe4\x02\x00\x03\x1e\x00\xf4"s,
         "the Content-Encoding \"deflate\" is not known here",
         {{"Content-Encoding", "deflate"}}},
        {"brotli",
         "\x8b\x01\x80x 1\n\x03",
         "the Content-Encoding \"br\" is not known here",
         {{"Content-Encoding", "br"}}},
        {"gzip that is none",
         "x 1\n",
         "the body is not compressed: leave Content-Encoding out",
         {{"Content-Encoding", "gzip"}}},
        {"JSON",
         "{\"x\": 1}",
         "the body is JSON: metrics are lines such as \"name 1\"",
         {{"Content-Type", "application/json"}}},
        {"JSON list", "[{\"name\": \"x\", \"value\": 1}]", "the body is JSON", {}},
        {"JSON in lines", "{\n  \"x\": 1\n}\n", "the body is JSON", {}},
        {"HTML", "<!DOCTYPE html>\n<html>", "the body is HTML or XML", {}},
        {"table", "| x | 1 |\n", "this looks like a table", {}},
        {"influx", "cpu,host=a usage=1.5 1465839830100400200\n", "this looks like InfluxDB's line protocol", {}},
        {"influx without tags", "cpu usage=1.5 1465839830100400200\n", "this looks like InfluxDB's line protocol", {}},
        {"statsd", "gorets:1|c\n", "this looks like statsd", {}},
        {"protobuf without its type",
         std::string(1, static_cast<char>(family_message.size())) + family_message,
         "the body is protobuf, which the request does not say",
         {}},
        {"protobuf without lengths",
         family_message,
         "each message comes behind its length as a varint",
         {{"Content-Type", protobuf_type}}},
        {"protobuf without parameters",
         std::string(1, static_cast<char>(family_message.size())) + family_message,
         "encoding=delimited",
         {{"Content-Type", "application/vnd.google.protobuf"}}},
        {"text as protobuf",
         "x 1\n",
         "the body is text: send it with the Content-Type text/plain",
         {{"Content-Type", protobuf_type}}},
        {"text as OpenMetrics",
         "# a comment\nx 1\n",
         "the text format takes this body",
         {{"Content-Type", openmetrics_type}}},
        {"time that OpenMetrics cannot have",
         "x 1 99999999999999999999\n# EOF\n",
         "a time in seconds since 1970",
         {{"Content-Type", openmetrics_type}}},
        {"remote write",
         "\x1f\x78\x0a\x1d",
         "this looks like Prometheus' remote write, which a push gateway does not receive",
         {{"Content-Type", "application/x-protobuf"},
          {"Content-Encoding", "snappy"},
          {"X-Prometheus-Remote-Write-Version", "0.1.0"}}},
    };
    return all;
}

TEST(first_mistakes, in_bodies_are_answered_with_what_to_send) {
    EXPECT_GE(bodies().size(), 60u);
    for (auto const& [name, body, says, fields] : bodies()) {
        test::routed gateway;
        auto const answer = gateway.send("PUT", "/metrics/job/first", body, fields);
        EXPECT_EQ(answer.status, 400) << name;
        EXPECT_NE(answer.body.find(says), std::string::npos) << name << ": " << answer.body;
        EXPECT_EQ(answer.body.find('\n'), answer.body.size() - 1) << name << " is answered in one line";
        EXPECT_LT(answer.body.size(), 700u) << name;
        auto scrape = gateway.send("GET", "/metrics?name[]=x&name[]=y");
        EXPECT_EQ(test::body_of(scrape), "") << name;
    }
}

TEST(first_mistakes, in_paths_and_methods_are_answered_with_where_to_push) {
    struct row {
        std::string method;
        std::string target;
        int status;
        std::string says;
        std::string body = "x 1\n";
    };
    std::string const where = "pushes are PUT or POST to /metrics/job/<JOB>{/<LABEL>/<VALUE>}";
    for (auto const& [method, target, status, says, body] : std::vector<row>{
             {"POST", "/", 405, where},
             {"POST", "/metrics", 405, where},
             {"PUT", "/metrics/job", 404, where},
             {"PUT", "/metric/job/x", 404, where},
             {"POST", "/metrics/jobs/x", 404, where},
             {"POST", "/metrics/instance/a", 404, where},
             {"GET", "/metrics/job/x", 405, "a GET pushes nothing, its body is ignored; " + where},
             {"PATCH", "/metrics/job/x", 405, where},
             {"POST", "/api/v1/write", 404, "which does not receive remote write; " + where},
             {"POST", "/write?db=x", 404, "which does not receive InfluxDB's line protocol; " + where},
             {"PUT", "/api/v1/admin/wipe", 404, "--web.enable-admin-api turns it on"},
             {"PUT", "/metrics/job/x/host", 400, "labels are pairs /NAME/VALUE"},
             {"PUT", "/metrics/job/x/path/a/b", 400, "a value with a slash in it is written in base64"},
             {"PUT", "/metrics/job/x/my-label/a", 400, "it cannot have the character \"-\""},
             {"PUT", "/metrics/job/x/1st/a", 400, "it cannot begin with the digit \"1\""},
             {"PUT", "/metrics/job/x/__a/a", 400, "names that begin with \"__\" are reserved"},
             {"PUT", "/metrics/job/x/host//zone/z", 400, "here host@base64/="},
             {"PUT", "/metrics/job@base64/a+b", 400, "\"-\" and \"_\" instead of \"+\" and \"/\""},
             {"PUT", "/metrics/job@base64/=", 400, "job name is required: the path names none"},
             {"PUT", "/metrics/job/50%", 400, "invalid percent-encoding \"%\" in the path: a \"%\" is written %25"},
         }) {
        test::routed gateway;
        auto const answer = gateway.send(method, target, body);
        EXPECT_EQ(answer.status, status) << method << ' ' << target;
        EXPECT_NE(answer.body.find(says), std::string::npos) << method << ' ' << target << ": " << answer.body;
    }
    router_options below;
    below.route_prefix = "/push";
    test::routed gateway(below);
    EXPECT_NE(gateway.send("POST", "/metrics/job/x", "x 1\n").body.find("to /push/metrics/job/<JOB>"),
              std::string::npos);
    EXPECT_EQ(gateway.send("GET", "/nowhere").body, "404 page not found\n") << "a request that only looks";
}

TEST(first_mistakes, on_the_wire_are_answered_with_their_cause) {
    for (auto const& [bytes, says] : std::vector<std::pair<std::string, std::string>>{
             {"\x16\x03\x01\x02\0\x01"s, "the client speaks TLS, and there is none at this port"},
             {"PROXY TCP4 192.0.2.1 192.0.2.2 56324 9091\r\n", "the client speaks the PROXY protocol"},
             {"\r\n\r\n\0\r\nQUIT\n"s, "the client may speak the PROXY protocol"},
             {"PUT /metrics/job/my job HTTP/1.1\r\n", "a blank in the request target is written %20"},
             {"x 1\r\n", "this is no line of HTTP"},
             {"PUT /metrics/job/x\r\n", "this is no line of HTTP"},
         }) {
        limits const bounds;
        request_parser parser(bounds);
        parser.feed(bytes);
        ASSERT_TRUE(parser.failed()) << bytes;
        EXPECT_EQ(parser.failure().status, 400);
        EXPECT_NE(parser.failure().text.find(says), std::string::npos) << bytes << ": " << parser.failure().text;
    }
}

TEST(first_mistakes, of_any_length_are_quoted_in_part) {
    test::routed gateway;
    std::string const name(20'000, 'n');
    for (auto const& [target, body] : std::vector<std::pair<std::string, std::string>>{
             {"/metrics/job/x", name + "-a 1\n"},
             {"/metrics/job/x", name + '\n'},
             {"/metrics/job/x", "x{" + name + "=\"1\"," + name + "=\"2\"} 1\n"},
             {"/metrics/job/x", "# TYPE " + name + " gauge\n# TYPE " + name + " gauge\n"},
             {"/metrics/job/x", "# TYPE " + name + " histogram\n" + name + " 1\n"},
             {"/metrics/job/x", "x " + name + "\n"},
             {"/metrics/job/x/" + name + "-a/v", "x 1\n"},
             {"/metrics/job/x/" + name, "x 1\n"},
             {"/metrics/job/x/" + name + "//b", "x 1\n"},
             {"/metrics/job@base64/" + name + "*", "x 1\n"},
             {"/metrics/job/x/a@base64/" + name + "*", "x 1\n"},
             {"/metrics/job/x/" + name + "@base64/*", "x 1\n"},
             {"/metrics/job/x/" + name + "/../y", "x 1\n"},
         }) {
        auto const answer = gateway.send("PUT", target, body);
        EXPECT_EQ(answer.status, 400) << target.substr(0, 60) << ' ' << body.substr(0, 60);
        EXPECT_LT(answer.body.size(), 1000u) << answer.body.substr(0, 200);
    }
}

}  // namespace
}  // namespace pushgateway::http
