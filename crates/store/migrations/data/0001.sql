-- Rows that an installation may hold after migration 0001; later migrations have to carry them along.
INSERT INTO incident (id, reporter_id, project_id, kind, opened_at_ms, state, escalation, lead_id, seq_last, updated_at_ms, is_drill)
VALUES ('inc_01', 'per_tanaka', 'prj_checkout', 'outage', 1793000000000, 'open', 'calling', NULL, 2, 1793000000005, 0),
       ('inc_02', 'per_tanaka', NULL, NULL, 1793000100000, 'closed', 'accepted', 'per_sato', 1, 1793000200000, 1);
INSERT INTO ledger_event (incident_id, seq, at_ms, kind, version, actor, salt, body_json, digest, prev, hash)
VALUES ('inc_01', 1, 1793000000000, 'report.received', 1, 'per_tanaka', NULL, NULL, {x01}, {x02}, {x03});
INSERT INTO incident_member (incident_id, person_id) VALUES ('inc_01', 'per_tanaka'), ('inc_02', 'per_sato');
INSERT INTO wake_up (incident_id, due_at_ms) VALUES ('inc_01', 1793000060000);
INSERT INTO outbox (attempt_id, incident_id, person_id, channel, address, due_at_ms)
VALUES ('att_01_1', 'inc_01', 'per_sato', 'mail', 'sato@example.co.jp', 1793000000000);
INSERT INTO person (id, position, body_json, version) VALUES ('per_tanaka', 1, '{"id":"per_tanaka","name":"田中 花子"}', 1);
INSERT INTO account (person_id, password_hash, created_at_ms, password_changed_at_ms)
VALUES ('per_tanaka', NULL, 1793000000000, NULL);
