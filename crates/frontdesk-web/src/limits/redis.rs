//! Limits in Redis or Valkey, shared by all that use the same server.

use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, RedisError, Script};
use frontdesk_validate::BoxFuture;
use jiff::Timestamp;

use super::quota::{self, Backoff, Quota, Verdict, duration, instant, micros};
use super::store::{HashedKey, LimitStore, StoreTrouble};

/// How long a question may take in all, connecting included.
const PATIENCE: Duration = Duration::from_secs(3);

/// The same arithmetic as `quota::take`. Answers with whether it passes, then how many remain, or 0, and microseconds.
const TAKE: &str = r"
local now, interval, span, block = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local old = redis.call('HMGET', KEYS[1], 'at', 'n')
local at, n = tonumber(old[1] or 0), tonumber(old[2] or 0)
local function keep(at, n)
    redis.call('HSET', KEYS[1], 'at', string.format('%.0f', at), 'n', string.format('%.0f', n))
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((math.max(at, n) - now) / 1000) + 1000))
end
at, n = math.min(at, now + span), math.min(n, now + block)
if n > now then
    keep(at, n)
    return {0, 0, n - now}
end
local after = math.max(at, now) + interval
local room = now + span - after
if room >= 0 then
    keep(after, 0)
    return {1, math.floor(room / interval), after - now}
end
if block > -room then
    keep(at, now + block)
    return {0, 0, block}
end
return {0, 0, -room}
";

/// The same arithmetic as `quota::begin`. Answers with whether it passes, then the number of attempts, and microseconds.
const BEGIN: &str = r"
local now, free, first = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local most, forget = tonumber(ARGV[4]), tonumber(ARGV[5])
local old = redis.call('HMGET', KEYS[1], 'at', 'n')
local at, n = tonumber(old[1] or now), tonumber(old[2] or 0)
if now - at >= forget then
    at, n = now, 0
end
at = math.min(at, now)
local wait = 0
if n > 0 and n >= free then
    wait = math.min(first * 2 ^ math.min(n - free, 31), most)
end
local function keep(at, n)
    redis.call('HSET', KEYS[1], 'at', string.format('%.0f', at), 'n', string.format('%.0f', n))
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil(forget / 1000) + 1000))
end
if at + wait > now then
    keep(at, n)
    return {0, 0, at + wait - now}
end
keep(now, n + 1)
return {1, n + 1, 0}
";

const UNDO: &str = r"
local n = tonumber(redis.call('HGET', KEYS[1], 'n') or 0)
if n > 1 then
    redis.call('HSET', KEYS[1], 'n', string.format('%.0f', n - 1))
else
    redis.call('DEL', KEYS[1])
end
return {1, 0, 0}
";

const FORGIVE: &str = "redis.call('DEL', KEYS[1]) return {1, 0, 0}";

pub(super) struct Redis {
    connection: ConnectionManager,
    take: Script,
    begin: Script,
    undo: Script,
    forgive: Script,
}

impl Redis {
    /// Connects when it is first asked, and again whenever the connection is lost. It has to be made on a tokio runtime.
    pub(super) fn new(url: &str) -> Result<Self, StoreTrouble> {
        let wrong = |error: RedisError| {
            // The address may hold a password, and the error may hold the address.
            StoreTrouble::new(format!("the address of Redis is none: {}", error.category()))
        };
        // For `rediss:`. Where the application has chosen one itself, this does nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(50))
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Duration::from_secs(1)));
        let client = Client::open(url).map_err(wrong)?;
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(wrong)?;
        Ok(Self {
            connection,
            take: Script::new(TAKE),
            begin: Script::new(BEGIN),
            undo: Script::new(UNDO),
            forgive: Script::new(FORGIVE),
        })
    }

    async fn ask(
        &self,
        script: &Script,
        key: String,
        params: &[i64],
    ) -> Result<(i64, i64, i64), StoreTrouble> {
        let ask = async || {
            let mut question = script.key(&key);
            for number in params {
                question.arg(*number);
            }
            question.invoke_async(&mut self.connection.clone()).await
        };
        let answer = tokio::time::timeout(PATIENCE, async {
            match ask().await {
                // The server went away since it was last asked, and may be back. Should it have counted this already, it
                // counts twice: more is never let through.
                Err(error) if error.is_unrecoverable_error() || error.is_io_error() => ask().await,
                answer => answer,
            }
        });
        match answer.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(StoreTrouble::new("limits cannot be asked of Redis").caused_by(error)),
            Err(_) => Err(StoreTrouble::new("limits cannot be asked of Redis: it does not answer")),
        }
    }
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redis(..)")
    }
}

/// Quotas and delays have keys of their own.
fn quota_key(key: HashedKey) -> String {
    format!("frontdesk:quota:{key}")
}

fn delay_key(key: HashedKey) -> String {
    format!("frontdesk:delay:{key}")
}

impl LimitStore for Redis {
    fn take<'s>(
        &'s self,
        key: HashedKey,
        quota: &'s Quota,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<Verdict, StoreTrouble>> {
        Box::pin(async move {
            let terms = quota.terms();
            let params = [instant(now), terms.interval, terms.span, terms.block];
            let (passes, remaining, time) = self.ask(&self.take, quota_key(key), &params).await?;
            Ok(match passes {
                1 => {
                    let remaining = u32::try_from(remaining).unwrap_or(0);
                    Verdict::Pass { remaining, reset: duration(time) }
                }
                _ => Verdict::Wait(duration(time)),
            })
        })
    }

    fn begin<'s>(
        &'s self,
        key: HashedKey,
        backoff: &'s Backoff,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<Verdict, StoreTrouble>> {
        Box::pin(async move {
            let times = [backoff.first, backoff.most, backoff.forget].map(micros);
            let params = [instant(now), backoff.free.into(), times[0], times[1], times[2]];
            let (passes, made, time) = self.ask(&self.begin, delay_key(key), &params).await?;
            Ok(match passes {
                1 => quota::passed(backoff, u32::try_from(made).unwrap_or(u32::MAX)),
                _ => Verdict::Wait(duration(time)),
            })
        })
    }

    fn undo<'s>(
        &'s self,
        key: HashedKey,
        _: &'s Backoff,
        _: Timestamp,
    ) -> BoxFuture<'s, Result<(), StoreTrouble>> {
        Box::pin(async move { self.ask(&self.undo, delay_key(key), &[]).await.map(drop) })
    }

    fn forgive(&self, key: HashedKey) -> BoxFuture<'_, Result<(), StoreTrouble>> {
        Box::pin(async move { self.ask(&self.forgive, delay_key(key), &[]).await.map(drop) })
    }

    fn is_shared(&self) -> bool {
        true
    }
}
