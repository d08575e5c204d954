-- Which process leads what. A lease holds while now is within `lasts` of `renewed_at`; so also a
-- server clock that was set back frees it. `epoch` counts the leaders.
CREATE TABLE leases (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    epoch bigint NOT NULL,
    renewed_at timestamptz NOT NULL,
    lasts interval NOT NULL
);

-- The epoch that the asker now leads in, or null while another's lease holds.
CREATE FUNCTION take_lease(wanted text, asker uuid, seconds double precision) RETURNS bigint
LANGUAGE sql SET search_path FROM CURRENT AS $$
    INSERT INTO leases AS held VALUES
        (wanted, asker, 1, clock_timestamp(), make_interval(secs => seconds))
    ON CONFLICT (name) DO UPDATE SET holder = asker, epoch = held.epoch + 1,
        renewed_at = excluded.renewed_at, lasts = excluded.lasts
    WHERE clock_timestamp() NOT BETWEEN held.renewed_at AND held.renewed_at + held.lasts
    RETURNING epoch
$$;

-- Whether the lease is still the asker's. Not waiting for the disk is safe: a renewal lost in a
-- crash only ends the lease sooner.
CREATE FUNCTION renew_lease(wanted text, asker uuid, led bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE leases SET renewed_at = clock_timestamp()
        WHERE name = wanted AND holder = asker AND epoch = led;
    RETURN FOUND;
END
$$;
