-- Milliseconds, not seconds: rows of one second lay in the order of their handles, so that each act touched a page of its own.
UPDATE answered_command SET recorded = recorded * 1000;
