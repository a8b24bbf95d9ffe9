"""What must hold in the database whatever was killed: asked in plain SQL, not by our own code.

Every query answers rows that must not exist. They run in one transaction with one unchanging view,
so they hold at any moment, also while everybody writes.
"""
# ruff: noqa: S608 - the queries are put together from each other, of nothing that comes from outside

from sqlalchemy import text
from sqlalchemy.engine import Connection

LIVE = "('booked', 'arrived', 'checked-in', 'fulfilled')"

NO_TWO_CLAIMS = """
SELECT a.id, b.id, a.resource_id FROM claims a
JOIN claims b ON b.resource_id = a.resource_id AND b.id > a.id
 AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE NOT a.overbooked AND NOT b.overbooked
"""

# A no-show that is taken back once the visit is over claims nothing: its time may be another's.
VISITS = f"""
visits AS (
 SELECT v.id, v.occurrence_id, v.patient_id, v.override_by, o.starts_at, o.ends_at
 FROM appointments v JOIN occurrences o ON o.id = v.occurrence_id
 WHERE v.status IN {LIVE} AND NOT EXISTS (SELECT 1 FROM appointment_changes c
  WHERE c.appointment_id = v.id AND c.step = 'undone' AND c.at >= o.ends_at)
)"""

# The same without looking at claims: who and what each live visit takes, buffers included.
TAKEN = f"""{VISITS}, taken AS (
 SELECT o.id, p.resource_id AS resource_id, o.busy_from, o.busy_until
 FROM occurrences o JOIN practitioners p ON p.id = o.practitioner_id
 WHERE EXISTS (SELECT 1 FROM visits v WHERE v.occurrence_id = o.id)
 UNION ALL
 SELECT o.id, r.resource_id, o.busy_from, o.busy_until
 FROM occurrences o JOIN occurrence_resources r ON r.occurrence_id = o.id
 WHERE EXISTS (SELECT 1 FROM visits v WHERE v.occurrence_id = o.id)
), overridden AS (
 SELECT DISTINCT v.occurrence_id AS id FROM appointments v
 WHERE v.override_by IS NOT NULL AND v.status IN {LIVE}
 UNION
 SELECT DISTINCT c.occurrence_id FROM claims c JOIN occurrences o ON o.id = c.occurrence_id
 WHERE c.overbooked AND o.capacity > 1
)"""
NO_TWO_VISITS = f"""
WITH {TAKEN}
SELECT a.id, b.id, a.resource_id FROM taken a
JOIN taken b ON b.resource_id = a.resource_id AND b.id > a.id
 AND a.busy_from < b.busy_until AND b.busy_from < a.busy_until
WHERE a.id NOT IN (SELECT id FROM overridden) AND b.id NOT IN (SELECT id FROM overridden)
"""

# Two records may have been at two visits that were over when they became one.
NO_PATIENT_TWICE = f"""
WITH {VISITS}
SELECT a.id, b.id, a.patient_id FROM visits a
JOIN visits b ON b.patient_id = a.patient_id AND b.id > a.id
 AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.override_by IS NULL AND b.override_by IS NULL AND NOT EXISTS (
 SELECT 1 FROM patient_merges m WHERE a.patient_id IN (m.kept_id, m.leads_to_id)
 AND (a.ends_at <= m.merged_at OR b.ends_at <= m.merged_at))
"""

SEATS_WITHIN_CAPACITY = """
SELECT o.id, o.capacity, count(*) FROM occurrences o JOIN seats s ON s.occurrence_id = o.id
GROUP BY o.id, o.capacity HAVING count(*) > o.capacity
"""

VISITS_WITHIN_CAPACITY = f"""
SELECT o.id, o.capacity, count(*) FROM occurrences o JOIN appointments v ON v.occurrence_id = o.id
WHERE v.status IN {LIVE} AND v.override_by IS NULL
GROUP BY o.id, o.capacity HAVING count(*) > o.capacity
"""

LIVE_VISITS_HAVE_A_SEAT = f"""
SELECT v.id, v.status FROM appointments v JOIN occurrences o ON o.id = v.occurrence_id
WHERE v.status IN {LIVE} AND o.ends_at > :now AND v.override_by IS NULL
AND NOT EXISTS (
 SELECT 1 FROM seats s WHERE s.appointment_id = v.id AND s.occurrence_id = v.occurrence_id)
"""

