-- Reports to the credit platform are found by the day, the number and the matter of their decision, and by their batch.

CREATE INDEX fact_decided_on ON fact (county_code, number, matter) WHERE field = 'decided_on' AND until_entry IS NULL;
CREATE INDEX fact_decision ON fact (county_code, value, matter) WHERE field = 'decision' AND until_entry IS NULL;
CREATE INDEX fact_decision_number ON fact (county_code, value, matter) WHERE field = 'decision_number' AND until_entry IS NULL;
CREATE INDEX fact_batch ON fact (county_code, value, matter) WHERE field = 'batch' AND until_entry IS NULL;
