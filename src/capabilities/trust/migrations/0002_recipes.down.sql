DROP TABLE trust_tree;
DROP TABLE trust_recipe_version;
DROP TABLE trust_recipe;