LIVE_VISITS_CLAIM_THEIR_PATIENT = f"""
SELECT v.id, v.status FROM appointments v
JOIN occurrences o ON o.id = v.occurrence_id JOIN resources r ON r.patient_id = v.patient_id
WHERE v.status IN {LIVE} AND o.ends_at > :now AND 1 <> (
 SELECT count(*) FROM claims c WHERE c.appointment_id = v.id AND c.resource_id = r.id
 AND c.starts_at = o.starts_at AND c.ends_at = o.ends_at AND c.expires_at IS NULL)
"""

LIVE_VISITS_CLAIM_WHAT_THEY_TAKE = f"""
WITH {TAKEN}
SELECT t.id, t.resource_id FROM taken t JOIN occurrences o ON o.id = t.id
WHERE o.ends_at > :now AND (o.state <> 'booked' OR 1 <> (
 SELECT count(*) FROM claims c WHERE c.occurrence_id = t.id AND c.resource_id = t.resource_id
 AND c.starts_at = t.busy_from AND c.ends_at = t.busy_until AND c.expires_at IS NULL))
"""

CLAIMS_HAVE_AN_OWNER = f"""
SELECT c.id, c.occurrence_id, c.appointment_id FROM claims c
WHERE (c.appointment_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM appointments v WHERE v.id = c.appointment_id AND v.status IN {LIVE}))
OR (c.occurrence_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM appointments v WHERE v.occurrence_id = c.occurrence_id AND v.status IN {LIVE})
 AND NOT EXISTS (
  SELECT 1 FROM seats s WHERE s.occurrence_id = c.occurrence_id AND s.hold_id IS NOT NULL))
"""

CLAIMS_ARE_OF_THEIR_OCCURRENCE = """
SELECT c.id, c.occurrence_id, c.resource_id FROM claims c
JOIN occurrences o ON o.id = c.occurrence_id
WHERE c.resource_id NOT IN (
 SELECT p.resource_id FROM practitioners p WHERE p.id = o.practitioner_id
 UNION ALL SELECT r.resource_id FROM occurrence_resources r WHERE r.occurrence_id = o.id)
OR c.starts_at <> o.busy_from OR c.ends_at <> o.busy_until
"""

SEATS_HAVE_A_HOLDER = f"""
SELECT s.occurrence_id, s.number FROM seats s
LEFT JOIN appointments v ON v.id = s.appointment_id AND v.occurrence_id = s.occurrence_id
 AND v.status IN {LIVE}
LEFT JOIN holds h ON h.id = s.hold_id AND h.occurrence_id = s.occurrence_id
 AND h.released_at IS NULL AND h.appointment_id IS NULL
WHERE v.id IS NULL AND h.id IS NULL
"""

BLOCKS_CLAIM_THEIR_TIME = """
SELECT b.id, b.kind FROM blocks b WHERE b.removed_at IS NULL AND b.ends_at > :now AND NOT EXISTS (
 SELECT 1 FROM claims c WHERE c.block_id = b.id AND c.resource_id = b.resource_id
 AND c.starts_at = b.starts_at AND c.ends_at = b.ends_at)
"""

CLAIMS_OF_BLOCKS_LIE_IN_THEM = """
SELECT c.id, b.id FROM claims c JOIN blocks b ON b.id = c.block_id
WHERE b.removed_at IS NOT NULL OR c.resource_id <> b.resource_id
OR c.starts_at < b.starts_at OR c.ends_at > b.ends_at
"""

BLOCKS_ARE_AUDITED = """
SELECT b.public_id FROM blocks b WHERE
 (SELECT count(*) FROM audit_entries e WHERE e.subject = 'block:' || b.public_id)
 <> CASE WHEN b.removed_at IS NULL THEN 1 ELSE 2 END
"""

