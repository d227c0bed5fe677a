import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.core.metrics.StateSet;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.exporter.pushgateway.Format;
import io.prometheus.metrics.exporter.pushgateway.PushGateway;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Client ADDRESS PHASE: what a job in Java does. */
public class Client {
    private static PrometheusRegistry metrics() {
        PrometheusRegistry registry = new PrometheusRegistry();
        Counter.builder().name("client_jobs_total").help("Jobs done.").labelNames("kind").register(registry)
                .labelValues("a").inc(4);
        Gauge.builder().name("client_temperature").help("How warm.").register(registry).set(21.5);
        Histogram sizes = Histogram.builder().name("client_size").help("Sizes.").classicUpperBounds(0.5, 1)
                .register(registry);
        Summary times = Summary.builder().name("client_time").help("Times.").quantile(0.5).register(registry);
        for (double value : new double[] {0.25, 0.75, 2}) sizes.observe(value);
        for (double value : new double[] {3, 3}) times.observe(value);
        Info.builder().name("client_info").help("What runs.").labelNames("version").register(registry)
                .setLabelValues("1");
        StateSet.builder().name("client_state").help("What it does.").states("idle", "busy").register(registry)
                .setTrue("busy");
        return registry;
    }

    private static PushGateway.Builder gateway(String address) {
        return PushGateway.builder().address(address).job("client").groupingKey("instance", "java")
                .groupingKey("path", "/var/tmp");
    }

    public static void main(String[] arguments) throws Exception {
        PushGateway.Builder gateway = gateway(arguments[0]).registry(metrics());
        switch (arguments[1]) {
            case "push": gateway.build().push(); break;
            case "text": gateway.format(Format.PROMETHEUS_TEXT).build().push(); break;
            case "delete": gateway.build().delete(); break;
            case "add":
                PrometheusRegistry registry = new PrometheusRegistry();
                Gauge.builder().name("client_temperature").help("How warm.").register(registry).set(5);
                gateway(arguments[0]).registry(registry).build().pushAdd();
                break;
            default: throw new IllegalArgumentException(arguments[1]);
        }
    }
}
