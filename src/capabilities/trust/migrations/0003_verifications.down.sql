DROP TABLE signing_key;
DROP TABLE verification;
