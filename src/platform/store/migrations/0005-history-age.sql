CREATE INDEX history_by_age ON history (created_at);
