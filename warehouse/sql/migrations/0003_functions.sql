-- The checks of Chinese identifiers came with this revision; their newest text is in functions/star/.
SELECT;
