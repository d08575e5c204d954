-- What reacts to events outside of the read models, and how far it has followed the log.
CREATE TABLE policies (
    name text PRIMARY KEY,
    log_id uuid NOT NULL,
    position bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Mails that are owed: which event is to be told to which account. What they say is made when they
-- are sent. A row goes when a server has taken the mail, or when there is nothing to say any more;
-- one that is parked waits for somebody to look at it.
CREATE TABLE mails (
    position bigint NOT NULL,
    account uuid NOT NULL,
    owed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    parked_at timestamptz,
    reason text,
    PRIMARY KEY (position, account)
);
CREATE INDEX mails_due ON mails (due_at) WHERE parked_at IS NULL;
