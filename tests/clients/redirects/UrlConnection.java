import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sends a file as the Java clients do. */
class UrlConnection {
    public static void main(String[] arguments) throws Exception {
        var connection = (HttpURLConnection) URI.create(arguments[1]).toURL().openConnection();
        connection.setRequestMethod(arguments[0]);
        connection.setDoOutput(true);
        try (var out = connection.getOutputStream()) {
            Files.copy(Path.of(arguments[2]), out);
        }
        System.exit(connection.getResponseCode() / 100 == 2 ? 0 : 1);
    }
}
