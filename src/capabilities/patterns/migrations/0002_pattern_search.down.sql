DROP TABLE tenant_pattern_text;
DROP INDEX pattern_vector_embedder;
DROP INDEX pattern_vector_change;
DROP TABLE pattern_vector;
DROP TABLE pattern_search_head;
