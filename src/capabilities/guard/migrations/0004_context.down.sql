DROP TABLE guard_tool_pin;
DROP TABLE guard_canary;
DROP TABLE guard_conversation;
