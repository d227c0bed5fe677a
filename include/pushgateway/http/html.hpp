#pragma once

/// \file
/// Text in HTML.

#include <string>
#include <string_view>

namespace pushgateway::http {

/// Appends `text` so that it is only text wherever it stands in an HTML document, quoted attribute values included.
inline void append_html(std::string& out, std::string_view text) {
    for (char const c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&#34;"; break;
            case '\'': out += "&#39;"; break;
            case '\0': out += "\uFFFD"; break;
            default: out += c;
        }
    }
}

}  // namespace pushgateway::http
