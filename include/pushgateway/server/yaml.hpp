#pragma once

/// \file
/// YAML as a tree that remembers where everything stands: for small files that people write.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/base/utf8.hpp>

namespace pushgateway::server {

/// Bounds on a YAML file.
struct yaml_limits {
    std::size_t size = std::size_t{1} << 20;  ///< of the file, in bytes
    std::size_t depth = 16;                   ///< of lists and mappings in each other
    std::size_t nodes = 100'000;              ///< texts, lists and mappings, those counted again that an alias repeats
};

/// A node of the tree. A mapping has its keys and values in turns in `children`; keys are texts, and different.
struct yaml_node {
    enum class kind_type : std::uint8_t { null, text, list, mapping };

    kind_type kind = kind_type::null;
    bool quoted = false;  ///< a text that is one because it stands in quotes or is a block, even if it looks otherwise
    std::string text;
    std::size_t line = 0;    ///< 1-based
    std::size_t column = 0;  ///< 1-based
    std::vector<yaml_node> children;

    [[nodiscard]] bool is_null() const noexcept { return kind == kind_type::null; }
    [[nodiscard]] bool is_text() const noexcept { return kind == kind_type::text; }
    [[nodiscard]] bool is_list() const noexcept { return kind == kind_type::list; }
    [[nodiscard]] bool is_mapping() const noexcept { return kind == kind_type::mapping; }
};

/// A failure at a place of the file; `path` names what stands there, such as `a.b`, and may be empty.
[[nodiscard]] inline error yaml_error(std::size_t line, std::size_t column, std::string_view path,
                                      std::string_view what) {
    std::string message = "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
    if (!path.empty()) message += std::string(path) + ' ';
    message += what;
    return {errc::invalid, std::move(message), line, column, {}};
}

namespace detail {

/// Builds the tree from the parser's events. Throws `error`.
class yaml_builder final : public YAML::EventHandler {
public:
    explicit yaml_builder(yaml_limits const& limits) : limits_(limits) {}

    [[nodiscard]] yaml_node take() { return std::move(root_); }

    void OnDocumentStart(YAML::Mark const&) override {}
    void OnDocumentEnd() override {}
    void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override { leaf(node_at(mark), anchor); }
    void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  std::string const& value) override {
        auto node = node_at(mark);
        node.kind = yaml_node::kind_type::text;
        node.text = value;
        if (tag != "?" && !tag.empty()) {
            if (tag != "!" && tag != "tag:yaml.org,2002:str") {
                throw yaml_error(node.line, node.column, {}, "the tag " + in_quotes(tag) + " is not supported");
            }
            node.quoted = true;
        }
        leaf(std::move(node), anchor);
    }
    void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        auto const found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            throw yaml_error(line(mark), column(mark), {}, "an alias stands inside of what it repeats");
        }
        // Counted before it is copied: aliases of aliases grow beyond any memory.
        count(found->second.second, mark);
        auto node = found->second.first;
        add(std::move(node), 0, found->second.second);
    }
    void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(yaml_node::kind_type::list, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(yaml_node::kind_type::mapping, mark, tag, anchor);
    }
    void OnMapEnd() override {
        check_keys(open_.back().node);
        close();
    }

private:
    struct unfinished {
        yaml_node node;
        YAML::anchor_t anchor;
        std::size_t size;  // in nodes
    };

    static std::size_t line(YAML::Mark const& mark) noexcept { return static_cast<std::size_t>(mark.line) + 1; }
    static std::size_t column(YAML::Mark const& mark) noexcept { return static_cast<std::size_t>(mark.column) + 1; }

    yaml_node node_at(YAML::Mark const& mark) {
        count(1, mark);
        yaml_node node;
        node.line = line(mark);
        node.column = column(mark);
        return node;
    }

    void count(std::size_t nodes, YAML::Mark const& mark) {
        nodes_ += nodes;
        if (nodes_ > limits_.nodes) {
            throw yaml_error(line(mark), column(mark), {},
                             "the file has more than " + std::to_string(limits_.nodes) + " nodes");
        }
    }

    void leaf(yaml_node node, YAML::anchor_t anchor) { add(std::move(node), anchor, 1); }

    void open(yaml_node::kind_type kind, YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor) {
        auto node = node_at(mark);
        node.kind = kind;
        if (!tag.empty() && tag != "?" && tag != "!") {
            throw yaml_error(node.line, node.column, {}, "the tag " + in_quotes(tag) + " is not supported");
        }
        if (open_.size() >= limits_.depth) {
            throw yaml_error(node.line, node.column, {},
                             "more than " + std::to_string(limits_.depth) + " lists and mappings in each other");
        }
        open_.push_back({std::move(node), anchor, 1});
    }

    void close() {
        auto done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.node), done.anchor, done.size);
    }

    void add(yaml_node node, YAML::anchor_t anchor, std::size_t size) {
        if (anchor != 0) anchors_.insert_or_assign(anchor, std::pair(node, size));
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        open_.back().size += size;
        open_.back().node.children.push_back(std::move(node));
    }

    static void check_keys(yaml_node const& mapping) {
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < mapping.children.size(); i += 2) {
            auto const& key = mapping.children[i];
            if (!key.is_text()) throw yaml_error(key.line, key.column, {}, "a key must be a text");
            if (key.text == "<<" && !key.quoted) {
                throw yaml_error(key.line, key.column, {}, "merging by << is not supported");
            }
            if (!seen.insert(key.text).second) {
                throw yaml_error(key.line, key.column, {}, "the key " + in_quotes(key.text) + " is there already");
            }
        }
    }

    yaml_limits limits_;
    yaml_node root_;
    std::vector<unfinished> open_;
    std::map<YAML::anchor_t, std::pair<yaml_node, std::size_t>> anchors_;
    std::size_t nodes_ = 0;
};

}  // namespace detail

/// Reads a file of one YAML document; null if there is nothing in it. Fails with errc::too_large or errc::invalid, line
/// and column for what is no YAML, not UTF-8, beyond a limit, a second document, a key that is there twice or no text,
/// or a tag other than `!!str`.
[[nodiscard]] inline result<yaml_node> parse_yaml(std::string_view text, yaml_limits const& limits = {}) {
    if (text.size() > limits.size) {
        return fail(errc::too_large, "the file is larger than " + std::to_string(limits.size) + " bytes");
    }
    if (!valid_utf8(text) || text.find('\0') != std::string_view::npos) {
        return fail(errc::invalid, "the file is not text in UTF-8");
    }
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        detail::yaml_builder first(limits);
        if (!parser.HandleNextDocument(first)) return yaml_node{};
        auto node = first.take();
        detail::yaml_builder second(limits);
        if (parser.HandleNextDocument(second)) {
            auto const more = second.take();
            return std::unexpected(yaml_error(std::max<std::size_t>(1, more.line),
                                              std::max<std::size_t>(1, more.column), {},
                                              "the file has a second document"));
        }
        return node;
    } catch (error& e) {
        return std::unexpected(std::move(e));
    } catch (YAML::Exception const& e) {
        auto why = e.msg;
        // Some versions put the name behind.
        if (why.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR) || why.starts_with(YAML::ErrorMsg::ALIAS_NOT_FOUND)) {
            why += "; a text that begins with * must stand in quotes";
        }
        return std::unexpected(yaml_error(static_cast<std::size_t>(e.mark.line) + 1,
                                          static_cast<std::size_t>(e.mark.column) + 1, {}, why));
    } catch (std::exception const& e) {
        return fail(errc::invalid, std::string("the file cannot be read: ") + e.what());
    }
}

}  // namespace pushgateway::server
