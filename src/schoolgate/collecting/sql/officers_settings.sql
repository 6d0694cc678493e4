-- All that officers have set about sources, in one row of JSON texts: settings by name, calls a second by
-- address, and fields that come from elsewhere than the shipped mapping says.
SELECT
    (SELECT coalesce(json_object_agg(name, value), '{}')::text FROM source_setting),
    (SELECT coalesce(json_object_agg(api_url, calls_per_second), '{}')::text FROM source_limit),
    (
        SELECT coalesce(json_agg(said ORDER BY domain, "group", item), '[]')::text
        FROM (SELECT domain, "group", item, field, words, position, constant FROM mapping_override) AS said
    )
