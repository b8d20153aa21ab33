DROP TABLE operation_flag;
