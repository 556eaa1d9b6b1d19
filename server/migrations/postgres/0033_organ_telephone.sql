-- Where citizens reach an organ by telephone: on receipts and beside a draft.
ALTER TABLE organ ADD COLUMN telephone TEXT COLLATE "C";