HELD_TIMES_ARE_CLAIMED = """
SELECT h.id FROM holds h JOIN seats s ON s.hold_id = h.id
JOIN occurrences o ON o.id = h.occurrence_id JOIN practitioners p ON p.id = o.practitioner_id
WHERE o.busy_until > :now AND NOT EXISTS (
 SELECT 1 FROM claims c WHERE c.occurrence_id = o.id AND c.resource_id = p.resource_id)
"""

EVERY_CHANGE_IS_WRITTEN_DOWN = """
SELECT v.id, v.version, count(c.id) FROM appointments v
LEFT JOIN appointment_changes c ON c.appointment_id = v.id
GROUP BY v.id, v.version HAVING count(c.id) <> v.version
"""

EVERY_CHANGE_IS_AUDITED = """
SELECT v.public_id, c.step, count(*) FROM appointment_changes c
JOIN appointments v ON v.id = c.appointment_id GROUP BY v.public_id, c.step
HAVING count(*) <> (SELECT count(*) FROM audit_entries e
 WHERE e.subject = 'appointment:' || v.public_id AND e.action = 'appointment.' || c.step)
"""

STATUS_IS_THE_LAST_CHANGES = """
SELECT v.id, v.status, c.to_status FROM appointments v
JOIN appointment_changes c ON c.appointment_id = v.id
WHERE c.id = (SELECT max(d.id) FROM appointment_changes d WHERE d.appointment_id = v.id)
AND c.to_status <> v.status
"""

NO_PERSON_TWICE = """
SELECT min(id), max(id) FROM patients WHERE merged_at IS NULL
GROUP BY given_key, family_key, birth_date, email_key HAVING count(*) > 1
"""

NOTHING_IS_A_MERGED_RECORDS = """
SELECT p.id, v.id FROM patients p JOIN appointments v ON v.patient_id = p.id
WHERE p.merged_at IS NOT NULL
UNION ALL
SELECT p.id, c.id FROM patients p JOIN resources r ON r.patient_id = p.id
JOIN claims c ON c.resource_id = r.id WHERE p.merged_at IS NOT NULL
"""

A_MERGED_RECORD_LEADS_TO_A_LIVE_ONE = """
SELECT p.id, k.id FROM patients p
LEFT JOIN patient_merges m ON m.gone_id = p.id AND m.undone_at IS NULL
LEFT JOIN patients k ON k.id = m.leads_to_id AND k.merged_at IS NULL
WHERE (p.merged_at IS NULL) <> (m.id IS NULL) OR (p.merged_at IS NOT NULL AND k.id IS NULL)
"""

A_WAITLIST_OFFER_IS_HELD = """
SELECT o.id FROM waitlist_offers o LEFT JOIN seats s ON s.hold_id = o.hold_id
WHERE o.status = 'open' AND o.expires_at > :now AND s.number IS NULL
"""

A_WAITLIST_OFFER_IS_TOLD = """
SELECT o.id FROM waitlist_offers o WHERE o.status = 'open' AND NOT EXISTS
(SELECT 1 FROM messages m WHERE m.once_key LIKE 'waitlist:' || o.public_id || ':%')
"""

A_WAITLIST_ENTRY_STANDS_AS_ITS_OFFER = """
SELECT e.id FROM waitlist_entries e WHERE (e.status = 'offered') <> EXISTS
(SELECT 1 FROM waitlist_offers o WHERE o.entry_id = e.id AND o.status = 'open')
"""

SEALS_FOLLOW_ONE_ANOTHER = """
SELECT s.seq FROM audit_seals s WHERE s.seq > 1
AND NOT EXISTS (SELECT 1 FROM audit_seals p WHERE p.seq = s.seq - 1)
"""

RULES = {
    name: query
    for name, query in list(globals().items())
    if isinstance(query, str) and query.lstrip().startswith(("SELECT", "WITH"))
}


def broken_rules(connection: Connection, *, now: object) -> dict[str, list[tuple[object, ...]]]:
    """Each rule that does not hold, with up to five rows that break it.

    ``now`` is the instant as the engine stores it.
    """
    found = {}
    for name, query in RULES.items():
        given = {"now": now} if ":now" in query else {}
        rows = connection.execute(text(query), given).fetchmany(5)
        if rows:
            found[name] = [tuple(row) for row in rows]
    return found
