// What the built-in embedder knows of the language and the trade: plain word lists, our own.
// Changing a line changes stored vectors: kWordsVersion in words.h goes up with it.
#pragma once

#include <array>
#include <string_view>

namespace credence::patterns {

// Function words: articles, pronouns, prepositions, auxiliaries, question words.
inline constexpr std::string_view kStopWords =
    "a an the this that these those it its i me my we us our you your he she they them their "
    "is are was were be been being am do does did doing done have has had having will would can "
    "could should shall may might must of in on at by for from to into onto out up down over under "
    "with without within about as than then so too very and or but nor not no if else when while "
    "where which who whom whose what why how there here all any both each few more most other some "
    "such only own same just also still again once ever never after before between during until "
    "because since through against per via get gets getting got let lets need needs want wants "
    "keep keeps keeping make makes making made one two way ways thing things every another much "
    "many like instead rather even around off im dont cant doesnt isnt wont whats best s t";

// Everyday words of the trade: met in nearly every text, so they tell little.
inline constexpr std::string_view kCommonWords =
    "use using code file data system application app software program project service server "
    "value set run work change add create new old good bad small large big first last time "
    "user function method class object type name number line list item call handle support help "
    "problem issue case example result give take find show tell know check start stop put read "
    "write build process tool team developer part whole different several single real right wrong "
    "pattern approach practice technique strategy rule guide step task request response before "
    "always long short long high low full simple easy hard safe safely happen avoid fix solve "
    "input output state point place side kind form";

// One meaning a line: words that stand for the same thing, or that an abbreviation stands for.
inline constexpr auto kMeanings = std::to_array<std::string_view>({
    "database db datastore rdbms sql postgres postgresql mysql sqlite schema table",
    "kubernetes k8s pod cluster helm kubectl",
    "authentication auth authn login signin credential sso password oauth",
    "authorization authorisation authz auth permission access rbac acl role privilege",
    "performance perf speed fast throughput efficient optimize optimise",
    "latency slow delay lag sluggish p99 p95 tail response",
    "configuration config cfg conf settings setting option parameter env",
    "environment env",
    "variable var",
    "repository repo git vcs",
    "commit git changeset revision",
    "continuous ci pipeline jenkins workflow",
    "deployment deploy release rollout ship cd publish",
    "rollback revert undo restore backout",
    "infrastructure infra terraform iac provision cloud",
    "container docker image dockerfile containerize",
    "message queue mq broker kafka rabbitmq topic event stream",
    "cache memoize memoise redis memcached cached lru",
    "invalidate invalidation stale expire ttl outdated expiry evict eviction",
    "memory ram heap oom leak allocation",
    "garbage gc collector collection",
    "thread concurrency concurrent parallel multithreaded goroutine simultaneous",
    "lock mutex semaphore latch critical",
    "deadlock hang stuck freeze frozen livelock wedged",
    "race racy nondeterministic toctou",
    "test testing spec unittest qa assertion verify",
    "flaky flake intermittent unstable unreliable sporadic random nondeterministic",
    "mock stub fake double simulate",
    "retry reattempt repeat resend backoff again",
    "timeout deadline expire hang",
    "failure fail fault error outage crash broken down",
    "exception error throw raise panic stacktrace traceback",
    "circuit breaker trip",
    "limit throttle quota rate cap bound",
    "idempotent idempotency duplicate dedupe deduplicate twice once replay",
    "transaction atomic commit acid rollback",
    "index indexes lookup",
    "query sql select statement",
    "migration migrate schema upgrade alembic flyway ddl",
    "replica replication standby secondary follower failover",
    "partition shard sharding split",
    "backup snapshot restore recovery disaster dr",
    "log logging logs trace journal",
    "metric metrics monitor monitoring prometheus observability dashboard telemetry o11y grafana",
    "alert alarm page pager oncall notification notify",
    "trace tracing span opentelemetry otel distributed",
    "debug debugging troubleshoot diagnose investigate bug defect",
    "bug defect issue regression",
    "encrypt encryption cipher crypto tls ssl https cryptography",
    "certificate cert x509 tls ssl ca",
    "secret password token key credential vault apikey",
    "injection sqli sanitize escape untrusted malicious",
    "xss script html",
    "csrf forgery",
    "validate validation check schema sanitize verify",
    "vulnerability cve exploit security secure insecure attack attacker hardening",
    "dependency dependencies package library module lib vendor npm pip",
    "version semver pin lockfile versioning",
    "upgrade update bump",
    "api endpoint rest interface http",
    "graphql resolver",
    "rpc grpc protobuf proto",
    "backward compatible compatibility breaking break deprecate deprecation",
    "pagination paginate page cursor offset paging",
    "serialize serialization marshal json encode parse deserialize protobuf",
    "parse parser parsing grammar tokenizer lexer",
    "regex regexp regular expression pattern",
    "string text unicode utf8 encoding charset character",
    "date time timestamp timezone utc clock tz datetime",
    "frontend ui browser client web react gui",
    "backend server",
    "javascript js typescript ts node nodejs",
    "python py pip pytest",
    "component widget view",
    "render rendering draw paint repaint display",
    "accessibility a11y aria screenreader",
    "internationalization i18n l10n localization translation locale translate language",
    "refactor refactoring restructure cleanup rewrite simplify",
    "duplicate duplication dry copy repeated",
    "complexity complicated nested tangled spaghetti",
    "technical debt legacy",
    "review pr pull merge reviewer",
    "branch trunk merge",
    "feature flag toggle switch",
    "canary gradual progressive incremental bluegreen staged percentage",
    "experiment ab hypothesis",
    "architecture design structure",
    "microservice microservices soa service",
    "monolith modular module",
    "domain ddd aggregate bounded",
    "dependency inject injection di ioc",
    "interface abstraction abstract contract port",
    "adapter wrapper facade shim",
    "singleton global",
    "async asynchronous await nonblocking promise future callback",
    "batch bulk chunk group",
    "stream streaming incremental",
    "connection socket pool conn",
    "network net tcp dns packet lan",
    "dns resolve name hostname domain",
    "proxy gateway ingress reverse nginx",
    "balancer balance lb loadbalancer distribute",
    "autoscale scale scaling elastic hpa capacity grow",
    "load traffic spike surge overload burst",
    "backpressure overload flood overwhelm shed shedding",
    "cpu processor compute core",
    "disk storage ssd filesystem volume fs space",
    "upload attachment",
    "file directory folder path",
    "cron schedule scheduler job scheduled periodic timer",
    "worker background job daemon",
    "search find lookup fulltext retrieve",
    "machine ml model learning training train",
    "embedding vector similarity",
    "llm prompt ai agent gpt language",
    "profile profiler profiling flamegraph hotspot benchmark",
    "benchmark measure bench",
    "compile compiler compilation build make linker",
    "lint linter static analyzer format formatter style",
    "document documentation docs doc readme comment",
    "incident outage postmortem sev",
    "sla slo sli objective",
    "cost expensive bill billing cheap spend money",
    "audit trail history compliance",
    "privacy gdpr pii personal anonymize redact",
    "delete remove drop purge erase",
    "soft archive",
    "lazy defer deferred ondemand",
    "eager prefetch preload warm",
    "immutable immutability const readonly frozen",
    "null nil none optional missing undefined",
    "consistency consistent eventual consensus",
    "leader election primary master coordinator",
    "webhook callback hook",
    "websocket realtime push live",
    "session cookie jwt token",
    "float decimal money currency precision rounding",
    "overflow wraparound integer",
    "monorepo workspace",
    "onboarding newcomer hire",
    "graceful shutdown terminate drain sigterm stop quit exit",
    "startup boot start launch cold",
    "health healthcheck liveness readiness heartbeat probe",
});

}  // namespace credence::patterns
