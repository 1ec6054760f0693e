package com.example.feeds;

import java.util.List;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import spark.Spark;

public final class Feeds {

    private static final String KEY = "feed";

    private Feeds() {
    }

    public static void main(String[] args) {
        JedisPool redis = new JedisPool(setting("REDIS_HOST", "localhost"), 6379);
        Spark.port(Integer.parseInt(setting("PORT", "8085")));
        Spark.get("/", (request, response) -> {
            response.type("text/plain");
            try (Jedis jedis = redis.getResource()) {
                List<String> lines = jedis.lrange(KEY, 0, 49);
                return lines.isEmpty() ? "nothing yet\n" : String.join("\n", lines) + "\n";
            }
        });
        Spark.post("/", (request, response) -> {
            try (Jedis jedis = redis.getResource()) {
                jedis.lpush(KEY, request.body());
                jedis.ltrim(KEY, 0, 999);
            }
            response.status(201);
            return "";
        });
    }

    private static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : value;
    }
}
