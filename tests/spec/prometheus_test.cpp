#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <support/child_process.hpp>
#include <support/http_client.hpp>
#include <support/running_server.hpp>
#include <support/scratch_folder.hpp>

#include <pushgateway/format/protobuf/write.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace {

using namespace pushgateway;
using namespace std::chrono_literals;

/// A directory that goes with its owner.
std::string value_of(boost::json::value const& sample) {
    return std::string(sample.at("value").as_array().at(1).as_string());
}

/// The gateway, and a Prometheus that scrapes it twice a second with `honor_labels`.
class prometheus : public testing::Test {
protected:
    /// With this feature Prometheus scrapes protobuf, without it OpenMetrics.
    virtual std::string features() const { return "native-histograms"; }

    /// Where Prometheus finds the gateway.
    virtual std::uint16_t scraped_port() { return gateway_port_; }

    void SetUp() override {
        gateway_port_ = test::free_port();
        auto gateway =
            test::child_process::start({PUSHGATEWAY_BINARY, "--web.enable-openmetrics", "--web.openmetrics-created",
                                        "--web.listen-address=127.0.0.1:" + std::to_string(gateway_port_)});
        ASSERT_TRUE(gateway) << gateway.error().message;
        gateway_.emplace(std::move(*gateway));
        ASSERT_TRUE(gateway_->answers(gateway_port_, "/-/ready"));

        port_ = test::free_port();
        auto const config = directory_.path_of("prometheus.yml");
        std::ofstream(config) << "global:\n  scrape_interval: 500ms\n  scrape_timeout: 500ms\nscrape_configs:\n"
                              << "  - job_name: gateway\n    honor_labels: true\n    static_configs:\n"
                              << "      - targets: ['127.0.0.1:" << scraped_port() << "']\n";
        auto scraper = test::child_process::start(
            {PROMETHEUS_BINARY, "--config.file=" + config, "--storage.tsdb.path=" + directory_.path_of("data"),
             "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--log.level=warn",
             "--enable-feature=" + features()},
            directory_.path_of("log"));
        ASSERT_TRUE(scraper) << scraper.error().message;
        prometheus_.emplace(std::move(*scraper));
        ASSERT_TRUE(prometheus_->answers(port_, "/-/ready", 60s)) << log();
    }

    std::string log() const {
        std::ifstream in(directory_.path_of("log"));
        return {std::istreambuf_iterator<char>(in), {}};
    }

    void push(std::string const& method, std::string const& path, std::string const& body,
              std::vector<http::field> const& fields = {}) const {
        test::http_client client("127.0.0.1", gateway_port_);
        auto const reply = client.send(method, path, fields, body);
        ASSERT_TRUE(reply) << reply.error().message;
        ASSERT_EQ(reply->status / 100, 2) << reply->body;
    }

    /// The exemplars of a series, once there are some.
    boost::json::array exemplars(std::string const& expression) {
        return ask("/api/v1/query_exemplars", "start=0&end=4000000000&query=" + expression, "/data",
                   [](auto const& found) { return !found.empty(); });
    }

    /// The result of an instant query once `accept` likes it; the last one seen if that does not happen in time.
    template <class Accept>
    boost::json::array query(std::string const& expression, Accept&& accept) {
        return ask("/api/v1/query", "query=" + expression, "/data/result", accept);
    }

    /// The array at `place` in an answer of the API.
    template <class Accept>
    boost::json::array ask(std::string const& target, std::string const& form, std::string const& place,
                           Accept&& accept) {
        auto const deadline = std::chrono::steady_clock::now() + 60s;
        boost::json::array seen;
        test::http_client client("127.0.0.1", port_);
        while (std::chrono::steady_clock::now() < deadline && prometheus_->running()) {
            auto const reply =
                client.send("POST", target, {{"Content-Type", "application/x-www-form-urlencoded"}}, form);
            boost::system::error_code ec;
            auto const answer = boost::json::parse(reply ? reply->body : "", ec);
            auto const* result = ec ? nullptr : answer.find_pointer(place, ec);
            if (result != nullptr && result->is_array()) seen = result->get_array();
            if (accept(seen)) return seen;
            std::this_thread::sleep_for(50ms);
        }
        return seen;
    }

    /// Metrics of a job and of one without an instance are found as they were pushed.
    void find_labels() {
        push("PUT", "/metrics/job/backup/instance/db1",
             "# TYPE files_total counter\nfiles_total{disk=\"a\"} 12\n# TYPE size histogram\nsize_bucket{le=\"1\"} 2\n"
             "size_bucket{le=\"+Inf\"} 3\nsize_sum 4.5\nsize_count 3\n");
        push("PUT", "/metrics/job/other", "files_by_hand 1e6\n");

        auto const files = query("files_total", [](auto const& r) { return r.size() == 1; });
        ASSERT_EQ(files.size(), 1u) << log();
        EXPECT_EQ(
            files[0].at("metric"),
            boost::json::parse(R"({"__name__": "files_total", "job": "backup", "instance": "db1", "disk": "a"})"));
        EXPECT_EQ(value_of(files[0]), "12");

        auto const buckets = query("size_bucket", [](auto const& r) { return r.size() == 2; });
        EXPECT_EQ(buckets.size(), 2u);

        auto const other = query("files_by_hand", [](auto const& r) { return r.size() == 1; });
        ASSERT_EQ(other.size(), 1u);
        EXPECT_EQ(other[0].at("metric"), boost::json::parse(R"({"__name__": "files_by_hand", "job": "other"})"))
            << "the empty instance label keeps Prometheus from adding the gateway's";
        EXPECT_EQ(value_of(other[0]), "1000000");

        auto const up = query("up", [](auto const& r) { return r.size() == 1; });
        ASSERT_EQ(up.size(), 1u);
        EXPECT_EQ(value_of(up[0]), "1");
    }

