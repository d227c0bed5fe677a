#pragma once

/// \file
/// Flags in the manner of Prometheus' own programs (which use Go's kingpin): `--name=value`, `--name value`,
/// `--no-name` for what is on or off, `@file` for a file with one argument on each line. Beyond that, a flag may come
/// from the environment.
///
/// A library for command lines is not used: none found takes an empty value (`--name=`), which scripts write for an
/// option that is not set, and keeps these rules otherwise.

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/server/flag_hints.hpp>

namespace pushgateway::server {

/// One flag: how it is read, and how it is shown.
struct flag {
    enum class kind : std::uint8_t { value, repeatable, on_off };
    using setter = std::function<result<>(std::string_view)>;

    std::string name;  ///< without the dashes
    std::string help;
    kind takes = kind::value;
    bool is_text = false;               ///< its default stands in quotes in the help
    setter set;                         ///< takes a value; `true` or `false` for what is on or off
    std::function<void()> clear;        ///< of a repeatable flag: forgets the default
    std::function<std::string()> show;  ///< the value as text
};

/// The name of the environment variable that stands for a flag: `web.listen-address` is
/// `PUSHGATEWAY_WEB_LISTEN_ADDRESS`.
[[nodiscard]] inline std::string variable_of(std::string_view flag_name) {
    std::string out = "PUSHGATEWAY_";
    for (char const c : flag_name) {
        if (c == '.' || c == '-') {
            out += '_';
        } else {
            out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return out;
}

/// What a command line asks for instead of running the program.
enum class request_to_show : std::uint8_t { nothing, help, version };

/// The flags of a program.
class flag_set {
public:
    /// Tells the value of an environment variable, or that there is none.
    using environment = std::function<std::optional<std::string>(std::string const&)>;

    void add(flag added) { flags_.push_back(std::move(added)); }

    /// Reads the environment, then the arguments (without the name of the program), which win. Fails with errc::invalid
    /// and kingpin's sentence for what is unknown, repeated, incomplete or wrong.
    [[nodiscard]] result<request_to_show> parse(std::vector<std::string> const& arguments,
                                                environment const& variables) const {
        if (auto read = read_environment(variables); !read) return std::unexpected(std::move(read.error()));
        auto const expanded = expand_files(arguments);
        if (!expanded) return std::unexpected(expanded.error());
        return read_arguments(*expanded);
    }

    /// Every flag by its name, with its value as text.
    [[nodiscard]] std::map<std::string, std::string> texts() const {
        std::map<std::string, std::string> out;
        for (auto const& f : flags_) out.emplace(f.name, f.show());
        return out;
    }

    [[nodiscard]] std::span<flag const> flags() const noexcept { return flags_; }

private:
    static constexpr std::size_t largest_arguments_file = std::size_t{1} << 20;

    static result<std::vector<std::string>> expand_files(std::vector<std::string> const& arguments) {
        std::vector<std::string> out;
        for (auto const& argument : arguments) {
            if (!argument.starts_with('@')) {
                out.push_back(argument);
                continue;
            }
            auto const name = argument.substr(1);
            std::ifstream file(name);
            if (!file) return fail(errc::invalid, "cannot read the arguments file " + in_quotes(name));
            std::size_t size = 0;
            for (std::string line; std::getline(file, line);) {
                size += line.size();
                if (size > largest_arguments_file) {
                    return fail(errc::invalid, "the arguments file " + in_quotes(name) + " is larger than 1 MiB");
                }
                if (line.find_first_not_of(" \t\r") != std::string::npos && line.front() != '#') out.push_back(line);
            }
        }
        return out;
    }

    result<> read_environment(environment const& variables) const {
        for (auto const& f : flags_) {
            auto const name = variable_of(f.name);
            auto const value = variables(name);
            if (!value || value->empty()) continue;
            auto const wrong = [&name](error why) {
                why.message = name + ": " + why.message;
                return std::unexpected(std::move(why));
            };
            if (f.takes != flag::kind::repeatable) {
                if (auto done = f.set(*value); !done) return wrong(std::move(done.error()));
                continue;
            }
            f.clear();
            for (std::string_view rest = *value; !rest.empty();) {
                auto const comma = std::min(rest.find(','), rest.size());
                if (auto done = f.set(rest.substr(0, comma)); !done) return wrong(std::move(done.error()));
                rest.remove_prefix(std::min(comma + 1, rest.size()));
            }
        }
        return {};
    }

    result<request_to_show> read_arguments(std::vector<std::string> const& arguments) const {
        std::vector<flag const*> seen;
        for (std::size_t i = 0; i != arguments.size(); ++i) {
            std::string_view const argument = arguments[i];
            if (argument == "-h" || argument == "--help" || argument == "--help-long") return request_to_show::help;
            if (argument == "--version") return request_to_show::version;
            if (!argument.starts_with("--") || argument == "--") {
                bool const dashed = argument.starts_with('-') && argument.size() > 1 && argument != "--";
                auto const before = i == 0 ? std::string_view() : std::string_view(arguments[i - 1]);
                if (!dashed) {
                    return wrong("unexpected " + std::string(argument) + hint_for_unexpected(argument, before),
                                 argument);
                }
                auto hint = hint_for(argument.substr(1));
                if (!hint.empty()) hint = ": flags begin with two dashes," + std::move(hint);
                return wrong("unknown short flag '" + std::string(argument.substr(0, 2)) + "'" + hint, argument);
            }
            auto const equals = argument.find('=');
            auto const name = argument.substr(2, std::min(equals, argument.size()) - 2);
            bool const negative = name.starts_with("no-") && find(name) == nullptr;
            auto const* const f = find(negative ? name.substr(3) : name);
            if (f == nullptr || (negative && f->takes != flag::kind::on_off)) {
                auto hint = hint_for(name);
                if (!hint.empty()) hint.insert(0, ":");
                return wrong("unknown long flag '--" + std::string(name) + "'" + hint, argument);
            }
            bool const first = std::ranges::find(seen, f) == seen.end();
            if (!first && f->takes != flag::kind::repeatable) {
                return wrong("flag '" + f->name + "' cannot be repeated", argument);
            }
            if (first && f->clear) f->clear();
            seen.push_back(f);
            auto value = equals == std::string_view::npos ? std::string_view() : argument.substr(equals + 1);
            if (f->takes == flag::kind::on_off) {
                if (equals == std::string_view::npos) value = negative ? "false" : "true";
                if (negative && equals != std::string_view::npos) {
                    return wrong("unexpected " + std::string(value), argument);
                }
            } else if (equals == std::string_view::npos) {
                if (i + 1 == arguments.size() || (arguments[i + 1].starts_with('-') && arguments[i + 1].size() > 1)) {
                    return wrong("expected argument for flag '--" + f->name + "'", argument);
                }
                value = arguments[++i];
            }
            if (auto done = f->set(value); !done) return std::unexpected(std::move(done.error()));
        }
        return request_to_show::nothing;
    }

    /// What was probably meant by an argument without its dashes: ` perhaps … is meant`, or nothing.
    [[nodiscard]] std::string hint_for(std::string_view argument) const {
        std::vector<std::string_view> names(flags_.size());
        std::ranges::transform(flags_, names.begin(), [](flag const& f) -> std::string_view { return f.name; });
        auto const meant = nearest_flag(argument.substr(0, argument.find('=')), names);
        return meant.empty() ? std::string() : " perhaps --" + std::string(meant) + " is meant";
    }

    /// The same for an argument that is no flag; `before` is the one before it.
    [[nodiscard]] std::string hint_for_unexpected(std::string_view argument, std::string_view before) const {
        for (std::string_view const dash : {"\u2013", "\u2014", "\u2212"}) {
            if (argument.starts_with(dash)) return ": flags begin with two plain dashes, not with a typographic one";
        }
        auto const* const f = before.starts_with("--") ? find(before.substr(2)) : nullptr;
        if (f != nullptr && f->takes == flag::kind::on_off && (argument == "true" || argument == "false")) {
            return ": write " + std::string(before) + '=' + std::string(argument);
        }
        auto const equals = argument.find('=');
        return equals != std::string_view::npos && find(argument.substr(0, equals)) != nullptr
                   ? ": flags begin with two dashes, perhaps --" + std::string(argument.substr(0, equals)) + " is meant"
                   : "";
    }

    static std::unexpected<error> wrong(std::string message, std::string_view token) {
        return std::unexpected(error{errc::invalid, std::move(message), 0, 0, std::string(token)});
    }

    [[nodiscard]] flag const* find(std::string_view name) const noexcept {
        auto const at = std::ranges::find(flags_, name, &flag::name);
        return at == flags_.end() ? nullptr : &*at;
    }

    std::vector<flag> flags_;
};

}  // namespace pushgateway::server
