#pragma once

/// \file
/// The page for people: a program for browsers that asks the API, and the files it is made of.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/percent.hpp>
#include <pushgateway/format/gzip.hpp>
#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/html.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>
#include <pushgateway/http/page/assets.hpp>

namespace pushgateway::http {

/// What the page has to know of the gateway.
struct page_facts {
    std::string telemetry_path;      ///< where the exposition is, below the prefix
    std::string own_telemetry_path;  ///< where the gateway's own metrics are; empty: nowhere
    /// What browsers have before these paths, if that is known: empty, or with a slash at its beginning only.
    std::optional<std::string> prefix;
};

/// Serves the page. All its files but the first lie below a path that names their hash, so browsers may keep them for
/// ever. Nothing may run on the page but these files, and nothing be loaded from elsewhere. Without a known prefix
/// links are relative, so it works below any. Constant; any thread may use it.
class web_page {
public:
    static constexpr bool exists = true;

    explicit web_page(page_facts const& facts) {
        std::string front(asset("page.html"));
        put(front, "{{version}}", page::version);
        put(front, "{{root}}", facts.prefix ? encode_path(*facts.prefix) + '/' : std::string());
        put(front, "{{telemetry}}", link(facts, facts.telemetry_path));
        put(front, "{{own}}", link(facts, facts.own_telemetry_path));
        front_ = packed(std::move(front));
    }

    /// The answer to `GET /` and `GET /status`.
    [[nodiscard]] response front(request const& req) const {
        response out = send(req, *front_, "text/html; charset=utf-8");
        out.set("Cache-Control", "no-cache");
        out.set("Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                "require-trusted-types-for 'script'; trusted-types 'none'");
        out.set("Cross-Origin-Opener-Policy", "same-origin");
        out.set("Referrer-Policy", "no-referrer");
        out.set("X-Frame-Options", "DENY");
        return out;
    }

    /// The answer to `GET /static/<hash>/<name>`.
    [[nodiscard]] static response file(request const& req, std::string_view path) {
        constexpr std::string_view place = "/static/";
        path.remove_prefix(std::min(path.size(), place.size()));
        if (!path.starts_with(page::version) || !path.substr(page::version.size()).starts_with('/')) return not_found();
        path.remove_prefix(page::version.size() + 1);
        auto const& all = packed_assets();
        auto const at = std::ranges::find(page::assets, path, &page::asset::name);
        if (at == page::assets.end() || path == "page.html") return not_found();
        auto out = send(req, *all[static_cast<std::size_t>(at - page::assets.begin())], at->type);
        out.set("Cache-Control", "public, max-age=31536000, immutable");
        return out;
    }

private:
    struct text_and_gzip {
        std::string text;
        std::string gzip;
    };
    using shared_text = std::shared_ptr<text_and_gzip const>;

    static std::string_view asset(std::string_view name) {
        return std::ranges::find(page::assets, name, &page::asset::name)->text;
    }

    static shared_text packed(std::string text) {
        format::gzip_encoder encoder;
        std::string gzip;
        encoder.append(text, gzip);
        encoder.finish(gzip);
        return std::make_shared<text_and_gzip const>(std::move(text), std::move(gzip));
    }

    // Once for all gateways of the process.
    static std::vector<shared_text> const& packed_assets() {
        static std::vector<shared_text> const all = [] {
            std::vector<shared_text> out;
            out.reserve(page::assets.size());
            for (auto const& a : page::assets) out.push_back(packed(std::string(a.text)));
            return out;
        }();
        return all;
    }

    static response send(request const& req, text_and_gzip const& file, std::string_view type) {
        response out;
        bool const gzip = wants_gzip(req.header("Accept-Encoding"));
        out.body = gzip ? file.gzip : file.text;
        out.set("Content-Type", std::string(type));
        if (gzip) out.set("Content-Encoding", "gzip");
        out.set("Vary", "Accept-Encoding");
        out.set("X-Content-Type-Options", "nosniff");
        out.set("Cross-Origin-Resource-Policy", "same-origin");
        return out;
    }

    static std::string link(page_facts const& facts, std::string_view path) {
        if (path.starts_with('/')) path.remove_prefix(1);
        if (path.empty()) return {};
        // A colon in the first component would make a scheme of it.
        return (facts.prefix ? encode_path(*facts.prefix) + '/' : "./") + encode_path(path);
    }

    static void put(std::string& text, std::string_view mark, std::string_view value) {
        std::string escaped;
        append_html(escaped, value);
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + escaped.size())) {
            text.replace(at, mark.size(), escaped);
        }
    }

    shared_text front_;
};

/// No page: `/`, `/status` and `/static/` are 404.
class no_page {
public:
    static constexpr bool exists = false;

    explicit no_page(page_facts const&) {}
    [[nodiscard]] static response front(request const&) { return not_found(); }
    [[nodiscard]] static response file(request const&, std::string_view) { return not_found(); }
};

}  // namespace pushgateway::http
