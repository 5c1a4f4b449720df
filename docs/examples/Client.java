// Posts one signed event, with nothing but Java 17 or newer.
// (Libraries: com.standardwebhooks:standardwebhooks, io.cloudevents:cloudevents-http-basic.)
//
// BAOTIN_URL=… BAOTIN_SOURCE=… BAOTIN_SECRET=whsec_… java Client.java

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Client {
    static final long[] PATIENCE_S = {1, 5, 30, 120, 600};
    static final HttpClient HTTP = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        // The id is the same for the same fact, for ever: it is what makes posting again safe.
        String event = """
            {"specversion": "1.0", "id": "000.00.12.H10-241105-0005-9",
             "source": "/h10/bu-dop/igate", "type": "vn.dossier.result-ready",
             "data": {"dossier": {"code": "000.00.12.H10-241105-0005"},
                      "applicant": {"name": "Trần Văn Bình", "kind": "person",
                                    "phones": ["0912 345 678"]},
                      "unit": "H10.12", "pickup": {"point": "bu-dop"}, "return_by": "desk"}}
            """;
        System.out.println(post(event));
    }

    static String post(String event) throws Exception {
        for (int tried = 0; ; tried++) {
            long wait = tried < PATIENCE_S.length ? PATIENCE_S[tried] : -1;
            try {
                HttpResponse<String> answer = HTTP.send(signed(event), HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() < 300) return answer.body();
                // 409 and other 4xx stay wrong however often they are posted.
                boolean passing = answer.statusCode() >= 500 || answer.statusCode() == 429;
                if (!passing || wait < 0) throw new IllegalStateException(answer.body());
                wait = answer.headers().firstValueAsLong("retry-after").orElse(wait);
            } catch (java.io.IOException away) {
                if (wait < 0) throw away;
            }
            Thread.sleep(wait * 1000);
        }
    }

    static HttpRequest signed(String body) throws Exception {
        String id = "msg_" + UUID.randomUUID();
        String now = Long.toString(Instant.now().getEpochSecond());
        byte[] secret = Base64.getDecoder().decode(env("BAOTIN_SECRET").replaceFirst("^whsec_", ""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        byte[] hash = mac.doFinal((id + "." + now + "." + body).getBytes(StandardCharsets.UTF_8));
        return HttpRequest.newBuilder(URI.create(env("BAOTIN_URL") + "/v1/sources/" + env("BAOTIN_SOURCE") + "/events"))
            .timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/cloudevents+json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now)
            .header("webhook-signature", "v1," + Base64.getEncoder().encodeToString(hash))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    }

    static String env(String name) {
        return System.getenv(name);
    }
}
