import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/** Sends a file with the HTTP client of Java 11, which follows redirects if it is told to. */
class HttpClientPush {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
        var body = HttpRequest.BodyPublishers.ofFile(Path.of(arguments[2]));
        var request = HttpRequest.newBuilder(URI.create(arguments[1])).method(arguments[0], body).build();
        System.exit(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() / 100 == 2 ? 0 : 1);
    }
}
