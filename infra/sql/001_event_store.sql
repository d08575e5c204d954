-- The event store: the log, its command records, claims and secrets, and the one way in: append().

CREATE TABLE log (
    log_id uuid PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX log_is_one_row ON log ((true));
INSERT INTO log (log_id) VALUES (gen_random_uuid());

-- Column names are the eventsourcing library's, so that its recorder can read this table.
-- owner_id is the workspace an event belongs to, or the account for an account's own events.
CREATE TABLE events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    owner_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    metadata bytea NOT NULL,
    leaf bytea NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX events_by_position ON events (notification_id);
CREATE INDEX events_by_owner ON events (owner_id, notification_id);

-- What each command did, kept so that a repeated one gets its first outcome.
-- last_position is the head at that moment for a command that changed nothing.
CREATE TABLE commands (
    command_id uuid PRIMARY KEY,
    account uuid,
    fingerprint bytea NOT NULL,
    last_position bigint NOT NULL,
    event_count integer NOT NULL,
    stream uuid NOT NULL,
    version bigint NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX commands_by_account ON commands (account, last_position);
CREATE INDEX commands_by_time ON commands USING brin (recorded_at);

-- Unique values (e-mail, username, tag name), each by an HMAC of its normalised form.
CREATE TABLE claims (
    key bytea PRIMARY KEY,
    stream uuid NOT NULL
);

-- What must be forgettable or must never stand in the log: wrapped sealing keys, hashes.
CREATE TABLE secrets (
    owner uuid NOT NULL,
    kind text NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (owner, kind)
);

CREATE TYPE event_to_append AS (
    stream uuid, version bigint, topic text, state bytea,
    owner uuid, occurred_at timestamptz, metadata bytea
);
CREATE TYPE stream_guard AS (stream uuid, version bigint);
CREATE TYPE claim_change AS (key bytea, stream uuid, release boolean);
CREATE TYPE secret_change AS (owner uuid, kind text, value bytea);
CREATE TYPE command_to_append AS (
    command_id uuid, account uuid, fingerprint bytea, stream uuid, version bigint,
    events event_to_append[], guards stream_guard[],
    claims claim_change[], secrets secret_change[]
);
CREATE TYPE append_result AS (
    outcome text, fingerprint bytea, last_position bigint, event_count integer,
    stream uuid, version bigint, recorded_at timestamptz
);

CREATE FUNCTION leaf_of(
    pos bigint, stream uuid, version bigint, topic text,
    recorded_at timestamptz, occurred_at timestamptz, state bytea, metadata bytea
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    -- The format is described, and computed again, in events/digest.py. Not declared immutable,
    -- because what it calls is not: then it would not be inlined, and take twice as long.
    SELECT sha256(
        '\x00'::bytea || int8send(pos) || uuid_send(stream) || int8send(version)
        || int8send(octet_length(convert_to(topic, 'UTF8'))) || convert_to(topic, 'UTF8')
        || int8send((extract(epoch FROM recorded_at) * 1000000)::bigint)
        || int8send((extract(epoch FROM occurred_at) * 1000000)::bigint)
        || int8send(octet_length(state)) || state
        || int8send(octet_length(metadata)) || metadata)
$$;

-- Append many commands, each whole or not at all, in the order given. Positions have no holes and
-- follow commit order, because the lock taken first is held until commit. A command that does not
-- pass leaves no trace and does not fail the others:
--   duplicate  its id is on record (the record is returned)
--   conflict   a version exists already, or a guarded stream has moved on
--   claimed    a value is held by another stream
-- What passes is written in one go at the end. Only a doubtful command is checked alone, after
-- what comes before it has been written. Plans outlive the moment they are made in, when the
-- tables may be nearly empty: so no plan may scan one.
CREATE FUNCTION append(batch command_to_append[]) RETURNS SETOF append_result
LANGUAGE plpgsql SET search_path FROM CURRENT
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    command command_to_append;
    event event_to_append;
    result append_result;
    head bigint;
    tip bytea;
    now_at timestamptz;
    event_leaf bytea;
    number integer := 0;
    doubtful integer[];
    new_events events[] := '{}';
    new_commands commands[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(7236481);
    SELECT e.notification_id, e.digest, greatest(clock_timestamp(), e.recorded_at)
        INTO head, tip, now_at
        FROM events e ORDER BY e.notification_id DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT 0, uuid_send(log_id), clock_timestamp() INTO head, tip, now_at FROM log;
    END IF;
    IF cardinality(batch) > 4 THEN
        doubtful := doubtful_of(batch);
    END IF;

    FOREACH command IN ARRAY batch LOOP
        number := number + 1;
        IF doubtful IS NULL OR number = ANY (doubtful) THEN
            PERFORM write(new_events, new_commands);
            new_events := '{}';
            new_commands := '{}';
            result := refusal_of(command);
            IF result.outcome IS NOT NULL THEN
                RETURN NEXT result;
                CONTINUE;
            END IF;
        END IF;

        FOREACH event IN ARRAY command.events LOOP
            head := head + 1;
            event_leaf := leaf_of(head, event.stream, event.version, event.topic, now_at,
                                  event.occurred_at, event.state, event.metadata);
            tip := sha256(tip || event_leaf);
            new_events := new_events || ROW(
                event.stream, event.version, event.topic, event.state, head, event.owner,
                event.occurred_at, now_at, event.metadata, event_leaf, tip)::events;
        END LOOP;
        IF cardinality(command.claims) + cardinality(command.secrets) > 0 THEN
            PERFORM change(command.claims, command.secrets);
        END IF;
        new_commands := new_commands || ROW(
            command.command_id, command.account, command.fingerprint, head,
            cardinality(command.events), command.stream, command.version, now_at)::commands;
        RETURN NEXT ROW('ok', command.fingerprint, head, cardinality(command.events),
                        command.stream, command.version, now_at)::append_result;
    END LOOP;
    PERFORM write(new_events, new_commands);
END
$$;

CREATE FUNCTION write(new_events events[], new_commands commands[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(new_events) > 0 THEN
        INSERT INTO events SELECT * FROM unnest(new_events);
    END IF;
    IF cardinality(new_commands) > 0 THEN
        INSERT INTO commands SELECT * FROM unnest(new_commands);
    END IF;
END
$$;

CREATE FUNCTION change(claims claim_change[], secrets secret_change[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    claim claim_change;
    secret secret_change;
BEGIN
    FOREACH claim IN ARRAY claims LOOP
        IF claim.release THEN
            DELETE FROM claims c WHERE c.key = claim.key AND c.stream = claim.stream;
        ELSE
            INSERT INTO claims VALUES (claim.key, claim.stream) ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
    FOREACH secret IN ARRAY secrets LOOP
        IF secret.value IS NULL THEN
            DELETE FROM secrets s WHERE s.owner = secret.owner AND s.kind = secret.kind;
        ELSE
            INSERT INTO secrets VALUES (secret.owner, secret.kind, secret.value)
            ON CONFLICT (owner, kind) DO UPDATE SET value = excluded.value;
        END IF;
    END LOOP;
END
$$;

-- The commands of a batch (numbered from 1) that may not pass: one whose check against the tables
-- fails now, or that touches what an earlier one of the batch touches and one of the two alters.
CREATE FUNCTION doubtful_of(batch command_to_append[]) RETURNS integer[]
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        WITH asked AS MATERIALIZED (
            SELECT * FROM unnest(batch) WITH ORDINALITY AS b(
                command_id, account, fingerprint, stream, version,
                events, guards, claims, secrets, number)
        ), event AS MATERIALIZED (
            SELECT number, e.stream, e.version FROM asked, unnest(events) e
        ), guard AS MATERIALIZED (
            SELECT number, g.stream, g.version FROM asked, unnest(guards) g
        ), claim AS MATERIALIZED (
            SELECT number, c.key, c.stream FROM asked, unnest(claims) c WHERE NOT c.release
        ), touched AS (
            SELECT number, uuid_send(command_id) AS name, true AS altered FROM asked
            UNION ALL SELECT number, uuid_send(stream), true FROM event
            UNION ALL SELECT number, uuid_send(stream), false FROM guard
            UNION ALL SELECT number, c.key, true FROM asked, unnest(claims) c
        ), shared AS (
            SELECT number, min(number) OVER same AS first, bool_or(altered) OVER same AS altered
            FROM touched WINDOW same AS (PARTITION BY name)
        ), doubtful AS (
            SELECT number FROM shared WHERE altered AND number > first
            UNION ALL
            SELECT number FROM asked JOIN commands c USING (command_id)
            UNION ALL
            SELECT number FROM event JOIN events e
                ON e.originator_id = event.stream AND e.originator_version = event.version
            UNION ALL
            SELECT number FROM guard JOIN events e
                ON e.originator_id = guard.stream AND e.originator_version = guard.version + 1
            UNION ALL
            SELECT number FROM claim JOIN claims c
                ON c.key = claim.key AND c.stream <> claim.stream
        )
        SELECT coalesce(array_agg(DISTINCT number::integer), '{}') FROM doubtful
    );
END
$$;

-- Why a command may not be appended now; an outcome of null means that it may.
CREATE FUNCTION refusal_of(command command_to_append) RETURNS append_result
LANGUAGE plpgsql AS $$
DECLARE
    event event_to_append;
    guard stream_guard;
    claim claim_change;
    refusal append_result;
BEGIN
    SELECT 'duplicate', c.fingerprint, c.last_position, c.event_count, c.stream, c.version,
           c.recorded_at
        INTO refusal FROM commands c WHERE c.command_id = command.command_id;
    IF FOUND THEN
        RETURN refusal;
    END IF;
    FOREACH event IN ARRAY command.events LOOP
        IF EXISTS (SELECT FROM events e WHERE e.originator_id = event.stream
                   AND e.originator_version = event.version) THEN
            refusal.outcome := 'conflict';
            refusal.stream := event.stream;
            RETURN refusal;
        END IF;
    END LOOP;
    FOREACH guard IN ARRAY command.guards LOOP
        IF EXISTS (SELECT FROM events e WHERE e.originator_id = guard.stream
                   AND e.originator_version = guard.version + 1) THEN
            refusal.outcome := 'conflict';
            refusal.stream := guard.stream;
            RETURN refusal;
        END IF;
    END LOOP;
    FOREACH claim IN ARRAY command.claims LOOP
        IF NOT claim.release AND EXISTS (
            SELECT FROM claims c WHERE c.key = claim.key AND c.stream <> claim.stream
        ) THEN
            refusal.outcome := 'claimed';
            refusal.stream := claim.stream;
            refusal.fingerprint := claim.key;
            RETURN refusal;
        END IF;
    END LOOP;
    RETURN refusal;
END
$$;
