use redis::{Client, Commands, RedisResult};

/// Visits by page, kept in Redis.
pub struct Counter {
    client: Client,
}

const KEY: &str = "visits";

impl Counter {
    pub fn new(url: &str) -> RedisResult<Counter> {
        Ok(Counter { client: Client::open(url)? })
    }

    pub fn ping(&self) -> RedisResult<()> {
        redis::cmd("PING").query(&mut self.client.get_connection()?)
    }

    /// Counts a visit and returns how many there have been.
    pub fn visit(&self, page: &str) -> RedisResult<u64> {
        self.client.get_connection()?.hincr(KEY, page, 1)
    }

    /// All pages, the most visited first.
    pub fn all(&self) -> RedisResult<Vec<(String, u64)>> {
        let mut visits: Vec<(String, u64)> = self.client.get_connection()?.hgetall(KEY)?;
        visits.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(visits)
    }
}
