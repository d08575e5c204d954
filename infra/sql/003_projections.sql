-- How far each read model has got, what it could not take, and which copy of it serves.

-- A copy is one set of tables of a projection, in a schema of its own; queries read the views in
-- the schema "read", which show the copy that serves. The position is the only cursor: it moves
-- in the transaction that writes the rows, and only from where the writer thinks it stands.
-- revision goes up when somebody else changes the rows, so that the writer looks again.
CREATE TABLE checkpoints (
    projection text NOT NULL,
    copy integer NOT NULL,
    version integer NOT NULL,
    log_id uuid NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    revision integer NOT NULL DEFAULT 0,
    serves boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (projection, copy)
) WITH (fillfactor = 20);
CREATE UNIQUE INDEX checkpoints_one_serves ON checkpoints (projection) WHERE serves;

CREATE SCHEMA read;

-- Events that a copy could not take, and the later ones of the same streams. The reason names
-- the fault and never quotes the event.
CREATE TABLE dead_letters (
    projection text NOT NULL,
    copy integer NOT NULL,
    position bigint NOT NULL,
    stream uuid NOT NULL,
    topic text NOT NULL,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (projection, copy, position),
    FOREIGN KEY (projection, copy) REFERENCES checkpoints ON DELETE CASCADE
);
CREATE INDEX dead_letters_by_stream ON dead_letters (stream, position);