    test::scratch_folder directory_;
    std::uint16_t gateway_port_ = 0;
    std::uint16_t port_ = 0;
    std::optional<test::child_process> gateway_;
    std::optional<test::child_process> prometheus_;
};

TEST_F(prometheus, finds_what_was_pushed_with_its_own_labels) { find_labels(); }

TEST_F(prometheus, takes_native_histograms) {
    model::bucket_span const spans[] = {{0, 2}, {3, 1}};
    std::int64_t const deltas[] = {3, -1, 0};
    model::native_buckets const native{0, 0.001, 2, {}, {spans, deltas}};
    model::metric const metric{{}, model::histogram{9, 42.5, {}, &native}};
    std::string body;
    format::protobuf::append_family(body, {"latency", {}, model::metric_type::histogram, {&metric, 1}});
    push("PUT", "/metrics/job/j", body,
         {{"Content-Type",
           "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"}});
    auto const one = [](auto const& r) { return r.size() == 1; };
    auto const count = query("histogram_count(latency)", one);
    ASSERT_EQ(count.size(), 1u) << log();
    EXPECT_EQ(count[0].at("metric"), boost::json::parse(R"({"job": "j"})"));
    EXPECT_EQ(value_of(count[0]), "9");
    auto const sum = query("histogram_sum(latency)", one);
    ASSERT_EQ(sum.size(), 1u);
    EXPECT_EQ(value_of(sum[0]), "42.5");
    auto const below = query("histogram_fraction(-Inf,2,latency)*9", one);
    ASSERT_EQ(below.size(), 1u);
    EXPECT_EQ(value_of(below[0]), "7");
}

class prometheus_of_openmetrics : public prometheus {
    std::string features() const override { return "exemplar-storage"; }
};

TEST_F(prometheus_of_openmetrics, finds_what_was_pushed_with_its_own_labels) { find_labels(); }

/// Cannot be told to ask for text: something between them asks for it.
class prometheus_of_text : public prometheus {
    std::string features() const override { return "exemplar-storage"; }

    std::uint16_t scraped_port() override {
        between_.emplace([port = gateway_port_, this](http::request const& asked) {
            test::http_client client("127.0.0.1", port);
            auto const reply = client.send("GET", asked.target);
            if (!reply) return http::response(502, reply.error().message);
            http::response out(reply->status, reply->body);
            auto const type = reply->header("Content-Type").value_or("none");
            if (!type.starts_with("text/plain; version=0.0.4")) ++other_formats;
            out.set("Content-Type", std::string(type));
            return out;
        });
        return between_->port();
    }

protected:
    std::atomic<int> other_formats{0};

private:
    std::optional<test::running> between_;
};

TEST_F(prometheus_of_text, finds_what_was_pushed_with_its_own_labels) {
    find_labels();
    EXPECT_EQ(other_formats, 0);
}

TEST_F(prometheus_of_openmetrics, finds_exemplars_and_times_of_creation) {
    push(
        "PUT", "/metrics/job/j",
        "# TYPE done counter\ndone_total 3 # {trace_id=\"KOO5S4vxi0o\"} 1.5 1520879607.789\ndone_created 1520430000.5\n"
        "# TYPE size histogram\nsize_bucket{le=\"1\"} 2 # {trace_id=\"a\"} 0.5 1520879607\nsize_bucket{le=\"+Inf\"} 2\n"
        "size_count 2\nsize_sum 1.5\n# TYPE queue gaugehistogram\nqueue_bucket{le=\"+Inf\"} 1\nqueue_gcount 1\n"
        "queue_gsum 2\n# EOF\n",
        {{"Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8"}});
    auto const one = [](auto const& r) { return r.size() == 1; };
    auto const created = query("done_created", one);
    ASSERT_EQ(created.size(), 1u) << log();
    EXPECT_EQ(value_of(created[0]), "1520430000.5");
    EXPECT_EQ(query("queue_gsum", one).size(), 1u);

    auto const of_counter = exemplars("done_total");
    ASSERT_EQ(of_counter.size(), 1u) << log();
    auto const& exemplar = of_counter[0].at("exemplars").as_array().at(0);
    EXPECT_EQ(exemplar.at("labels"), boost::json::parse(R"({"trace_id": "KOO5S4vxi0o"})"));
    EXPECT_EQ(exemplar.at("value").as_string(), "1.5");
    EXPECT_EQ(exemplar.at("timestamp").to_number<double>(), 1520879607.789);
    auto const of_bucket = exemplars("size_bucket");
    ASSERT_EQ(of_bucket.size(), 1u);
    EXPECT_EQ(of_bucket[0].at("seriesLabels").at("le").as_string(), "1");
    EXPECT_EQ(of_bucket[0].at("exemplars").as_array().at(0).at("labels"), boost::json::parse(R"({"trace_id": "a"})"));
}

TEST_F(prometheus, sees_changes_and_deletions) {
    push("PUT", "/metrics/job/j", "x 1\n");
    EXPECT_EQ(query("x", [](auto const& r) { return r.size() == 1; }).size(), 1u) << log();
    push("PUT", "/metrics/job/j", "x 2\n");
    auto const changed = query("x", [](auto const& r) { return r.size() == 1 && value_of(r[0]) == "2"; });
    ASSERT_EQ(changed.size(), 1u);
    EXPECT_EQ(value_of(changed[0]), "2");
    push("DELETE", "/metrics/job/j", "");
    EXPECT_EQ(query("x", [](auto const& r) { return r.empty(); }).size(), 0u);
}

}  // namespace
