"""What patients and staff hand in as files: card photos, referrals, reports. Encrypted at rest."""
