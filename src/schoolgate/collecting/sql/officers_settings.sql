-- All that officers have said about the sources of one MIS, in one row of JSON texts: settings by name, calls a
-- second by address, and fields that come from elsewhere than the shipped mapping says.
SELECT
    (SELECT coalesce(json_object_agg(name, value), '{}')::text FROM source_setting WHERE mis = %(mis)s),
    (
        SELECT coalesce(json_object_agg(api_url, calls_per_second), '{}')::text
        FROM source_limit WHERE mis = %(mis)s
    ),
    (
        SELECT coalesce(json_agg(said ORDER BY domain, "group", item), '[]')::text
        FROM (
            SELECT domain, "group", item, field, words, position, constant
            FROM mapping_override WHERE mis = %(mis)s
        ) AS said
    )
