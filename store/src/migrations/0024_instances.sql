-- What servers call the submissions of their forms is kept among the headers, and looked up for every row of an export: what
-- an earlier one held already does not count as received last. Earlier versions of this program do not know the field.
CREATE INDEX headers_by_instance ON headers (value) WHERE field = 'instance';
