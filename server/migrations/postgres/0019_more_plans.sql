-- PostgreSQL counts rows for itself and needs no statistics told; of this change nothing remains.
SELECT 1;
