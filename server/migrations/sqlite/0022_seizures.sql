-- What is seized now, among all seizures that ever were: asked within the act that seizes.
CREATE INDEX matter_held ON matter (county_code, procedure, state, num) WHERE procedure = 'seizure' AND state = 'held';
