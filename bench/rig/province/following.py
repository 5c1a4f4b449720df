"""What follows from the notifications of a made-up province, for ids from $1 to before $2."""

_NEW = "SELECT * FROM notification WHERE id >= $1 AND id < $2"

# Steps before the present one were refused: no Zalo under that number, an SMS that did not arrive.
_ATTEMPTS = f"""
INSERT INTO attempt (notification_id, step, try, id, channel, account, reference, publication,
    opened_at, asked_at, closed_at, outcome, reason, code, provider_id, segments, cost_vnd,
    estimate_vnd, verdict, verdict_reason, verdict_code, verdict_at)
SELECT n.id, s.step, 1, gen_random_uuid(), c.channel,
    CASE c.channel WHEN 'zalo' THEN 'zalo-oa' WHEN 'voice' THEN 'twilio-voice'
         WHEN 'sms' THEN CASE WHEN get_byte(n.reference_seed, 1) < 180 THEN 'esms-main'
                              ELSE 'viettel' END END,
    substr(encode(sha256(n.reference_seed || int2send(s.step::int2) || int2send(1::int2)), 'hex'),
           1, 32),
    1, t.at, t.at, t.at + interval '0.4 s',
    CASE WHEN n.reason = 'unknown_outcome' THEN 'unknown'
         WHEN s.step < n.step AND s.step = 0 THEN 'rejected' ELSE 'accepted' END,
    CASE WHEN n.reason = 'unknown_outcome' THEN 'timeout'
         WHEN s.step < n.step AND s.step = 0 THEN 'no_zalo_account' END,
    CASE WHEN s.step < n.step AND s.step = 0 THEN '-118' ELSE '0' END,
    CASE WHEN s.step < n.step AND s.step = 0 THEN NULL ELSE substr(md5(n.id::text), 1, 20) END,
    CASE c.channel WHEN 'sms' THEN 2 END,
    NULL,
    CASE WHEN s.step < n.step AND s.step = 0 THEN NULL
         ELSE CASE c.channel WHEN 'zalo' THEN 300 WHEN 'sms' THEN 1600 ELSE 1500 END END,
    CASE WHEN s.step < n.step THEN CASE WHEN s.step = 1 THEN 'failed' END
         WHEN n.state IN ('delivered', 'acknowledged', 'failed') THEN n.state END,
    CASE WHEN s.step < n.step THEN CASE WHEN s.step = 1 THEN 'handset_unreachable' END
         ELSE n.reason END,
    CASE WHEN n.state = 'failed' AND s.step = n.step THEN '5' END,
    CASE WHEN n.state IN ('delivered', 'acknowledged', 'failed') THEN n.ended_at END
FROM ({_NEW}) n
CROSS JOIN LATERAL generate_series(0, CASE WHEN n.tries > 0 THEN n.step
                                           WHEN n.state = 'waiting' THEN n.step - 1
                                           ELSE -1 END) AS s (step)
CROSS JOIN LATERAL (SELECT (ARRAY['zalo', 'sms', 'voice'])[s.step + 1] AS channel) c
CROSS JOIN LATERAL (SELECT n.accepted_at + interval '0.2 s'
    + coalesce(n.ended_at - n.accepted_at, interval '4 s') * (s.step / (n.step + 1.0)) AS at) t
"""

_MOVES = """
    CASE WHEN n.revision = 1 THEN ARRAY[n.state]
         WHEN n.revision = 2 THEN ARRAY['waiting', n.state]
         WHEN n.state = 'waiting' THEN ARRAY['waiting', 'sending', 'waiting']
         WHEN n.revision = 3 THEN ARRAY['waiting', 'sending', n.state]
         WHEN n.revision = 4 THEN ARRAY['waiting', 'sending', 'sent', n.state]
         WHEN n.revision = 5 THEN ARRAY['waiting', 'sending', 'sent', 'delivered', n.state]
         WHEN n.revision = 6 THEN ARRAY['waiting', 'sending', 'waiting', 'sending', 'sent', n.state]
         ELSE ARRAY['waiting', 'sending', 'waiting', 'sending', 'sent', 'waiting', 'sending',
                    'sent', n.state] END"""

_HISTORY = f"""
INSERT INTO history (notification_id, revision, at, state, reason, step, try, actor)
SELECT n.id, m.revision,
    CASE WHEN m.revision = n.revision AND n.revision > 1 THEN coalesce(n.ended_at, n.accepted_at)
         ELSE n.accepted_at + (m.revision - 1) * coalesce(least(
              (n.ended_at - n.accepted_at) / n.revision, interval '0.3 s'), interval '0.3 s') END,
    m.state, CASE WHEN m.revision = n.revision THEN n.reason END,
    CASE WHEN m.revision > 5 THEN n.step WHEN m.revision > 2 THEN least(n.step, 1) ELSE 0 END,
    CASE WHEN m.revision = 1 THEN 0 ELSE n.tries END,
    CASE WHEN m.revision = 1 THEN 'source' ELSE 'gateway' END
FROM ({_NEW}) n
CROSS JOIN LATERAL unnest({_MOVES}) WITH ORDINALITY AS m (state, revision)
"""

_RECEIPTS = """
INSERT INTO receipt (notification_id, receipt_id, step, try, verdict, reason, code, reported_at,
    matched_at)
SELECT notification_id, gen_random_uuid(), step, try, verdict, verdict_reason, verdict_code,
    verdict_at, verdict_at
FROM attempt WHERE notification_id >= $1 AND notification_id < $2 AND verdict_at IS NOT NULL
  AND verdict IS NOT NULL
"""

_KEYS = f"""
INSERT INTO event_key (key, hash_key, digest, event_id, notification_ids, accepted_at)
SELECT uuid_send(gen_random_uuid()), hash_key, uuid_send(event_id), event_id, ARRAY[id], accepted_at
FROM ({_NEW}) n
"""

# Two of three results are collected within days.
_IS_COLLECTED = """kind = 'result-ready' AND get_byte(reference_seed, 2) < 170
    AND accepted_at < now() - interval '2 days'"""

_DOSSIERS = f"""
INSERT INTO dossier (key, hash_key, last_kind, last_at, last_event, last_notification, updated_at)
SELECT uuid_send(gen_random_uuid()), hash_key,
    CASE WHEN {_IS_COLLECTED} THEN 'returned' ELSE kind END, accepted_at, event_id, id,
    least(accepted_at + CASE WHEN {_IS_COLLECTED} THEN interval '40 hours'
                             ELSE interval '0' END, now())
FROM ({_NEW}) n
"""

DERIVED = (_ATTEMPTS, _HISTORY, _RECEIPTS, _KEYS, _DOSSIERS)

COLLECTED = f"SELECT id, {_IS_COLLECTED} AS collected FROM ({_NEW}) n"

DUE = """
INSERT INTO due (notification_id, pool, class, due_at, unit, phone, latest_at)
SELECT id, steps -> step::int ->> 'pool', class, now() + interval '1 hour' * random(), unit,
    decode(steps -> step::int ->> 'phone_key', 'hex'), latest_send_at
FROM notification WHERE state = 'waiting' AND accepted_at > now() - interval '5 days'
"""

WATCHES = """
INSERT INTO watch (notification_id, step, try, kind, until)
SELECT id, step, tries, 'receipt', accepted_at + interval '25 hours'
FROM notification WHERE state = 'sent' AND accepted_at > now() - interval '5 days'
"""
