-- Reports are found by the day on which their publication ends.

CREATE INDEX fact_publication_most ON fact (county_code, number, matter) WHERE field = 'publication_most' AND until_entry IS NULL;
