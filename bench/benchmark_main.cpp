// Runs the benchmarks of a program, which fails if one of them reports an error, such as a wrong answer: Google
// Benchmark's own main does not.

#include <memory>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

/// Shows what `shown` does, and remembers whether there was an error.
class watching_reporter : public benchmark::BenchmarkReporter {
public:
    explicit watching_reporter(std::unique_ptr<BenchmarkReporter> shown) : shown_(std::move(shown)) {}

    bool ReportContext(Context const& context) override { return shown_->ReportContext(context); }
    void ReportRuns(std::vector<Run> const& runs) override {
        for (auto const& run : runs) failed_ = failed_ || is_error(run);
        shown_->ReportRuns(runs);
    }
    void Finalize() override { shown_->Finalize(); }

    [[nodiscard]] bool failed() const noexcept { return failed_; }

private:
    // Versions before 1.8 call it so, later ones otherwise.
    template <class AnyRun>
    [[nodiscard]] static bool is_error(AnyRun const& run) {
        if constexpr (requires { run.error_occurred; }) {
            return run.error_occurred;
        } else {
            return static_cast<bool>(run.skipped);
        }
    }

    std::unique_ptr<BenchmarkReporter> shown_;
    bool failed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    watching_reporter reporter(
        std::unique_ptr<benchmark::BenchmarkReporter>(benchmark::CreateDefaultDisplayReporter()));
    benchmark::RunSpecifiedBenchmarks(&reporter);
    benchmark::Shutdown();
    return reporter.failed() ? 1 : 0;
}
