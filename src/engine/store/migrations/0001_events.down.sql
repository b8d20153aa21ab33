DROP TABLE event_cursor;
DROP INDEX event_by_tenant;
DROP TABLE event;
