#pragma once

/// \file
/// The front door for programs that want a push gateway inside of them.
///
///     #include <iostream>
///     #include <pushgateway/pushgateway.hpp>
///
///     int main() {
///         pushgateway::gateway gateway;
///         auto const key = pushgateway::model::grouping_key("backup").set("host", "db1");
///         auto const pushed = gateway.push(key, pushgateway::push_mode::replace, "backup_bytes 4.2e9\n");
///         if (!pushed) std::cerr << pushed.error().message << '\n';
///         std::cout << gateway.scrape();
///     }
///
/// What there is:
/// - `gateway` (gateway/gateway.hpp): push, erase, wipe, scrape, groups. `basic_gateway<Policies>` for another clock,
///   unchecked pushes, a program of one thread, a logger: derive from `default_policies` and change one alias.
/// - `model` : labels, metrics, families and grouping keys. Views: whoever fills them owns the bytes.
/// - `result<T>` (base/error.hpp): what every function returns that can fail. Nothing throws but `std::bad_alloc`;
///   where that would leave half a push behind, the program ends.
///
/// What is promised:
/// - A push is taken as a whole or not at all, and costs what it carries, not what is stored.
/// - Every function of a `gateway` may be called from any thread. A scrape waits for a push, and a push for it, only
///   where it begins; under way it does neither, and shows one moment.
/// - Nothing is kept of the arguments of a call: a body or an array of families may go when the call returns.
///
/// Needed: C++23 and the headers of Boost 1.81. For the same over HTTP see http/router.hpp and http/server.hpp, which
/// belong to the component `pushgateway::http`.

#include <pushgateway/gateway/gateway.hpp>
