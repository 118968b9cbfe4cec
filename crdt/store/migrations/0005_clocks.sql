-- Each change of those who write together has a clock, and so cost a page of an
-- index more. The last row with a clock is found by the index of all rows: few
-- changes in a row have none, but where one writes alone.
DROP INDEX IF EXISTS changes_clock;
