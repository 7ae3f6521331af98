-- Placeholder: the claims of another branch take this number; this file is dropped when the branches meet.
SELECT 1;
