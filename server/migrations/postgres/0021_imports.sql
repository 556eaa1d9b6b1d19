-- What was imported is found by its number in the other system, and by its import (fields _external and _import).
CREATE INDEX fact_external ON fact (county_code, value, matter) WHERE field = '_external' AND until_entry IS NULL;
CREATE INDEX fact_import ON fact (county_code, value, matter) WHERE field = '_import' AND until_entry IS NULL;
