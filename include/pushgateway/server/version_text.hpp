#pragma once

/// \file
/// What `--version` prints.

#include <string>

#include <pushgateway/gateway/build_info.hpp>

namespace pushgateway::server {

/// Several lines, in the shape that Prometheus' own programs give them.
[[nodiscard]] inline std::string version_text(build_info const& build) {
    return "pushgateway, version " + build.version + " (branch: " + build.branch + ", revision: " + build.revision +
           ")\n  build user:       " + build.build_user + "\n  build date:       " + build.build_date +
           "\n  compiler:         " + build.goversion + "\n  platform:         " + build.goos + '/' + build.goarch +
           "\n  tags:             " + build.tags + '\n';
}

}  // namespace pushgateway::server
