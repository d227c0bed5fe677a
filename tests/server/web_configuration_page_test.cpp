#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <spec/pages.hpp>
#include <spec/runner.hpp>
#include <support/http_client.hpp>
#include <support/running_server.hpp>
#include <support/scratch_folder.hpp>

#include <pushgateway/base/logger.hpp>
#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/router.hpp>
#include <pushgateway/server/web_access.hpp>

// The page spec/web-configuration.md: its files are read, and its exchanges tried on a server that has one of them.
namespace pushgateway::server {
namespace {

std::string const page_path = PUSHGATEWAY_SPEC_DIR "/web-configuration.md";

struct yaml_block {
    std::string word;  // behind "yaml"
    std::string text;
};

std::vector<yaml_block> yaml_blocks() {
    std::vector<yaml_block> out;
    std::ifstream in(page_path);
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (!inside && line.starts_with("```yaml")) {
            inside = true;
            out.push_back({line.substr(std::string_view("```yaml").size()), ""});
        } else if (inside && line == "```") {
            inside = false;
        } else if (inside) {
            out.back().text += line + '\n';
        }
    }
    return out;
}

// A gateway behind a gate, over sockets.
class guarded_transport final : public spec::transport {
public:
    explicit guarded_transport(std::shared_ptr<http::gate> gate) : server_(handler(), options(std::move(gate))) {}

    result<test::http_reply> send(std::string_view method, std::string_view target,
                                  std::vector<http::field> const& fields, std::string_view body) override {
        return client_.send(method, target, fields, body);
    }
    [[nodiscard]] bool has_wire() const override { return true; }
    result<std::string> exchange_bytes(std::vector<std::string> const& pieces, bool half_close) override {
        return client_.exchange_bytes(pieces, half_close);
    }
    // Not over HTTP, where it would need credentials.
    result<> reset() override {
        gateway_.wipe();
        return {};
    }

private:
    http::server::handler handler() {
        return [this](http::request const& r) { return router_(r); };
    }
    static http::server_options options(std::shared_ptr<http::gate> gate) {
        auto out = test::local(1);
        out.gate = std::move(gate);
        return out;
    }

    gateway gateway_;
    http::router<gateway> router_{gateway_};
    test::running server_;
    test::http_client client_ = server_.client();
};

TEST(web_configuration_page, shows_files_that_are_right) {
    auto const blocks = yaml_blocks();
    EXPECT_GE(blocks.size(), 5U);
    for (auto const& block : blocks) {
        auto const config = parse_web_config(block.text, "/etc");
        EXPECT_TRUE(config) << config.error().message << '\n' << block.text;
    }
}

TEST(web_configuration_page, holds) {
    std::string text;
    for (auto const& block : yaml_blocks()) {
        if (block.word == " file") text = block.text;
    }
    ASSERT_FALSE(text.empty());
    test::scratch_folder const folder;
    auto const access = web_access::open(folder.write("web.yml", text), {}, null_logger());
    ASSERT_TRUE(access) << access.error().message;
    auto const page = spec::load_page(page_path);
    ASSERT_TRUE(page) << page.error().message;
    guarded_transport gateway(access->gate());
    auto const report = spec::run_page(*page, gateway, {"", {"access"}, true});
    for (auto const& failure : report.failed) ADD_FAILURE() << failure;
    for (auto const& skipped : report.skipped) ADD_FAILURE() << skipped;
    EXPECT_GE(report.passed, 14U);
}

}  // namespace
}  // namespace pushgateway::server
