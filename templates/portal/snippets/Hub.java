import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * 试算一份报文：签名、发送、显示回执，什么也不存。正式发送时把 PATH 末尾的 /check 去掉。
 *
 * 用法：HUB_SECRET=密钥 java Hub.java 报文文件（Java 11 起）；Java 8 先 javac -encoding UTF-8 Hub.java，再 java Hub 报文文件
 */
public class Hub {
    static final String BASE = "@BASE@";
    static final String KEY = "@KEY@";
    static final String PATH = "@PATH@";
    static final String CONTENT_TYPE = "@CONTENT_TYPE@";

    public static void main(String[] args) throws Exception {
        String secret = System.getenv("HUB_SECRET");
        if (secret == null || secret.isEmpty()) {
            System.err.println("请先设置环境变量 HUB_SECRET，值为发放的密钥");
            System.exit(2);
        }
        byte[] body = Files.readAllBytes(Paths.get(args.length > 0 ? args[0] : "@SAMPLE@"));
        String timestamp = String.valueOf(System.currentTimeMillis() / 1000);
        String nonce = UUID.randomUUID().toString();
        // 待签文本七行：方法、路径、查询串（这里为空）、密钥编号、时间、随机数、正文的 SHA-256
        String text = String.join("\n", "POST", PATH, "", KEY, timestamp, nonce, sha256(body));

        HttpURLConnection connection = (HttpURLConnection) new URL(BASE + PATH).openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setConnectTimeout(10_000);
        connection.setReadTimeout(60_000);
        connection.setRequestProperty("Content-Type", CONTENT_TYPE);
        connection.setRequestProperty("X-Hub-Key", KEY);
        connection.setRequestProperty("X-Hub-Timestamp", timestamp);
        connection.setRequestProperty("X-Hub-Nonce", nonce);
        connection.setRequestProperty("X-Hub-Signature", sign(secret, text));
        connection.getOutputStream().write(body);

        // 退回也有回执：问题逐条写在 problems 里。
        int status = connection.getResponseCode();
        System.out.write(readAll(status < 400 ? connection.getInputStream() : connection.getErrorStream()));
        System.out.println();
        System.exit(status < 400 ? 0 : 1);
    }

    static String sign(String secret, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }

    static String sha256(byte[] bytes) throws Exception {
        StringBuilder hex = new StringBuilder();
        for (byte b : MessageDigest.getInstance("SHA-256").digest(bytes)) {
            hex.append(String.format("%02x", b));
        }
        return hex.toString();
    }

    static byte[] readAll(InputStream in) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (in == null) {
            return new byte[0];
        }
        byte[] buffer = new byte[8192];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
        }
        return out.toByteArray();
    }
}
