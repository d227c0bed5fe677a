#pragma once

/// \file
/// Who may come in: looks at every request before its body is read.

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// What a gate says about a request.
struct verdict {
    /// The answer if the request is refused. Its body, if any of it is still to come, is not read, and the connection
    /// closed after the answer.
    std::optional<response> refusal;
    /// Added to the response, whoever gives it, as far as it has no fields of these names. May be null.
    std::shared_ptr<std::vector<field> const> fields;

    verdict() = default;
    explicit verdict(response r) : refusal(std::move(r)) {}
};

/// Decides about a request when its head has arrived. Functions are called from several threads at once. What they
/// throw costs the request a 500.
class gate {
public:
    virtual ~gate() = default;

    /// Decides at once if that takes no longer than looking something up: this is an I/O thread. Nothing if `judge` has
    /// to be asked.
    [[nodiscard]] virtual std::optional<verdict> glance(request const& head) = 0;

    /// Decides, and may take its time: called on a thread that does nothing else, one request after the other.
    [[nodiscard]] virtual verdict judge(request const& head) = 0;
};

}  // namespace pushgateway::http
