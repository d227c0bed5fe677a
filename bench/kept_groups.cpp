// kept_groups FILE GROUPS FAMILIES SERIES: makes a persistence file with so many groups, of so many families each, of
// so many series each.

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pushgateway/journal/sqlite/persistence_file.hpp>

namespace {

using namespace pushgateway;

result<> fill(journal::sqlite::group_importer& importer, int groups, int families, int series) {
    std::vector<std::string> numbers;
    for (int i = 0; i != series; ++i) numbers.push_back("number-" + std::to_string(i));
    std::vector<std::string> names;
    for (int i = 0; i != families; ++i) names.push_back("family_" + std::to_string(i) + "_seconds");
    std::vector<model::label> labels;
    for (auto const& number : numbers) labels.push_back({"host", number});
    std::vector<model::metric> metrics;
    metrics.reserve(labels.size());
    for (int group = 0; group != groups; ++group) {
        model::grouping_key key("kept");
        key.set("group", "group-" + std::to_string(group));
        importer.begin(std::move(key));
        for (auto const& name : names) {
            metrics.clear();
            for (auto const& label : labels) {
                metrics.push_back({{&label, 1}, model::gauge{group + 0.25}, {}});
            }
            importer.add({name, "What took so long.", model::metric_type::gauge, metrics}, {});
        }
        if (auto done = importer.end(); !done) return done;
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fputs("usage: kept_groups FILE GROUPS FAMILIES SERIES\n", stderr);
        return 2;
    }
    auto file = pushgateway::journal::sqlite::persistence_file::claim({.path = argv[1]});
    auto done = file ? file->open() : pushgateway::result<>(std::unexpected(file.error()));
    if (done) {
        auto const filled = file->import([&](pushgateway::journal::sqlite::group_importer& importer) {
            return fill(importer, std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]));
        });
        if (!filled) done = std::unexpected(filled.error());
    }
    if (done) return 0;
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return 1;
}
