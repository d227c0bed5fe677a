//! client ADDRESS PHASE: what a job in Rust does.
use prometheus::{hostname_grouping_key, labels, Counter, Gauge, Histogram, HistogramOpts, Opts, Registry};

fn metrics() -> Result<Registry, prometheus::Error> {
    let registry = Registry::new();
    let jobs = Counter::with_opts(Opts::new("client_jobs_total", "Jobs done.").const_label("kind", "a"))?;
    let temperature = Gauge::new("client_temperature", "How warm.")?;
    let sizes = Histogram::with_opts(HistogramOpts::new("client_size", "Sizes.").buckets(vec![0.5, 1.0]))?;
    registry.register(Box::new(jobs.clone()))?;
    registry.register(Box::new(temperature.clone()))?;
    registry.register(Box::new(sizes.clone()))?;
    jobs.inc_by(4.0);
    temperature.set(21.5);
    for value in [0.25, 0.75, 2.0] {
        sizes.observe(value);
    }
    Ok(registry)
}

fn main() -> Result<(), prometheus::Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let key = labels! {"instance".to_owned() => "rust".to_owned()};
    match arguments[2].as_str() {
        "push" => prometheus::push_metrics("client", key, &arguments[1], metrics()?.gather(), None),
        "add" => {
            let registry = Registry::new();
            let temperature = Gauge::new("client_temperature", "How warm.")?;
            registry.register(Box::new(temperature.clone()))?;
            temperature.set(5.0);
            prometheus::push_add_metrics("client", key, &arguments[1], registry.gather(), None)
        }
        _ => prometheus::push_metrics("client", hostname_grouping_key(), &arguments[1], metrics()?.gather(), None),
    }
}
