// client ADDRESS PHASE: what a job in C++ does.

#include <iostream>
#include <memory>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gateway.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>

namespace {

std::shared_ptr<prometheus::Registry> metrics() {
    auto registry = std::make_shared<prometheus::Registry>();
    prometheus::BuildCounter()
        .Name("client_jobs_total")
        .Help("Jobs done.")
        .Register(*registry)
        .Add({{"kind", "a"}})
        .Increment(4);
    prometheus::BuildGauge().Name("client_temperature").Help("How warm.").Register(*registry).Add({}).Set(21.5);
    auto& sizes = prometheus::BuildHistogram()
                      .Name("client_size")
                      .Help("Sizes.")
                      .Register(*registry)
                      .Add({}, prometheus::Histogram::BucketBoundaries{0.5, 1});
    auto& times = prometheus::BuildSummary()
                      .Name("client_time")
                      .Help("Times.")
                      .Register(*registry)
                      .Add({}, prometheus::Summary::Quantiles{{0.5, 0.01}});
    for (double const value : {0.25, 0.75, 2.0}) sizes.Observe(value);
    for (double const value : {3.0, 3.0}) times.Observe(value);
    return registry;
}

}  // namespace

int main(int, char** arguments) {
    std::string const address = arguments[1];
    std::string const phase = arguments[2];
    auto const colon = address.rfind(':');
    prometheus::Gateway gateway(address.substr(0, colon), address.substr(colon + 1), "client",
                                prometheus::Gateway::GetInstanceLabel("cpp"));
    auto registry = metrics();
    if (phase == "add") {
        registry = std::make_shared<prometheus::Registry>();
        prometheus::BuildGauge().Name("client_temperature").Help("How warm.").Register(*registry).Add({}).Set(5);
    }
    gateway.RegisterCollectable(registry);
    int const status = phase == "push" ? gateway.Push() : phase == "add" ? gateway.PushAdd() : gateway.Delete();
    if (status / 100 == 2) return 0;
    std::cerr << "the gateway answers " << status << '\n';
    return 1;
}
