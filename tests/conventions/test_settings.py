"""Settings are explained where an operator looks for them."""

import re
from pathlib import Path

from config import Config

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'reader\.\w+\("([A-Z_]+)"|self\.(?:text|words|url|choice)\("([A-Z_]+)"')
EXPLAINED = re.compile(r"^#?([A-Z_]+)=(.*)$", re.MULTILINE)


class TestEnvExample:
    def test_explains_every_setting_and_no_other(self) -> None:
        source = (ROOT / "config.py").read_text(encoding="utf-8")
        read = {first or second for first, second in READ.findall(source)}
        explained = {name for name, _ in EXPLAINED.findall(self.text())}
        assert explained == read

    def test_can_be_used_as_it_stands(self, tmp_path: Path) -> None:
        given = {name: value for name, value in EXPLAINED.findall(self.text()) if value}
        config = Config.from_env({**given, "DATA_DIR": str(tmp_path)})
        assert config.env == "development"

    def test_names_no_secret(self) -> None:
        secret = {
            "SECRET_KEY",
            "CLINIC_KEYS",
            "SMTP_URL",
            "SMS_URL",
            "STRIPE_API_KEY",
            "STRIPE_WEBHOOK_SECRET",
        }
        assert [n for n, value in EXPLAINED.findall(self.text()) if n in secret and value] == []

    def text(self) -> str:
        return (ROOT / ".env.example").read_text(encoding="utf-8")
