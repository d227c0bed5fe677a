#pragma once

/// \file
/// What is answered to requests that lead nowhere: most of them were meant to push.

#include <algorithm>
#include <string>
#include <string_view>

#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/remote_write.hpp>

namespace pushgateway::http {

namespace detail {

/// Where pushes go, below the prefix of all routes.
[[nodiscard]] inline std::string where_pushes_go(std::string_view prefix) {
    return "pushes are PUT or POST to " + std::string(prefix) + "/metrics/job/<JOB>{/<LABEL>/<VALUE>}";
}

}  // namespace detail

/// 404. `path`: decoded; `prefix`: of all routes. A request that only looks gets no more than that.
[[nodiscard]] inline response not_found(request const& req, std::string_view path, std::string_view prefix) {
    if (req.method == "GET" || req.method == "HEAD" || req.method == "OPTIONS") return not_found();
    std::string text = "404 page not found: ";
    if (path.ends_with("/api/v1/admin/wipe")) {
        return error_answer(404, text + "the admin API is off, --web.enable-admin-api turns it on");
    }
    if (leads_to_remote_write(req, path)) {
        text += "this is a push gateway, which does not receive remote write; ";
    } else if (path.ends_with("/write")) {
        text += "this is a push gateway, which does not receive InfluxDB's line protocol; ";
    }
    return error_answer(404, text + detail::where_pushes_go(prefix));
}

/// 405; `allow`: the methods that the path has.
[[nodiscard]] inline response method_not_allowed(request const& req, std::string allow, std::string_view prefix) {
    std::string text = "Method Not Allowed: ";
    bool const pushes = allow.find("DELETE") != std::string::npos;
    bool const meant_to_push = req.method == "PUT" || req.method == "POST" || !req.body.empty();
    if (pushes && req.method == "GET" && !req.body.empty()) {
        text += "a GET pushes nothing, its body is ignored; ";
    }
    text += pushes || meant_to_push ? detail::where_pushes_go(prefix) : "this path has " + allow;
    if (pushes) text += ", and DELETE drops the group";
    return method_not_allowed(allow, text);
}

}  // namespace pushgateway::http
