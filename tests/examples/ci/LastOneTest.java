// Mocktill in a container, for tests in Java 17: Testcontainers and JUnit 5.
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

class LastOneTest {
    static final String TOKEN = "in-tests";
    static final HttpClient client = HttpClient.newHttpClient();
    static final GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse("mocktill"))
            .withEnv("MOCKTILL_CONTROL_TOKEN", TOKEN)
            .withExposedPorts(8080)
            .waitingFor(Wait.forHttp("/_mocktill/ready").forPort(8080).forStatusCode(200));

    @BeforeAll
    static void start() {
        container.start();
    }

    @AfterAll
    static void stop() {
        container.stop();
    }

    @BeforeEach
    void reset() throws Exception {
        assertEquals(200, post("/_mocktill/reset", ""));
    }

    @Test
    void theLastOneIsReservedOnce() throws Exception {
        String order = "{\"deal_id\": \"last-one\", \"num_bought\": 1}";
        assertEquals(200, post("/deem/v1/purchases/reserve?api_key=1234567", order));
        assertEquals(422, post("/deem/v1/purchases/reserve?api_key=1234567", order));
    }

    static int post(String path, String body) throws Exception {
        URI uri = URI.create("http://" + container.getHost() + ":" + container.getMappedPort(8080) + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }
}
