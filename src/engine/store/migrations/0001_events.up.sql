-- The event log and the place of each durable subscriber in it. seq comes from AUTOINCREMENT, so a
-- number is never used twice even when the newest events are deleted.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX event_by_tenant ON event (tenant, seq);

CREATE TABLE event_cursor (
    subscriber TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    failures BIGINT NOT NULL DEFAULT 0,
    parked_at_us BIGINT
);
