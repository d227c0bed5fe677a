/// \file
/// Holds a running gateway against the pages of `spec/`:
/// `conformance [--peer=ours|upstream|upstream-1.5] [--allow-quit] [--verbose] URL PAGE...`

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <spec/runner.hpp>

namespace {

namespace spec = pushgateway::spec;

struct options {
    std::string host;
    std::uint16_t port = 9091;
    std::optional<std::string> kind;
    bool allow_quit = false;
    bool verbose = false;
    std::vector<std::string> pages;
};

bool read_url(std::string_view url, options& o) {
    if (url.starts_with("http://")) url.remove_prefix(7);
    if (url.ends_with('/')) url.remove_suffix(1);
    auto const colon = url.rfind(':');
    bool const has_port = colon != std::string_view::npos && !url.ends_with(']');
    auto host = url.substr(0, has_port ? colon : url.size());
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    o.host = host;
    o.port = 80;
    if (has_port) {
        auto const port = pushgateway::test::detail::number(url.substr(colon + 1), 10);
        if (!port || *port > 65535) return false;
        o.port = static_cast<std::uint16_t>(*port);
    }
    return !o.host.empty() && o.host.find('/') == std::string::npos;
}

std::optional<options> read_arguments(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        std::string_view const a = argv[i];
        if (a == "--allow-quit") {
            o.allow_quit = true;
        } else if (a == "--verbose") {
            o.verbose = true;
        } else if (a == "--peer=ours") {
            o.kind = "";
        } else if (a == "--peer=upstream" || a == "--peer=upstream-1.5") {
            o.kind = a.substr(7);
        } else if (a.starts_with("-")) {
            return std::nullopt;
        } else if (o.host.empty()) {
            if (!read_url(a, o)) return std::nullopt;
        } else {
            o.pages.emplace_back(a);
        }
    }
    if (o.host.empty() || o.pages.empty()) return std::nullopt;
    return o;
}

struct found_status {
    std::set<std::string> flags;
    std::string telemetry_path = "/metrics";
};

pushgateway::result<found_status> read_status(spec::http_transport& t) {
    auto const reply = t.send("GET", "/api/v1/status", {}, {});
    if (!reply) return std::unexpected(reply.error());
    boost::system::error_code ec;
    auto const status = boost::json::parse(reply->body, ec);
    if (ec) return pushgateway::fail(pushgateway::errc::syntax, "/api/v1/status answers no JSON");
    auto const flag = [&](std::string const& name) -> std::string {
        boost::system::error_code absent;
        auto const* value = status.find_pointer("/data/flags/" + name, absent);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
    };
    found_status found;
    if (flag("web.enable-admin-api") == "true") found.flags.insert("admin");
    if (flag("web.enable-lifecycle") == "true") found.flags.insert("lifecycle");
    if (flag("push.disable-consistency-check") == "true") found.flags.insert("unchecked");
    if (flag("web.cors-origin") == "https://jobs.example") found.flags.insert("cors");
    if (flag("push.enable-utf8-names") == "true") found.flags.insert("utf8-names");
    if (flag("web.enable-openmetrics") == "true") found.flags.insert("openmetrics");
    if (auto path = flag("web.telemetry-path"); !path.empty()) found.telemetry_path = std::move(path);
    if (found.telemetry_path == "/stats") found.flags.insert("telemetry");
    return found;
}

/// Go's runtime metrics tell upstream, the `escaping` parameter its newer releases.
pushgateway::result<std::string> guess_kind(spec::http_transport& t, std::string const& telemetry_path) {
    auto const scrape = t.send("GET", telemetry_path, {}, {});
    if (!scrape) return std::unexpected(scrape.error());
    if (scrape->body.find("\ngo_goroutines ") == std::string::npos) return "";
    auto const type = scrape->header("Content-Type");
    return type && type->find("escaping=") != std::string_view::npos ? "upstream" : "upstream-1.5";
}

/// Takes the exchanges that end the gateway out of a page: after them there is nobody left to ask.
void move_farewell(spec::page& from, spec::page& to) {
    auto const ends = [](spec::exchange const& e) { return e.tags.need("quit"); };
    std::ranges::copy_if(from.exchanges, std::back_inserter(to.exchanges), ends);
    if (std::erase_if(from.exchanges, ends) > 0) to.name = from.name;
}

int run(options const& o) {
    spec::http_transport gateway(o.host, o.port);
    auto const groups = gateway.list();
    if (!groups) {
        std::cerr << groups.error().message << '\n';
        return 2;
    }
    if (!groups->empty()) {
        std::cerr << "this gateway holds " << groups->size() << " groups; give me an empty one, I delete all I find\n";
        return 2;
    }
    spec::peer who;
    auto const status = read_status(gateway);
    if (!status) {
        std::cerr << status.error().message << '\n';
        return 2;
    }
    auto const kind = o.kind ? pushgateway::result<std::string>(*o.kind) : guess_kind(gateway, status->telemetry_path);
    if (!kind) {
        std::cerr << kind.error().message << '\n';
        return 2;
    }
    who.kind = *kind;
    who.flags = status->flags;
    std::cout << "peer: " << (who.kind.empty() ? "pushgateway in C++" : who.kind) << ", flags:";
    for (auto const& f : who.flags) std::cout << ' ' << f;
    std::cout << "\n";

    std::vector<spec::page> pages;
    spec::page farewell;
    for (auto const& name : o.pages) {
        std::ifstream in(name, std::ios::binary);
        auto page = spec::parse_page(name, std::string(std::istreambuf_iterator<char>(in), {}));
        if (!in.is_open() || !page) {
            std::cerr << (page ? name + ": cannot be read" : page.error().message) << '\n';
            return 2;
        }
        if (o.allow_quit) move_farewell(*page, farewell);
        pages.push_back(std::move(*page));
    }
    if (o.allow_quit) pages.push_back(std::move(farewell));

    std::size_t passed = 0, failed = 0, skipped = 0;
    for (auto const& page : pages) {
        if (o.allow_quit && &page == &pages.back()) who.flags.insert("quit");
        auto const r = spec::run_page(page, gateway, who);
        for (auto const& f : r.failed) std::cout << "FAILED " << f << '\n';
        std::cout << page.name << ": " << r.passed << " passed, " << r.failed.size() << " failed, " << r.skipped.size()
                  << " skipped\n";
        for (auto const& s : r.skipped) {
            if (o.verbose) std::cout << "  skipped " << s << '\n';
        }
        passed += r.passed;
        failed += r.failed.size();
        skipped += r.skipped.size();
    }
    std::cout << "total: " << passed << " passed, " << failed << " failed, " << skipped << " skipped\n";
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    auto const o = read_arguments(argc, argv);
    if (!o) {
        std::cerr << "usage: conformance [--peer=ours|upstream|upstream-1.5] [--allow-quit] [--verbose] URL PAGE...\n";
        return 2;
    }
    return run(*o);
}
